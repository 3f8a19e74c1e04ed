"""An ensemble of which only the summary is kept: memory is bounded by the block, not by the members.

The regional index goes into integer histograms, week by week. Integers add up to the same bits in any order, so the
summary does not depend on blocks or workers; a quantile is exact to half a bin.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from detente.engine.block import CHANCES, DIGITS, Block, measure_of, quarter_rows
from detente.experiment import dataset as whole
from detente.experiment.digest import Hashed, combined, content, kind, of_variable
from detente.index.formula import FULL, PILLARS
from detente.index.levels import crisis_edge
from detente.scenario.schema import Scenario
from detente.vocabulary import VARIABLES

if TYPE_CHECKING:
    import xarray as xr

Array = NDArray[np.float64]

#: bins of the histograms over 0 to 100 points: a bin is 0.05 points wide
BINS = 2000
CHANCE_DIMS = ("quarter", "dyad")
QUANTILES = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)


class Summary:
    """Running sums of an ensemble; all of them integers."""

    def __init__(self, scenario: Scenario, length: int) -> None:
        rows, dyads = length + 1, len(scenario.dyads)
        self.edge = crisis_edge(scenario.levels)
        self.members = 0
        self.region = np.zeros((rows, BINS), dtype=np.int64)
        self.dyads = np.zeros((dyads, BINS), dtype=np.int64)
        self.total = np.zeros(rows, dtype=np.int64)
        self.in_crisis = np.zeros(rows, dtype=np.int64)
        self.reached = np.zeros(rows, dtype=np.int64)
        self.contribution = np.zeros((rows, dyads, len(PILLARS)), dtype=np.int64)
        self.pillar = np.zeros_like(self.contribution)
        quarters = len(quarter_rows(length))
        self.chances = {
            name: np.zeros((quarters, dyads)[: 1 if name.startswith("any") else 2], dtype=np.int64) for name in CHANCES
        }
        self.hashes = {name: hashlib.sha256() for name in whole.BY_MEMBER}
        self.last: Block

    def add(self, block: Block) -> None:
        """Take in a block; blocks come in the order of their members."""
        tension = block.tension
        self.members += tension.shape[1]
        self.region += histogram(tension)
        self.dyads += histogram(block.dyads[-1].astype(np.float64))
        self.total += np.rint(tension * 2.0**DIGITS).astype(np.int64).sum(axis=1)
        high = tension >= self.edge
        self.in_crisis += high.sum(axis=1)
        self.reached += np.logical_or.accumulate(high, axis=0).sum(axis=1)
        self.contribution += block.contribution_sum
        self.pillar += block.pillar_sum
        for name, total in self.chances.items():
            total += np.rint(getattr(block, name) * 2.0**DIGITS).astype(np.int64).sum(axis=-1)
        self.last = block
        for name, field in whole.BY_MEMBER.items():
            self.hashes[name].update(content(np.moveaxis(getattr(block, field), -1, 0)))

    def arrays(self) -> dict[str, Hashed]:
        """What identifies the arrays over members, of which only hashes are kept."""
        found = {}
        for name, field in whole.BY_MEMBER.items():
            one, (dims, unit, _) = getattr(self.last, field), VARIABLES[name]
            found[name] = Hashed(dims, (self.members, *one.shape[:-1]), kind(one), unit, self.hashes[name].hexdigest())
        return found


def histogram(values: Array) -> NDArray[np.int64]:
    """Counts of each row's values in the bins; (row, member) -> (row, bin)."""
    place = np.clip((values * (BINS / FULL)).astype(np.int64), 0, BINS - 1)
    flat = place + BINS * np.arange(values.shape[0])[:, None]
    return np.bincount(flat.ravel(), minlength=BINS * values.shape[0]).reshape(-1, BINS)


def quantiles(counts: NDArray[np.int64], shares: tuple[float, ...]) -> Array:
    """Quantiles from histograms, (row, bin) -> (share, row): the middle of the bin that holds them."""
    up_to = np.cumsum(counts, axis=1)
    wanted = np.array(shares)[:, None, None] * up_to[None, :, -1:]
    place = (up_to[None] < wanted).sum(axis=2)
    return np.asarray((place + 0.5) * (FULL / BINS))


def as_dataset(summary: Summary, scenario: Scenario, seed: int, length: int) -> xr.Dataset:
    """The summary as a dataset: tension_quantile, tension_mean, shares in crisis, mean contributions."""
    import xarray as xr

    scale = 2.0**DIGITS * summary.members
    variables: dict[str, Any] = {
        "tension_quantile": (("quantile", "time"), quantiles(summary.region, QUANTILES)),
        "tension_mean": (("time",), summary.total / scale),
        "crisis_by_week": (("time",), summary.in_crisis / summary.members),
        "crisis_so_far": (("time",), summary.reached / summary.members),
        **{name: (CHANCE_DIMS[: total.ndim], total / scale) for name, total in summary.chances.items()},
        "dyad_median": (("dyad",), quantiles(summary.dyads, (0.5,))[0]),
        "mean_contribution": (("time", "dyad", "pillar"), summary.contribution / scale),
        "mean_pillar": (("time", "dyad", "pillar"), summary.pillar / scale),
        "dyad_weight": (("dyad",), measure_of(scenario).whole.dyads),
    }
    coords = {
        "time": (dates := whole.dates(scenario, length)),
        "quarter": dates[quarter_rows(length)],
        "quantile": list(QUANTILES),
    }
    coords |= {"dyad": whole.names(scenario.dyads), "pillar": whole.names(PILLARS)}
    attrs = whole.attributes(scenario, seed, length, summary.members)
    result = xr.Dataset(variables, coords, attrs)
    every = xr.Dataset(coords=whole.coordinates(scenario, length, np.arange(summary.members)))
    return result.assign_attrs(digest=_digest(summary, result, every))


def _digest(summary: Summary, result: xr.Dataset, every: xr.Dataset) -> str:
    """The digest of the whole ensemble, as if all members had been kept."""
    arrays = summary.arrays() | {str(name): of_variable(str(name), axis) for name, axis in every.variables.items()}
    for name in VARIABLES.keys() - arrays.keys():
        named = result[name].variable.copy()
        named.attrs["units"] = VARIABLES[name].unit
        arrays[name] = of_variable(name, named)
    return combined(arrays, result.attrs)
