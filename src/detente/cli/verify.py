"""``detente verify``: what must hold, as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from detente.cli import say

if TYPE_CHECKING:
    from detente.evidence.verify import Verification
    from detente.evidence.verify_check import Check


@click.command("verify")
@click.argument("scenario", default="baseline")
@click.option("--members", "-n", default=200, show_default=True, type=click.IntRange(8), help="Members of the runs.")
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0, 2**63 - 1), help="Key of all chance.")
@click.option("--full", is_flag=True, help="Also move every number and take out every act, one by one (minutes).")
@click.option("--json", "as_json", is_flag=True, help="Print the checks as JSON.")
@click.pass_context
def command(ctx: click.Context, scenario: str, members: int, seed: int, full: bool, as_json: bool) -> None:
    """Check a scenario (default: baseline) against what must hold.

    Analytic limits of the laws, placebo, independence of blocks, order and workers, time step, inert numbers, and the
    faults found in published tools. The exit code is 4 where a check fails.
    """
    from detente.evidence.verify import verify
    from detente.model.stability import require_placed
    from detente.scenario.load import load

    loaded = load(scenario)
    require_placed(loaded)
    found = verify(loaded, members, seed, full=full, tell=lambda part: say.note(f"Checking {part}"))
    if as_json:
        say.as_json(found.record())
    else:
        _print(found)
    if not found.ok:
        ctx.exit(4)


def _print(found: Verification) -> None:
    from detente.evidence.verify_check import GROUPS

    for group, heading in GROUPS.items():
        checks = [check for check in found.checks if check.group == group]
        if checks:
            click.echo(f"\n{heading}")
            click.echo("\n".join(_lines(check) for check in checks))
    click.echo("\nNot applicable, and not counted")
    click.echo("\n".join(f"  ·  {one.name}: {one.why}" for one in found.not_applicable))
    held = len(found.checks) - len(found.failed)
    click.echo(f"\n{held} of {len(found.checks)} checks hold on {found.scenario} (code {found.code[:8]})")
    say.ending(then=["detente hindcast --help"] if found.ok else ["read the lines marked ✗; --json holds them in full"])


def _lines(check: Check) -> str:
    sign, tolerance = "✓" if check.ok else "✗", "" if check.tolerance == "exact" else f"   (within {check.tolerance})"
    told = f"       expected  {check.expected}{tolerance}\n       found     {check.found}"
    return f"  {sign}  {check.name}\n{told}"
