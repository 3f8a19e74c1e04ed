"""A nowcast in words: one line per pair, then what is missing, what is doubtful, and how the filter fared."""

from __future__ import annotations

from typing import Any

from detente.cli import say
from detente.cli.hindcast import gained
from detente.evidence.forecasts.skill import share, verdict
from detente.prose.wording import counted, fixed, in_100
from detente.scenario.diagnostics import listed

COLUMNS = ("pair", "last report", "incidents", "90 %", "against its usual", "hostility", "new regime", "next", "in 12")
#: of a long list of names, those that are printed
SHOWN = 8


def words(content: dict[str, Any]) -> str:
    """All that is printed for people."""
    step = content["step"]
    number = len(content["pairs"])
    head = (
        f"{content['file']} up to {content['at']}, {number} pair{'s' * (number > 1)} of {content['scenario']} · "
        f"{counted(content['members'], 'member')} · seed {content['seed']}"
    )
    ahead = len(content["pairs"][0]["forecast"])
    columns = (*COLUMNS[:7], f"next {step}", f"{step} {ahead}")
    table = say.table([columns, *[_row(pair) for pair in content["pairs"]]], right=(2, 3, 5, 6, 7, 8))
    return "\n".join(
        [head, "", table, "", *_legend(content), *_doubts(content), *_skill(content), *content["footnotes"]]
    )


def _row(pair: dict[str, Any]) -> tuple[str, ...]:
    rate, usual = pair["rate"], pair["usual"]
    first, last = (pair["forecast"][k] for k in (0, -1))
    return (
        pair["label"],
        pair["last_reported"] or "never",
        digits(rate["median"]),
        f"{digits(rate['low'])}–{digits(rate['high'])}",
        f"{_stands(usual['verdict'])}: over {in_100(usual['quantile'], 10000)}",
        _signed(pair["hostility"]["median"]),
        in_100(pair["new_regime"]["probability"], 10000),
        _fan(first["level"]),
        _fan(last["level"]),
    )


def digits(value: float) -> str:
    """A number to two digits; hundredths at least."""
    short = round(float(f"{value:.2g}"), 2)
    text = fixed(short, 0 if short >= 10 else 1 if short >= 1 else 2)
    return text.rstrip("0").rstrip(".") if "." in text else text


def _signed(value: float) -> str:
    text = fixed(value, 1)
    return f"+{text}" if value > 0.05 else text


def _stands(verdict: str) -> str:
    return {"above": "above", "below": "below"}.get(verdict, "not told apart")


def _fan(level: dict[str, float]) -> str:
    return f"{digits(level['median'])} ({digits(level['low90'])}–{digits(level['high90'])})"


def _legend(content: dict[str, Any]) -> list[str]:
    """What the columns mean."""
    step, regime = content["step"], content["pairs"][0]["new_regime"]
    unit = content["pairs"][0]["unit"]
    return [
        f"incidents: expected per {step}, reported or not; usual: {step}s of {content['train']} with a lower rate",
        f"new regime: chance that one began in the last {regime['intervals']} {step}s (before their reports "
        f"{in_100(regime['before'], 10000)}); next: {unit}, median and 90 %",
    ]


def _doubts(content: dict[str, Any]) -> list[str]:
    """What is missing and what is doubtful."""
    out = [content["remark"]] if content["remark"] else []
    for key, text in (
        ("not_in_the_file", "Not in the file"),
        ("not_in_the_theatre", "In the file, not in the theatre"),
    ):
        if content[key]:
            out.append(f"{text}: {listed(content[key], SHOWN)} ({len(content[key])})")
    return [*out, *(f"Warning: {text}" for text in content["warnings"])]


def _skill(content: dict[str, Any]) -> list[str]:
    """How the filter fared on what was held out, by horizon; else which command scores it."""
    rows = [(pair["label"], row) for pair in content["pairs"] for row in pair["skill"]]
    if not rows:
        return [
            "How do you know? Nothing was held out to score this filter on: give --train FROM:TO with a year after it, "
            "or see detente hindcast --help"
        ]
    horizons = dict.fromkeys(row["horizon"] for _, row in rows)
    text = [f"How do you know? The same filter on {content['held_out']}, which was not fitted:"]
    return [*text, *(_scored([r for r in rows if r[1]["horizon"] == h], content["step"]) for h in horizons)]


def _scored(rows: list[tuple[str, dict[str, Any]]], step: str) -> str:
    if len(rows) == 1:
        row = rows[0][1]
        value, span = gained(row["skill_vs_smoothing"], row["skill_low"], row["skill_high"])
        best, _ = gained(*row["skill_vs_best"])
        told = f"against smoothing {value}{f' ({span})' * bool(span)}, against {row['best_naive']}, the best naive "
        told += f"forecast, {best}"
    else:
        verdicts = [verdict(row["skill_low"], row["skill_high"]) for _, row in rows]
        told = f"CRPS {_against([row for _, row in rows])} smoothing; clearly better in {verdicts.count('better')}, "
        told += f"clearly worse in {verdicts.count('worse')} of {len(rows)} pairs"
        if silent := verdicts.count("undefined"):
            told += f", not to be told in {silent}, where smoothing errs by nothing"
    covered = sum(row["coverage90"] for _, row in rows) / len(rows)
    first = rows[0][1]
    ahead = f"{first['horizon']} {step}{'s' * (first['horizon'] > 1)} ahead"
    return f"  {ahead}: {told}; 90 % interval covered {covered:.0%} of {first['n']}".replace("-", "−")


def _against(rows: list[dict[str, Any]]) -> str:
    """Mean CRPS over the pairs against smoothing's; in words where that is none."""
    mine, smooth = [row["crps"] for row in rows], [row["naive"]["smoothing"] for row in rows]
    gain = share(mine, smooth)
    return f"{-gain:+.0%} against" if gain is not None else f"{sum(mine) / len(mine):.3f} beside none for"
