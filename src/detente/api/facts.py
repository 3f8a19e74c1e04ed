"""What every statement of a theatre does in the model: its mechanism switched off, one at a time."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detente import storage
from detente.analysis.grounds import grounds
from detente.api import Tell, silent
from detente.errors import UsageError
from detente.experiment.run import run
from detente.prose.table import Table
from detente.prose.templates import filled, flowing
from detente.prose.wording import signed
from detente.scenario.load import load

if TYPE_CHECKING:
    import xarray as xr


def facts(
    scenario: str = "baseline",
    members: int = 1000,
    seed: int = 1,
    workers: int = 1,
    *,
    out: str | PathLike[str] | None = None,
    tell: Tell = silent,
) -> dict[str, Any]:
    """Run the scenario of a name or file, and every ablation; ``facts`` has a row for each statement of its theatre.

    ``out`` also writes the table as a page (.md). Raises ScenarioError; UsageError where it states nothing.
    """
    loaded = load(scenario)
    count = len(loaded.scenario.claims)
    if not count:
        raise UsageError(f"{scenario} states no claims; add them under claims in the theatre file")
    base = run(loaded.scenario, members, seed, workers=workers)

    def ablated(changes: Mapping[str, str]) -> xr.Dataset:
        return run(load(scenario, changes).scenario, members, seed, workers=workers)

    rows = []
    for number, row in enumerate(grounds(loaded.scenario, base, ablated), start=1):
        rows.append(row.as_dict())
        tell("Ablations", number, count, "statements")
    content = {"scenario": loaded.scenario.name, "members": members, "seed": seed, "scenario_hash": loaded.hash}
    content |= {"measure": "mean weekly index over the run, points, ablated minus base", "facts": rows}
    if out is not None:
        path = Path(out)
        storage.make_folder(path.parent)
        storage.write_text(path, _page(content))
    return content


def table(rows: list[dict[str, Any]]) -> Table:
    """The ledger for a terminal."""
    head = ("", "without the mechanism, region", "its dyad", "verdict")
    return Table(head, [[row["id"], _effect(row), _effect(row, "dyad_"), row["verdict"]] for row in rows])


def _effect(row: Mapping[str, Any], prefix: str = "") -> str:
    """Effect and interval in one cell."""
    if row[f"{prefix}effect"] is None:
        return "–"
    effect, low, high = (signed(row[prefix + name], 2) for name in ("effect", "ci_low", "ci_high"))
    return f"{effect} [{low}, {high}]"


def _page(content: Mapping[str, Any]) -> str:
    rows = []
    for row in content["facts"]:
        off = "; ".join(f"`{path}: {'removed' if value is None else value}`" for path, value in row["ablation"].items())
        behaved = "–" if row["behavioural"] is None else signed(row["behavioural"], 2)
        dyad = f"{row['dyad']} {_effect(row, 'dyad_')}" if row["dyad"] else "–"
        told = (row["id"], row["statement"], row["mechanism"], off or "–", _effect(row), behaved, dyad, row["verdict"])
        rows.append(told)
    return flowing(filled("facts.md.j2", **content, rows=rows))
