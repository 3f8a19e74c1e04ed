"""What each statement of a theatre does in the model: the paired effect of switching its mechanism off.

An effect is that of the ablation: ablated minus base, with its interval. Six are measured: on the index and on the
tension of the pair (mean of the weekly values over the whole run, points), and on the chances of a crisis and of war of
the pair and of any (weekly chances of every member added up, analysis/chances.py). Of the index the behavioural part
(hostility and incidents responded) is told apart from the definitional part (a pillar that the change itself sets).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from detente.analysis.chances import ANY, Change
from detente.analysis.compare import NEGLIGIBLE, Row, compare
from detente.analysis.difference import Difference
from detente.prose.wording import SHARE, listed
from detente.scenario.schema import Claim, Scenario

if TYPE_CHECKING:
    import xarray as xr

#: one statement's ablation -> the result to set beside the base
Simulate = Callable[[Mapping[str, str]], "xr.Dataset"]

#: mean of the weekly index over the whole run: a dated act works when it happens, not at the end
METRIC = "tension@all"
#: a change of a chance counts from one run in a thousand on, what is printed of it, ...
ONE_RUN = 0.001
#: ... and from a twentieth of the chance on. Both are asked for: the level of these chances is an assumption, so that
#: points alone would say little, and of a chance near zero a ratio alone says little
TWENTIETH = 0.05
#: events, with what is said of their chance; what is told of the ratio of chances of war
WAR = "armed"
EVENTS = {"crisis": "a crisis", WAR: "war"}
RATIO = ("ratio", "ratio_low", "ratio_high")
#: names of the effects that are chances, and what is said of a sign
CHANCES = tuple(f"{whose}_{event}" for whose in ("dyad", "any") for event in EVENTS)
SIGNS = {"built_in": "built in: verification, not a finding", "open": "open"}


@dataclass(frozen=True)
class Effect:
    """What an ablation does to one measure: mean with the mechanism and without it, and their paired difference, in
    points or, of chances, as shares; of war also how many times as likely it is without, with the 95 % interval."""

    what: str
    with_it: float
    without: float
    change: Difference
    ratio: tuple[float | None, ...] = ()

    @property
    def counts(self) -> bool:
        """Whether it is clear of zero and not negligible: ``NEGLIGIBLE`` points, or ``ONE_RUN`` and ``TWENTIETH``."""
        size = abs(self.change.change)
        if self.change.unit != SHARE:
            return self.change.is_significant and size >= NEGLIGIBLE
        low, high = sorted((self.with_it, self.without))
        return self.change.is_significant and size >= ONE_RUN and high >= (1.0 + TWENTIETH) * low

    def __str__(self) -> str:
        up = self.change.verdict == "higher"
        words = ("likelier", "less likely") if self.change.unit == SHARE else ("higher", "lower")
        return f"{self.what} {words[0] if up else words[1]}"


@dataclass(frozen=True)
class Grounds:
    """One statement, what carries it, and what its ablation does to the region and to its pair.

    ``effects`` are by name: ``index``, ``dyad``, and ``dyad_`` or ``any_`` before ``crisis`` and ``armed``; empty where
    nothing was run.
    """

    key: str
    claim: Claim
    region: Row | None = None
    dyad: Row | None = None
    effects: Mapping[str, Effect] = field(default_factory=dict)

    @property
    def moves(self) -> list[str]:
        """Names of the effects that count."""
        return [name for name, effect in self.effects.items() if effect.counts]

    @property
    def reason(self) -> str:
        """Why nothing counts, as the theatre says; "" where something does."""
        return "" if self.moves else self.claim.faint

    @property
    def verdict(self) -> str:
        """In words: what is otherwise without the mechanism."""
        if self.region is None:
            return "no mechanism: a statement about sources"
        told = [effect for effect in self.effects.values() if effect.change.is_significant]
        if not told:
            same = all(effect.change.verdict == "identical" for effect in self.effects.values())
            members = self.region.difference.members
            return "identical: the ablation changes nothing" if same else f"nothing detectable at N = {members}"
        counting = [str(effect) for effect in told if effect.counts]
        return listed(counting) if counting else f"faint: {listed(map(str, told))}, all too little to count"

    def as_dict(self) -> dict[str, Any]:
        """JSON; effects in points, ablated minus base; chances as shares."""
        out: dict[str, Any] = {
            "id": self.key,
            "statement": self.claim.statement,
            "mechanism": self.claim.mechanism,
            "carried_by": list(self.claim.carried_by),
            "ablation": dict(self.claim.ablation),
            "dyad": self.claim.dyad or None,
            "sign": SIGNS[self.claim.sign],
        }
        out |= _numbers("", self.region) | _numbers("dyad_", self.dyad)
        for name in CHANCES:
            out |= _chance_numbers(name, self.effects.get(name))
        return {**out, "moves": self.moves, "counts": bool(self.moves), "verdict": self.verdict, "reason": self.reason}


def _numbers(prefix: str, row: Row | None) -> dict[str, Any]:
    """Effect with interval, its two parts and the share of draws that rise; None where nothing was run."""
    if row is None:
        names = ("effect", "ci_low", "ci_high", "behavioural", "definitional", "share_up")
        return {f"{prefix}{name}": None for name in names}
    d = row.difference
    return {
        f"{prefix}effect": d.change,
        f"{prefix}ci_low": d.ci_low,
        f"{prefix}ci_high": d.ci_high,
        f"{prefix}behavioural": None if row.behavioural is None else row.behavioural.change,
        f"{prefix}definitional": None if row.definitional is None else row.definitional.change,
        f"{prefix}share_up": d.share_up,
    }


def _chance_numbers(name: str, effect: Effect | None) -> dict[str, Any]:
    """A chance without the mechanism and with it, and their difference; of war also their ratio."""
    parts = ("without", "with", "change", "low", "high", *(RATIO if name.endswith(WAR) else ()))
    if effect is None:
        return {f"{name}_{part}": None for part in parts}
    d = effect.change
    told = (effect.without, effect.with_it, d.change, d.ci_low, d.ci_high, *effect.ratio)
    return {f"{name}_{part}": number for part, number in zip(parts, told, strict=True)}


def grounds(scenario: Scenario, base: xr.Dataset, simulate: Simulate) -> Iterator[Grounds]:
    """The statements of a scenario one by one; each ablation is run once with the base's members and seed."""
    for key, claim in scenario.claims.items():
        if not claim.ablation:
            yield Grounds(key, claim)
            continue
        other = simulate({path: "null" if value is None else str(value) for path, value in claim.ablation.items()})
        region = compare(base, {key: other}, METRIC)[0]
        dyad = compare(base, {key: other}, f"dyad:{claim.dyad}@all")[0] if claim.dyad else None
        yield Grounds(key, claim, region, dyad, _effects(claim.dyad, region, dyad))


def _effects(pair: str, region: Row, dyad: Row | None) -> dict[str, Effect]:
    """All effects by name; those on a pair where the statement concerns one."""
    found = {"index": Effect("the index", region.base_value, region.value, region.difference)}
    if dyad is not None:
        found["dyad"] = Effect(pair, dyad.base_value, dyad.value, dyad.difference)
    for whose, where, change in (("dyad", f"in {pair}", pair), ("any", "anywhere", ANY)):
        for event, named in EVENTS.items():
            of = next((one for one in region.outbreaks if one.pair == change), None)
            if of is not None:
                found[f"{whose}_{event}"] = _chance(f"{named} {where}", event, of)
    return found


def _chance(what: str, event: str, of: Change) -> Effect:
    """The effect on a chance by the end of the run."""
    before, after = (of.by_date[event][whose][-1] for whose in ("base", "other"))
    ratio = tuple(getattr(of, part) for part in RATIO) if event == WAR else ()
    return Effect(what, before, after, getattr(of, event), ratio)
