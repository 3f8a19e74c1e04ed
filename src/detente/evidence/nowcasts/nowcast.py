"""A nowcast as one record: where every pair stands, how far to trust it, what comes next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.evidence.forecasts import skill
from detente.evidence.forecasts.baselines import BASELINES
from detente.evidence.forecasts.fit import WEEKS
from detente.evidence.forecasts.grid import REGIMES
from detente.evidence.forecasts.scoring import Scored, against_best
from detente.evidence.nowcasts.state import Asked, Now, Progress, origin, states, windows
from detente.evidence.nowcasts.watch import AT
from detente.evidence.pairs import Pairs, chosen, footnotes, label, matched
from detente.evidence.unfinished import keeping
from detente.scenario.schema import Scenario

Array = NDArray[np.float64]

#: a rate is called above or below its usual where so much of the probability says so
TOLD = 0.9

CONVENTIONS = {
    "rate": "incidents per interval as the law counts them, reported or not, expected after the last interval",
    "level": "the same as the file would show it on average: conflictual reports, or points of an index",
    "usual": "share of the training window's intervals with a lower rate, on average over what the rate may be; told "
    f"where {TOLD:.0%} of the probability lies on one side of the window's median",
    "regime": "probability that the pair is quiet, tense or armed after the last interval; null where a file gives no "
    "counts: an index of countries is no pair",
    "forecast": "single intervals: conflictual reports or index points (level) and the file's value",
    "skill": "CRPS of log1p of the value on intervals after the training, same parameters and filter; skill is one "
    f"less its ratio to the other's, {skill.LEVEL:.0%} block-bootstrap interval; null where the other errs by nothing",
}


@dataclass(frozen=True)
class Nowcast:
    """All of it: what was asked of which file and scenario, and what was found by pair."""

    scenario: Scenario
    asked: Asked
    pairs: Pairs
    found: dict[str, Now]

    @property
    def last(self) -> np.datetime64:
        """The last day that was read."""
        return np.datetime64(next(iter(self.found.values())).series.ends[-1])

    @property
    def step(self) -> str:
        """The file's interval."""
        return str(next(iter(self.found.values())).series.step)

    def record(self) -> dict[str, Any]:
        """The nowcast as plain values, ready for JSON."""
        asked, file = self.asked, self.asked.observations
        cut, remark = origin(asked)
        train, test = windows(asked, next(iter(cut.series.values())))
        rows = [_pair(self, pair, now) for pair, now in self.found.items()]
        return {
            "scenario": self.scenario.name,
            "theatre": self.scenario.theatre,
            **file.record(),
            "layout": file.layout,
            "step": self.step,
            "at": str(self.last),
            "remark": remark,
            "train": str(train),
            "held_out": str(test) if test else None,
            "trained_intervals": next(iter(self.found.values())).trained,
            "seed": asked.seed,
            "members": asked.members,
            "pairs": rows,
            "not_in_the_file": list(self.pairs.unobserved),
            "not_in_the_theatre": list(self.pairs.strangers),
            "warnings": [f"{row['label']}: {text}" for row in rows for text in row["warnings"]],
            "conventions": CONVENTIONS,
            "footnotes": footnotes(self.scenario, [row["label"] for row in rows]),
        }


def _pair(told: Nowcast, pair: str, now: Now) -> dict[str, Any]:
    watch, series = now.watch, now.series
    some = np.flatnonzero(series.count + series.other)
    horizons = dict.fromkeys(s.horizon for s in now.scored)
    return {
        "pair": pair,
        "series": series.key,
        "label": label(told.scenario, pair),
        "last_reported": str(series.ends[some[-1]]) if some.size else None,
        "rate": _spread(watch.rate[-1]),
        "rate_per_week": _spread(watch.rate[-1] / WEEKS[series.step]),
        "level": _spread(watch.level[-1]),
        "unit": f"conflictual reports per {series.step}" if series.counted else "index points",
        "usual": usual(now),
        "regime": dict(zip(REGIMES, watch.regime[-1].tolist(), strict=True)) if series.counted else None,
        "forecast": forecast(now),
        "skill": [_score([s for s in now.scored if s.horizon == h], told.asked.seed) for h in horizons],
        "fitted_to": list(now.fitted.dyads) if now.fitted else [],
        "warnings": warnings(now),
    }


def usual(now: Now) -> dict[str, Any]:
    """How the present rate stands among those of the training window."""
    past = np.sort(now.watch.rate[: now.trained, AT.index(0.5)])
    middle = float(np.median(past))
    rates, shares = now.watch.rates, now.watch.shares
    quantile = float(shares @ (np.searchsorted(past, rates) / len(past)))
    above = float(shares @ (rates > middle))
    verdict = "above" if above >= TOLD else "below" if above <= 1 - TOLD else "not told apart"
    return {"quantile": quantile, "median": middle, "chance_above": above, "verdict": verdict}


def forecast(now: Now) -> list[dict[str, Any]]:
    """Quantiles by interval ahead."""
    step = np.timedelta64(1, "M" if now.series.step == "month" else "W")
    last = now.series.dates[-1].astype("datetime64[M]" if now.series.step == "month" else "datetime64[D]")
    return [
        {
            "ahead": h,
            "from": str((last + h * step).astype("datetime64[D]")),
            "level": _spread(np.quantile(now.watch.reports[h - 1], AT), narrow=True),
            "value": _spread(np.quantile(now.watch.values[h - 1], AT), narrow=True),
            "chance_of_any": float((now.watch.reports[h - 1] > 0).mean()),
        }
        for h in range(1, len(now.watch.reports) + 1)
    ]


def _spread(quantiles: Array, narrow: bool = False) -> dict[str, float]:
    """Median and 90 % interval of the quantiles ``AT``; with ``narrow`` also the 50 % interval."""
    names = ("low90", "low50", "median", "high50", "high90")
    told = {name: float(q) for name, q in zip(names, quantiles, strict=True)}
    return told if narrow else {"median": told["median"], "low": told["low90"], "high": told["high90"]}


def _score(rivals: list[Scored], seed: int) -> dict[str, Any]:
    """The filter on the held-out intervals, beside the naive forecasts."""
    row = next(s for s in rivals if s.method == "model").row(rivals, seed)
    kept = ("horizon", "n", "crps", "coverage90", "skill_vs_smoothing", "skill_low", "skill_high", "skill_undefined")
    best, against = against_best(rivals, seed)
    naive = {s.method: float(s.crps.mean()) for s in rivals if s.method in BASELINES}
    return {**{k: row[k] for k in kept}, "naive": naive, "best_naive": best, "skill_vs_best": list(against[:3])}


def warnings(now: Now) -> list[str]:
    """What a reader must know before the numbers."""
    out, step = [], now.series.step
    if now.fitted is None:
        out.append(f"{now.trained} {step}s are too few to fit the laws to: their ranges from the literature stand in")
    if not now.series.count[: now.trained].any():
        out.append("no conflictual report in the training window: what it says comes from the other pairs")
    return out


def nowcast(scenario: Scenario, asked: Asked, dyads: Iterable[str] = (), tell: Progress | None = None) -> Nowcast:
    """Where the pairs of ``scenario`` stand: ``dyads`` of the theatre, or all that are in the file.

    ``tell`` hears (what, done, of). Raises ObservationError; Unfinished with the pairs done so far where it is stopped
    on the way.
    """
    pairs = matched(scenario, asked.observations)
    told = Nowcast(scenario, asked, pairs, {})
    with keeping(lambda: told if told.found else None):
        for pair, now in states(asked, chosen(pairs, dyads), tell):
            told.found[pair] = now
    return told
