"""A theatre of documented years against the record: reports by pair in spans of four weeks, recorded and simulated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from detente.analysis.wording import fixed, whole
from detente.evidence.pairs import footnotes
from detente.evidence.past.history import History
from detente.figures import panels, style
from detente.figures.axes import as_days, date_axis
from detente.figures.numbers import Floats
from detente.figures.provenance import Provenance
from detente.figures.sheet import Room
from detente.figures.words import NB
from detente.scenario.acts import Rhetoric
from detente.storage import sha256

SEEN, TOLD, BLIND, WAR = style.INK, style.SCENARIOS[1], style.SCENARIOS[0], style.TENSION[1]
#: weeks of a span, and reports in it that are ticked
SPAN, TICKS = 4, (0, 1, 10, 100, 1000)
#: a level within this factor of the recorded one counts as reached
REACHED = 2.0


@dataclass(frozen=True)
class Panel:
    """One pair: reports by span (span,), recorded and simulated; its wars as days, its levels by window."""

    label: str
    seen: Floats
    low: Floats
    high: Floats
    middle: Floats
    blind: Floats
    wars: tuple[tuple[float, float], ...]
    ratios: tuple[float | None, float | None]


@dataclass(frozen=True)
class Against:
    """The numbers of the figure; ``time`` (span,)."""

    time: Floats
    fitted: float
    until: str
    panels: tuple[Panel, ...]
    members: int
    footnotes: str

    @property
    def title(self) -> str:
        """In how many pairs the level is reached, before and after the end of the fitting window."""
        before, after = (self.reached(k) for k in (0, 1))
        return (
            f"Told of the wars, simulated reports reach the recorded level within a factor of "
            f"{fixed(REACHED, 0)} in {before[0]} of {before[1]}{NB}pairs up to {self.until[:4]}, and in {after[0]} of "
            f"{after[1]} afterwards"
        )

    def reached(self, window: int) -> tuple[int, int]:
        """Pairs whose level is reached, and pairs that have one."""
        ratios = [r for r in (panel.ratios[window] for panel in self.panels) if r is not None]
        return sum(1 / REACHED <= r <= REACHED for r in ratios), len(ratios)

    def head(self, panel: Panel) -> str:
        """Simulated over recorded reports of a pair, to the end of the fitting window and after it."""
        before, after = ("–" if r is None else f"×{fixed(r, 1 if r >= 0.95 else 2)}" for r in panel.ratios)
        return f"{before} to {self.until[:4]}, {after} after"

    @property
    def subtitle(self) -> str:
        """What is drawn."""
        return (
            f"Reports of conflict in four weeks (logarithmic scale). Black: recorded. Blue: median and 90% band of "
            f"{whole(self.members)}{NB}runs told of the dated acts. Dashed: median of runs told of none. Yellow: the "
            f"pair’s wars in the calendar. Dotted: end of the fitting window"
        )

    @property
    def notes(self) -> str:
        """What is told to the model, and what a level is."""
        return " ".join(
            filter(
                None,
                [
                    "The wars themselves are typed into the calendar: the blue bands are no forecast.",
                    "Simulated incidents pass through the model of reports (thinning, misreading); rates and hostility "
                    f"at rest come from weeks up to {self.until} outside the wars; nothing is fitted later.",
                    f"× is simulated over recorded reports, up to {self.until[:4]} and after. A pair is read from its "
                    "first report.",
                    self.footnotes,
                ],
            )
        )

    @property
    def height(self) -> float:
        """Taller with every row of panels."""
        return 1.72 * panels.rows(len(self.panels))

    @property
    def room(self) -> Room:
        """Ticks on the left."""
        return Room(left=0.36)

    @property
    def top(self) -> float:
        """Highest value drawn."""
        return max(max(float(np.nanmax(p.seen)), float(np.nanmax(p.high))) for p in self.panels)


def collect(found: History, record: Mapping[str, Any]) -> Against:
    """The numbers of the figure; ``record`` is the history's record. Pairs with most reports first."""
    whole_spans = len(found.dates) // SPAN
    order = np.argsort(-found.observed.sum(axis=1), kind="stable")
    shown = [_panel(found, record, int(n)) for n in order]
    return Against(
        time=as_days(found.dates[: whole_spans * SPAN : SPAN]) + 3.5 * SPAN,
        fitted=float(as_days(np.array([found.fitted]))[0]),
        until=str(found.fitted),
        panels=tuple(shown),
        members=found.members,
        footnotes=" ".join(footnotes(found.scenario, [p.label for p in shown])),
    )


