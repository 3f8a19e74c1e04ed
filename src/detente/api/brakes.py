"""What each brake is worth: the chance of war with it, and without."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from detente.analysis import attributes, chances, metrics
from detente.analysis.difference import cleaned, difference
from detente.api import Tell, silent
from detente.errors import UsageError
from detente.experiment.run import length_of
from detente.experiment.source import Settings, each_run
from detente.model.stability import require_placed
from detente.prose.wording import SHARE
from detente.scenario.load import ScenarioLike, loaded
from detente.scenario.schema import Scenario
from detente.scenario.values import replaced

if TYPE_CHECKING:
    import xarray as xr

#: the row in which no brake holds
NONE = "any brake"


@dataclass(frozen=True)
class Brake:
    """The chance of war of a pair with a brake, without it, their difference and their ratio with 95 % intervals; the
    ratio is None where there is no chance with it."""

    brake: str
    pair: str
    label: str
    armed: float
    armed_without: float
    change: float
    low: float
    high: float
    ratio: float | None
    ratio_low: float | None
    ratio_high: float | None


@dataclass(frozen=True)
class Brakes:
    """A row for each brake and pair, any pair first and then the likeliest; ``attrs`` say what was run, until when."""

    rows: list[Brake]
    attrs: dict[str, Any]

    def as_dict(self) -> dict[str, Any]:
        """All numbers by name, as ``detente brakes --json`` prints them."""
        told = {**self.attrs, "standing": chances.STANDING, "brakes": [asdict(row) for row in self.rows]}
        whole: dict[str, Any] = cleaned(told)
        return whole


def declared(scenario: Scenario) -> dict[str, str]:
    """Brakes of the scenario's mechanisms by name, with the parameter that each is."""
    numbers = ((m.name, name, number) for m in scenario.mechanisms() for name, number in m.numbers())
    return {number.brake: f"parameters.{law}.{name}" for law, name, number in numbers if number.brake}


def brakes(
    scenario: ScenarioLike,
    members: int = 1000,
    seed: int = 1,
    weeks: int | None = None,
    workers: int = 1,
    sets: Mapping[str, object] | None = None,
    pairs: int = 3,
    *,
    tell: Tell = silent,
) -> Brakes:
    """The chances of war with each brake and without it, of any pair and of the ``pairs`` likeliest, paired by member.

    Level and sign are built in: the ratios say how much of a low chance hangs on what. Raises ScenarioError, RunError,
    UsageError where no pair can go to war.
    """
    known = loaded(scenario, sets)
    require_placed(known)
    variants = released(known.scenario)
    how = Settings(members, seed, length_of(known.scenario, weeks), workers, tell)
    runs = each_run([known.scenario, *variants.values()], how, members, f"Brakes of {known.scenario.title}")
    held = next(runs)
    shown = [row.pair for row in chances.chances(held)[: pairs + 1]]
    if not shown:
        raise UsageError(f"{known.scenario.name} has no pairs: there is nothing to hold back")
    rows = [row for brake, ds in zip(variants, runs, strict=True) for row in worth(brake, shown, held, ds)]
    attrs = {name: held.attrs[name] for name in ("scenario", "title", "members", "weeks", "seed", "engine")}
    return Brakes(rows, {**attrs, "date": attributes.dates(held)[-1]})


def released(scenario: Scenario) -> dict[str, Scenario]:
    """The scenario without each of its brakes, by their names, and last without any."""
    names = declared(scenario)
    variants = {brake: [path] for brake, path in names.items()} | {NONE: list(names.values())}
    return {brake: without(scenario, paths) for brake, paths in variants.items()}


def without(scenario: Scenario, paths: list[str]) -> Scenario:
    """The scenario in which the parameters at ``paths`` are 0 in every draw."""
    still = {f"{path}.{name}": value for path in paths for name, value in (("value", 0.0), ("spread", None))}
    return replaced(scenario, still)


def worth(brake: str, pairs: Sequence[str], held: xr.Dataset, free: xr.Dataset) -> Iterator[Brake]:
    """What a brake is worth to each of ``pairs``: results of the same members with it (``held``) and without."""
    draw = held["draw"].values
    for pair in pairs:
        mine, yours = (chances.by_date(ds, "armed", pair)[:, -1] for ds in (held, free))
        apart, label = difference(mine, yours, draw, SHARE), chances.label(held, pair)
        before, after = metrics.mean(mine, SHARE), metrics.mean(yours, SHARE)
        moved = apart.change, apart.ci_low, apart.ci_high, *chances.ratio_of(mine, yours, draw)
        yield Brake(brake, pair, label, before, after, *moved)
