"""``detente calibrate``: what a file of events says about the laws' parameters, as a part that scenarios extend."""

from __future__ import annotations

import shlex
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from detente.cli import keep, say
from detente.cli.observed import observed
from detente.cli.options import with_extensions
from detente.cli.progress import Progress

if TYPE_CHECKING:
    from detente.evidence.calibration.calibrate import Calibration, Replay
    from detente.evidence.forecasts.targets import Window

COLUMNS = ("parameter", "unit", "before (90 %)", "after (90 %)", "narrower", "told", "rank p", "")
WORDS = {"inferred": "", "edge": "not used: beyond the prior", "uneven": "not used: ranks uneven"}


@click.command("calibrate")
@with_extensions
@click.argument("scenario")
@click.option("--observations", "file", required=True, help="Weekly events, or their name in DETENTE_OBSERVATIONS.")
@click.option("--until", metavar="DATE", help="Learn from what came up to this day, and from nothing later.")
@click.option("--train", metavar="FROM:TO", help="As --until, with both ends.")
@click.option("--dyad", "dyads", multiple=True, metavar="OURS[=THEIRS]",
              help="Only this pair, and its name in the file where that differs; repeatable.")  # fmt: skip
@click.option("--codes", type=click.Path(path_type=Path), help="YAML file: which actor code stands for whom.")
@click.option("--draws", type=click.IntRange(1, 10_000_000), help="Simulations; default 12 000.")
@click.option("--checks", type=click.IntRange(1, 1_000_000), help="Simulations taken as files, to check the inference; "
              "at least 200, default 400.")  # fmt: skip
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0, 2**63 - 1), help="Key of all chance.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 512), help="Processes.")
@click.option("--out", type=click.Path(path_type=Path), help="Write the posterior to this .yaml file.")
@click.option("--force", is_flag=True, help="Overwrite --out.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object; detente figure posterior draws it.")
def command(
    scenario: str,
    file: str,
    until: str | None,
    train: str | None,
    dyads: tuple[str, ...],
    codes: Path | None,
    draws: int | None,
    checks: int | None,
    seed: int,
    workers: int,
    out: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """Hold SCENARIO's parameters against weekly events and write those that the events narrow.

    The scenario itself is simulated over the window with parameters from their distributions; simulated incidents
    pass through a model of reporting. Parameters are chosen, and the inference is checked, on simulated files with
    known parameters. All others keep what they have.
    """
    from detente.evidence.calibration import part
    from detente.evidence.calibration.calibrate import CHECKS, DRAWS, calibrate, window_of
    from detente.model.stability import require_placed
    from detente.scenario.load import load

    window = window_of(until, train)
    if out is not None:
        part.free(out, force)
    loaded = load(scenario)
    require_placed(loaded)
    series, pairs = observed(file, codes), {ours: theirs for ours, _, theirs in (word.partition("=") for word in dyads)}
    begun = time.monotonic()
    found = calibrate(
        loaded.scenario,
        series,
        train=window,
        dyads=pairs,
        draws=draws or DRAWS,
        checks=checks or CHECKS,
        seed=seed,
        workers=workers,
        tell=Progress().of("simulate", "draws"),
    )
    again, stopped = keep.attempted(lambda: found.replay(Progress().of("replay", "draws")))
    told = found.record(_reproduce(scenario, found, window, dyads, codes), again)
    saved, unsaved = keep.written(lambda: [part.write(out, found, told)] if out and found.inferred else [])
    if as_json:
        say.as_json({**told, "saved": str(saved[0]) if saved else None, "not_saved": keep.reason(unsaved)})
    else:
        _print(found, again, time.monotonic() - begun)
        _end(found, saved[0] if saved else None)
    keep.end(stopped, unsaved, as_json=as_json)
    if not saved and out is not None:
        raise part.NothingLearnt(f"nothing was written to {out}: no parameter was inferred")


def _reproduce(scenario: str, found: Calibration, window: Window, dyads: Sequence[str], codes: Path | None) -> str:
    """The command that makes the same numbers again; paths by their last name, as they differ between machines."""
    question = found.question
    words = ["detente", "calibrate", scenario, "--observations", question.observations.path.name]
    words += ["--train", str(window)] if str(window) != ":" else []
    words += [word for dyad in dyads for word in ("--dyad", dyad)]
    words += ["--codes", codes.name] if codes else []
    words += ["--draws", str(question.draws), "--checks", str(question.checks), "--seed", str(question.seed)]
    return shlex.join(words)


def _print(found: Calibration, again: Replay | None, spent: float) -> None:
    seen, question = found.watched, found.question
    weeks, pairs = seen.stop - seen.first, len(seen.dyads)
    click.echo(
        f"{question.scenario.title} · {pairs} pair{'s' * (pairs != 1)} × {weeks} weeks, {seen.span[0]} to "
        f"{seen.span[1]} · {question.draws} simulations · seed {question.seed} · {spent:.0f} s"
    )
    for line in (*_fit(found), "", *_learnt(found), *_left(found), *_again(again)):
        click.echo(f"  {line}".rstrip())


def _fit(found: Calibration) -> list[str]:
    """Whether the scenario could have made the file, in words."""
    from detente.prose.wording import in_100

    share = in_100(found.as_far_out, found.question.draws, "simulations")
    if found.fits:
        lines = [f"The scenario could have made this file: {share} lie as far from their middle"]
    else:
        lines = [
            f"The file lies outside what the scenario can produce: {share} lie as far from their middle.",
            "What follows is conditional on a scenario that is wrong about this file: no posterior is written.",
        ]
    if found.strange:
        odd = ", ".join(s.summary.replace("|", " ").strip() for s in found.strange[:6]) + (
            ", …" * (len(found.strange) > 6)
        )
        lines.append(f"Set aside as hardly ever simulated: {len(found.strange)} of {found.summaries} summaries ({odd})")
    return lines


def _learnt(found: Calibration) -> list[str]:
    import numpy as np

    ends = np.array([0.05, 0.5, 0.95])
    rows = [
        [
            e.path.removeprefix("parameters."),
            e.prior.unit,
            _span(e.before(ends)),
            _span(e.quantiles(ends)),
            f"{e.shrinkage:.0%}",
            f"{e.explained:.0%}",
            f"{e.recovery.p:.2f}",
            WORDS[e.verdict],
        ]
        for e in found.estimates
    ]
    return say.table([COLUMNS, *rows], right=(4, 5, 6)).splitlines()


def _span(values: Any) -> str:
    low, middle, high = (f"{v:.3g}" for v in values)
    return f"{middle} [{low}, {high}]"


def _left(found: Calibration) -> list[str]:
    from detente.prose.wording import in_100

    estimated = sorted(e.path.removeprefix("parameters.") for e in found.inferred if _already(found, e.prior.source))
    lines = [
        "",
        f"{len(found.untold)} more uncertain parameters keep their prior: files like this one tell too little of them",
        f"Not ruled out: {in_100(found.not_ruled_out, 100)} draws of the prior",
        "told: share of a parameter's variance that simulated files tell; rank p: below 0.01 the inference is unsound",
    ]
    if estimated:
        lines.append(f"Prior already estimated from data, here perhaps counted twice: {', '.join(estimated)}")
    return lines


def _again(again: Replay | None) -> list[str]:
    from detente.prose.wording import in_100

    if again is None:
        return []
    far = in_100(again.as_far_out, 1000, "simulations")
    return [
        f"With the posterior as written {far} lie as far out as the file; its summaries within their 90 % range: "
        f"{again.inside_before:.0%} before, {again.inside_after:.0%} after"
    ]


def _already(found: Calibration, sources: Sequence[str]) -> bool:
    known = found.question.scenario.sources
    return any(name in known and known[name].grade == "estimate" for name in sources)


def _end(found: Calibration, written: Path | None) -> None:
    if written is not None:
        name = found.question.scenario.name
        say.ending([written], [f"a scenario beside it that says extends: {name} and overlay: ./{written.stem}"])
    elif found.inferred:
        say.ending(then=["the same command with --out posterior.yaml writes the part"])
