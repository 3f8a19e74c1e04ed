"""Nowcast: reports as dots, the filtered level with its band, the origin, and the fan of the weeks to come, by pair."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from importlib.metadata import version
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from detente.analysis.wording import MONTHS, fixed, whole
from detente.evidence.forecasts.skill import share
from detente.evidence.nowcasts.nowcast import Nowcast
from detente.evidence.nowcasts.state import Now
from detente.evidence.nowcasts.watch import AT
from detente.figures import panels, style
from detente.figures.axes import End, as_days, date_axis, date_room, ends
from detente.figures.measure import width
from detente.figures.numbers import Floats
from detente.figures.provenance import Provenance
from detente.figures.reading import Dates
from detente.figures.sheet import Room
from detente.figures.words import NB, compact

LEVEL, FORECAST, DOT = style.SCENARIOS[1], style.SCENARIOS[0], style.GREY
#: intervals shown before the origin, alone and beside others; panels drawn at most
BACK = {"week": (104, 78), "month": (84, 60)}
MOST = 12
#: the scale reaches at least this, log(1 + value)
LEAST = 1.0e-3
#: letters of a label that fit over a small panel
SHORT = 25
#: names at the right end
NAMES = ("filtered level", "forecast")


def brief(value: float) -> str:
    """``value`` to two digits: what is filtered is not known better."""
    return compact(float(f"{value:.2g}"))


@dataclass(frozen=True)
class Pair:
    """One panel: reports and filtered level up to the origin, quantiles of what is forecast (interval, quantile)."""

    label: str
    time: Dates
    reports: Floats
    level: Floats
    ahead: Dates
    fan: Floats
    verdict: str
    now: dict[str, float]

    @cached_property
    def days(self) -> Floats:
        """The time shown, past and to come, in days since 1970."""
        return as_days(np.concatenate([self.time, self.ahead]))

    @property
    def head(self) -> str:
        """What is said under the label."""
        stands = "as usual" if self.verdict == "not told apart" else f"{self.verdict} usual"
        low, high = brief(self.now["low"]), brief(self.now["high"])
        return f"{brief(self.now['median'])} ({low}–{high}), {stands}".replace(" ", NB, 1)


@dataclass(frozen=True)
class Nowcasts:
    """The numbers of the figure; the pairs with the highest level, and how many there are in all."""

    pairs: tuple[Pair, ...]
    of: int
    verdicts: dict[str, int]
    step: str
    unit: str
    last: np.datetime64
    file: str
    scored: str
    warned: bool
    footnotes: str

    @property
    def alone(self) -> bool:
        """Whether there is a single panel."""
        return len(self.pairs) == 1

    @property
    def day(self) -> str:
        """The origin in words."""
        day: date = self.last.astype("datetime64[D]").astype(date)
        return f"{day.day}{NB}{MONTHS[day.month - 1]}{NB}{day.year}"

    @property
    def title(self) -> str:
        """Where the pairs stand against their own usual."""
        if self.alone:
            pair = self.pairs[0]
            where = {"above": "above its own usual level", "below": "below its own usual level"}
            stands = where.get(pair.verdict, "not told apart from its usual level")
            return f"{pair.label}: {brief(pair.now['median'])} {self.unit}, {stands}, on {self.day}"
        above, below = (self.verdicts.get(k, 0) for k in ("above", "below"))
        rest, one = self.of - above - below, above < 2
        told = (
            f"{above or 'None'} of {self.of} pairs stand{'s' * one} above {'its' if one else 'their'} own usual level"
        )
        told += f" on {self.day}" + (f", {below} below it" if below else "")
        return told + (f"; {rest} cannot be told apart from it" if rest else "")

    @property
    def subtitle(self) -> str:
        """What is drawn."""
        unit = self.unit[0].upper() + self.unit[1:]
        return (
            f"{unit}: dots = the file, line and band = filtered level with its 90{NB}% interval; fan = single "
            f"{self.step}s ahead, median, 50 and 90{NB}%. {self.scored}".strip()
        )

    @property
    def notes(self) -> str:
        """How to read it."""
        told = [
            "The band is about the level, the fan about what a single interval will show. Levels are those of reports, "
            "not of events: they move with attention. Usual: the training window’s median, told where nine in ten "
            "members lie on one side. Scale: logarithm of 1 + value.",
        ]
        if self.of > len(self.pairs):
            told.append(f"The {len(self.pairs)} pairs with the highest level; the others are in nowcast.json.")
        if not self.alone:
            told.append("Every panel has its own scale.")
        if self.warned:
            told.append("Some of the filters carry a warning: see nowcast.json.")
        return " ".join([*told, self.footnotes]).strip()

    @property
    def height(self) -> float:
        """One tall chart, or rows of small ones."""
        return 2.7 if self.alone else 1.62 * panels.rows(len(self.pairs))

    @property
    def room(self) -> Room:
        """Right for the names of the lines where there is one panel."""
        with style.house():
            right = 0.2 + max(width(n, style.BODY, style.STRONG) for n in NAMES) if self.alone else 0.1
        return Room(left=0.38, right=right, bottom=date_room(self.pairs[0].days))


def collect(told: Nowcast, content: dict[str, Any]) -> Nowcasts:
    """The numbers of the figure; ``content`` is the nowcast's record."""
    rows = sorted(content["pairs"], key=lambda row: -row["level"]["median"])[:MOST]
    verdicts = [row["usual"]["verdict"] for row in content["pairs"]]
    some = next(iter(told.found.values()))
    back = BACK[told.step][len(rows) > 1]
    pairs = tuple(_pair(told.found[row["pair"]], row, back) for row in rows)
    return Nowcasts(
        pairs=pairs,
        of=len(content["pairs"]),
        verdicts={v: verdicts.count(v) for v in dict.fromkeys(verdicts)},
        step=told.step,
        unit=rows[0]["unit"] if some.series.counted else f"{rows[0]['unit']} a {told.step}",
        last=told.last,
        file=content["file"],
        scored=_scored(content),
        warned=bool(content["warnings"]),
        footnotes=" ".join(content["footnotes"]) if any("*" in p.label for p in pairs) else "",
    )


