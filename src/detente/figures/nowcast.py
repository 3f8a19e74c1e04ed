"""Nowcast: reports as dots, the filtered level with its band, the origin, and the fan of the weeks to come, by pair."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np

from detente.evidence.forecasts.skill import share
from detente.evidence.nowcasts.nowcast import Nowcast
from detente.evidence.nowcasts.state import Now
from detente.evidence.nowcasts.watch import AT
from detente.figures import style, timeband
from detente.figures.axes import as_days
from detente.figures.provenance import Provenance, of_file
from detente.figures.timeband import Band, Line, Panel, Rule, TimeBand
from detente.figures.words import NB
from detente.prose.wording import MONTHS, compact, fixed, in_100, sentence, whole

LEVEL, FORECAST, DOT = style.SCENARIOS[1], style.SCENARIOS[0], style.GREY
#: intervals shown before the origin, alone and beside others; panels drawn at most
BACK = {"week": (104, 78), "month": (84, 60)}
MOST = 12
#: the scale reaches at least this
LEAST = 1.0e-3
#: letters of a label that fit over a small panel
SHORT = 25

draw = timeband.draw


def brief(value: float) -> str:
    """``value`` to two digits: what is filtered is not known better."""
    return compact(float(f"{value:.2g}"))


def collect(told: Nowcast, content: Mapping[str, Any]) -> TimeBand:
    """A panel for each of the pairs with the highest level; ``content`` is the nowcast's record."""
    rows = sorted(content["pairs"], key=lambda row: -row["level"]["median"])[:MOST]
    verdicts = [row["usual"]["verdict"] for row in content["pairs"]]
    day: date = told.last.astype("datetime64[D]").astype(date)
    when = f"{day.day}{NB}{MONTHS[day.month - 1]}{NB}{day.year}"
    counted = next(iter(told.found.values())).series.counted
    unit = rows[0]["unit"] if counted else f"{rows[0]['unit']} a {told.step}"
    alone = len(rows) == 1
    notes = [
        "The band is about the level, the fan about what a single interval will show. Levels are those of reports, "
        "not of events: they move with attention. Usual: the training window’s median, told where nine tenths of "
        "the probability lie on one side. Scale: logarithm of 1 + value.",
    ]
    if len(verdicts) > len(rows):
        notes.append(f"The {len(rows)} pairs with the highest level; the others are in nowcast.json.")
    if not alone:
        notes.append("Every panel has its own scale.")
    if content["warnings"]:
        notes.append("Some pairs carry a warning: see nowcast.json.")
    starred = any("*" in row["label"] for row in rows)
    return TimeBand(
        title=_alone(rows[0], unit, when) if alone else _several(verdicts, when),
        subtitle=f"{sentence(unit)}: dots = the file, line and band = filtered level with its 90{NB}% interval; "
        f"fan = single {told.step}s ahead, median, 50 and 90{NB}%. {_regimes(rows) if alone else ''}"
        f"{_scored(content)}".strip(),
        reading=" ".join(notes),
        panels=tuple(_panel(told.found[row["pair"]], row, BACK[told.step], when if alone else "") for row in rows),
        each=2.7 if alone else 1.62,
        left=0.38,
        gap=0.34,
        logarithmic=True,
        footnotes=" ".join(content["footnotes"]) if starred else "",
    )


def _panel(now: Now, row: Mapping[str, Any], back: tuple[int, int], alone: str) -> Panel:
    """Reports and filtered level up to the origin, then what is forecast; ``alone`` is the day that a chart names."""
    part = slice(max(0, len(now.series) - back[0 if alone else 1]), None)
    seen, level = (now.series.count if now.series.counted else now.series.value)[part], now.watch.level[part]
    fan = np.quantile(now.watch.reports, AT, axis=1).T
    ahead = np.array([step["from"] for step in row["forecast"]], dtype="datetime64[D]")
    days = as_days(np.concatenate([now.series.dates[part], ahead]))
    # each line has its part of the time, the rest is nothing
    past, coming = np.full((len(ahead), level.shape[1]), np.nan), np.full((len(seen), len(AT)), np.nan)
    level_, fan_ = np.concatenate([level, past]), np.concatenate([coming, fan])
    high = float(np.expm1(1.06 * np.log1p(max(seen.max(), level[:, 3].max(), fan[:, 4].max(), LEAST))))
    # a dash with room around it lets long names break there
    label = row["label"] if len(row["label"]) < SHORT else row["label"].replace("–", " – ")
    return Panel(
        label="" if alone else label,
        head=_head(row),
        days=days,
        limits=(float(np.expm1(-0.02 * np.log1p(high))), high),
        bands=[
            Band(style.tint(LEVEL, 0.2), level_[:, 0], np.minimum(level_[:, 4], high)),
            *(Band(style.tint(FORECAST, s), fan_[:, k], fan_[:, 4 - k], stepped=True) for k, s in ((0, 0.2), (1, 0.5))),
        ],
        lines=[
            Line(level_[:, 2], LEVEL, 1.5, end="filtered level" if alone else ""),
            Line(fan_[:, 2], FORECAST, 1.5, stepped=True, end="forecast" if alone else ""),
            Line(np.append(seen, past[:, 0]), DOT, 1.9, dots=True),
        ],
        dates=[Rule((days[len(seen) - 1] + days[len(seen)]) / 2, style.RULE, 0.9, (3.0, 2.0), left=alone)],
    )


def _head(row: Mapping[str, Any]) -> str:
    stands = "as usual" if row["usual"]["verdict"] == "not told apart" else f"{row['usual']['verdict']} usual"
    low, median, high = (brief(row["level"][name]) for name in ("low", "median", "high"))
    return f"{median} ({low}–{high}), {stands}{_regime(row)}".replace(" ", NB, 1)


def _regime(row: Mapping[str, Any]) -> str:
    """The likelier of tense and armed, where the pair is likelier one of them than quiet; otherwise nothing."""
    told = row["regime"]
    if not told or told["quiet"] > 0.5:
        return ""
    name = max(("tense", "armed"), key=lambda one: told[one])
    return f", {name}:{NB}{in_100(told[name], 10000)}"


def _regimes(rows: Sequence[Mapping[str, Any]]) -> str:
    """The chances of all regimes of the first pair; "" where there are none."""
    told = rows[0]["regime"] or {}
    some = ", ".join(f"{name} {in_100(told[name], 10000)}" for name in reversed(told))
    return f"The law holds the pair {some}. ".replace(" in 100", f"{NB}in{NB}100") if some else ""


def _alone(row: Mapping[str, Any], unit: str, when: str) -> str:
    """Where one pair stands against its own usual."""
    where = {"above": "above its own usual level", "below": "below its own usual level"}
    stands = where.get(row["usual"]["verdict"], "not told apart from its usual level")
    return f"{row['label']}: {brief(row['level']['median'])} {unit}, {stands}, on {when}"


def _several(verdicts: list[str], when: str) -> str:
    """Where the pairs stand against their own usual."""
    above, below = (verdicts.count(way) for way in ("above", "below"))
    rest, stand = len(verdicts) - above - below, "stands above its" if above < 2 else "stand above their"
    told = f"{above or 'None'} of {len(verdicts)} pairs {stand} own usual level on {when}"
    told += f", {below} below it" if below else ""
    return told + (f"; {rest} cannot be told apart from it" if rest else "")


def _scored(content: Mapping[str, Any]) -> str:
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


def provenance(content: Mapping[str, Any], command: str = "") -> Provenance:
    """Where the figure comes from: the file of reports."""
    return of_file(content["file"], content["sha256"], content["seed"], f"{whole(content['members'])} members", command)
