"""What a discovery looks for: "crisis", or a metric of an experiment above or below a number; and on which cases."""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from detente.analysis.discovery import RESAMPLES, Discovery, discover
from detente.analysis.findings import measured
from detente.analysis.metrics import MetricError
from detente.analysis.worlds import NotThisDesign, members_of, unit_of
from detente.errors import DetenteError
from detente.prose.wording import SHARE, printed
from detente.scenario.diagnostics import did_you_mean

if TYPE_CHECKING:
    import xarray as xr

Array = NDArray[np.float64]

COMPARED = re.compile(r"\s*(?P<metric>[^<>=]+?)\s*(?P<sign><=|>=|<|>)\s*(?P<limit>-?[0-9.]+(?:[eE][-+]?[0-9]+)?)\s*")
SIGNS: dict[str, tuple[Callable[[Any, Any], Any], str]] = {
    "<": (operator.lt, "below"),
    "<=": (operator.le, "at or below"),
    ">": (operator.gt, "above"),
    ">=": (operator.ge, "at or above"),
}


@dataclass(frozen=True)
class Happening:
    """A condition on an experiment's outcome; ``sign`` is empty where the metric is itself 0 or 1."""

    text: str
    metric: str
    sign: str = ""
    limit: float = 0.0

    def share(self, data: xr.Dataset) -> Array:
        """Share of members (point,) in which it happened. Raises NotThisDesign without values by member."""
        values = members_of(data, self.metric)
        happened = SIGNS[self.sign][0](values, self.limit) if self.sign else values
        return np.asarray(happened.mean(axis=1), dtype=np.float64)

    def words(self, data: xr.Dataset) -> str:
        """The condition as a reader would say it: "tension (highest week) above 60"."""
        what, weeks = measured(data, self.metric)
        if not self.sign:
            return what.removeprefix("chance of ")
        unit = unit_of(data, self.metric)
        limit = f"{printed(unit) * self.limit:g}" + (" in 100" if unit == SHARE else "")
        side = f"{SIGNS[self.sign][1]} {limit}"
        return f"{what} ({weeks}) {side}" if weeks else f"{what} {side}"


def happening(data: xr.Dataset, text: str) -> Happening:
    """Read "METRIC > NUMBER", or a metric that is a share. Raises MetricError."""
    found = COMPARED.fullmatch(text)
    metric = metric_of(data, found["metric"] if found else text.strip())
    if found:
        return Happening(text, metric, found["sign"], float(found["limit"]))
    values = data[metric].values if metric in data else data[f"{metric}_moments"].values[:, 3:]
    if values.min() < 0 or values.max() > 1:
        raise MetricError(f'"{metric}" is not a share: write "{metric} > NUMBER"')
    return Happening(text, metric)


def metric_of(data: xr.Dataset, asked: str | None) -> str:
    """The metric meant: a name of the experiment's, or the text behind one; the first without. Raises MetricError."""
    names, texts = json.loads(data.attrs["metrics"]), json.loads(data.attrs.get("metric_texts", "{}"))
    if asked is None:
        return str(names[0])
    meant = [name for name in names if asked in (name, texts.get(name))]
    if not meant:
        hint = did_you_mean(asked, names, f"it has {', '.join(names)}")
        raise MetricError(f'the experiment has no metric "{asked}": {hint}')
    return str(meant[0])


@dataclass(frozen=True)
class Cases:
    """Columns of every case; chosen values count 0, 1, 2 … in the experiment's order and have words."""

    values: Array
    paths: list[str]
    labels: list[str]
    words: dict[int, list[str]]
    units: dict[str, str]

    def shown(self, column: int, value: float) -> str:
        """A limit as a reader sees it, with its unit."""
        if column in self.words:
            return self.words[column][round(value)]
        unit = self.units.get(self.paths[column], "")
        return f"{value:.3g}" if unit in ("", "1", "share") else f"{value:.3g} {unit}"


def cases(data: xr.Dataset) -> Cases:
    """The cases of an experiment. Raises NotThisDesign where nothing varies, or not in every case."""
    factors, paths = data["value"].values, [str(path) for path in data["factor"].values]
    if np.isnan(factors).any():
        raise NotThisDesign("discovery needs every uncertain parameter sampled in every case: a latin_hypercube design")
    labels, words = [str(label) for label in data["label"].values], {}
    columns = [factors[:, n] for n in range(factors.shape[1])]
    levers = json.loads(data.attrs.get("lever_labels", "{}"))
    chosen = {"scenario": "the scenario", "theory": "the theory"} | {f"lever_{k}": text for k, text in levers.items()}
    for name, called in chosen.items():
        texts = [str(text) for text in data[name].values]
        order = list(dict.fromkeys(texts))
        if len(order) > 1:
            words[len(columns)] = order
            columns.append(np.array([order.index(text) for text in texts], dtype=np.float64))
            paths.append(name)
            labels.append(called)
    if not columns:
        raise NotThisDesign("nothing varies between the cases: give uncertainties or levers")
    records = json.loads(data.attrs["factors"])
    units = {r["path"]: next((str(q["unit"]) for q in r["spreads"].values()), "") for r in records}
    return Cases(np.stack(columns, axis=1), paths, labels, words, units)


class NothingToTell(DetenteError):
    """It always happens, or never."""


@dataclass(frozen=True)
class Explored:
    """What a search found, on which cases, and in what share (point,) of a case's members it happened."""

    found: Discovery
    space: Cases
    share: Array


def explore(
    data: xr.Dataset, when: Happening, *, density: float = 0.0, resamples: int = RESAMPLES, seed: int = 1
) -> Explored:
    """Search an experiment's cases for the conditions under which ``when`` happens.

    Raises NothingToTell where it always or never does, NotThisDesign where nothing varies.
    """
    space, share = cases(data), when.share(data)
    if not 0 < share.mean() < 1:
        always = "always" if share.mean() else "never"
        raise NothingToTell(
            f'"{when.text}" {always} happens in these {share.size} cases: there is nothing to tell apart'
        )
    found = discover(
        space.values, share, space.paths, space.labels,
        when=when.words(data), density=density, resamples=resamples, seed=seed, shown=space.shown, chosen=space.words,
    )  # fmt: skip
    return Explored(found, space, share)