def _pair(now: Now, row: dict[str, Any], back: int) -> Pair:
    part = slice(max(0, len(now.series) - back), None)
    return Pair(
        label=row["label"],
        time=now.series.dates[part],
        reports=(now.series.count if now.series.counted else now.series.value)[part],
        level=now.watch.level[part],
        ahead=np.array([step["from"] for step in row["forecast"]], dtype="datetime64[D]"),
        fan=np.quantile(now.watch.reports, AT, axis=1).T,
        verdict=row["usual"]["verdict"],
        now=row["level"],
    )


def _scored(content: dict[str, Any]) -> str:
    """How the filter fared on what was held out, over all pairs; "" where nothing was."""
    rows = [one for row in content["pairs"] for one in row["skill"] if one["horizon"] == 1]
    if not rows:
        return ""
    gain = share([one["crps"] for one in rows], [one["naive"]["smoothing"] for one in rows])
    covered = np.mean([one["coverage90"] for one in rows])
    side = "lower" if gain is not None and gain >= 0 else "higher"
    off = f"{fixed(abs(gain) * 100, 0)}{NB}% {side} than smoothing’s" if gain is not None else "above smoothing’s, none"
    held = f"On {rows[0]['n']} held-out {content['step']}s, one ahead"
    return f"{held}: CRPS {off}, 90{NB}% interval covered {fixed(covered * 100, 0)}{NB}%."


def provenance(told: Nowcast, content: dict[str, Any], command: str = "") -> Provenance:
    """Where the figure comes from: the file, the theatre whose pairs were read."""
    return Provenance(
        names=(content["file"],),
        hashes=(content["sha256"],),
        seeds=(str(content["seed"]),),
        size=f"{whole(content['members'])} members",
        version=version("detente"),
        commands=(command,) if command else (),
        kind="Observations",
    )


def draw(data: Nowcasts, ax: Axes) -> Axes:
    """Draw one chart, or one panel per pair, into ``ax``."""
    if data.alone:
        pair = data.pairs[0]
        _chart(ax, pair, 6)
        _origin(ax, data)
        last = ((pair.level[-1, 2], NAMES[0], LEVEL), (pair.fan[-1, 2], NAMES[1], FORECAST))
        ends(ax, [End(float(np.log1p(y)), name, colour) for y, name, colour in last], 0.06, data.room.right - 0.1)
        return ax
    # a dash with room around it lets long names break there
    heads = [(p.label if len(p.label) < SHORT else p.label.replace("–", " – "), p.head, style.INK) for p in data.pairs]
    for panel, pair in zip(panels.panels(ax, heads, 0.34), data.pairs, strict=True):
        _chart(panel, pair, 3)
    return ax


def marks(high: float, most: int) -> list[float]:
    """0 and at most ``most`` round numbers up to ``high``, about evenly apart on the scale of log(1 + value)."""
    round_ones = [m * 10.0**k for k in range(-2, 7) for m in (1, 2, 5) if m * 10.0**k <= high]
    apart = np.log1p(high) / (most + 0.6)
    kept = [0.0]
    for value in round_ones:
        if np.log1p(value) - np.log1p(kept[-1]) >= apart:
            kept.append(value)
    return kept


def _chart(ax: Axes, pair: Pair, most: int) -> None:
    """Reports, level, origin and fan of one pair; at most ``most`` ticks above the lowest."""
    past, ahead = as_days(pair.time), as_days(pair.ahead)
    level, fan, reports = (np.log1p(v) for v in (pair.level, pair.fan, pair.reports))
    high = 1.06 * max(float(np.max(v)) for v in (reports, level[:, 3], fan[:, 4], np.array([LEAST])))
    ax.set_ylim(-0.02 * high, high)
    date_axis(ax, pair.days)
    ticks = marks(float(np.expm1(high)), most)
    ax.set_yticks(np.log1p(ticks), [compact(t) for t in ticks])
    ax.grid(axis="y")
    ax.fill_between(past, level[:, 0], np.minimum(level[:, 4], high), color=style.tint(LEVEL, 0.2), linewidth=0)
    ax.plot(past, level[:, 2], color=LEVEL, linewidth=style.pt(1.5))
    for k, strength in ((0, 0.2), (1, 0.5)):
        colour = style.tint(FORECAST, strength)
        ax.fill_between(ahead, fan[:, k], fan[:, 4 - k], color=colour, linewidth=0, step="mid")
    ax.plot(ahead, fan[:, 2], color=FORECAST, linewidth=style.pt(1.5), drawstyle="steps-mid")
    ax.axvline((past[-1] + ahead[0]) / 2, color=style.RULE, linewidth=style.pt(0.9), dashes=(3, 2))
    ax.plot(
        past,
        reports,
        linestyle="none",
        marker="o",
        markersize=style.pt(1.9),
        color=DOT,
        markeredgewidth=0,
        zorder=3,
    )


def _origin(ax: Axes, data: Nowcasts) -> None:
    """The day of the origin beside its line."""
    pair = data.pairs[0]
    ax.annotate(
        data.day,
        ((as_days(pair.time)[-1] + as_days(pair.ahead)[0]) / 2, 1.0),
        xycoords=("data", "axes fraction"),
        xytext=(-4, -1),
        textcoords="offset points",
        ha="right",
        va="top",
        fontsize=style.pt(style.SMALL),
        color=style.GREY,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.85},
    )
