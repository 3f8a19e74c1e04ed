"""``detente hindcast``: the laws' forecasts scored on a documented past, beside naive ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from detente.cli import keep, options, say
from detente.cli.progress import Progress
from detente.prose.table import Table

if TYPE_CHECKING:
    from detente.evidence.forecasts.hindcast import Hindcast
    from detente.evidence.forecasts.leakage import Proof
    from detente.evidence.forecasts.pooled import Pooled

COLUMNS = ("method", "h", "n", "CRPS", "skill", "interval", "cover 90 %", "log score")
TOGETHER = ("method", "h", "n", "CRPS", "skill", "interval", "vs off", "interval", "vs best", "interval", "cover 90 %")
EVENTS = ("method", "onset only", "n", "share", "Brier", "AUC", "skill", "interval")
VERDICTS = {
    "better": "clearly better",
    "worse": "clearly worse",
    "untold": "not told apart",
    "undefined": "not compared",
}


@click.command("hindcast", cls=options.Command)
@options.with_extensions
@options.observations()
@click.option("--dyad", required=True, help='Dyad or series of the file to forecast; "all" scores all pairs together.')
@click.option("--train", required=True, multiple=True, metavar="FROM:TO",
              help="Fitting window; all parameters come from it. With --dyad all repeatable.")  # fmt: skip
@click.option("--test", required=True, multiple=True, metavar="FROM:TO",
              help="Window of the targets that are scored: one for every --train, in order.")  # fmt: skip
@click.option("--horizon", "horizons", multiple=True, type=click.IntRange(1, 26), default=(1,), show_default=True,
              help="Steps ahead; may be given several times.")  # fmt: skip
@click.option("--every", type=click.Choice(["week", "month"]), help="Step of the forecasts; the file's own by default.")
@options.codes
@click.option("--seen", default=0.1, show_default=True, type=click.FloatRange(0.0, 1.0),
              help="With --dyad all: pairs that report in this share of the training intervals.")  # fmt: skip
@click.option("--ablations", is_flag=True, help="Also score the law without one part at a time.")
@options.seed(text=None)
@options.as_json("Print all scores, fits and conventions as JSON.")
def command(as_json: bool, **asked: Any) -> None:
    """Forecast a test window from rolling origins and score it.

    The model is fitted to the training window and never to anything after it; its state follows the reports up to
    each origin. "laws_off" is the same filter with regime and background held constant and no excitation.
    """
    from detente.api.evidence import hindcast

    made, stopped, _ = keep.finished(lambda: hindcast(**asked, tell=Progress()))
    if as_json:
        say.as_json({**made.record, **({"stopped": keep.reason(stopped)} if stopped else {})})
    else:
        from detente.evidence.forecasts.pooled import Pooled

        click.echo(_together(made.found) if isinstance(made.found, Pooled) else _words(made.found))
    keep.end(stopped, as_json=as_json)


def _words(result: Hindcast) -> str:
    question = result.prepared.question
    rows = [_cells(row) for row in result.rows()]
    table = Table(COLUMNS, rows, right=(1, 2, 3, 4, 6, 7)).text()
    span = f"{question.dyad}, targets {question.test}, parameters from {question.train} only"
    note = "skill: against exponential smoothing, with its 95 % interval; lower CRPS and log score are better"
    why = dict.fromkeys(row["skill_undefined"] for row in result.rows() if row["skill_undefined"])
    undefined = [f"skill {text}" for text in why]
    return "\n".join([span, "", table, "", *map(_best, result.best()), note, *undefined, _proved(result.proof)])


def _together(result: Pooled) -> str:
    """All pairs of a file: scores by horizon, events, windows."""
    rows = [_row(row) for row in result.rows()]
    table = Table(TOGETHER, rows, right=(1, 2, 3, 4, 6, 8, 10)).text()
    happened = Table(EVENTS, [_event(row) for row in result.event_rows()], right=(2, 3, 4, 5, 6)).text()
    spans = [
        f"{len(part.series)} pairs, targets {part.test}, parameters from {part.train} only" for part in result.parts
    ]
    notes = [
        "skill: against exponential smoothing; vs best: against the naive forecast that did best; 95 % intervals",
        f"events: the sum of the next {result.event_rows()[0]['horizon']} intervals above the pair's own high quantile "
        "of training; onset only: where it was not above it already",
    ]
    return "\n".join([*spans, "", table, "", happened, "", *notes, _proved(result.proof)])


def _row(row: dict[str, Any]) -> list[str]:
    told = [
        word
        for name, stem in (("skill_vs_smoothing", "skill"), ("vs_off", "vs_off"), ("vs_best", "vs_best"))
        for word in gained(row[name], row[f"{stem}_low"], row[f"{stem}_high"])
    ]
    return [row["method"], str(row["horizon"]), str(row["n"]), f"{row['crps']:.3f}", *told, f"{row['coverage90']:.0%}"]


def _event(row: dict[str, Any]) -> list[str]:
    numbers = [f"{row[name]:.3f}" if row[name] is not None else "" for name in ("share", "brier", "auc")]
    told = gained(row["skill_vs_smoothing"], row["skill_low"], row["skill_high"])
    return [row["method"], "yes" if row["onset_only"] else "no", str(row["n"]), *numbers, *told]


def _proved(proof: Proof) -> str:
    """What shuffling the future did to the forecasts."""
    verdict = "no leakage" if proof.holds else "LEAKAGE"
    fitted = "changes" if proof.fit_changed else "does not change"
    told = f"{proof.changed} of {proof.forecasts} forecasts made before change, and what is fitted {fitted}"
    return f"{verdict}: with everything after {proof.after} shuffled {told}"


def _cells(row: dict[str, Any]) -> list[str]:
    told = gained(row["skill_vs_smoothing"], row["skill_low"], row["skill_high"])
    numbers = [f"{row['crps']:.3f}", *told, f"{row['coverage90']:.0%}", f"{row['log_score']:.2f}"]
    return [row["method"], str(row["horizon"]), str(row["n"]), *numbers]


def _best(told: dict[str, Any]) -> str:
    from detente.evidence.forecasts.skill import verdict

    clear = VERDICTS[verdict(told["skill_low"], told["skill_high"])]
    value, span = gained(told["skill"], told["skill_low"], told["skill_high"])
    why = told["skill_undefined"] or f"{value}, {span}"
    return f"h = {told['horizon']}: model against the best naive forecast ({told['best_baseline']}): {clear} ({why})"


def gained(value: float | None, low: float | None, high: float | None) -> tuple[str, str]:
    """A skill and its interval in per cent; in words where the reference errs by nothing."""
    if value is None or low is None or high is None:
        return "undefined", ""
    return f"{value:+.0%}", f"{low:+.0%} to {high:+.0%}"
