"""Small panels side by side: how many a row, their heads, and one sentence about several scenarios."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Literal, get_args

from matplotlib.axes import Axes

from detente.analysis.difference import POINTS, Difference
from detente.figures import style
from detente.figures.measure import line_height, shorten, wrap
from detente.figures.sheet import inches, split
from detente.figures.words import listed, the

#: inches
GAP, UNDER_HEAD, BETWEEN_ROWS = 0.2, 0.1, 0.42


def columns(count: int) -> int:
    """How many of ``count`` panels stand in a row: at most four."""
    return count if count <= 4 else ceil(count / ceil(count / 3))


def rows(count: int) -> int:
    """Rows that ``count`` panels take."""
    return ceil(count / columns(count))


def panels(ax: Axes, heads: Sequence[tuple[str, str, str]], gap: float = GAP) -> list[Axes]:
    """``ax`` split into one panel per head: (label, line under it, colour), the heads printed above the panels."""
    across = columns(len(heads))
    down = ceil(len(heads) / across)
    scale = style.pt(1)
    room = (inches(ax)[0] - (across - 1) * gap * scale) / across
    names = [shorten(label, style.pt(style.BODY), room, 2, style.STRONG) for label, _, _ in heads]
    told = [wrap(text, style.pt(style.SMALL), room) for _, text, _ in heads]
    tall = [
        len(n) * line_height(style.pt(style.BODY)) + len(t) * line_height(style.pt(style.SMALL))
        for n, t in zip(names, told, strict=True)
    ]
    above = [max(tall[k * across : (k + 1) * across]) + UNDER_HEAD * scale for k in range(down)]
    made = split(ax, across, (gap * scale, BETWEEN_ROWS * scale), above)
    for spare in made[len(heads) :]:
        spare.remove()
    for panel, name, text, height, (_, _, colour) in zip(made, names, told, tall, heads, strict=False):
        _head(panel, name, text, height + UNDER_HEAD * scale, colour)
    return made[: len(heads)]


def _head(ax: Axes, name: Sequence[str], text: Sequence[str], up: float, colour: str) -> None:
    for lines, size, weight, ink in (
        (name, style.pt(style.BODY), style.STRONG, colour),
        (text, style.pt(style.SMALL), 400, style.GREY),
    ):
        for line in lines:
            up -= line_height(size)
            ax.annotate(
                line,
                (0, 1),
                xycoords="axes fraction",
                xytext=(0, (up + 0.25 * line_height(size)) * 72),
                textcoords="offset points",
                fontsize=size,
                fontweight=weight,
                color=ink,
                annotation_clip=False,
            )


#: a title may name scenarios as long as it stays readable
_LONGEST = 105


Way = Literal["higher", "lower", "tiny", "cannot tell", "identical"]


def way(change: Difference) -> Way:
    """What may be said of a change of the index without a number beside it."""
    if change.is_significant and not change.direction(POINTS):
        return "tiny"
    return change.verdict


def outcome(changes: Sequence[tuple[str, Difference]], base: str, subject: str = "Tension") -> str:
    """One sentence on where scenarios (label, change) end against ``base``; names them while that stays short."""
    groups: dict[Way, list[str]] = {}
    for label, change in changes:
        groups.setdefault(way(change), []).append(label)
    named = _sentence({v: listed(labels) for v, labels in groups.items()}, base, subject)
    if len(named) <= _LONGEST:
        return named
    total = len(changes)
    order: tuple[Way, ...] = get_args(Way)
    first = next(v for v in order if v in groups)
    counts = {v: f"{len(g)} of {total} scenarios" if v == first else f"{len(g)}" for v, g in groups.items()}
    return _sentence(counts, base, subject)


def _sentence(groups: Mapping[Way, str], base: str, subject: str) -> str:
    moved: list[tuple[Way, str]] = [("higher", "higher than in"), ("lower", "lower than in")]
    parts = [f"{words} {the(base)} under {groups[v]}" for v, words in moved if v in groups]
    if len(parts) == 2:
        parts[1] = f"lower under {groups['lower']}"
    still: list[tuple[Way, str]] = [("tiny", "less than 0.05 points apart under")]
    still += [("cannot tell", "no detectable difference under"), ("identical", "no difference at all under")]
    rest = [f"{words} {groups[v]}" for v, words in still if v in groups]
    head = f"{subject} ends {', '.join(parts)}" if parts else ""
    return "; ".join(filter(None, [head, *rest])) if head else f"{subject}: {'; '.join(rest)}"
