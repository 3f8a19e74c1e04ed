"""Chances of crisis and of war in an experiment: of every option, against the first, as levels and as ratios."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from detente.analysis.chances import ratio_of
from detente.analysis.difference import Difference
from detente.analysis.metrics import CHANCES, mean, parse
from detente.analysis.worlds import Table, table
from detente.experiment.intervals import clustered

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True)
class OptionChance:
    """The chance that one metric is, under one option, with its 95 % interval; its change against the first option,
    paired, and how many times as likely it is; None for the first itself."""

    metric: str
    option: str
    chance: float
    low: float
    high: float
    change: Difference | None
    ratio: float | None
    ratio_low: float | None
    ratio_high: float | None


def chance_metrics(data: xr.Dataset) -> list[str]:
    """The experiment's metrics that are chances of crisis or of war, kept by member."""
    texts = json.loads(data.attrs.get("metric_texts", "{}"))
    named = [name for name in json.loads(data.attrs["metrics"]) if name in data and name in texts]
    return [name for name in named if parse(texts[name]).what in CHANCES]


def outbreaks(data: xr.Dataset) -> list[OptionChance]:
    """A row for every metric that is a chance and every option. Raises NotThisDesign."""
    tables = {metric: table(data, metric) for metric in chance_metrics(data)}
    return [_chance(metric, found, n) for metric, found in tables.items() for n in range(len(found.options))]


def _chance(metric: str, found: Table, option: int) -> OptionChance:
    first, own = (np.asarray(found.outcomes[n].mean(axis=0)).ravel() for n in (0, option))
    draw = found.draw.ravel()
    level = clustered(own, draw)
    low, high = np.clip((float(level.low), float(level.high)), 0.0, 1.0).tolist()
    against = found.against_first(option) if option else None
    ratio = ratio_of(first, own, draw) if option else (None, None, None)
    return OptionChance(metric, found.options[option], mean(own, found.unit), low, high, against, *ratio)
