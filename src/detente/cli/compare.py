"""``detente compare``: scenarios or stored results against a base, member by member."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from detente.cli import complete, condition, options, say
from detente.cli.progress import Progress

if TYPE_CHECKING:
    from detente.api.compare import Comparison

FAILED = 4


@click.command(cls=options.Command)
@options.with_extensions
@options.engine
@click.argument("base", shell_complete=complete.results)
@click.argument("others", nargs=-1, required=True, metavar="OTHER...", shell_complete=complete.results)
@click.option("--metric", default="mean", show_default=True, help="What to compare; see below.")
@options.members(text="Members to run (1000), or to take of stored results.")
@options.seed(None, text="Key of all chance; default 1.")
@options.weeks
@options.workers
@options.sets("Change a number wherever a scenario is run.")
@click.option("--precision", type=click.FloatRange(0, min_open=True), help="Add members until the interval is ± this.")
@click.option("--most", default=20_000, show_default=True, type=click.IntRange(1, 10_000_000), help="Members at most.")
@click.option("--why", is_flag=True, help="Split each difference over the files that its scenario is combined from.")
@options.why_by
@click.option(
    "--why-members", default=200, show_default=True, type=click.IntRange(8, 10_000_000), help="Members for --why."
)
@click.option("--fail-if", "fail_if", metavar="EXPR", help='Exit 4 if a row fulfils it, such as "change>2".')
@click.option("--detail", is_flag=True, help="Print pillars, pairs and levels, and where the variance comes from.")
@click.option("--weekly", is_flag=True, help="With --json: the chance of every level in every week.")
@options.as_json()
@click.pass_context
def command(
    ctx: click.Context,
    /,
    base: str,
    others: tuple[str, ...],
    fail_if: str | None,
    detail: bool,
    weekly: bool,
    as_json: bool,
    **asked: Any,
) -> None:
    """Compare every OTHER with BASE under the same random shocks.

    BASE and OTHER are scenarios (files or shipped names), which are run, or stored result folders. Two stored runs
    of one scenario are also told apart: why the number changed.

    \b
    Metrics: mean (mean tension of the last 26 weeks), end, max, crisis, behaviour,
    pillar:hostility, dyad:A-B, state:A, incidents, incidents:A-B, level:NAME;
    with @26, @all, @end, @max or @ever for the window, as in dyad:A-B@max.
    war, war:A-B, unrest, unrest:A-B: chances that a pair (any, without a name) turns
    armed, and tense. Shares are printed in hundredths and lie between 0 and 1 in
    --json, --precision and --fail-if.
    """
    from detente.analysis import metrics
    from detente.analysis.compare import COLUMNS
    from detente.api.compare import compare

    metrics.parse(asked["metric"])
    failing = None if fail_if is None else condition.parse(fail_if, COLUMNS)
    told = compare(base, *others, **asked, tell=Progress())
    say.as_json(told.as_dict(weekly)) if as_json else _print(told, detail)
    failed = [row for row in told.as_dict()["rows"] if failing and row["paired"] and failing(row)]
    for row in failed:
        say.note(f"failed: {row['scenario']} fulfils {fail_if}")
    ctx.exit(FAILED if failed else 0)


def _print(told: Comparison, detail: bool) -> None:
    from detente.cli.compared import words

    click.echo(words(told, detail))
    names = " ".join([told.base.word, *(other.word for other in told.others)])
    say.ending(then=[f"detente report {names} --pdf"] if told.rows else [])
