"""What moved the index of one scenario from start to end, and which of its inputs are assumptions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from detente.analysis import attributes
from detente.analysis import explain as moved
from detente.analysis.difference import cleaned
from detente.analysis.explain import Ledger, Moved
from detente.api import Tell, silent
from detente.experiment.source import Given, Source, ready, resolve, settings
from detente.prose.wording import fixed

if TYPE_CHECKING:
    import xarray as xr

#: members run to explain a scenario: means settle early
MEMBERS = 200
LEAF = ("path", "value", "unit", "low", "high", "spread")


@dataclass(frozen=True, repr=False)
class Explanation:
    """The index at the start and at the end, what its pillars and pairs add to it, and the ledger of the inputs."""

    source: Source
    data: xr.Dataset
    total: Moved
    pillars: list[Moved]
    dyads: list[Moved]
    ledger: Ledger

    def __repr__(self) -> str:
        moved = f"{fixed(self.total.start)} to {fixed(self.total.end)} points"
        assumed = f"{len(self.ledger.assumptions)} of {self.ledger.inputs} inputs are assumptions"
        return f"Explanation({self.source.name}: mean tension {moved}; {assumed})"

    def as_dict(self) -> dict[str, Any]:
        """All numbers by name, lists in full."""
        dates, attrs, told = attributes.dates(self.data), self.data.attrs, self.ledger
        out: dict[str, Any] = {"scenario": attrs["scenario"], "members": self.data.sizes["member"]}
        out |= {"seed": int(attrs["seed"]), "engine": attributes.engine(self.data)}
        out |= {"from": dates[0], "to": dates[-1], "tension": self.total.as_dict()}
        out |= {"pillars": [one.as_dict() for one in self.pillars], "dyads": [one.as_dict() for one in self.dyads]}
        out |= {"inputs": told.inputs, "assumption_share": told.share, "assumed_by_part": told.groups()}
        out["assumptions"] = [{name: getattr(leaf, name) for name in LEAF} for leaf in told.assumptions]
        cleared: dict[str, Any] = cleaned(out | {"defaults": list(told.defaults)})
        return cleared


def explain(
    scenario: Given,
    members: int = MEMBERS,
    seed: int = 1,
    weeks: int | None = None,
    workers: int = 1,
    sets: Mapping[str, object] | None = None,
    *,
    tell: Tell = silent,
) -> Explanation:
    """Explain a scenario, which is run, or a result, its folder or dataset, with all its members.

    Raises ScenarioError, ResultError, UsageError.
    """
    (source,) = found = resolve([scenario], sets)
    how = settings(found, members, seed, weeks, workers, tell)
    ready(found, how)
    ds = source.result(None if source.stored is not None else how.members)
    ledger = moved.ledger(*source.inputs())
    return Explanation(source, ds, moved.total(ds), moved.by_pillar(ds), moved.by_dyad(ds), ledger)
