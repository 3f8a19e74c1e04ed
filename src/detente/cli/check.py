"""``detente check``: every fault and warning of scenario files, with its place."""

from __future__ import annotations

import click

from detente.cli import complete, options, say


@click.command("check", cls=options.Command)
@options.with_extensions
@click.argument("files", nargs=-1, required=True, metavar="FILE...", shell_complete=complete.checked)
@options.sets()
@click.option("--strict", is_flag=True, help="Take warnings for faults: exit code 2.")
@options.as_json("Print the verdicts as JSON.")
@click.pass_context
def command(ctx: click.Context, files: tuple[str, ...], sets: dict[str, str], strict: bool, as_json: bool) -> None:
    """Check scenario files (paths or names); name every fault with file, line and column.

    Warnings say what can be run and is perhaps not what it seems; they are no faults, unless --strict. A file in a
    folder called theatres is a part of scenarios: what stands in it is checked, nothing is missed.
    """
    from detente.api.check import check

    verdicts = [check(name, sets) for name in files]
    codes = set().union(*(v.codes(strict) for v in verdicts))
    if as_json:
        say.as_json({"ok": not codes, "checks": [v.record for v in verdicts]})
    else:
        for verdict in verdicts:
            click.echo(verdict.words, err=bool(verdict.codes(strict)))
    if codes:
        ctx.exit(3 if codes == {"E101"} else 2)
