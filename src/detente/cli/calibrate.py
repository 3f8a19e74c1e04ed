"""``detente calibrate``: what a file of events says about the laws' parameters, as a part that scenarios extend."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from detente.cli import complete, keep, options, say
from detente.cli.progress import Progress
from detente.prose.table import Table

if TYPE_CHECKING:
    from detente.evidence.calibration.calibrate import Calibration

COLUMNS = ("parameter", "unit", "before (90 %)", "after (90 %)", "narrower", "told", "rank p", "")
WORDS = {"inferred": "", "edge": "not used: beyond the prior", "uneven": "not used: ranks uneven"}


@click.command("calibrate", cls=options.Command)
@options.with_extensions
@options.engine
@click.argument("scenario", shell_complete=complete.scenarios)
@options.observations("Weekly events, or their name in DETENTE_OBSERVATIONS.")
@click.option("--until", metavar="DATE", help="Learn from what came up to this day, and from nothing later.")
@click.option("--train", metavar="FROM:TO", help="As --until, with both ends.")
@click.option("--dyad", "dyads", multiple=True, metavar="OURS[=THEIRS]",
              help="Only this pair, and its name in the file where that differs; repeatable.")  # fmt: skip
@options.codes
@click.option("--draws", type=click.IntRange(1, 10_000_000), help="Simulations; default 12 000.")
@click.option("--checks", type=click.IntRange(1, 1_000_000), help="Simulations taken as files, to check the inference; "
              "at least 200, default 400.")  # fmt: skip
@options.seed()
@options.workers
@options.out("Write the posterior to this .yaml file.")
@options.force("Overwrite --out.")
@options.as_json("Print one JSON object; detente figure posterior draws it.")
def command(out: Path | None, as_json: bool, **asked: Any) -> None:
    """Hold SCENARIO's parameters against weekly events and write those that the events narrow.

    The scenario itself is simulated over the window with parameters from their distributions; simulated incidents
    pass through a model of reporting. Parameters are chosen, and the inference is checked, on simulated files with
    known parameters. All others keep what they have.
    """
    from detente.api.evidence import calibrate
    from detente.evidence.calibration.part import NothingLearnt

    begun = time.monotonic()
    made, stopped, unsaved = keep.finished(lambda: calibrate(**asked, out=out, tell=Progress()))
    saved = str(made.files[0]) if made.files else None
    if as_json:
        say.as_json({**made.record, "saved": saved, "not_saved": keep.reason(unsaved)})
    else:
        click.echo(_words(made.found, made.record, time.monotonic() - begun))
        name, further = made.found.question.scenario.name, "the same command with --out posterior.yaml writes the part"
        if saved:
            further = f"a scenario beside it that says extends: {name} and overlay: ./{Path(saved).stem}"
        say.ending(made.files, [further] if saved or made.found.inferred else [])
    keep.end(stopped, unsaved, as_json=as_json)
    if not saved and out is not None:
        raise NothingLearnt(f"nothing was written to {out}: no parameter was inferred")


def _words(found: Calibration, told: dict[str, Any], spent: float) -> str:
    from detente.prose.templates import said
    from detente.prose.wording import in_100

    question, known = found.question, found.question.scenario.sources
    pairs = f"{len(told['dyads'])} pair{'s' * (len(told['dyads']) != 1)} × {told['weeks']} weeks"
    size = f"{pairs}, {told['window'][0]} to {told['window'][1]} · {question.draws} simulations"
    before = [e for e in found.inferred if any(s in known and known[s].grade == "estimate" for s in e.prior.source)]
    twice = sorted(e.path.removeprefix("parameters.") for e in before)
    fit = said("calibration.j2", "fit", told, in_100(found.as_far_out, question.draws, "simulations"))
    lines = [*fit, "", *_table(found).splitlines(), "", *said("calibration.j2", "left", told, twice)]
    head = f"{question.scenario.title} · {size} · seed {question.seed} · {spent:.0f} s"
    return "\n".join([head, *(f"  {line}".rstrip() for line in lines)])


def _table(found: Calibration) -> str:
    import numpy as np

    ends, rows = np.array([0.05, 0.5, 0.95]), []
    for e in found.estimates:
        spans = []
        for low, middle, high in (e.before(ends), e.quantiles(ends)):
            spans.append(f"{middle:.3g} [{low:.3g}, {high:.3g}]")
        shares = (f"{e.shrinkage:.0%}", f"{e.explained:.0%}", f"{e.recovery.p:.2f}")
        rows.append([e.path.removeprefix("parameters."), e.prior.unit, *spans, *shares, WORDS[e.verdict]])
    return Table(COLUMNS, rows, right=(4, 5, 6)).text()
