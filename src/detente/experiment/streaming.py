"""An ensemble of which only the summary is kept: what remains of a member is a few numbers, whatever the weeks.

The index of the region, of every dyad and state and the contribution of every pillar go into integer histograms, week
by week. Integers add up to the same bits in any order, so the summary does not depend on blocks or workers.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from detente.engine.block import CHANCES, DIGITS, Block, measure_of, quarter_rows
from detente.experiment import dataset as whole
from detente.experiment.digest import Hashed, combined, content, kind, of_variable
from detente.experiment.excerpt import WINDOWS, Excerpt
from detente.experiment.histograms import BINS, FINE, Counts, quantiles, tally
from detente.index.formula import FULL, PILLARS
from detente.index.levels import crisis_edge
from detente.scenario.schema import Scenario
from detente.vocabulary import SUMMARIES, VARIABLES

if TYPE_CHECKING:
    import xarray as xr

Array = NDArray[np.float64]

CHANCE_DIMS = ("quarter", "dyad")
QUANTILES = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)
#: histogram -> field of a block
COUNTED = {
    "tension_counts": "tension",
    "tension_dyad_counts": "dyads",
    "tension_state_counts": "states",
    "contribution_counts": "contribution",
}
#: bits of a sum beyond which it is carried
CARRY = 62
#: share of members in which a regime came up -> the least regime that counts
REGIMES = {"crisis": 1, "armed": 2}


class Total:
    """Sums of integers of any size: what a word of 64 bits does not hold is carried into a second."""

    def __init__(self, *shape: int) -> None:
        self.high, self.low = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)

    def add(self, part: NDArray[np.int64]) -> None:
        """Add numbers of less than half a word each."""
        self.low += part
        self.high += self.low >> CARRY
        self.low &= (1 << CARRY) - 1

    def over(self, scale: float) -> Array:
        """The sums divided by ``scale``."""
        return np.asarray((self.high * 2.0**CARRY + self.low) / scale)


class Summary:
    """Running sums of an ensemble, all of them integers, and a few numbers of each of ``members`` members."""

    def __init__(self, scenario: Scenario, length: int, members: int) -> None:
        rows, dyads, states = length + 1, len(scenario.dyads), len(measure_of(scenario).states)
        quarters = len(quarter_rows(length))
        sizes = {"time": rows, "quarter": quarters, "dyad": dyads, "state": states, "pillar": len(PILLARS)}
        sizes |= {"bin": BINS, "fine_bin": FINE}
        self.edge = crisis_edge(scenario.levels)
        self.members = 0
        self.counts: dict[str, Counts] = {
            name: np.zeros([sizes[dim] for dim in SUMMARIES[name].dims], dtype=np.uint32) for name in COUNTED
        }
        self.total = Total(rows)
        self.states = Total(rows, states)
        self.in_crisis = np.zeros(rows, dtype=np.int64)
        self.reached = np.zeros(rows, dtype=np.int64)
        self.contribution = Total(rows, dyads, len(PILLARS))
        self.pillar = Total(rows, dyads, len(PILLARS))
        self.chances = {name: Total(*(quarters, dyads)[: 1 if name.startswith("any") else 2]) for name in CHANCES}
        #: members in which each dyad came to a regime, and the last of them any
        self.came = {name: np.zeros(dyads + 1, dtype=np.int64) for name in REGIMES}
        self.excerpt = Excerpt(members, sizes)
        self.hashes = {name: hashlib.sha256() for name in whole.BY_MEMBER}
        self.last: Block

    def add(self, block: Block) -> None:
        """Take in a block; blocks come in the order of their members."""
        tension = block.tension
        self.members += tension.shape[1]
        for name, field in COUNTED.items():
            values = getattr(block, field)
            tally(_by_thing(self.counts[name]), _by_thing(values))
        self.total.add(_exact(tension))
        self.states.add(_exact(block.states))
        high = tension >= self.edge
        self.in_crisis += high.sum(axis=1)
        self.reached += np.logical_or.accumulate(high, axis=0).sum(axis=1)
        self.contribution.add(block.contribution_sum)
        self.pillar.add(block.pillar_sum)
        for name, total in self.chances.items():
            total.add(_exact(getattr(block, name)))
        highest = block.regimes.max(axis=0)
        for name, least in REGIMES.items():
            came = highest >= least
            self.came[name] += np.append(came.sum(axis=1), came.any(axis=0).sum())
        self.excerpt.add(block)
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

    def shares(self) -> dict[str, Any]:
        """Shares of members in which each dyad, and any, came to a regime."""
        found = {f"counted_{name}": came[:-1] / self.members for name, came in self.came.items()}
        return found | {f"counted_any_{name}": came[-1] / self.members for name, came in self.came.items()}


def _by_thing(values: NDArray[Any]) -> NDArray[Any]:
    """(row, last) or (row, thing, last) -> (row, thing, last), a view."""
    return values.reshape(values.shape[0], -1, values.shape[-1])


def _exact(values: NDArray[np.floating[Any]]) -> NDArray[np.int64]:
    """Sums over members as integers in units of 2^-DIGITS, (…, member) -> (…)."""
    return np.asarray(np.rint(values * 2.0**DIGITS).astype(np.int64).sum(axis=-1))


def as_dataset(summary: Summary, scenario: Scenario, seed: int, length: int) -> xr.Dataset:
    """The summary as a dataset: tension_quantile, tension_mean, shares in crisis, mean contributions, and what
    ``SUMMARIES`` of the vocabulary names."""
    import xarray as xr

    scale = 2.0**DIGITS * summary.members
    kept = summary.counts | summary.excerpt.variables() | summary.shares() | {"mean_state": summary.states.over(scale)}
    variables: dict[str, Any] = {
        "tension_quantile": (("quantile", "time"), quantiles(summary.counts["tension_counts"], QUANTILES)),
        "tension_mean": (("time",), summary.total.over(scale)),
        "crisis_by_week": (("time",), summary.in_crisis / summary.members),
        "crisis_so_far": (("time",), summary.reached / summary.members),
        **{name: (CHANCE_DIMS[: total.low.ndim], total.over(scale)) for name, total in summary.chances.items()},
        "dyad_median": (("dyad",), quantiles(summary.counts["tension_dyad_counts"][-1], (0.5,))[0]),
        "mean_contribution": (("time", "dyad", "pillar"), summary.contribution.over(scale)),
        "mean_pillar": (("time", "dyad", "pillar"), summary.pillar.over(scale)),
        "dyad_weight": (("dyad",), measure_of(scenario).whole.dyads),
        **{k: (v.dims, kept[k], {"units": v.unit, "long_name": v.long_name}) for k, v in SUMMARIES.items()},
    }
    attrs = whole.attributes(scenario, seed, length, summary.members, {summary.last.engine})
    every = xr.Dataset(coords=whole.coordinates(scenario, length, np.arange(summary.members)))
    bins = {"fine_bin": _lower(FINE), "bin": _lower(BINS), "quantile": list(QUANTILES), "window": whole.names(WINDOWS)}
    draws = np.arange(summary.excerpt.sizes["parameter_draw"])
    result = xr.Dataset(variables, {**every.coords, **bins, "parameter_draw": draws}, attrs)
    return result.assign_attrs(digest=_digest(summary, result, every))


def _lower(bins: int) -> Array:
    """Lower edges of the bins [points]."""
    return np.asarray(np.arange(bins) * (FULL / bins))


def _digest(summary: Summary, result: xr.Dataset, every: xr.Dataset) -> str:
    """The digest of the whole ensemble, as if all members had been kept."""
    arrays = summary.arrays() | {str(name): of_variable(str(name), axis) for name, axis in every.variables.items()}
    for name in VARIABLES.keys() - arrays.keys():
        named = result[name].variable.copy()
        named.attrs["units"] = VARIABLES[name].unit
        arrays[name] = of_variable(name, named)
    return combined(arrays, result.attrs)
