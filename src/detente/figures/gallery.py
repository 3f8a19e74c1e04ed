"""The kinds of figures by name: what each is drawn from, and one call that makes any of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

from detente.analysis.metrics import summarised
from detente.figures.provenance import Provenance, provenance
from detente.figures.provenance import of_experiment as experiment
from detente.figures.reading import WHOLE, FigureError, focus, footnotes, legible, name, titled

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

    from detente.analysis.attribution import Attribution
    from detente.analysis.happening import Explored


@dataclass(frozen=True)
class Kind:
    """One kind of figure: its module, what it needs, and whether it can show one pair alone."""

    module: str
    needs: str
    fewest: int = 1
    most: int = 1
    one_pair: bool = False


#: in order of use; a first result that others are held against is the base
KINDS: dict[str, Kind] = {
    "fan": Kind("fan", "RESULT or BASE RESULT", 1, 2, True),
    "difference": Kind("difference", "BASE RESULT…", 2, 9, True),
    "dots": Kind("dots", "RESULT or BASE RESULT…", 1, 9, True),
    "chances": Kind("chances", "RESULT or BASE RESULT", 1, 2),
    "icons": Kind("icons", "RESULT or BASE RESULT…", 1, 9, True),
    "discovery": Kind("discovery", "EXPERIMENT", 0, 0),
    "tornado": Kind("tornado", "EXPERIMENT", 0, 0),
    "options": Kind("intervals", "EXPERIMENT", 0, 0),
    "regret": Kind("regret", "EXPERIMENT", 0, 0),
    "flip": Kind("flip", "EXPERIMENT", 0, 0),
    "theories": Kind("intervals", "EXPERIMENT", 0, 0),
    "sensitivity": Kind("intervals", "EXPERIMENT", 0, 0),
    "pairs": Kind("pairs", "RESULT or BASE RESULT", 1, 2),
    "multiples": Kind("multiples", "BASE RESULT…", 1, 9, True),
    "map": Kind("atlas", "RESULT"),
    "timeline": Kind("timeline", "RESULT"),
    "calibration": Kind("calibration", "HINDCAST.json", 0, 0),
    "posterior": Kind("posterior", "CALIBRATION.json", 0, 0),
    "waterfall": Kind("waterfall", "RESULT or BASE RESULT", 1, 2),
}


@dataclass(frozen=True, repr=False)
class Piece:
    """A figure's data, the function that draws them, and where they come from."""

    kind: str
    data: Any
    provenance: Provenance

    def __repr__(self) -> str:
        return f"Piece({self.kind}: {self.data.title})"

    def figure(self, *, slide: bool = False, narrow: bool = False) -> Figure:
        """The drawn sheet, page-wide, 16:9, or for a small screen."""
        from detente.figures import style
        from detente.figures.sheet import sheet

        module = import_module(f"detente.figures.{KINDS[self.kind].module}")
        # a copy: what is laid out for one width is kept with the data
        data = replace(self.data) if narrow else self.data
        with style.page(style.NARROW if narrow else style.WIDTH):
            return sheet(module.draw, data, self.provenance, slide=slide)

    @property
    def alt(self) -> str:
        """The figure in words, for those who cannot see it."""
        return f"{self.data.title}. {self.data.subtitle}.".replace("..", ".")


def require(kind: str, results: int, dyad: str | None = None) -> None:
    """FigureError unless ``kind`` is drawn from so many results of runs, and of one pair where one is asked for."""
    about = KINDS[kind]
    if about.most == 0:
        raise FigureError(f"{kind} is not drawn from results of runs: it needs {about.needs}")
    if not about.fewest <= results <= about.most:
        raise FigureError(f"{kind} needs {about.needs}: {results} given")
    if dyad and not about.one_pair:
        able = ", ".join(name for name, one in KINDS.items() if one.one_pair)
        raise FigureError(f"{kind} does not take a pair: {able} do")


def compose(kind: str, results: Sequence[xr.Dataset], *, dyad: str | None = None, by: str = "pillar") -> Piece:
    """The data of one figure from stored results; the first is the base where there are several.

    ``dyad`` shows one pair in the place of the region; ``by`` splits a waterfall over "pillar" or "dyad".
    FigureError where kind and results do not fit; NotComparable where results do not pair.
    """
    require(kind, len(results), dyad)
    about = KINDS[kind]
    _require_held(kind, results)
    clean = [legible(ds) for ds in results]
    collect = import_module(f"detente.figures.{about.module}").collect
    if kind == "icons":
        return Piece(kind, collect(clean, dyad), provenance(*clean))
    first, *others = [focus(ds, dyad) for ds in clean] if dyad else clean
    if kind in ("difference", "multiples"):
        data = collect(first, others)
    elif kind == "dots":
        data = collect([first, *others])
    elif kind == "waterfall":
        data = collect(first, *others, by=by)
    else:
        # the base comes first on the command line and second in the call: it may be left out
        data = collect(others[0], first) if others else collect(first)
    return Piece(kind, data, provenance(*clean))


def of_levers(base: xr.Dataset, other: xr.Dataset, found: Attribution) -> Piece:
    """The waterfall of a difference that was split over the files of a scenario."""
    from detente.figures import waterfall

    base, other = legible(base), legible(other)
    return Piece("waterfall", waterfall.of_levers(base, other, found), provenance(base, other))


def _require_held(kind: str, results: Sequence[xr.Dataset]) -> None:
    """FigureError where a summary does not hold what ``kind`` shows; one of an older version holds quantiles only."""
    for ds in results:
        told = f"{name(ds)} holds a summary only"
        if "tension" not in ds and not summarised(ds):
            raise FigureError(f"{told}, without the counts that a figure is drawn from. {WHOLE}")
        if kind == "difference" and summarised(ds):
            raise FigureError(f"{told}: differences over time need every week of every member. {WHOLE}")


def of_experiment(kind: str, data: xr.Dataset, metric: str) -> Piece:
    """A figure of one metric of an experiment: any ``kind`` but discovery, "" for that which the design calls for.

    Raises FigureError or NotThisDesign where the experiment's design does not hold it.
    """
    from detente.figures import rows

    module = import_module(f"detente.figures.{KINDS[kind or 'options'].module}")
    data = legible(data)
    given = (data, metric, kind) if module.__name__.endswith("intervals") else (data, metric)
    return Piece(kind or "options", rows.with_footnotes(module.collect(*given), data), experiment(data))


def of_box(data: xr.Dataset, explored: Explored) -> Piece:
    """The discovery box that a search found, or that there is none."""
    from detente.figures import discovery

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
    return Piece("discovery", numbers, experiment(data))
