"""What every test stands on: one thread, no screen, repeatable examples, the observation files if there are any."""

import gc
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")  # before NumPy is loaded: BLAS threads only fight the test workers
os.environ.setdefault("MPLBACKEND", "agg")
os.environ.setdefault("DETENTE_CACHE", str(ROOT / "build" / "cache"))  # not the user's

settings.register_profile(
    "repeatable", derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("repeatable")

# modules and tests that are collected stay to the end; looking for garbage among them takes a tenth of all time
gc.disable()


def pytest_collection_finish() -> None:
    """From here on garbage is looked for, but not among what stays."""
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def root() -> Path:
    """The root of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def observations() -> Path:
    """The folder of observation files; without it the test is skipped, saying so."""
    folder = Path(os.environ.get("DETENTE_OBSERVATIONS", ROOT.parent / "shared" / "observations"))
    if not folder.is_dir():
        pytest.skip("no observation files: set DETENTE_OBSERVATIONS to the folder that holds them")
    return folder
