"""What fits and what does not, in numbers: a history's variants against the record, window by window, pair by pair."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from detente.evidence.code import HISTORY, code
from detente.evidence.forecasts import scores
from detente.evidence.forecasts.scores import covered
from detente.evidence.forecasts.skill import share
from detente.evidence.pairs import footnotes
from detente.evidence.past.backcast_ranks import against, covering, documented
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
    days = np.array([np.datetime64(act.date) for act in found.scenario.acts.values()], dtype="datetime64[D]")
    early = int((days <= found.fitted).sum())
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
        "acts_told": {"fitted": early, "later": len(days) - early},
        "pairs": {key: pair(found, n) for n, key in enumerate(found.keys)},
        "together": {window: together(found, weeks) for window, weeks in found.windows.items()},
        "index": {name: index(found, told) for name, told in found.told.items()},
        "spells": [
            {"title": s.title, "from": str(found.weeks[s.first]), "to": str(found.weeks[s.last])} for s in spells
        ],
        "conventions": CONVENTIONS,
        "footnotes": footnotes(found.scenario, [*found.labels.values(), *(s.title for s in spells)]),
    }


def pair(found: History, n: int) -> dict[str, Any]:
    """One pair: the record's level and memory, and each variant's scores by window, its years and reports by year."""
    observed, known = found.observed[n], found.known[n]
    reports = {name: told.reports[n] for name, told in found.told.items()}
    out: dict[str, Any] = {"label": found.labels[found.keys[n]]}
    for window, inside in found.windows.items():
        weeks = inside & known
        seen = observed[weeks]
        out[window] = {"weeks": seen.size, "reports": int(seen.sum()), "memory": _round(memory(seen))}
        if seen.size >= FEWEST:
            out[window]["variants"] = {name: scored(seen, one[:, weeks]) for name, one in reports.items()}
    by_year = {year: weeks & known for year, weeks in _years(found).items()}
    out["years"] = {name: _ranked_years(found, n, one) for name, one in reports.items()}
    out["by_year"] = {
        str(year): {
            "recorded": float(observed[weeks].sum()),
            **{name: _round(one[:, weeks].sum(axis=1).mean(), 1) for name, one in reports.items()},
        }
        for year, weeks in by_year.items()
        if weeks.any()
    }
    return out


def together(found: History, window: Flags) -> dict[str, Any]:
    """All pairs' weeks in a ``window`` taken together: scores by variant, mean over pairs that are read long enough."""
    read = [(n, weeks) for n, known in enumerate(found.known) if (weeks := window & known).sum() >= FEWEST]
    out: dict[str, Any] = {}
    for name, told in found.told.items():
        parts = [(found.observed[n, weeks], told.reports[n][:, weeks]) for n, weeks in read]
        levels = np.array([(o.mean(), s.mean()) for o, s in parts]).reshape(-1, 2)
        out[name] = {
            "pairs": len(parts),
            "band": _round(np.mean([covered(s, o).mean() for o, s in parts])),
            "crps": _round(np.mean([crps(o, s).mean() for o, s in parts])),
            "level_ratio": level_ratio(sum(s.mean(axis=0).sum() for _, s in parts), sum(o.sum() for o, _ in parts)),
            "pairs_ranked": rank_correlation(*levels.T),
        }
    return out


def scored(observed: Array, simulated: NDArray[np.uint16]) -> dict[str, Any]:
    """Scores of reports ``simulated`` (member, week) against those ``observed`` (week,)."""
    low, mid, high = np.quantile([memory(member) for member in simulated.astype(float)], (0.05, 0.5, 0.95))
    whole = 4 * (len(observed) // 4)
    seen, told = (
        np.add.reduceat(a[..., :whole].astype(float), np.arange(0, whole, 4), -1) for a in (observed, simulated)
    )
    level = simulated.mean(axis=0).sum()
    return {
        "reports": _round(level, 1),
        "level_ratio": level_ratio(level, observed.sum()),
        "band": _round(covered(simulated, observed).mean()),
        "band_four_weeks": _round(covered(told, seen).mean()),
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


def _years(found: History) -> dict[int, Flags]:
    """Weeks of the file by year."""
    year = found.dates.astype("datetime64[Y]").astype(int) + 1970
    return {int(one): year == one for one in np.unique(year)}


def _ranked_years(found: History, n: int, simulated: NDArray[np.uint16]) -> dict[str, float | None]:
    """Rank correlation of a pair's yearly levels in the fitting window and in the whole file; None where too few."""
    out, known = {}, found.known[n]
    for name, weeks in (("fitted", found.windows["fitted"] & known), ("all", known)):
        some = [year & weeks for year in _years(found).values() if np.count_nonzero(year & weeks) >= WHOLE]
        seen = np.array([np.log1p(found.observed[n, w]).mean() for w in some])
        shown = np.array([np.median(np.log1p(simulated[:, w].astype(float)).mean(axis=1)) for w in some])
        out[name] = rank_correlation(seen, shown) if len(some) >= YEARS else None
    return out


def rank_correlation(one: Array, other: Array) -> float | None:
    """Spearman's, ties sharing their mean rank; None where either does not vary."""
    a, b = rankdata(one), rankdata(other)
    if len(a) < 3 or not a.std() or not b.std():
        return None
    return _round(float(np.corrcoef(a, b)[0, 1]))


def index(found: History, told: Told) -> dict[str, Any]:
    """Whether the simulated index is higher in the documented spells, by window, and whether its years rank like the
    back-cast's."""
    path = told.index.mean(axis=0)
    within = covering(documented(found.scenario, found.weeks), len(found.weeks))
    early = found.weeks + np.timedelta64(6, "D") <= found.fitted
    parts = {"fitted": early, "later": ~early}
    contrast = {k: {a: _round(b) for a, b in against(path[w], within[w]).items()} for k, w in parts.items()}
    some = [year for year in _years(found).values() if np.count_nonzero(year) >= WHOLE]
    here = path[np.searchsorted(found.weeks, found.dates)]
    means = [np.array([x[year].mean() for year in some]) for x in (here, found.backcast)]
    return {"contrast": contrast, "years_with_backcast": rank_correlation(*means)}


def _round(value: Any, digits: int = 3) -> float:
    return round(float(value), digits)
