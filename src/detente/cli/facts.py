"""``detente scenarios facts``: every statement of the theatre, its mechanism, and what happens without it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from detente import storage
from detente.cli import say
from detente.cli.progress import Progress

if TYPE_CHECKING:
    import xarray as xr


@click.command()
@click.argument("scenario", default="baseline")
@click.option(
    "--members", "-n", default=1000, show_default=True, type=click.IntRange(8, 10_000_000), help="Paired members."
)
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0, 2**63 - 1), help="Key of all chance.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 512), help="Processes.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Also write the table (.md) there.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(scenario: str, members: int, seed: int, workers: int, out: Path | None, as_json: bool) -> None:
    """Switch off the mechanism behind every statement of SCENARIO's theatre, one at a time."""
    content = ledger(scenario, members, seed, workers)
    if out is not None:
        storage.make_folder(out.parent)
        storage.write_text(out, as_markdown(content))
    if as_json:
        say.as_json(content)
        return
    click.echo(as_table(content["facts"]))
    say.ending([str(out)] if out else [], [f"detente scenarios show {scenario}"])


def ledger(name: str, members: int, seed: int, workers: int) -> dict[str, Any]:
    """Run the base and every ablation; ``facts`` has a row for each statement."""
    from detente.analysis.grounds import grounds
    from detente.experiment.run import run
    from detente.scenario.load import load

    loaded = load(name)
    if not loaded.scenario.claims:
        raise click.UsageError(f"{name} states no claims; add them under claims in the theatre file")
    base = run(loaded.scenario, members, seed, workers=workers)
    progress, count = Progress().of("Ablations", "statements"), len(loaded.scenario.claims)

    def ablated(changes: Mapping[str, str]) -> xr.Dataset:
        return run(load(name, changes).scenario, members, seed, workers=workers)

    rows = []
    for number, row in enumerate(grounds(loaded.scenario, base, ablated), start=1):
        rows.append(row.as_dict())
        progress(number, count)
    head = {"scenario": loaded.scenario.name, "members": members, "seed": seed, "scenario_hash": loaded.hash}
    return {**head, "measure": "mean weekly index over the run, points, ablated minus base", "facts": rows}


def interval(row: Mapping[str, Any], prefix: str = "") -> str:
    """Effect and interval in one cell."""
    from detente.prose.wording import signed

    if row[f"{prefix}effect"] is None:
        return "–"
    effect, low, high = (signed(row[prefix + name], 2) for name in ("effect", "ci_low", "ci_high"))
    return f"{effect} [{low}, {high}]"


def as_table(rows: list[dict[str, Any]]) -> str:
    """The ledger for a terminal."""
    head = ["", "without the mechanism, region", "its dyad", "verdict"]
    body = [[row["id"], interval(row), interval(row, "dyad_"), row["verdict"]] for row in rows]
    return say.table([head, *body])


def as_markdown(content: Mapping[str, Any]) -> str:
    """The ledger as a page."""
    lines = [
        f"# What each statement does in {content['scenario']}",
        "",
        f"Every statement's mechanism switched off, one at a time: {content['measure']}; {content['members']} paired"
        f" members, seed {content['seed']}, scenario {content['scenario_hash'][:8]}. 95 % intervals. The behavioural"
        " part is what hostility and incidents answer; the rest of an effect is definitional, a pillar that the change"
        " itself sets. Signs built into a mechanism's prior are verification, not findings.",
        "",
        "| id | statement | mechanism | switched off by | region | of which behavioural | its dyad | verdict |",
        "|---|---|---|---|---|---|---|---|",
    ]
    return "\n".join([*lines, *(_line(row) for row in content["facts"])]) + "\n"


def _line(row: Mapping[str, Any]) -> str:
    from detente.prose.wording import signed

    off = "; ".join(f"`{path}: {'removed' if value is None else value}`" for path, value in row["ablation"].items())
    behaved = "–" if row["behavioural"] is None else signed(row["behavioural"], 2)
    dyad = f"{row['dyad']} {interval(row, 'dyad_')}" if row["dyad"] else "–"
    cells = [row["id"], row["statement"], row["mechanism"], off or "–", interval(row), behaved, dyad, row["verdict"]]
    return "| " + " | ".join(cells) + " |"
