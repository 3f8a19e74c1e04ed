"""Does a conclusion survive rival theories? The paired change under each, and averaged over them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from detente.analysis.sensitivity import NotThisDesign
from detente.experiment.stopping import by_draw, half_width

if TYPE_CHECKING:
    import xarray as xr

Array = NDArray[np.float64]

#: share of draws that must agree on a sign for a verdict
AGREED = 0.8


@dataclass(frozen=True)
class Verdict:
    """Paired change of one option against the first, under one theory, with its 95 % interval.

    ``share_up`` of the parameter draws in which it rises; ``verdict`` higher, lower, cannot tell or identical.
    """

    option: str
    theory: str
    label: str
    weight: float
    change: float
    low: float
    high: float
    share_up: float
    verdict: str


@dataclass(frozen=True)
class Average:
    """One option over all theories: weighted mean change and its interval, the spread between theories, the upshot."""

    option: str
    change: float
    low: float
    high: float
    spread: float
    share_up: float
    verdict: str
    sentence: str


def by_theory(data: xr.Dataset, metric: str) -> tuple[Verdict, ...]:
    """Every option but the first, under every theory. Raises NotThisDesign where there are no theories or options."""
    settings = json.loads(data.attrs["settings"])
    theories = list(dict.fromkeys(setting["theory"] for setting in settings))
    names = list(dict.fromkeys(_option(setting) for setting in settings))
    if theories == [""] or len(names) < 2:
        raise NotThisDesign("this needs theories, and at least two scenarios or lever settings to compare under them")
    labels, weights = json.loads(data.attrs["theory_labels"]), json.loads(data.attrs["theory_weights"])
    total = sum(weights[theory] for theory in theories)
    found = []
    for name in names[1:]:
        for theory in theories:
            away = _away(data, metric, settings, theory, names[0], name)
            change, half, up = float(away.mean()), float(half_width(away)), float((by_draw(away) > 0).mean())
            verdict = verdict_of(change, half, up, bool((away == 0).all()))
            weight = weights[theory] / total
            found.append(Verdict(name, theory, labels[theory], weight, change, change - half, change + half, up, verdict))
    return tuple(found)


def averaged(verdicts: Sequence[Verdict]) -> tuple[Average, ...]:
    """Every option over its theories."""
    names = list(dict.fromkeys(verdict.option for verdict in verdicts))
    return tuple(_average([verdict for verdict in verdicts if verdict.option == name]) for name in names)


def verdict_of(change: float, half: float, share_up: float, same: bool) -> str:
    """What may be said: the interval is clear of zero and the draws agree on the sign."""
    if same:
        return "identical"
    if change - half > 0 and share_up >= AGREED:
        return "higher"
    if change + half < 0 and share_up <= 1 - AGREED:
        return "lower"
    return "cannot tell"


def _option(setting: dict[str, Any]) -> str:
    chosen = ", ".join(f"{lever}: {value}" for lever, value in setting["levers"].items())
    return " · ".join(part for part in (str(setting["scenario"]), chosen) if part)


def _away(data: xr.Dataset, metric: str, settings: list[dict[str, Any]], theory: str, base: str, other: str) -> Array:
    """Paired difference (member,) of two options under one theory, averaged over the samples of the design."""
    if metric not in data:
        raise NotThisDesign(f'no values of "{metric}" by member: choose one of {data.attrs["metrics"]}')
    rows = []
    for wanted in (base, other):
        number = next(n for n, s in enumerate(settings) if s["theory"] == theory and _option(s) == wanted)
        rows.append(data[metric].values[data["setting"].values == number].mean(axis=0))
    return np.asarray(rows[1] - rows[0])


def _average(rows: Sequence[Verdict]) -> Average:
    weights = np.array([row.weight for row in rows])
    changes = np.array([row.change for row in rows])
    halves = np.array([(row.high - row.low) / 2 for row in rows])
    mean = float(weights @ changes)
    # draws are shared between theories, so their errors are taken as fully dependent: the wider interval
    half = float(weights @ halves)
    spread = float(np.sqrt(weights @ (changes - mean) ** 2))
    up = float(weights @ np.array([row.share_up for row in rows]))
    verdict, sentence = _upshot(rows)
    return Average(rows[0].option, mean, mean - half, mean + half, spread, up, verdict, sentence)


def _upshot(rows: Sequence[Verdict]) -> tuple[str, str]:
    """One verdict where all theories agree, otherwise who says what."""
    said: dict[str, list[str]] = {}
    for row in rows:
        said.setdefault(row.verdict, []).append(row.label)
    name = rows[0].option
    if len(said) == 1:
        (verdict,) = said
        return verdict, f"“{name}”: {verdict} under every theory."
    parts = "; ".join(f"{verdict} under {', '.join(labels)}" for verdict, labels in said.items())
    opposed = {"higher", "lower"} <= said.keys()
    return ("depends on the theory" if opposed else "cannot tell"), f"“{name}”: {parts}."
