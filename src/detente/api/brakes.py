"""What each brake is worth: the chance of war with it, and without."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from os import PathLike
from typing import TYPE_CHECKING, Any

from detente.analysis import attributes, chances
from detente.analysis.difference import difference
from detente.api import Tell, silent
from detente.experiment import run as whole
from detente.model.stability import require_placed
from detente.prose.wording import SHARE
from detente.scenario.load import Loaded, loaded
from detente.scenario.schema import Scenario
from detente.scenario.values import replaced

if TYPE_CHECKING:
    import xarray as xr

#: the row in which no brake holds
NONE = "no brake at all"


@dataclass(frozen=True)
class Brake:
    """The chance of war of a pair with a brake, without it, their difference with its 95 % interval, and the ratio;
    None where there is no chance with it."""

    brake: str
    pair: str
    label: str
    armed: float
    armed_without: float
    change: float
    low: float
    high: float
    ratio: float | None

    def as_dict(self) -> dict[str, Any]:
        """All numbers by name."""
        return asdict(self)


def declared(scenario: Scenario) -> dict[str, str]:
    """Brakes of the scenario's mechanisms by name, with the parameter that each is."""
    numbers = ((m.name, name, number) for m in scenario.mechanisms() for name, number in m.numbers())
    return {number.brake: f"parameters.{law}.{name}" for law, name, number in numbers if number.brake}


def brakes(
    scenario: str | PathLike[str] | Scenario | Loaded,
    members: int = 1000,
    seed: int = 1,
    weeks: int | None = None,
    workers: int = 1,
    sets: Mapping[str, object] | None = None,
    *,
    pairs: int = 3,
    tell: Tell = silent,
) -> list[Brake]:
    """The chances of war with each brake and without it, of any pair and of the ``pairs`` likeliest, paired by member.

    Level and sign are built in: the ratios say how much of a low chance hangs on what. Raises as ``run``.
    """
    known = loaded(scenario, sets)
    require_placed(known)
    names = declared(known.scenario)
    variants = {brake: [path] for brake, path in names.items()} | {NONE: list(names.values())}
    with_all = whole.run(known.scenario, members, seed, weeks, workers)
    shown = [row.pair for row in chances.chances(with_all)[: pairs + 1]]
    rows = []
    for number, (brake, paths) in enumerate(variants.items()):
        tell(f"without {brake}", number, len(variants))
        released = replaced(
            known.scenario, {f"{path}.value": 0.0 for path in paths} | {f"{path}.spread": None for path in paths}
        )
        without = whole.run(released, members, seed, weeks, workers)
        rows += [_brake(brake, pair, with_all, without) for pair in shown]
    return rows


def _brake(brake: str, pair: str, with_it: xr.Dataset, without: xr.Dataset) -> Brake:
    mine, yours = (chances.by_date(ds, "armed", pair)[:, -1] for ds in (with_it, without))
    apart = difference(mine, yours, with_it["draw"].values, SHARE)
    before, after = float(mine.mean()), float(yours.mean())
    label = "any pair" if pair == chances.ANY else attributes.dyad_label(with_it, pair)
    ratio = after / before if before > 0 else None
    return Brake(brake, pair, label, before, after, apart.change, apart.ci_low, apart.ci_high, ratio)
