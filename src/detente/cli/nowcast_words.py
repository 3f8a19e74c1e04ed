"""A nowcast in a terminal: the cells of its table and how the filter fared; sentences stand in ``nowcast.j2``."""

from __future__ import annotations

from typing import Any

from detente.cli.hindcast import gained
from detente.evidence.forecasts.skill import share, verdict
from detente.prose.table import Table
from detente.prose.templates import said
from detente.prose.wording import fixed, in_100
from detente.scenario.diagnostics import listed

#: of a long list of names, those that are printed
SHOWN = 8


def words(content: dict[str, Any]) -> str:
    """All that is printed for people."""
    step, pairs = content["step"], content["pairs"]
    names = ("pair", "last report", "incidents", "90 %", "against its usual")
    regimes = ("tense", "armed") if pairs[0]["regime"] else ()
    columns = (*names, *regimes, f"next {step}", f"{step} {len(pairs[0]['forecast'])}")
    table = Table(columns, [_row(pair) for pair in pairs], right=(2, 3, *range(5, len(columns)))).text()
    lacking, strange = (listed(content[key], SHOWN) for key in ("not_in_the_file", "not_in_the_theatre"))
    head, rest = said("nowcast.j2", "head", content), said("nowcast.j2", "rest", content, lacking, strange)
    return "\n".join([*head, "", table, "", *rest, *skill(content), *content["footnotes"]])


def _row(pair: dict[str, Any]) -> tuple[str, ...]:
    rate, usual, regime = pair["rate"], pair["usual"], pair["regime"]
    stands = {"above": "above", "below": "below"}.get(usual["verdict"], "not told apart")
    levels = (pair["forecast"][k]["level"] for k in (0, -1))
    return (
        pair["label"],
        pair["last_reported"] or "never",
        digits(rate["median"]),
        f"{digits(rate['low'])}–{digits(rate['high'])}",
        f"{stands}: over {in_100(usual['quantile'], 10000)}",
        *(in_100(regime[name], 10000) for name in ("tense", "armed") if regime),
        *(f"{digits(one['median'])} ({digits(one['low90'])}–{digits(one['high90'])})" for one in levels),
    )


def digits(value: float) -> str:
    """A number to two digits; hundredths at least."""
    short = round(float(f"{value:.2g}"), 2)
    text = fixed(short, 0 if short >= 10 else 1 if short >= 1 else 2)
    return text.rstrip("0").rstrip(".") if "." in text else text


def skill(content: dict[str, Any]) -> list[str]:
    """How the filter fared on what was held out, by horizon: of one pair its skill, of several how often it won."""
    rows = [row for pair in content["pairs"] for row in pair["skill"]]
    horizons = dict.fromkeys(row["horizon"] for row in rows)
    scored = [_scored([row for row in rows if row["horizon"] == h], content["step"]) for h in horizons]
    return said("nowcast.j2", "skill", content, scored)


def _scored(rows: list[dict[str, Any]], step: str) -> dict[str, Any]:
    row, covered = rows[0], sum(row["coverage90"] for row in rows) / len(rows)
    told = {"ahead": f"{row['horizon']} {step}{'s' * (row['horizon'] > 1)} ahead", "n": row["n"]}
    told["covered"] = f"{covered:.0%}"
    if len(rows) == 1:
        value, span = gained(row["skill_vs_smoothing"], row["skill_low"], row["skill_high"])
        more = {"value": value, "span": span, "naive": row["best_naive"], "best": gained(*row["skill_vs_best"])[0]}
    else:
        mine, verdicts = [row["crps"] for row in rows], [verdict(row["skill_low"], row["skill_high"]) for row in rows]
        gain = share(mine, [row["naive"]["smoothing"] for row in rows])
        crps = f"{-gain:+.0%} against" if gain is not None else f"{sum(mine) / len(mine):.3f} beside none for"
        won = {key: verdicts.count(name) for key, name in (("better",) * 2, ("worse",) * 2, ("silent", "undefined"))}
        more = {"crps": crps, "pairs": len(rows), **won}
    return {key: text.replace("-", "−") if isinstance(text, str) else text for key, text in (told | more).items()}
