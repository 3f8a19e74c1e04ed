"""``detente report``: one folder with page, PDF, figures, tables and facts."""

from __future__ import annotations

from typing import Any

import click

from detente.cli import complete, options, say
from detente.cli.progress import Progress


@click.command(cls=options.Command)
@options.with_extensions
@options.engine
@click.argument("base", shell_complete=complete.results)
@click.argument("others", nargs=-1, required=True, metavar="OTHER...", shell_complete=complete.results)
@click.option("--pdf", is_flag=True, help="Also write report.pdf (extra: pdf).")
@click.option("--png", is_flag=True, help="Also write the figures as PNG.")
@click.option("--why", is_flag=True, help="Split each change over the files its scenario combines (more to run).")
@options.why_by
@click.option("--among", is_flag=True, help="Say how large each change is among the shipped scenarios (more to run).")
@click.option("--experiment", "experiments", multiple=True, metavar="EXPERIMENT", shell_complete=complete.finished,
              help="Add a section on a finished experiment (folder or name); may be given several times.")  # fmt: skip
@click.option("--title", default="", help="Title; default: the largest told changes, as a sentence.")
@click.option("--metric", default="mean", show_default=True, help="What to compare; see detente compare --help.")
@options.members(least=8, text="Members to run (1000), or to take of stored results.")
@options.seed(None, text="Key of all chance; default 1.")
@options.workers
@click.option("--fresh", is_flag=True, help="Run every scenario again, even where results/ has it.")
@options.out("Folder; default reports/BASE-vs-OTHERS.")
@options.force("Replace a report in --out.")
@options.as_json("Print the facts as one JSON object.")
def command(base: str, others: tuple[str, ...], as_json: bool, **asked: Any) -> None:
    """Report on every OTHER against BASE: scenarios, which are run or found in results/, or stored result folders."""
    from detente.api.report import report

    made = report(base, *others, **asked, tell=Progress())
    if as_json:
        say.as_json({**made.facts, "saved": [str(path) for path in made.files]})
        return
    click.echo(made.title)
    for answer in made.lead:
        click.echo(f"{answer.question}")
        for sentence in answer.sentences:
            click.echo(f"  {sentence.text}")
    say.ending(made.files, [f"open {made.files[0]}"])
