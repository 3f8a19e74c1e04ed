"""Skill of hindcasts: every target and horizon with its interval; and small multiples of their calibration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes

from detente.analysis.wording import fixed, whole
from detente.evidence.documentation.overview import MODEL, OFF, ahead, at, best, horizons, name, notes
from detente.evidence.forecasts.scores import Bin
from detente.evidence.forecasts.skill import verdict
from detente.figures import panels, rows, style
from detente.figures.calibration import binomial
from detente.figures.numbers import Floats
from detente.figures.provenance import Provenance
from detente.figures.reading import FigureError
from detente.figures.rows import Mark, Rows, Series
from detente.figures.sheet import Room
from detente.figures.words import NB, listed

Record = Mapping[str, Any]
Kind = Literal["pit", "reliability"]

_MODEL, _OFF, _NAIVE = style.SCENARIOS[1], style.BASELINE, style.SCENARIOS[0]


def collect(records: Sequence[Record]) -> Rows:
    """Skill against exponential smoothing in per cent: the model, the laws off, the naive forecast that did best.

    FigureError where there is no record.
    """
    cases = _cases(records)
    methods = ((MODEL, _MODEL, "model"), (OFF, _OFF, "laws off"))
    series = [Series(told, colour, tuple(_mark(at(r, h)[m]) for r, h in cases)) for m, colour, told in methods]
    rivals = tuple(_mark(at(r, h)[best(r, h)["best_baseline"]]) for r, h in cases)
    series.append(Series("best naive forecast", _NAIVE, rivals))
    told = [verdict(row["skill_low"], row["skill_high"]) for row in (at(r, h)[MODEL] for r, h in cases)]
    none = told.count("undefined")
    blank = [f"Without a dot: smoothing errs by nothing in {none} of {len(cases)}, no gain is defined."] * bool(none)
    return Rows(
        title=f"Against exponential smoothing the model forecasts clearly better in {told.count('better')} of "
        f"{len(cases)} cases, clearly worse in {told.count('worse')}, and is not told apart in {told.count('untold')}",
        subtitle=f"Gain in CRPS over exponential smoothing (zero), in{NB}%, on years that were not fitted; lines: "
        f"95{NB}%{NB}intervals of a block bootstrap; hollow: cannot be told apart from it",
        rows=tuple(f"{name(r)}, {_unbroken(f'{ahead(r, h)} ahead')}" for r, h in cases),
        series=tuple(series),
        signed=True,
        notes=" ".join(
            ["The best naive forecast is found afterwards: the hardest comparison.", *blank, *notes(records)]
        ),
    )


def _cases(records: Sequence[Record]) -> list[tuple[Record, int]]:
    cases = [(record, horizon) for record in records for horizon in horizons(record)]
    if not cases:
        raise FigureError("no hindcast to draw: run detente hindcast first")
    return cases


def _unbroken(text: str) -> str:
    return text.replace(" ", NB)


def _mark(row: Mapping[str, Any]) -> Mark | None:
    if row["skill_vs_smoothing"] is None:
        return None
    value, low, high = (100 * float(row[k]) for k in ("skill_vs_smoothing", "skill_low", "skill_high"))
    return Mark(value, low, high, low <= 0 <= high)


draw = rows.draw


@dataclass(frozen=True)
class Small:
    """One target and horizon: its label, how far ahead, forecasts by PIT bin, bins of stated probability, coverage."""

    label: str
    ahead: str
    counts: Floats
    points: tuple[Bin, ...]
    coverage: float

    @property
    def forecasts(self) -> int:
        """Forecasts behind it."""
        return round(float(self.counts.sum()))


@dataclass(frozen=True)
class Multiples:
    """Small multiples of one ``kind``."""

    kind: Kind
    cases: tuple[Small, ...]
    left_out: int
    footnotes: str

    @property
    def title(self) -> str:
        """How many intervals cover what they should."""
        if self.kind == "pit":
            good = sum(0.85 <= case.coverage <= 0.95 for case in self.cases)
            return f"The 90% interval covers between 85 and 95% of what came in {good} of {len(self.cases)} cases"
        tested = [point for case in self.cases for point in case.points]
        right = sum(_right(point) for point in tested)
        return f"Stated chances of a high value fit what happened at {right} of {len(tested)} points"

    @property
    def subtitle(self) -> str:
        """What is drawn."""
        if self.kind == "pit":
            return (
                "Where observations fell in their forecasts: observations by tenth of the forecast distribution, flat "
                "where it is right. Grey: what chance alone gives a calibrated forecast in nine of ten bars; dark: "
                "outside"
            )
        return (
            "How often a value above the training window’s upper tenth came, against the stated chance of it. Grey: "
            "what chance alone gives a calibrated forecast in nine of ten points"
        )

    @property
    def notes(self) -> str:
        """What grey rests on."""
        told = ["Forecasts are taken as independent, which they are not quite."]
        if self.left_out:
            told.append(f"Left out: {self.left_out} cases in which no such value was ever likely, and none came.")
        return " ".join([*told, self.footnotes]).strip()

    @property
    def height(self) -> float:
        """Taller with every row of panels."""
        return 1.75 * panels.rows(len(self.cases))

    @property
    def room(self) -> Room:
        """Ticks on the left, half a label on the right."""
        return Room(left=0.48, right=0.3)


def multiples(records: Sequence[Record], kind: Kind) -> Multiples:
    """The model's calibration by target and horizon. FigureError where there is no record."""
    cases = tuple(_small(record, horizon) for record, horizon in _cases(records))
    shown = cases if kind == "pit" else tuple(case for case in cases if len(case.points) > 1) or cases
    return Multiples(kind, shown, len(cases) - len(shown), " ".join(notes(records)))


