"""``detente nowcast``: where a theatre's pairs stand, from an own event file."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from detente.cli import keep, say
from detente.cli.observed import observed
from detente.cli.options import with_extensions
from detente.cli.progress import Progress

if TYPE_CHECKING:
    from detente.evidence.nowcasts.nowcast import Nowcast
    from detente.observations import Observations
    from detente.scenario.schema import Scenario

#: what is written into --out
RECORD, PART, RUN = "nowcast.json", "nowcast.yaml", "from_nowcast.yaml"
PICTURES = ("nowcast.png", "nowcast.svg")


@click.command("nowcast")
@with_extensions
@click.argument("scenario")
@click.option("--observations", "file", required=True, help="Observation file, or its name in DETENTE_OBSERVATIONS.")
@click.option("--at", metavar="DATE", help="Read up to this day; default: the file's end.")
@click.option("--ahead", default=12, show_default=True, type=click.IntRange(1, 52), help="Intervals to forecast.")
@click.option(
    "--dyad", "dyads", multiple=True, help="Pair of the theatre; repeatable. Default: all that are in the file."
)
@click.option("--codes", help="YAML file or shipped part: which code of the file stands for whom.")
@click.option("--train", metavar="FROM:TO", help="Fitting window; what comes after it is scored.")
@click.option("--since", metavar="DATE", help="Read from this day on; the fitting window ends by itself.")
@click.option("--members", "-n", default=4096, show_default=True, type=click.IntRange(64, 65536), help="Of the filter.")
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0, 2**63 - 1))
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR",
              help="Write record, figure, and a scenario part that opens where the nowcast ends.")  # fmt: skip
@click.option("--force", is_flag=True, help="Overwrite what a nowcast wrote into --out.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    scenario: str,
    file: str,
    at: str | None,
    ahead: int,
    dyads: tuple[str, ...],
    codes: str | None,
    train: str | None,
    since: str | None,
    members: int,
    seed: int,
    out: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """Where the pairs of SCENARIO stand, from an event file.

    The hindcast's filter carries each pair to the file's end (or --at): the rate of incidents and whether it is usual,
    the chance of a new regime, a forecast. The file's last year is left out of the fit, and the filter scored on it.
    """
    from detente.evidence.nowcasts.nowcast import nowcast
    from detente.scenario.load import load

    free(out, force)
    if train and since:
        raise click.UsageError("--train and --since do not go together: --train FROM:TO says both")
    theatre = load(scenario).scenario
    series = observations(theatre, file, codes)
    asked: dict[str, Any] = {"at": at, "ahead": ahead, "train": train, "since": since, "members": members, "seed": seed}
    told, stopped = keep.finished(lambda: nowcast(theatre, series, dyads=dyads, **asked, tell=_tell))
    content = told.record()
    where = None if stopped else out
    line = command_line(scenario, file, at, dyads, train)
    saved, unsaved = keep.written(lambda: write(told, content, where, scenario, line) if where else [])
    if as_json:
        about = {"stopped": keep.reason(stopped), "not_saved": keep.reason(unsaved)}
        say.as_json({**content, "saved": [str(path) for path in saved], **{k: v for k, v in about.items() if v}})
    else:
        from detente.cli.nowcast_words import words

        click.echo(words(content))
        say.ending(saved, [] if stopped or unsaved else onward(told, scenario, file, out))
    keep.end(stopped, unsaved, as_json=as_json)


#: one line of progress after another
PROGRESS = Progress()


def _tell(what: str, done: int, total: int) -> None:
    PROGRESS("filter" if what == "pairs" else "fit", done, total, "pairs" if what == "pairs" else "rounds")


def observations(theatre: Scenario, file: str, codes: str | None) -> Observations:
    """The file's series; without a codes file actors may be called by the theatre's names for them."""
    from detente.evidence.pairs import actor_names
    from detente.scenario.places import named

    found = None if codes is None else named(codes) or Path(codes)
    return observed(file, found, actor_names(theatre))


def free(out: Path | None, force: bool) -> None:
    """Raises ResultError where something would be lost in ``out``."""
    from detente.experiment.store import ResultError

    if out is None:
        return
    if out.exists() and not out.is_dir():
        raise ResultError(f"{out} is a file. Choose another folder with --out.")
    there = [name for name in (RECORD, *PICTURES, PART, RUN) if (out / name).exists()]
    if there and not force:
        raise ResultError(f"{out} holds {there[0]} already. Replace it with --force, or choose another --out.")


def command_line(scenario: str, file: str, at: str | None, dyads: tuple[str, ...], train: str | None) -> str:
    """The command, as printed under the figure."""
    words = ["detente", "nowcast", scenario, "--observations", Path(file).name]
    words += ["--at", at] if at else []
    words += ["--train", train] if train else []
    return shlex.join([*words, *(word for dyad in dyads for word in ("--dyad", dyad))])


def write(told: Nowcast, content: dict[str, Any], out: Path, scenario: str, command: str) -> list[Path]:
    """Write record, part and scenario in one step, then the figure. Raises StorageError."""
    from detente.evidence.nowcasts import opening
    from detente.figures import nowcast as figure
    from detente.figures.save import save
    from detente.figures.sheet import sheet

    written = opening.write(told, content, out, extended(scenario), PICTURES)
    data, source = figure.collect(told, content), figure.provenance(told, content, command)
    drawn = sheet(figure.draw, data, source)
    return [*(save(drawn, out / picture, source, title=data.title, force=True) for picture in PICTURES), *written]


def extended(scenario: str) -> str:
    """How a scenario is named after ``extends``: shipped ones by their name, others by that of their file."""
    from detente.scenario.places import named

    path = named(scenario)
    return path.stem if path is not None else scenario


def onward(told: Nowcast, scenario: str, file: str, out: Path | None) -> list[str]:
    """What to do next."""
    from detente.scenario.places import folders, in_folder

    if out is None:
        return [f"detente nowcast {scenario} --observations {file} --out DIR   (figure, and a scenario that goes on)"]
    name = extended(scenario)
    if any(in_folder(folder, name) for folder in (out, *folders())):
        return [f"detente run {out / RUN}"]
    return [f"put {PART} and {RUN} beside {scenario}, then: detente run {RUN}"]
