"""What fits and what does not, in numbers: a history's variants against the record, window by window, pair by pair."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.evidence.code import HISTORY, code
from detente.evidence.forecasts import scores
from detente.evidence.forecasts.skill import share
from detente.evidence.pairs import footnotes
from detente.evidence.past.backcast_ranks import against, documented
from detente.evidence.past.history import VARIANTS, History, Told

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

#: weeks of a pair, and years, below which a score is not told
FEWEST, YEARS = 26, 6
#: weeks of a year below which it is left out of the ranking of years
WHOLE = 26
CONVENTIONS = {
    "read": "a pair is read from its first report on",
    "level_ratio": "mean simulated reports over observed ones; null where none was observed",
    "band": "share of weeks (of spans of four weeks) whose reports lie in the central 90 % of members, ends included; "
    "where most weeks have no report even a right band holds more than 90 %",
    "above": "share of weeks with more reports than the band",
    "crps": "of log1p of a week's reports, ensemble as issued; lower is better",
    "pairs_ranked": "Spearman correlation over pairs of mean reports, recorded against simulated",
    "years": "Spearman correlation of yearly means of log1p(reports per week), observed against simulated median",
    "memory": "lag-1 autocorrelation of log1p of weekly reports: observed, and median and 90 % of members",
    "contrast": "the index on hostility and incidents, mean of members: inside and outside the documented spells, and "
    "the chance that a week inside stands above one outside",
}


def record(found: History) -> dict[str, Any]:
    """The history in numbers, ready for JSON."""
    spells = documented(found.scenario, found.weeks)
    return {
        **found.observations.record(),
        "code": code(HISTORY),
        "scenario": found.scenario.name,
        "theatre": found.scenario.theatre,
        "fitted_until": str(found.fitted),
        "first": str(found.dates[0]),
        "last": str(found.dates[-1]),
        "run_until": str(found.weeks[-1]),
        "members": found.members,
        "seed": found.seed,
        "variants": {name: {"what": what, "acts": found.told[name].acts} for name, what in VARIANTS.items()},
        "acts_told": {name: _acts(found, name) for name in ("fitted", "later")},
        "pairs": {key: pair(found, n) for n, key in enumerate(found.keys)},
        "together": {window: together(found, window) for window in found.windows},
        "index": {name: index(found, told) for name, told in found.told.items()},
        "spells": [
            {"title": s.title, "from": str(found.weeks[s.first]), "to": str(found.weeks[s.last])} for s in spells
        ],
        "conventions": CONVENTIONS,
        "footnotes": footnotes(found.scenario, [*found.labels.values(), *(s.title for s in spells)]),
    }


def _acts(found: History, window: str) -> int:
    days = [np.datetime64(act.date) for act in found.scenario.acts.values()]
    return int(sum((day <= found.fitted) == (window == "fitted") for day in days))


def pair(found: History, n: int) -> dict[str, Any]:
    """One pair: the record's level and memory, and each variant's scores by window."""
    windows = {name: weeks & found.known[n] for name, weeks in found.windows.items()}
    out: dict[str, Any] = {"label": found.labels[found.keys[n]]}
    for name, weeks in windows.items():
        observed = found.observed[n, weeks]
        out[name] = {"weeks": int(observed.size), "reports": int(observed.sum()), "memory": _round(memory(observed))}
        if len(observed) >= FEWEST:
            out[name]["variants"] = {k: scored(observed, told.reports[n][:, weeks]) for k, told in found.told.items()}
    out["years"] = {
        k: years(found, found.observed[n], told.reports[n], found.known[n]) for k, told in found.told.items()
    }
    out["by_year"] = by_year(found, n)
    return out


def by_year(found: History, n: int) -> dict[str, dict[str, float]]:
    """Reports of a pair by year, recorded and mean simulated; years from its first report on."""
    year = found.dates.astype("datetime64[Y]")
    out = {}
    for one in np.unique(year[found.known[n]]):
        weeks = (year == one) & found.known[n]
        simulated = {k: _round(told.reports[n][:, weeks].sum(axis=1).mean(), 1) for k, told in found.told.items()}
        out[str(one)] = {"recorded": float(found.observed[n, weeks].sum()), **simulated}
    return out


def together(found: History, window: str) -> dict[str, Any]:
    """All pairs' weeks taken together: scores by variant, mean over pairs that are read long enough."""
    weeks = found.windows[window]
    read = [n for n in range(len(found.keys)) if (weeks & found.known[n]).sum() >= FEWEST]
    out: dict[str, Any] = {}
    for name, told in found.told.items():
        parts = [(found.observed[n], told.reports[n], weeks & found.known[n]) for n in read]
        out[name] = {
            "pairs": len(parts),
            "band": _round(np.mean([np.mean(inside(o[w], s[:, w])) for o, s, w in parts])),
            "crps": _round(np.mean([crps(o[w], s[:, w]).mean() for o, s, w in parts])),
            "level_ratio": level_ratio(
                sum(s[:, w].mean(axis=0).sum() for _, s, w in parts), sum(o[w].sum() for o, _, w in parts)
            ),
            "pairs_ranked": rank_correlation(
                np.array([o[w].mean() for o, _, w in parts]), np.array([s[:, w].mean() for _, s, w in parts])
            ),
        }
    return out


