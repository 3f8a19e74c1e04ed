"""Scores against a library that was written by others."""

from __future__ import annotations

import numpy as np
import pytest
import scoringrules

from detente.evidence.forecasts.scores import crps


@pytest.mark.parametrize("fair", [False, True])
@pytest.mark.parametrize("size", [2, 10, 301])
def test_crps_is_that_of_the_library(size: int, fair: bool) -> None:
    rng = np.random.default_rng(size)
    ensemble, observed = rng.gamma(2.0, size=size), float(rng.gamma(2.0))
    theirs = scoringrules.crps_ensemble(observed, ensemble, estimator="fair" if fair else "nrg")
    assert crps(ensemble, observed, fair=fair) == pytest.approx(float(theirs), abs=1e-12)
