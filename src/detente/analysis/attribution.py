"""Why a scenario differs from the base: over its files or changes (Shapley), over pillars and dyads (exact).

The split over files or changes runs an ensemble for every mixture of the two scenarios that it needs, through a
callable, so that this floor stays off the model. All ensembles share one luck; the split is exact member by
member, and its interval is that of a paired difference.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from detente.analysis import attributes, metrics, shapley
from detente.analysis.compare import Part, by_pillar, cells
from detente.analysis.difference import Difference, difference
from detente.analysis.levers import Lever, Parts, by_act
from detente.analysis.metrics import Metric
from detente.analysis.pairing import pair
from detente.experiment.intervals import student

if TYPE_CHECKING:
    import xarray as xr

    from detente.scenario.schema import Scenario

Array = NDArray[np.float64]
Simulate = Callable[["Scenario"], "xr.Dataset"]
SimulateMany = Callable[[Sequence["Scenario"]], Iterable["xr.Dataset"]]

#: two to this power ensembles are run for an exact split; beyond it orders are sampled
EXACT_UP_TO = 6
#: pairs of an order and its reverse, where orders are sampled
PAIRS = 8


@dataclass(frozen=True)
class Share:
    """What one lever adds to the difference.

    ``difference`` carries the interval over members; ``sampling_error`` the standard error of sampling orders
    (0 where the split is exact); ``alone`` the effect of the lever by itself, None where it was not run.
    """

    lever: Lever
    difference: Difference
    sampling_error: float
    alone: float | None

    @property
    def matters(self) -> bool:
        """True where the share is told from zero, sampling of orders allowed for."""
        half = math.hypot(self.difference.half_width, 1.96 * self.sampling_error)
        return self.difference.change != 0 and abs(self.difference.change) > half

    @property
    def inert(self) -> bool:
        """True where the lever moved no member at all."""
        return self.difference.verdict == "identical"

    def as_dict(self) -> dict[str, Any]:
        """All numbers by name."""
        own = {"lever": self.lever.key, "label": self.lever.label, "matters": self.matters, "inert": self.inert}
        return own | {"alone": self.alone, "sampling_error": self.sampling_error} | self.difference.as_dict()


@dataclass(frozen=True)
class Attribution:
    """The split of one difference. ``shares`` sum to ``total`` within ``residual``, which is rounding.

    ``together`` is what the levers do together beyond what each does alone; None where these were not run.
    """

    metric: Metric
    method: str
    ensembles: int
    total: Difference
    shares: tuple[Share, ...]
    pillars: tuple[Part, ...]
    dyads: tuple[tuple[str, str, float], ...]
    start: float = 0.0
    together: Difference | None = None

    @property
    def of_files(self) -> bool:
        """Whether it is a split over files, and not over what they change."""
        return not any(share.lever.paths for share in self.shares)

    @property
    def residual(self) -> float:
        """Total less the sum of the shares."""
        return self.total.change - math.fsum(share.difference.change for share in self.shares)

    @property
    def interaction(self) -> float | None:
        """Total less the sum of the effects that the levers have alone; None where those were not run."""
        return None if self.together is None else self.together.change

    @property
    def unimportant(self) -> tuple[Share, ...]:
        """The changes that did not matter: no effect at all, or none that can be told from zero."""
        return tuple(share for share in self.shares if not share.matters)

    def as_dict(self) -> dict[str, Any]:
        """Everything by name."""
        own = {"metric": str(self.metric), "method": self.method, "ensembles": self.ensembles, "start": self.start}
        sums = {"total": self.total.as_dict(), "residual": self.residual, "interaction": self.interaction}
        sums |= {"together": None if self.together is None else self.together.as_dict()}
        return {
            **own,
            **sums,
            "levers": [share.as_dict() for share in self.shares],
            "unimportant": [share.lever.key for share in self.unimportant],
            "pillars": [part.as_dict() for part in self.pillars],
            "dyads": [{"key": key, "label": label, "change": change} for key, label, change in self.dyads],
        }


def attribute(
    base: Scenario,
    other: Scenario,
    simulate: Simulate,
    metric: str | Metric = "mean",
    *,
    parts: Parts | None = None,
    many: SimulateMany | None = None,
    exact_up_to: int = EXACT_UP_TO,
    pairs: int = PAIRS,
    seed: int = 0,
) -> Attribution:
    """Split the difference of two scenarios over ``parts``, by default all that differs, and over pillars and dyads.

    ``simulate`` runs a scenario's ensemble, always with the same members and seed; ``many`` runs several and gives
    them back in order, one by one by default. Up to ``exact_up_to`` levers every mixture is run (2 to their
    number); beyond it those of ``pairs`` random orders and their reverses.

    Raises NotComparable where the two cannot be paired, ValueError where their calendars differ.
    """
    chosen = metrics.parse(metric) if isinstance(metric, str) else metric
    parts = parts or by_act(base, other)
    moved = list(parts.levers)
    first, last = pair(simulate(base), simulate(other))
    draw = first["draw"].values
    known = {frozenset(): metrics.values(chosen, first), frozenset(moved): metrics.values(chosen, last)}
    exact = len(moved) <= exact_up_to

    def game(value: shapley.Value[Lever]) -> dict[Lever, Array]:
        # the generator is made anew on each call: what is fetched is what is asked for
        rng = np.random.default_rng(seed)
        return shapley.exact(moved, value) if exact else shapley.sampled(moved, value, pairs, rng)

    # what the game will ask for is run all at once, so that it can be spread over workers
    asked: dict[frozenset[Lever], Array] = {}
    game(lambda mixture: asked.setdefault(mixture, np.zeros(1)))
    missing = [mixture for mixture in asked if mixture not in known]
    mixed = [parts.mixed(mixture) for mixture in missing]
    runs = map(simulate, mixed) if many is None else many(mixed)
    known |= {mixture: metrics.values(chosen, ds) for mixture, ds in zip(missing, runs, strict=True)}
    shares = [_share(lever, value, known, draw, chosen.unit) for lever, value in game(known.__getitem__).items()]
    return Attribution(
        metric=chosen,
        method="exact" if exact else f"{2 * pairs} sampled orders",
        ensembles=len(known) + (not moved),
        total=difference(metrics.values(chosen, first), metrics.values(chosen, last), draw, chosen.unit),
        shares=tuple(sorted(shares, key=lambda share: -abs(share.difference.change))),
        pillars=by_pillar(first, last, chosen),
        dyads=over_dyads(first, last, chosen),
        start=metrics.mean(known[frozenset()], chosen.unit),
        together=_together(moved, known, draw, chosen.unit),
    )


def _together(
    moved: Sequence[Lever], known: Mapping[frozenset[Lever], Array], draw: NDArray[np.integer], unit: str
) -> Difference | None:
    """What all levers do beyond the sum of what each does alone, member by member."""
    alone = [known.get(frozenset([lever])) for lever in moved]
    if not moved or any(one is None for one in alone):
        return None
    before = known[frozenset()]
    apart = np.sum([one - before for one in alone if one is not None], axis=0)
    return difference(apart, known[frozenset(moved)] - before, draw, unit)


def _share(
    lever: Lever, value: Array, known: Mapping[frozenset[Lever], Array], draw: NDArray[np.integer], unit: str
) -> Share:
    """The share of a lever from its value (member,), or from those of several pairs of orders (pair, member)."""
    error = 0.0
    if value.ndim > 1:  # of the mean over pairs of orders, with Student's widening for few pairs
        by_pair, value = value.mean(axis=1), value.mean(axis=0)
        error = float(by_pair.std(ddof=1) / math.sqrt(len(by_pair)) * student(len(by_pair)) / 1.96)
    alone = known.get(frozenset([lever]))
    effect = None if alone is None else float((alone - known[frozenset()]).mean())
    return Share(lever, difference(np.zeros_like(value), value, draw, unit), error, effect)


def over_dyads(base: xr.Dataset, other: xr.Dataset, metric: Metric) -> tuple[tuple[str, str, float], ...]:
    """Key, label and exact share of the regional change [points] of every dyad, largest first."""
    split = cells(base, other, metric)
    if split is None:
        return ()
    keys = [str(key) for key in base["dyad"].values]
    found = [(k, attributes.dyad_label(base, k), float(v)) for k, v in zip(keys, split.sum(axis=1), strict=True)]
    return tuple(sorted(found, key=lambda one: -abs(one[2])))
