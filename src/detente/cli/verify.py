"""``detente verify``: what must hold, as a table."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from detente.cli import complete, keep, options, say
from detente.cli.progress import Progress
from detente.prose.table import Table

if TYPE_CHECKING:
    from detente.api.evidence import Evidence
    from detente.evidence.verification.check import Check
    from detente.evidence.verification.suite import Verification


@click.command("verify", cls=options.Command)
@options.with_extensions
@options.engine
@click.argument("scenario", default="baseline", shell_complete=complete.scenarios)
@options.members(least=8, text="Members of the runs: 200, with --history 400.")
@options.seed()
@click.option("--full", is_flag=True, help="Also move every number and take out every act, one by one (minutes).")
@click.option("--backcast", type=click.Path(path_type=Path), metavar="FILE",
              help="Instead: draw the index on observed events, over the scenario's calendar.")  # fmt: skip
@click.option("--history", type=click.Path(path_type=Path, file_okay=False), metavar="FOLDER",
              help="Instead: run the scenario's documented years, hold its incidents against reports.")  # fmt: skip
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE",
              help="With --history: last day of the events that the scenario's numbers were estimated on.")  # fmt: skip
@click.option("--observations", metavar="FILE",
              help="Weekly events for --backcast and --history, or their name in DETENTE_OBSERVATIONS.")  # fmt: skip
@options.codes
@click.option("--documents", type=click.Path(path_type=Path), metavar="FOLDER",
              help="Instead: write the documents that are generated from code and scenario.")  # fmt: skip
@click.option("--card", type=click.Path(path_type=Path), metavar="FILE", help="Also write the evidence card.")
@options.force("Overwrite files that exist.")
@options.as_json()
@click.pass_context
def command(ctx: click.Context, /, scenario: str, until: datetime | None, as_json: bool, **asked: Any) -> None:
    """Check a scenario (default: baseline) against what must hold.

    Analytic limits of the laws, placebo, independence of blocks, order and workers, time step, inert numbers, and the
    faults found in published tools. The exit code is 4 where a check fails.
    """
    from detente.api.verify import verify

    day = until.date() if until else None
    made, stopped, unsaved = keep.finished(lambda: verify(scenario, until=day, **asked, tell=Progress()))
    checks = asked["backcast"] is asked["history"] is asked["documents"] is None
    if as_json:
        halted = keep.reason(stopped)
        say.as_json({**made.record, **({"ok": False, "stopped": halted} if halted else {})})
    else:
        if asked["backcast"] is not None:
            click.echo(_past(made))
        elif asked["history"] is not None:
            from detente.evidence.past.history_words import findings

            click.echo("\n".join(["", *findings(made.record), "", *made.record["footnotes"]]))
        elif checks:
            _print(made.found)
        advice = ["detente hindcast --help"] if checks and made.found.ok else []
        advice = ["read the lines marked ✗; --json holds them in full"] if checks and not made.found.ok else advice
        say.ending(made.files, [] if stopped else advice)
    keep.end(stopped, unsaved, as_json=as_json)
    if checks and not made.found.ok:
        ctx.exit(4)


def _past(made: Evidence[Any]) -> str:
    """The documented spells, how many pairs the file holds, and what the numbers are."""
    found, told = made.found, made.record
    pairs = f"{len(found.keys)} of {len(found.scenario.dyads)} pairs of the scenario are in the file"
    return "\n".join([told["title"], "", _ranks(told), "", pairs, told["label"], *told["footnotes"]])


def _ranks(told: dict[str, Any]) -> str:
    """The documented spells with their means and ranks, as reported and by volume."""
    head = ("spell", "from", "to", "as reported", "rank", "by volume", "rank")
    if not told["raw"]["spells"]:
        return "The scenario's calendar holds no documented spell within the file's years."
    pairs = zip(told["raw"]["spells"], told["normalised"]["spells"], strict=True)
    rows = [
        (s["title"], s["from"], s["to"], f"{s['mean']:.1f}", f"{s['rank']}", f"{v['mean']:.1f}", f"{v['rank']}")
        for s, v in pairs
    ]
    return Table(head, rows, right=(3, 4, 5, 6)).text()


def _print(found: Verification) -> None:
    from detente.evidence.verification.check import GROUPS

    for group, heading in GROUPS.items():
        checks = [check for check in found.checks if check.group == group]
        if checks:
            click.echo(f"\n{heading}")
            click.echo("\n".join(_lines(check) for check in checks))
    click.echo("\nNot applicable, and not counted")
    click.echo("\n".join(f"  ·  {one.name}: {one.why}" for one in found.not_applicable))
    held = len(found.checks) - len(found.failed)
    engine = f", engine {found.engine}" if found.engine != "numpy" else ""
    click.echo(f"\n{held} of {len(found.checks)} checks hold on {found.scenario} (code {found.code[:8]}{engine})")


def _lines(check: Check) -> str:
    sign, tolerance = "✓" if check.ok else "✗", "" if check.tolerance == "exact" else f"   (within {check.tolerance})"
    told = f"       expected  {check.expected}{tolerance}\n       found     {check.found}"
    return f"  {sign}  {check.name}\n{told}"
