"""The picture of docs/benchmark.md: nanoseconds per member, directed dyad and week, on a logarithmic scale."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path

import kernels
import rivals
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from detente.figures import style

#: height of a row and what stands around the rows, inches
ROW, AROUND = 0.24, 1.25
OURS, THEIRS = style.SCENARIOS[1], style.GREY


def draw(path: Path, ways: rivals.Found, found: kernels.Found) -> None:
    """Two panels on one scale: the whole week, and its three heaviest phases."""
    panels = (
        ("The whole week", ways.rounds, rivals.TOLD, ("numpy", "fast", "fast32")),
        ("Choice, incidents, hostility, measured", found.rounds, kernels.TOLD, (kernels.NUMPY, "fast f64", "fast f32")),
    )
    heights = [len(rounds) for _, rounds, *_ in panels]
    with style.house():
        figure = Figure(figsize=(style.WIDTH, ROW * sum(heights) + AROUND), layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.subplots(2, 1, sharex=True, height_ratios=heights)
        for where, (title, rounds, told, ours) in zip(axes, panels, strict=True):
            panel(where, title, rounds, told, ours)
        axes[-1].set_xlabel("CPU ns per member, directed dyad and week")
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, metadata={"Software": None})


def panel(
    axes: Axes, title: str, rounds: Mapping[str, list[float]], told: Mapping[str, str], ours: Sequence[str]
) -> None:
    """A dot for the median of each way, a line over its rounds."""
    for row, (name, spent) in enumerate(reversed(rounds.items())):
        colour = OURS if name in ours else THEIRS
        nanoseconds = sorted(1e9 * one for one in spent)
        middle = 1e9 * statistics.median(spent)
        axes.plot([nanoseconds[0], nanoseconds[-1]], [row, row], color=colour, linewidth=2.5, alpha=0.45)
        axes.plot(middle, row, "o", color=colour, markersize=4.5)
        place = {"xytext": (6, 0), "textcoords": "offset points", "va": "center"}
        axes.annotate(f"{middle:,.0f}", (nanoseconds[-1], row), color=colour, **place)
    axes.set_xscale("log")
    axes.set_yticks(range(len(rounds)), [told[name] for name in reversed(rounds)])
    axes.set_ylim(-0.6, len(rounds) - 0.4)
    axes.set_title(title, loc="left", fontsize=style.SUBTITLE, fontweight=style.STRONG)
    axes.grid(axis="x")
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.margins(x=0.08)