def scored(observed: Array, simulated: NDArray[np.uint16]) -> dict[str, Any]:
    """Scores of reports ``simulated`` (member, week) against those ``observed`` (week,)."""
    low, mid, high = np.quantile([memory(member) for member in simulated.astype(float)], (0.05, 0.5, 0.95))
    months = len(observed) // 4
    by_month = [
        np.add.reduceat(a, np.arange(0, 4 * months, 4), axis=-1)
        for a in (observed[: 4 * months], simulated[:, : 4 * months].astype(float))
    ]
    return {
        "reports": _round(simulated.mean(axis=0).sum(), 1),
        "level_ratio": level_ratio(simulated.mean(axis=0).sum(), observed.sum()),
        "band": _round(inside(observed, simulated).mean()),
        "band_four_weeks": _round(inside(by_month[0], by_month[1]).mean()),
        "above": _round((observed > np.quantile(simulated, 0.95, axis=0)).mean()),
        "crps": _round(crps(observed, simulated).mean()),
        "memory": {"median": _round(mid), "low": _round(low), "high": _round(high)},
    }


def level_ratio(simulated: float, observed: float) -> float | None:
    """Reports simulated over those recorded; None where none was recorded."""
    return _round(simulated / observed) if observed > 0 else None


def gains(together: Mapping[str, Any]) -> dict[str, float | None]:
    """Gain in CRPS of every run over that with the laws off, as a share; None where that errs by nothing."""
    return {name: share(one["crps"], together["laws_off"]["crps"]) for name, one in together.items()}


def inside(observed: Array, simulated: NDArray[Any]) -> Flags:
    """Which of ``observed`` (week,) lie in the central 90 % of ``simulated`` (member, week)."""
    low, high = np.quantile(simulated, (0.05, 0.95), axis=0)
    return np.asarray((observed >= low - 1e-12) & (observed <= high + 1e-12))


def crps(observed: Array, simulated: NDArray[Any]) -> Array:
    """CRPS of log1p by week, (week,)."""
    members, seen = np.log1p(simulated.astype(float)).T, np.log1p(observed)
    return np.array([scores.crps(x, y) for x, y in zip(members, seen.tolist(), strict=True)])


def memory(counts: Array) -> float:
    """Lag-1 autocorrelation of log1p of ``counts`` (week,); 0 where they do not vary."""
    x = np.log1p(counts)
    x = x - x.mean()
    power = float(x @ x)
    return float(x[1:] @ x[:-1]) / power if power > 0 and len(x) > 1 else 0.0


def years(found: History, observed: Array, simulated: NDArray[np.uint16], known: Flags) -> dict[str, float | None]:
    """Rank correlation of yearly levels over the fitting window and over the whole file; None where too few years."""
    year = found.dates.astype("datetime64[Y]").astype(int)
    out = {}
    for name, weeks in (("fitted", found.windows["fitted"] & known), ("all", known)):
        some = [k for k in np.unique(year[weeks]) if np.count_nonzero(weeks & (year == k)) >= WHOLE]
        seen = np.array([np.log1p(observed[weeks & (year == k)]).mean() for k in some])
        shown = np.array(
            [np.median(np.log1p(simulated[:, weeks & (year == k)].astype(float)).mean(axis=1)) for k in some]
        )
        out[name] = rank_correlation(seen, shown) if len(some) >= YEARS else None
    return out


def rank_correlation(one: Array, other: Array) -> float | None:
    """Spearman's; None where either does not vary."""
    a, b = (_ranks(x) for x in (one, other))
    if len(a) < 3 or not a.std() or not b.std():
        return None
    return _round(float(np.corrcoef(a, b)[0, 1]))


def _ranks(values: Array) -> Array:
    """Ranks from 1, ties sharing their mean."""
    below, upto = (np.searchsorted(np.sort(values), values, side=side) for side in ("left", "right"))
    return np.asarray((below + upto + 1) / 2.0)


def index(found: History, told: Told) -> dict[str, Any]:
    """Whether the simulated index is higher in the documented spells, by window, and whether its years rank like the
    back-cast's."""
    path = told.index.mean(axis=0)
    within = np.zeros(len(found.weeks), dtype=bool)
    for spell in documented(found.scenario, found.weeks):
        within[spell.first : spell.last + 1] = True
    early = found.weeks + np.timedelta64(6, "D") <= found.fitted
    parts = {"fitted": early, "later": ~early}
    contrast = {k: {a: _round(b) for a, b in against(path[w], within[w]).items()} for k, w in parts.items()}
    year = found.dates.astype("datetime64[Y]").astype(int)
    some = [k for k in np.unique(year) if np.count_nonzero(year == k) >= WHOLE]
    here = path[np.searchsorted(found.weeks, found.dates)]
    means = [np.array([x[year == k].mean() for k in some]) for x in (here, found.backcast)]
    return {"contrast": contrast, "years_with_backcast": rank_correlation(*means)}


def _round(value: Any, digits: int = 3) -> float:
    return round(float(value), digits)
