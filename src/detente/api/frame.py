"""Tidy pandas frames of what a call gave back."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from detente.analysis import frames, tidy
from detente.api.compare import Comparison
from detente.api.experiment import Experiment
from detente.errors import UsageError
from detente.experiment.store import open_result

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr


def frame(
    *results: str | os.PathLike[str] | xr.Dataset | Comparison | Experiment,
    by: str = "region",
    members: int | None = None,
    every: int = 1,
) -> pd.DataFrame:
    """A frame of results (folders or datasets), or of one comparison or experiment; units are in ``attrs["units"]``.

    Of results one row for every scenario, member, date and, ``by`` "pillar", "dyad" or "state", one of these; by "week"
    one for every scenario and date, over members. Of a comparison one row a scenario, of an experiment one for every
    point and member. Of results the first ``members`` and only ``every`` so many weeks, where that is asked for.
    Raises FrameError, ResultError, UsageError.
    """
    if len(results) == 1 and isinstance(results[0], Comparison):
        return frames.of_rows(results[0].rows)
    if len(results) == 1 and isinstance(results[0], Experiment):
        return frames.of_experiment(results[0].data)
    found = [tidy.thinned(_dataset(one), members, every) for one in results]
    return frames.of_results(tidy.by_name(found), by)


def _dataset(given: str | os.PathLike[str] | xr.Dataset | Comparison) -> xr.Dataset:
    if isinstance(given, Comparison | Experiment):
        raise UsageError("a comparison or an experiment has a frame of its own: give one at a time")
    return open_result(given) if isinstance(given, str | os.PathLike) else given
