"""``detente figure``: one figure from stored results, in the house style."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from detente.cli import say
from detente.cli.options import with_extensions

if TYPE_CHECKING:
    from detente.figures.gallery import Piece

#: stated here so that --help need not load the figures; a test holds them against figures.gallery
NAMES = (
    "fan", "difference", "dots", "discovery", "tornado", "options", "regret", "flip", "theories", "sensitivity",
    "pairs", "multiples", "map", "timeline", "calibration", "posterior", "waterfall",
)  # fmt: skip


OF_EXPERIMENT = ("options", "regret", "flip", "theories", "sensitivity", "tornado", "discovery")


@click.command("figure", epilog="The first of several RESULTs is the base the others are held against.")
@with_extensions
@click.argument("kind", type=click.Choice(NAMES))
@click.argument("results", nargs=-1, required=True)
@click.option("--output", "-o", "outputs", multiple=True, required=True, type=click.Path(path_type=Path),
              help="File ending in .png, .svg or .pdf; may be given several times.")  # fmt: skip
@click.option("--slide", is_flag=True, help="16:9 with larger text in place of a page's width.")
@click.option("--dyad", help="Show this pair in the place of the region (fan, difference, dots, multiples).")
@click.option("--by", type=click.Choice(["pillar", "dyad"]), default="pillar", help="What a waterfall is split over.")
@click.option("--metric", help="Which metric of an experiment; default the first.")
@click.option("--stage", type=click.IntRange(1), help="Which stage of an experiment of several; default the last.")
@click.option("--when", help='What is looked for (discovery): "crisis", "METRIC > NUMBER".')
@click.option("--method", default="model", show_default=True, help="Which forecasts (calibration).")
@click.option("--horizon", type=click.IntRange(1), help="How far ahead (calibration); default the first.")
@click.option("--force", is_flag=True, help="Overwrite files that exist.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    kind: str,
    results: tuple[str, ...],
    outputs: tuple[Path, ...],
    slide: bool,
    dyad: str | None,
    by: str,
    metric: str | None,
    stage: int | None,
    when: str | None,
    method: str,
    horizon: int | None,
    force: bool,
    as_json: bool,
) -> None:
    """Draw a figure of KIND from RESULTs: folders that ``detente run`` saved.

    options, regret, flip, theories, sensitivity, tornado and discovery are drawn from a finished experiment,
    calibration from what ``detente hindcast --json`` printed.
    """
    from detente.figures.save import check, save

    for path in outputs:
        check(path, force=force)
    piece = _piece(kind, results, dyad, by, (metric, stage, when), method, horizon)
    figure = piece.figure(slide=slide)
    saved = [save(figure, path, piece.provenance, title=piece.data.title, force=force) for path in outputs]
    if as_json:
        say.as_json({"kind": kind, "title": piece.data.title, "alt": piece.alt, "files": [str(p) for p in saved]})
        return
    click.echo(piece.data.title)
    say.ending(saved, [f"detente figure {kind} --help"] if len(saved) > 1 else [])


def _piece(
    kind: str,
    results: tuple[str, ...],
    dyad: str | None,
    by: str,
    part: tuple[str | None, int | None, str | None],
    method: str,
    horizon: int | None,
) -> Piece:
    if kind in OF_EXPERIMENT:
        return _of_experiment(kind, _only(kind, results), *part)
    if kind == "calibration":
        return _of_record(_only(kind, results), method, horizon)
    if kind == "posterior":
        return _of_calibration(_only(kind, results))
    return _of_runs(kind, results, dyad, by)


def _only(kind: str, results: tuple[str, ...]) -> str:
    if len(results) > 1:
        from detente.figures.gallery import KINDS

        raise click.UsageError(f"{kind} is drawn from one {KINDS[kind].needs}: {len(results)} given")
    return results[0]


def _of_runs(kind: str, results: tuple[str, ...], dyad: str | None, by: str) -> Piece:
    from detente.analysis.pairing import NotComparable
    from detente.experiment.store import open_result
    from detente.figures.gallery import compose
    from detente.figures.reading import FigureError

    try:
        return compose(kind, [open_result(word) for word in results], dyad=dyad, by=by)
    except NotComparable as error:
        raise FigureError(f"{error}") from error


def _of_experiment(kind: str, word: str, metric: str | None, stage: int | None, when: str | None) -> Piece:
    from detente.analysis.happening import NothingToTell, explore, happening, metric_of
    from detente.analysis.worlds import NotThisDesign
    from detente.cli.finished import finished, stages
    from detente.experiment.results import open_experiment
    from detente.figures import from_experiment
    from detente.figures.reading import FigureError

    folder = finished(word)
    data = open_experiment(folder, stages(folder, stage))
    try:
        if kind != "discovery":
            return from_experiment.piece(kind, data, metric_of(data, metric))
        if when is None:
            raise click.UsageError('discovery needs --when, as "crisis" or "METRIC > NUMBER"')
        return from_experiment.box(data, explore(data, happening(data, when)))
    except (NotThisDesign, NothingToTell) as error:
        raise FigureError(f"{error}") from error


def _of_record(word: str, method: str, horizon: int | None) -> Piece:
    from detente.figures.calibration import from_record
    from detente.figures.gallery import Piece
    from detente.figures.provenance import of_record

    record = _read(Path(word))
    return Piece("calibration", from_record(record, method, horizon), of_record(record))


def _of_calibration(word: str) -> Piece:
    from detente.figures.gallery import Piece
    from detente.figures.posterior import from_record
    from detente.figures.provenance import of_calibration

    record = _read(Path(word), "calibrate", "untold")
    return Piece("posterior", from_record(record), of_calibration(record))


def _read(path: Path, command: str = "hindcast", key: str = "rows") -> dict[str, Any]:
    """What ``command`` --json printed, known by its ``key``. Raises ResultError where there is none."""
    from detente.experiment.store import ResultError

    advice = f"Make it with: detente {command} … --json > FILE"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ResultError(f"{path}: {error.strerror}. {advice}") from error
    except ValueError as error:
        raise ResultError(f"{path} is not JSON: {error}. {advice}") from error
    if not isinstance(content, dict) or key not in content:
        raise ResultError(f"{path} holds no {'scores' if key == 'rows' else 'calibration'}. {advice}")
    return content
