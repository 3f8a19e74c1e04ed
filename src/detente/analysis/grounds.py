"""What each statement of a theatre does in the model: the paired effect of switching its mechanism off.

The effect is that of the ablation: ablated minus base, the mean of the weekly index over the whole run, in points, with
its interval. The behavioural part (hostility and incidents responded) is told apart from the definitional part (a
pillar that the change itself sets).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from detente.analysis.compare import NEGLIGIBLE, Row, compare
from detente.scenario.schema import Claim, Scenario

if TYPE_CHECKING:
    import xarray as xr

#: one statement's ablation -> the result to set beside the base
Simulate = Callable[[Mapping[str, str]], "xr.Dataset"]

#: mean of the weekly index over the whole run: a dated act works when it happens, not at the end
METRIC = "tension@all"


@dataclass(frozen=True)
class Grounds:
    """One statement, what carries it, and what its ablation does to the region and to its dyad."""

    key: str
    claim: Claim
    region: Row | None
    dyad: Row | None

    @property
    def verdict(self) -> str:
        """In words: how the index moves without the mechanism."""
        if self.region is None:
            return "no mechanism: a statement about sources"
        told = _moved(self.region)
        unclear = self.region.difference.verdict == "cannot tell"
        if unclear and self.dyad is not None and self.dyad.difference.is_significant:
            return f"region: {told}; dyad {self.claim.dyad}: {_moved(self.dyad)}"
        return told

    def as_dict(self) -> dict[str, Any]:
        """JSON; effects in points, ablated minus base."""
        out: dict[str, Any] = {
            "id": self.key,
            "statement": self.claim.statement,
            "mechanism": self.claim.mechanism,
            "carried_by": list(self.claim.carried_by),
            "ablation": dict(self.claim.ablation),
            "dyad": self.claim.dyad or None,
        }
        out |= _numbers("", self.region) | _numbers("dyad_", self.dyad)
        return {**out, "verdict": self.verdict}


def _moved(row: Row) -> str:
    if row.difference.verdict == "identical":
        return "identical: the ablation changes nothing"
    if not row.difference.is_significant:
        return f"nothing detectable at N = {row.difference.members}"
    return f"{row.difference.verdict} without it" + (f", by less than {NEGLIGIBLE:g} points" if row.negligible else "")


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


def grounds(scenario: Scenario, base: xr.Dataset, simulate: Simulate) -> Iterator[Grounds]:
    """The statements of a scenario one by one; each ablation is run once with the base's members and seed."""
    for key, claim in scenario.claims.items():
        if not claim.ablation:
            yield Grounds(key, claim, None, None)
            continue
        other = simulate({path: "null" if value is None else str(value) for path, value in claim.ablation.items()})
        region = compare(base, {key: other}, METRIC)[0]
        dyad = compare(base, {key: other}, f"dyad:{claim.dyad}@all")[0] if claim.dyad else None
        yield Grounds(key, claim, region, dyad)
