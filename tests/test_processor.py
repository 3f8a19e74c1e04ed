"""What is promised between classes of processors: the same paths, and an index equal to twelve digits."""

import os
import subprocess
import sys

import numpy as np
import pytest

import detente
from detente.experiment.fingerprint import processor_class

#: what NumPy calls the wide instructions, in its releases so far
WIDE = "X86_V4 AVX512_ICL AVX512_SPR AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL"
NARROW = """
import numpy as np, detente
from detente.experiment.fingerprint import processor_class
ds = detente.run(detente.load("baseline"), members=20, seed=1, weeks=104)
print(processor_class())
np.savez("narrow.npz", **{name: ds[name].values for name in ("tension", "tension_dyad", "incidents")})
"""


def test_the_class_is_named():
    assert processor_class().split()[0] in ("Linux", "Darwin", "Windows")
    assert processor_class() == processor_class()


def test_paths_are_the_same_without_wide_instructions(tmp_path):
    for switched_off in (WIDE.split(), WIDE.split()[:3]):
        names = {**os.environ, "NPY_DISABLE_CPU_FEATURES": " ".join(switched_off)}
        told = subprocess.run([sys.executable, "-W", "ignore", "-c", NARROW], cwd=tmp_path, env=names, text=True,
                              capture_output=True)  # fmt: skip
        if told.returncode == 0:
            break
    assert told.returncode == 0, told.stderr
    assert "AVX-512" not in told.stdout
    here, narrow = (
        detente.run(detente.load("baseline"), members=20, seed=1, weeks=104),
        np.load(tmp_path / "narrow.npz"),
    )
    assert np.array_equal(here["incidents"].values, narrow["incidents"])
    assert narrow["tension_dyad"] == pytest.approx(here["tension_dyad"].values, rel=1e-6)
    assert narrow["tension"] == pytest.approx(here["tension"].values, rel=1e-12)
