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

COLUMNS = ("method", "h", "n", "CRPS", "skill", "interval", "cover 90 %", "log score")
VERDICTS = {
    "better": "clearly better",
    "worse": "clearly worse",
    "untold": "not told apart",
    "undefined": "not compared",
}


@click.command("hindcast", cls=options.Command)
@options.with_extensions
@options.observations()
@click.option("--dyad", required=True, help="Dyad or series of the file to forecast.")
@click.option("--train", required=True, metavar="FROM:TO", help="Fitting window; all parameters come from it.")
@click.option("--test", required=True, metavar="FROM:TO", help="Window of the targets that are scored.")
@click.option("--horizon", "horizons", multiple=True, type=click.IntRange(1, 26), default=(1,), show_default=True,
              help="Steps ahead; may be given several times.")  # fmt: skip
@click.option("--every", type=click.Choice(["week", "month"]), help="Step of the forecasts; the file's own by default.")
@options.codes
@click.option("--ablations", is_flag=True, help="Also score the model without one law at a time.")
@options.seed(text=None)
@options.as_json("Print all scores, fits and conventions as JSON.")
def command(as_json: bool, **asked: Any) -> None:
    """Forecast a test window from rolling origins and score it.

    The model is fitted to the training window and never to anything after it; its state follows the reports up to
    each origin. "laws_off" is the same filter without the laws.
    """
    from detente.api.evidence import hindcast

    made, stopped, _ = keep.finished(lambda: hindcast(**asked, tell=Progress()))
    if as_json:
        say.as_json({**made.record, **({"stopped": keep.reason(stopped)} if stopped else {})})
    else:
        click.echo(_words(made.found))
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
