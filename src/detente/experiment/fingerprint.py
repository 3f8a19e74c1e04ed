"""What decides the bits of a run beside its inputs: the code, as one hash, and the class of the processor.

Results of different code must not be mixed in one folder, and evidence made with other code is stale. Within a class of
processors the same seed gives the same bits, between two the last ones may differ: NumPy computes exp, log and powers
with the widest instructions a processor has, and these round the last bit another way than narrower ones do, as another
C library may. docs/decisions/0014-bits-on-like-processors.md.
"""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

HOME = Path(__file__).resolve().parents[1]
#: packages and modules whose text decides the numbers
DECIDING = (
    "laws",
    "model",
    "index",
    "scenario/acts.py",
    "scenario/quantity.py",
    "engine",
    "experiment/dataset.py",
    "experiment/run.py",
    "experiment/evaluation.py",
    "experiment/metrics.py",
)


#: NumPy's names of what its functions are compiled for, by release -> what it is called here; the widest first
_WIDTHS = {"AVX-512": ("X86_V4", "AVX512_SKX"), "AVX2": ("X86_V3", "AVX2")}


def fingerprint() -> str:
    """The hash of all code that decides a run's numbers."""
    return code(DECIDING)


@lru_cache(maxsize=8)
def code(parts: Sequence[str]) -> str:
    """SHA-256 over names and texts of ``parts``: modules, and packages with all that is below them.

    Of texts, not of a commit, so that it is the same in a checkout and in an installed package.
    """
    found = hashlib.sha256()
    for part in parts:
        place = HOME / part
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            text = path.read_text(encoding="utf-8")
            found.update(f"{path.relative_to(HOME).as_posix()}\n{text}".encode())
    return found.hexdigest()


def processor_class() -> str:
    """What decides the last bits, beside the versions of packages: "Linux x86_64 AVX-512 glibc 2.36"."""
    simd = np.show_config(mode="dicts").get("SIMD Extensions", {})
    used = {*simd.get("baseline", ()), *simd.get("found", ())}
    width = next((name for name, targets in _WIDTHS.items() if used.intersection(targets)), "")
    return " ".join(filter(None, [platform.system(), platform.machine(), width, *platform.libc_ver()]))
