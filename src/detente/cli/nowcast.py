"""``detente nowcast``: where a theatre's pairs stand, from an own event file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from detente.cli import complete, keep, options, say
from detente.cli.progress import Progress


@click.command("nowcast", cls=options.Command)
@options.with_extensions
@click.argument("scenario", shell_complete=complete.scenarios)
@options.observations()
@click.option("--at", metavar="DATE", help="Read up to this day; default: the file's end.")
@click.option("--ahead", default=12, show_default=True, type=click.IntRange(1, 52), help="Intervals to forecast.")
@click.option(
    "--dyad", "dyads", multiple=True, help="Pair of the theatre; repeatable. Default: all that are in the file."
)
@click.option(
    "--codes", help="YAML file or shipped part: which code of the file stands for whom.", shell_complete=complete.files
)
@click.option("--train", metavar="FROM:TO", help="Fitting window; what comes after it is scored.")
@click.option("--since", metavar="DATE", help="Read from this day on; the fitting window ends by itself.")
@options.members(4096, 64, 65536, "Of the forecasts.")
@options.seed(text=None)
@options.out("Write record, figure, and a scenario part that opens where the nowcast ends.", metavar="DIR")
@options.force("Overwrite what a nowcast wrote into --out.")
@options.as_json()
def command(scenario: str, observations: str, out: Path | None, as_json: bool, **asked: Any) -> None:
    """Where the pairs of SCENARIO stand, from an event file.

    The hindcast's filter carries each pair to the file's end (or --at): the rate of incidents and whether it is usual,
    the chances that it is tense or armed, a forecast. The file's last year is left out of the fit, and the filter
    scored on it.
    """
    from detente.api.evidence import nowcast

    made, stopped, unsaved = keep.finished(lambda: nowcast(scenario, observations, out=out, **asked, tell=Progress()))
    if as_json:
        about = {"stopped": keep.reason(stopped), "not_saved": keep.reason(unsaved)}
        files = [str(path) for path in made.files]
        say.as_json({**made.record, "saved": files, **{k: v for k, v in about.items() if v}})
    else:
        from detente.cli.nowcast_words import words

        click.echo(words(made.record))
        say.ending(made.files, [] if stopped or unsaved else _onward(scenario, observations, out))
    keep.end(stopped, unsaved, as_json=as_json)


def _onward(scenario: str, file: str, out: Path | None) -> list[str]:
    """What to do next."""
    from detente.api.evidence import extended
    from detente.evidence.nowcasts.opening import PART, RUN
    from detente.scenario.places import folders, in_folder

    if out is None:
        return [f"detente nowcast {scenario} --observations {file} --out DIR   (figure, and a scenario that goes on)"]
    if any(in_folder(folder, extended(scenario)) for folder in (out, *folders())):
        return [f"detente run {out / RUN}"]
    return [f"put {PART} and {RUN} beside {scenario}, then: detente run {RUN}"]
