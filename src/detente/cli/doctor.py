"""``detente doctor``: is everything here that a run needs?"""

from __future__ import annotations

import click

from detente.cli import options, say
from detente.prose.table import Table


@click.command("doctor", cls=options.Command)
@options.as_json("Print the findings as JSON.")
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """Check the installation: Python, packages, extras, scenarios, a tiny run, observations, threads."""
    from detente.api.doctor import doctor

    checks = list(doctor())
    sound = all(check.ok for check in checks if check.needed)
    if as_json:
        say.as_json({"ok": sound, "checks": [vars(check) for check in checks]})
    else:
        signs = ["✓" if check.ok else "✗" if check.needed else "·" for check in checks]
        rows = Table((), [(sign, one.name, one.found) for sign, one in zip(signs, checks, strict=True)]).text()
        for row, check in zip(rows.splitlines(), checks, strict=True):
            click.echo(f"{row}\n     → {check.advice}" if check.advice else row)
        say.ending(then=["detente run baseline"] if sound else ["follow the advice beside each ✗"])
    if not sound:
        ctx.exit(4)
