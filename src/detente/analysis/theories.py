"""Does a conclusion survive rival theories? The paired change under each, and averaged over them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from detente.analysis.difference import Difference
from detente.analysis.worlds import NotThisDesign, table
from detente.prose.wording import SHARE, digits_for, printed, signed

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True)
class Under:
    """Paired change of an option against the first under one theory; ``weight`` the theory's share of the average."""

    theory: str
    label: str
    weight: float
    difference: Difference


@dataclass(frozen=True)
class Rivals:
    """One option under every theory and averaged by their weights.

    ``spread`` is the weighted standard deviation of the change between theories, in the metric's unit; ``verdict``
    that of all theories where they agree, else "depends on the theory" (some say higher, some lower) or
    "cannot tell".
    """

    option: str
    rows: tuple[Under, ...]
    average: Difference
    spread: float
    verdict: str
    sentence: str


def rivals(data: xr.Dataset, metric: str) -> tuple[Rivals, ...]:
    """Every option but the first. Raises NotThisDesign where there are no theories or nothing to compare."""
    found = table(data, metric)
    if found.theories == ("",) or len(found.options) < 2:
        raise NotThisDesign("this needs theories, and at least two scenarios or lever settings to compare under them")
    labels, given = json.loads(data.attrs["theory_labels"]), json.loads(data.attrs["theory_weights"])
    weights = np.array([given[theory] for theory in found.theories], dtype=np.float64)
    if not weights.any():
        raise NotThisDesign("all theories have weight 0: give at least one of them a weight")
    weights = weights / weights.sum()
    result = []
    for n, option in enumerate(found.options[1:], start=1):
        rows = tuple(
            Under(theory, labels[theory], float(weights[k]), found.against_first(n, k))
            for k, theory in enumerate(found.theories)
        )
        average = found.against_first(n, weights=weights)
        changes = np.array([row.difference.change for row in rows])
        spread = float(np.sqrt(weights @ (changes - average.change) ** 2))
        result.append(Rivals(option, rows, average, spread, *_upshot(option, rows, average)))
    return tuple(result)


def _upshot(option: str, rows: Sequence[Under], average: Difference) -> tuple[str, str]:
    """One verdict where all theories agree, otherwise who says what."""
    said: dict[str, list[str]] = {}
    for row in rows:
        said.setdefault(row.difference.verdict, []).append(row.label)
    change, width = (printed(average.unit) * one for one in (average.change, average.half_width))
    mean = f"{signed(change, digits_for(width))}{' in 100' if average.unit == SHARE else ''} on average"
    if len(said) == 1:
        (verdict,) = said
        return verdict, f"“{option}”: {verdict} under every theory ({mean})."
    parts = "; ".join(f"{verdict} under {', '.join(labels)}" for verdict, labels in said.items())
    opposed = {"higher", "lower"} <= said.keys()
    return ("depends on the theory" if opposed else "cannot tell"), f"“{option}”: {parts} ({mean})."
