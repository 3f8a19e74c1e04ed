"""One figure from results, in the house style."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from detente.analysis.happening import NothingToTell, explore, happening, metric_of
from detente.analysis.pairing import NotComparable
from detente.analysis.worlds import NotThisDesign
from detente.api import Tell, silent
from detente.api.apart import tell_apart
from detente.api.compare import Comparison
from detente.api.evidence import Evidence
from detente.api.experiment import opened
from detente.errors import UsageError
from detente.experiment.source import Given, ready, resolve, settings
from detente.experiment.store import ResultError
from detente.figures import calibration, gallery, posterior, provenance
from detente.figures.gallery import KINDS, Piece, compose, require
from detente.figures.reading import FigureError
from detente.figures.save import check, save

if TYPE_CHECKING:
    import xarray as xr

Place: TypeAlias = str | os.PathLike[str]
#: what a figure is drawn from
Shown: TypeAlias = "Given | Comparison | Mapping[str, Any] | Evidence[Any]"


#: how scenarios are run unless told otherwise
RUN = {"members": None, "seed": None, "weeks": None, "workers": 1, "sets": None}


@dataclass(frozen=True)
class Chosen:
    """What is drawn: of results of runs, of an experiment, of a hindcast."""

    dyad: str | None = None
    by: str = "pillar"
    metric: str | None = None
    stage: int | None = None
    when: str | None = None
    method: str = "model"
    horizon: int | None = None


def figure(
    kind: str,
    *results: Shown,
    outputs: Place | Sequence[Place] = (),
    slide: bool = False,
    dyad: str | None = None,
    by: str = "pillar",
    metric: str | None = None,
    stage: int | None = None,
    when: str | None = None,
    method: str = "model",
    horizon: int | None = None,
    members: int | None = None,
    seed: int | None = None,
    weeks: int | None = None,
    workers: int = 1,
    sets: Mapping[str, object] | None = None,
    force: bool = False,
    tell: Tell = silent,
) -> Piece:
    """A figure of ``kind`` (:data:`detente.figures.gallery.KINDS`) from results, saved to ``outputs``.

    Results are scenarios, which are run as ``compare`` runs them (``members``, ``seed``, ``weeks``, ``workers``,
    ``sets``), folders or datasets, the first of several being the base, or a comparison; an experiment or its folder;
    for calibration and posterior what ``hindcast`` or ``calibrate`` gave back, its record, or the file that this was
    printed to. ``dyad`` shows one pair in the place of the region, ``by`` splits a waterfall over "pillar" or "dyad";
    ``metric``, ``stage`` and ``when`` choose from an experiment, ``method`` and ``horizon`` from a hindcast. What comes
    back is drawn by its ``figure()``.
    Raises FigureError, ScenarioError, RunError, ResultError, UsageError.
    """
    if kind not in KINDS:
        raise FigureError(f'no figure "{kind}": there are {", ".join(KINDS)}')
    places = [Path(one) for one in ([outputs] if isinstance(outputs, str | os.PathLike) else outputs)]
    for path in places:
        check(path, force=force)
    chosen = Chosen(dyad, by, metric, stage, when, method, horizon)
    run = {"members": members, "seed": seed, "weeks": weeks, "workers": workers, "sets": sets}
    try:
        if KINDS[kind].most:
            piece = _of_runs(kind, results, chosen, run, tell)
        else:
            piece = _of_record(kind, results, chosen, run)
    except (NotThisDesign, NothingToTell, NotComparable) as error:
        raise FigureError(f"{error}") from error
    drawn = piece.figure(slide=slide) if places else None
    for path in places:
        assert drawn is not None
        save(drawn, path, piece.provenance, title=piece.data.title, force=force)
    return piece


def _of_runs(kind: str, results: Sequence[Any], chosen: Chosen, run: dict[str, Any], tell: Tell) -> Piece:
    given = [ds for one in results for ds in (one.results() if isinstance(one, Comparison) else [one])]
    require(kind, len(given), chosen.dyad)
    found = resolve(given, run["sets"], summaries=True)
    tell_apart(found)
    ready(found, settings(found, run["members"], run["seed"], run["weeks"], run["workers"], tell))
    return compose(kind, [one.result(run["members"]) for one in found], dyad=chosen.dyad, by=chosen.by)


def _of_record(kind: str, results: Sequence[Any], chosen: Chosen, run: Mapping[str, Any]) -> Piece:
    """A figure of one experiment, hindcast or calibration, which are finished: nothing is run for it."""
    needs = KINDS[kind].needs
    if len(results) != 1:
        raise UsageError(f"{kind} is drawn from one {needs}: {len(results)} given")
    if asked := [option for option, usual in RUN.items() if run[option] not in (usual, {})]:
        option = f"--{asked[0].replace('sets', 'set')}"
        raise UsageError(f"{kind} is drawn from one {needs}, for which nothing is run", option)
    if needs == "EXPERIMENT":
        return _of_experiment(kind, opened(results[0], chosen.stage).data, chosen)
    if kind == "calibration":
        record = read(results[0])
        scores = calibration.from_record(record, chosen.method, chosen.horizon)
        return Piece(kind, scores, provenance.of_record(record))
    record = read(results[0], "calibrate", "untold")
    return Piece(kind, posterior.from_record(record), provenance.of_calibration(record))


def _of_experiment(kind: str, data: xr.Dataset, chosen: Chosen) -> Piece:
    if kind != "discovery":
        return gallery.of_experiment(kind, data, metric_of(data, chosen.metric))
    if chosen.when is None:
        raise UsageError('discovery needs --when, as "crisis" or "METRIC > NUMBER"')
    return gallery.of_box(data, explore(data, happening(data, chosen.when)))


def read(
    record: Place | Mapping[str, Any] | Evidence[Any], command: str = "hindcast", key: str = "rows"
) -> dict[str, Any]:
    """A record, or what ``command`` --json printed to a file, known by its ``key``. Raises ResultError."""
    if isinstance(record, Evidence):
        return record.record
    if isinstance(record, Mapping):
        return dict(record)
    path, advice = Path(record), f"Make it with: detente {command} … --json > FILE"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ResultError(f"{path}: {error.strerror}. {advice}") from error
    except ValueError as error:
        raise ResultError(f"{path} is not JSON: {error}. {advice}") from error
    if not isinstance(content, dict) or key not in content:
        raise ResultError(f"{path} holds no {'scores' if key == 'rows' else 'calibration'}. {advice}")
    return content
