"""Figures drawn from a finished experiment: choices, regret, theories, sensitivity, discovery."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detente.figures import discovery, flip, intervals, regret, rows, tornado
from detente.figures.gallery import Piece
from detente.figures.provenance import of_experiment
from detente.figures.reading import footnotes, legible, titled

if TYPE_CHECKING:
    import xarray as xr

    from detente.analysis.happening import Explored

#: kinds drawn from an experiment, with what they are drawn from beside it
KINDS = ("options", "regret", "flip", "theories", "sensitivity", "tornado", "discovery")


def piece(kind: str, data: xr.Dataset, metric: str) -> Piece:
    """A figure of ``kind`` ("" for that which the design calls for), any but discovery, of one metric.

    Raises FigureError or NotThisDesign where the experiment's design does not hold it.
    """
    data = legible(data)
    alone = {"tornado": tornado.collect, "regret": regret.collect, "flip": flip.collect}
    drawing = alone[kind](data, metric) if kind in alone else intervals.collect(data, metric, kind)
    return Piece(kind or "options", rows.with_footnotes(drawing, data), of_experiment(data))


def box(data: xr.Dataset, explored: Explored) -> Piece:
    """The discovery box that a search found, or that there is none."""
    data, space = legible(data), explored.space
    numbers = discovery.collect(
        explored.found,
        space.values,
        explored.share,
        space.paths,
        space.labels,
        label=titled(data),
        words=space.words,
        footnotes=footnotes(data, [explored.found.when, *space.labels]),
    )
    return Piece("discovery", numbers, of_experiment(data))
