"""An experiment as a table: what somebody can choose against what nobody chooses.

An *option* is one choice of scenario and lever values. What nobody chooses is the rest: a rival theory, a sample of
the uncertain parameters, a member with its own draw and chance. Every option meets the same of it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from detente.analysis.difference import Difference, difference
from detente.analysis.metrics import MetricError, parse
from detente.errors import DetenteError

if TYPE_CHECKING:
    import xarray as xr

Array = NDArray[np.float64]


class NotThisDesign(DetenteError):
    """The experiment's design does not allow the analysis asked for."""


@dataclass(frozen=True)
class Table:
    """Outcomes (option, theory, sample, member) of one metric, in ``unit``; ``draw`` (sample, member) says who shares
    parameters."""

    options: tuple[str, ...]
    theories: tuple[str, ...]
    outcomes: Array
    draw: NDArray[np.int64]
    unit: str = "points"

    def against_first(self, option: int, theory: int | None = None, weights: Array | None = None) -> Difference:
        """Paired difference of an option from the first, under one theory or averaged over all by ``weights``."""
        held = [self.outcomes[n] for n in (0, option)]
        flat = [one[theory] if theory is not None else np.average(one, axis=0, weights=weights) for one in held]
        base, other = (np.asarray(one, dtype=np.float64).ravel() for one in flat)
        return difference(base, other, self.draw.ravel(), self.unit)


def options_of(data: xr.Dataset) -> list[str]:
    """The name of each setting's option: the scenario where there are several, and what was chosen."""
    settings = json.loads(data.attrs["settings"])
    titles, labels = (json.loads(data.attrs.get(key, "{}")) for key in ("scenario_titles", "lever_labels"))
    several = len({setting["scenario"] for setting in settings}) > 1
    named = []
    for setting in settings:
        chosen = [f"{labels.get(lever, lever)}: {value}" for lever, value in setting["levers"].items()]
        scenario = str(titles.get(setting["scenario"], setting["scenario"]))
        named.append("; ".join([scenario, *chosen] if several or not chosen else chosen))
    return named


def unit_of(data: xr.Dataset, metric: str) -> str:
    """The unit of an experiment's metric; points where its text is none that can be read."""
    try:
        return parse(json.loads(data.attrs.get("metric_texts", "{}")).get(metric, metric)).unit
    except MetricError:
        return "points"


def members_of(data: xr.Dataset, metric: str) -> Array:
    """Outcomes (point, member) of a metric. Raises NotThisDesign where it is not there by member."""
    if metric not in data:
        known = ", ".join(json.loads(data.attrs["metrics"]))
        raise NotThisDesign(f'no values of "{metric}" by member: it has {known}; with --keep summary it has none')
    return np.asarray(data[metric].values, dtype=np.float64)


def table(data: xr.Dataset, metric: str) -> Table:
    """The experiment's outcomes as a full table. Raises NotThisDesign where options met different worlds."""
    values, named = members_of(data, metric), options_of(data)
    held = [str(setting["theory"]) for setting in json.loads(data.attrs["settings"])]
    options, theories = tuple(dict.fromkeys(named)), tuple(dict.fromkeys(held))
    place = {pair: n for n, pair in enumerate(zip(named, held, strict=True))}
    rows = [values[data["setting"].values == place[o, t]] for o in options for t in theories if (o, t) in place]
    if len(rows) < len(options) * len(theories) or len({row.shape for row in rows}) > 1:
        raise NotThisDesign("the options did not meet the same worlds: this needs a full design of levers and theories")
    outcomes = np.stack(rows).reshape(len(options), len(theories), *rows[0].shape)
    return Table(options, theories, outcomes, _draws(data, rows[0].shape[0]), unit_of(data, metric))


def _draws(data: xr.Dataset, samples: int) -> NDArray[np.int64]:
    """Who shares parameters: members of one draw, or, where parameters are sampled, all members of a sample."""
    members = np.asarray(data["draw"].values, dtype=np.int64)
    if samples == 1:
        return members[None]
    return np.repeat(np.arange(samples, dtype=np.int64)[:, None], members.size, axis=1)
