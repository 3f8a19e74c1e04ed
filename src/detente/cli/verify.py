"""``detente verify``: what must hold, as a table."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from detente.cli import keep, say
from detente.cli.observed import observed
from detente.cli.options import with_extensions

if TYPE_CHECKING:
    from detente.evidence.verification.check import Check
    from detente.evidence.verification.suite import Verification
    from detente.scenario.schema import Scenario


@click.command("verify")
@with_extensions
@click.argument("scenario", default="baseline")
@click.option(
    "--members", "-n", type=click.IntRange(8, 10_000_000), help="Members of the runs: 200, with --history 400."
)
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0, 2**63 - 1), help="Key of all chance.")
@click.option("--full", is_flag=True, help="Also move every number and take out every act, one by one (minutes).")
@click.option("--backcast", type=click.Path(path_type=Path), metavar="FILE",
              help="Instead: draw the index on observed events, over the scenario's calendar.")  # fmt: skip
@click.option("--history", type=click.Path(path_type=Path, file_okay=False), metavar="FOLDER",
              help="Instead: run the scenario's documented years, hold its incidents against reports.")  # fmt: skip
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE",
              help="With --history: last day of the events that the scenario's numbers were estimated on.")  # fmt: skip
@click.option("--observations", metavar="FILE",
              help="Weekly events for --backcast and --history, or their name in DETENTE_OBSERVATIONS.")  # fmt: skip
@click.option("--codes", type=click.Path(path_type=Path), help="YAML file: which actor code stands for whom.")
@click.option("--documents", type=click.Path(path_type=Path), metavar="FOLDER",
              help="Instead: write the documents that are generated from code and scenario.")  # fmt: skip
@click.option("--card", type=click.Path(path_type=Path), metavar="FILE", help="Also write the evidence card.")
@click.option("--force", is_flag=True, help="Overwrite files that exist.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def command(
    ctx: click.Context,
    scenario: str,
    members: int | None,
    seed: int,
    full: bool,
    backcast: Path | None,
    history: Path | None,
    until: datetime | None,
    observations: str | None,
    codes: Path | None,
    documents: Path | None,
    card: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """Check a scenario (default: baseline) against what must hold.

    Analytic limits of the laws, placebo, independence of blocks, order and workers, time step, inert numbers, and the
    faults found in published tools. The exit code is 4 where a check fails.
    """
    _together(backcast, history, until, observations)
    if card is not None and not card.parent.is_dir():
        raise click.BadParameter(f'there is no folder "{card.parent}": make it first', param_hint="--card")
    if backcast is not None and observations is not None:
        _backcast(scenario, backcast, observations, codes, force, as_json)
    elif history is not None and until is not None and observations is not None:
        from detente.cli.history import against

        against(scenario, history, observations, codes, until, members, seed, force, as_json)
    elif documents is not None:
        _documents(scenario, documents, as_json)
    else:
        _checks(ctx, scenario, members or 200, seed, full, card, as_json)


def _together(backcast: Path | None, history: Path | None, until: datetime | None, observations: str | None) -> None:
    """Refuse options that need one another and stand alone."""
    if backcast is not None and history is not None:
        raise click.UsageError("--backcast and --history are two different things: ask for one at a time")
    if history is not None and (observations is None or until is None):
        raise click.UsageError("--history needs --observations FILE and --until DATE")
    if history is None and until is not None:
        raise click.UsageError("--until goes with --history")
    if history is None and (backcast is None) != (observations is None):
        raise click.UsageError("--backcast and --observations go together")


def _checks(
    ctx: click.Context, scenario: str, members: int, seed: int, full: bool, card: Path | None, as_json: bool
) -> None:
    from detente.evidence.verification.suite import verify
    from detente.model.stability import require_placed
    from detente.scenario.load import load

    loaded = load(scenario)
    require_placed(loaded)
    found, stopped = keep.finished(
        lambda: verify(loaded, members, seed, full=full, tell=lambda part: say.note(f"Checking {part}"))
    )
    saved, unsaved = keep.written(lambda: [] if card is None or stopped else [_card(found, card, loaded.scenario)])
    if as_json:
        halted = keep.reason(stopped)
        say.as_json({**found.record(), **({"ok": False, "stopped": halted} if halted else {})})
    else:
        _print(found)
        advice = ["detente hindcast --help"] if found.ok else ["read the lines marked ✗; --json holds them in full"]
        say.ending(saved, [] if stopped else advice)
    keep.end(stopped, unsaved, as_json=as_json)
    if not found.ok:
        ctx.exit(4)


def _card(found: Verification, path: Path, scenario: Scenario) -> Path:
    from detente.evidence.documentation.card import card, write

    return write(card(found, path.parent, scenario.theatre, missions=bool(scenario.missions)), path)


def _documents(scenario: str, folder: Path, as_json: bool) -> None:
    from detente.evidence.documentation.documents import write
    from detente.scenario.load import load

    saved = write(load(scenario), folder)
    if as_json:
        say.as_json({"files": [str(path) for path in saved]})
    else:
        say.ending(saved)


def _backcast(scenario: str, out: Path, file: str, codes: Path | None, force: bool, as_json: bool) -> None:
    from detente.evidence.past.backcast import backcast
    from detente.evidence.past.backcast_ranks import record
    from detente.figures import backcast as figure
    from detente.figures.save import check, save
    from detente.figures.sheet import sheet
    from detente.scenario.load import load

    check(out, force=force)
    found = backcast(load(scenario).scenario, observed(file, codes))
    data, told = figure.collect(found), record(found)
    command = f"detente verify {scenario} --backcast {out.name} --observations {found.observations.path.name}"
    source = figure.provenance(found, command)
    saved, unsaved = keep.written(
        lambda: [save(sheet(figure.draw, data, source), out, source, title=data.title, force=force, few=True)]
    )
    if as_json:
        say.as_json({**told, "title": data.title})
    else:
        pairs = f"{len(found.keys)} of {len(found.scenario.dyads)} pairs of the scenario are in the file"
        click.echo("\n".join([data.title, "", _ranks(told), "", pairs, told["label"], *told["footnotes"]]))
        say.ending([out] if saved else [])
    keep.end(unsaved, as_json=as_json)


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
    return say.table([head, *rows], right=(3, 4, 5, 6))


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
    click.echo(f"\n{held} of {len(found.checks)} checks hold on {found.scenario} (code {found.code[:8]})")


def _lines(check: Check) -> str:
    sign, tolerance = "✓" if check.ok else "✗", "" if check.tolerance == "exact" else f"   (within {check.tolerance})"
    told = f"       expected  {check.expected}{tolerance}\n       found     {check.found}"
    return f"  {sign}  {check.name}\n{told}"