def _small(record: Record, horizon: int) -> Small:
    row = at(record, horizon)[MODEL]
    points = tuple(Bin(float(f), float(o), int(n)) for f, o, n in row["reliability"])
    counts = np.asarray(row["pit"], dtype=np.float64) * row["n"]
    label = str(record.get("short") or name(record))
    return Small(label, _unbroken(f"{ahead(record, horizon)} ahead"), counts, points, float(row["coverage90"]))


def _right(point: Bin) -> bool:
    low, high = binomial(point.cases, point.forecast)
    return low <= round(point.observed * point.cases) <= high


def draw_multiples(data: Multiples, ax: Axes) -> Axes:
    """Draw one panel per target and horizon into ``ax``."""
    told = {"pit": _covers, "reliability": _stated}[data.kind]
    heads = [(case.label, told(case), style.INK) for case in data.cases]
    across = panels.columns(len(heads))
    for k, (panel, case) in enumerate(zip(panels.panels(ax, heads, gap=0.32), data.cases, strict=True)):
        if data.kind == "pit":
            _pit(panel, case)
        else:
            _reliability(panel, case)
        if k % across and data.kind == "reliability":
            panel.tick_params(labelleft=False)
    return ax


def _covers(case: Small) -> str:
    return f"{case.ahead}, covers{NB}{fixed(100 * case.coverage, 0)}{NB}%"


def _stated(case: Small) -> str:
    return f"{case.ahead}, {whole(case.forecasts)}{NB}forecasts"


def _pit(ax: Axes, case: Small) -> None:
    bins = len(case.counts)
    low, high = binomial(case.forecasts, 1 / bins)
    top = 1.1 * max(float(case.counts.max()), high, 1.0)
    ax.set(xlim=(0, 100), ylim=(0, top))
    ax.axhspan(low, high, color="#E9EBEE", linewidth=0, zorder=0.5)
    outside = [not low - 0.5 <= count <= high + 0.5 for count in case.counts]
    places = (np.arange(bins) + 0.5) * 100 / bins
    ax.bar(places, case.counts, 88 / bins, color=[_OFF if out else _MODEL for out in outside])
    ax.axhline(case.forecasts / bins, color=style.INK, linewidth=style.pt(0.9), dashes=(4, 2))
    ax.set_xticks([0, 50, 100])
    ax.set_yticks([0, round(case.forecasts / bins)])


def _reliability(ax: Axes, case: Small) -> None:
    ax.set(xlim=(0, 1), ylim=(0, 1.02))
    ax.plot([0, 1], [0, 1], color=style.GREY, linewidth=style.pt(0.9), dashes=(4, 2))
    for point in case.points:
        ends = [end / point.cases for end in binomial(point.cases, point.forecast)]
        ax.plot([point.forecast] * 2, ends, color="#D5D8DD", linewidth=style.pt(5), solid_capstyle="butt", zorder=0.5)
        colour = _MODEL if _right(point) else _OFF
        size = style.pt(3.2 + 2.8 * float(np.sqrt(point.cases / max(case.forecasts, 1)))) ** 2
        ax.scatter([point.forecast], [point.observed], s=size, c=colour, zorder=4, clip_on=False)
    ax.set_xticks([0, 0.5, 1], ["0", "50%", "100%"])
    ax.set_yticks([0, 0.5, 1], ["0", "50%", "100%"])
    ax.grid(axis="y")


def provenance(records: Sequence[Record], command: str = "") -> Provenance:
    """Where the figures come from: the observation files, seeds, version."""
    files = {str(record["file"]): str(record["sha256"]) for record in records}
    return Provenance(
        names=tuple(files),
        hashes=tuple(files.values()),
        seeds=tuple(dict.fromkeys(str(record["seed"]) for record in records)),
        size=f"{whole(int(records[0]['members']))} members",
        version=str(records[0].get("version") or version("detente")),
        commands=(command,) if command else (),
        kind="File",
    )


def described(records: Sequence[Record]) -> str:
    """The series in words, for a caption."""
    return listed(dict.fromkeys(name(record) for record in records))