def _panel(found: History, record: Mapping[str, Any], n: int) -> Panel:
    key = found.keys[n]
    known = _spans(found.known[n]) > 0
    told, blind = (np.where(known, _spans(found.told[k].reports[n]), np.nan) for k in ("record", "blind"))
    low, middle, high = np.quantile(told, (0.05, 0.5, 0.95), axis=0)
    return Panel(
        label=found.labels[key],
        seen=np.where(known, _spans(found.observed[n]), np.nan),
        low=low,
        high=high,
        middle=middle,
        blind=np.quantile(blind, 0.5, axis=0),
        wars=_wars(found, key),
        ratios=(_ratio(record["pairs"][key]["fitted"]), _ratio(record["pairs"][key]["later"])),
    )


def _spans(counts: NDArray[Any]) -> Floats:
    """Sums of ``counts`` (..., week) by span, (..., span); what is left at the end is no span."""
    whole_spans = counts.shape[-1] // SPAN
    parts = counts[..., : whole_spans * SPAN].reshape(*counts.shape[:-1], whole_spans, SPAN)
    return np.asarray(parts.sum(axis=-1, dtype=np.float64))


def _ratio(window: Mapping[str, Any]) -> float | None:
    return float(window["variants"]["record"]["level_ratio"]) if window["reports"] and "variants" in window else None


def _wars(found: History, key: str) -> tuple[tuple[float, float], ...]:
    """First and last day of the lasting campaigns that name both sides of a pair."""
    one, other = found.scenario.dyads[key].between
    out = []
    for act in found.scenario.acts.values():
        if isinstance(act, Rhetoric) and act.lasting.value > 1 and _names(act, one, other):
            first = float(as_days(np.array([np.datetime64(act.date)]))[0])
            out.append((first, first + 7 * act.lasting.value))
    return tuple(out)


def _names(act: Rhetoric, one: str, other: str) -> bool:
    return (one in act.by and other in act.to) or (other in act.by and one in act.to)


def provenance(found: History, command: str = "") -> Provenance:
    """Where the figure comes from: the file, the scenario and the run."""
    path = found.observations.path
    return Provenance(
        names=(path.name,),
        hashes=(sha256(path),),
        seeds=(str(found.seed),),
        size=f"{whole(found.members)} runs × {whole(len(found.weeks))} weeks",
        version=version("detente"),
        commands=(command,) if command else (),
        kind="Observations",
    )


def draw(data: Against, ax: Axes) -> Axes:
    """Draw one panel per pair into ``ax``."""
    heads = [(p.label, data.head(p), style.INK) for p in data.panels]
    across = panels.columns(len(heads))
    for k, (panel, one) in enumerate(zip(panels.panels(ax, heads), data.panels, strict=True)):
        _draw(panel, data, one)
        if k % across:
            panel.tick_params(labelleft=False)
        if k < len(heads) - across:
            panel.tick_params(labelbottom=False)
    return ax


def _draw(ax: Axes, data: Against, one: Panel) -> None:
    high = float(np.log1p(data.top)) * 1.03
    ax.set_ylim(0.0, high)
    date_axis(ax, np.array([data.time[0] - 3.5 * SPAN, data.time[-1] + 3.5 * SPAN]))
    ticks = [t for t in TICKS if np.log1p(t) <= high]
    ax.set_yticks(np.log1p(ticks), [str(t) for t in ticks])
    ax.grid(axis="y")
    for first, last in one.wars:
        ax.axvspan(first, last, color=style.tint(WAR, 0.45), linewidth=0, zorder=0.3)
    ax.fill_between(data.time, np.log1p(one.low), np.log1p(one.high), color=style.tint(TOLD, 0.3), linewidth=0)
    ax.plot(data.time, np.log1p(one.middle), color=TOLD, linewidth=style.pt(1.0))
    ax.plot(data.time, np.log1p(one.blind), color=BLIND, linewidth=style.pt(0.9), dashes=(4, 2))
    ax.plot(data.time, np.log1p(one.seen), color=SEEN, linewidth=style.pt(0.8))
    ax.axvline(data.fitted, color=style.GREY, linewidth=style.pt(1), dashes=(1, 2))
