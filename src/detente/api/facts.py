"""What every statement of a theatre does in the model: its mechanism switched off, one at a time."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detente import storage
from detente.analysis import attributes
from detente.analysis.chances import STANDING
from detente.analysis.compare import NEGLIGIBLE
from detente.analysis.grounds import ONE_RUN, RATIO, TWENTIETH, grounds
from detente.api import Tell, silent
from detente.errors import UsageError
from detente.experiment.run import run
from detente.prose.table import Table
from detente.prose.templates import filled, flowing
from detente.prose.wording import SHARE, changed_in, percent, signed, times
from detente.scenario.load import load

if TYPE_CHECKING:
    import xarray as xr


#: what is measured, and the least that counts: points; of a chance both a share and a part of the chance itself
MEASURED = {
    "measure": "mean weekly index over the run, points, ablated minus base",
    "chances": f"by the end of the run, without the mechanism / with it; {STANDING}",
    "least": {"points": NEGLIGIBLE, "chance": ONE_RUN, "of_chance": TWENTIETH},
}


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
    content["engine"] = attributes.engine(base)
    content |= {**MEASURED, **_counted(rows), "facts": rows}
    if out is not None:
        path = Path(out)
        storage.make_folder(path.parent)
        storage.write_text(path, _page(content))
    return content


def _counted(rows: list[dict[str, Any]]) -> dict[str, int]:
    """Of how many statements with a mechanism something counts."""
    return {"counting": sum(row["counts"] for row in rows), "statements": sum(bool(row["ablation"]) for row in rows)}


def tables(content: Mapping[str, Any]) -> tuple[Table, Table]:
    """The ledger for a terminal: what is otherwise in tension without each mechanism, and in the chances."""
    return _tension(content["facts"]), chances(content["facts"])


def _tension(rows: list[dict[str, Any]]) -> Table:
    head = ("", "index", "its pair", "verdict")
    return Table(head, [[row["id"], _effect(row), _effect(row, "dyad_"), row["verdict"]] for row in rows])


def chances(rows: list[dict[str, Any]]) -> Table:
    """Chances by the end of the run, in 100: without the mechanism / with it, and the change with its interval."""
    head = ("", "pair", "crisis", "change", "armed", "change", "times as likely", "any pair armed", "change")
    return Table(head, [_chances(row) for row in rows if row["any_armed_with"] is not None])


def _chances(row: Mapping[str, Any]) -> list[str]:
    pair = [row["dyad"] or "–", *_chance(row, "dyad_crisis"), *_chance(row, "dyad_armed")]
    ratio = times(*(row[f"dyad_armed_{part}"] for part in RATIO))
    return [row["id"], *pair, ratio, *_chance(row, "any_armed")]


def _chance(row: Mapping[str, Any], name: str) -> tuple[str, str]:
    """A chance without the mechanism and with it, and their difference with its interval."""
    if row[f"{name}_with"] is None:
        return "–", "–"
    levels = (percent(row[f"{name}_{part}"]) for part in ("without", "with"))
    return " / ".join(levels), changed_in(SHARE, *(row[f"{name}_{part}"] for part in ("change", "low", "high")))


def _effect(row: Mapping[str, Any], prefix: str = "") -> str:
    """Effect and interval in one cell."""
    if row[f"{prefix}effect"] is None:
        return "–"
    effect, low, high = (signed(row[prefix + name], 2) for name in ("effect", "ci_low", "ci_high"))
    return f"{effect} [{low}, {high}]"


def _page(content: Mapping[str, Any]) -> str:
    rows = [_row(row) for row in content["facts"]]
    faint = [row for row in content["facts"] if row["ablation"] and not row["counts"]]
    table = chances(content["facts"]).unbroken().markdown()
    return flowing(filled("facts.md.j2", **content, rows=rows, table_of_chances=table, faint=faint))


def _row(row: Mapping[str, Any]) -> tuple[str, ...]:
    off = "; ".join(f"`{path}: {'removed' if value is None else value}`" for path, value in row["ablation"].items())
    behaved = "–" if row["behavioural"] is None else signed(row["behavioural"], 2)
    dyad = f"{row['dyad']} {_effect(row, 'dyad_')}" if row["dyad"] else "–"
    sign = row["sign"].partition(":")[0] if off else "–"
    return row["id"], row["statement"], row["mechanism"], off or "–", _effect(row), behaved, dyad, row["verdict"], sign
