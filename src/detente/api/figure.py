"""One figure from results, in the house style."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detente.analysis.happening import NothingToTell, explore, happening, metric_of
from detente.analysis.pairing import NotComparable
from detente.analysis.worlds import NotThisDesign
from detente.api.evidence import Evidence
from detente.api.experiment import opened
from detente.errors import UsageError
from detente.experiment.store import ResultError, open_result
from detente.figures import calibration, gallery, posterior, provenance
from detente.figures.gallery import KINDS, Piece, compose
from detente.figures.reading import FigureError
from detente.figures.save import check, save

if TYPE_CHECKING:
    import xarray as xr

Place = str | os.PathLike[str]


def figure(
    kind: str,
    *results: Place | xr.Dataset | Mapping[str, Any] | Evidence[Any],
    outputs: Place | Sequence[Place] = (),
    slide: bool = False,
    dyad: str | None = None,
    by: str = "pillar",
    metric: str | None = None,
    stage: int | None = None,
    when: str | None = None,
    method: str = "model",
    horizon: int | None = None,
    force: bool = False,
) -> Piece:
    """A figure of ``kind`` (:data:`detente.figures.gallery.KINDS`) from results, saved to ``outputs``.

    Results are folders or datasets, the first of several being the base; an experiment or its folder; for calibration
    and posterior what ``hindcast`` or ``calibrate`` gave back, its record, or the file that this was printed to.
    ``dyad`` shows one pair in the place of the region, ``by`` splits a waterfall over "pillar" or "dyad"; ``metric``,
    ``stage`` and ``when`` choose from an experiment, ``method`` and ``horizon`` from a hindcast. What comes back is
    drawn by its ``figure()``.
    Raises FigureError, ResultError, UsageError.
    """
    if kind not in KINDS:
        raise FigureError(f'no figure "{kind}": there are {", ".join(KINDS)}')
    places = [Path(one) for one in ([outputs] if isinstance(outputs, str | os.PathLike) else outputs)]
    for path in places:
        check(path, force=force)
    piece = _piece(kind, results, dyad, by, metric, stage, when, method, horizon)
    drawn = piece.figure(slide=slide) if places else None
    for path in places:
        assert drawn is not None
        save(drawn, path, piece.provenance, title=piece.data.title, force=force)
    return piece


def _piece(
    kind: str, results: Sequence[Any], dyad: str | None, by: str, metric: str | None, stage: int | None,
    when: str | None, method: str, horizon: int | None,
) -> Piece:  # fmt: skip
    if KINDS[kind].most == 0 and len(results) > 1:
        raise UsageError(f"{kind} is drawn from one {KINDS[kind].needs}: {len(results)} given")
    try:
        if KINDS[kind].needs == "EXPERIMENT":
            data = opened(results[0], stage).data
            if kind != "discovery":
                return gallery.of_experiment(kind, data, metric_of(data, metric))
            if when is None:
                raise UsageError('discovery needs --when, as "crisis" or "METRIC > NUMBER"')
            return gallery.of_box(data, explore(data, happening(data, when)))
        if kind == "calibration":
            record = read(results[0])
            return Piece(kind, calibration.from_record(record, method, horizon), provenance.of_record(record))
        if kind == "posterior":
            record = read(results[0], "calibrate", "untold")
            return Piece(kind, posterior.from_record(record), provenance.of_calibration(record))
        shown = [open_result(one) if isinstance(one, str | os.PathLike) else one for one in results]
        return compose(kind, shown, dyad=dyad, by=by)
    except (NotThisDesign, NothingToTell, NotComparable) as error:
        raise FigureError(f"{error}") from error


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
