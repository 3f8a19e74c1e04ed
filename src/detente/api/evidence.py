"""How far to trust it: forecasts of documented years, where the pairs stand now, what a file says of the parameters."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from detente.api import Tell, silent
from detente.engine import choice
from detente.errors import UsageError
from detente.evidence.unfinished import Unfinished, Unsaved, keeping
from detente.experiment.store import ResultError
from detente.model.stability import require_placed
from detente.observations import Observations, load
from detente.scenario import places
from detente.scenario.load import ScenarioLike, loaded

if TYPE_CHECKING:
    from detente.evidence.calibration.calibrate import Calibration
    from detente.evidence.forecasts.hindcast import Hindcast
    from detente.evidence.forecasts.pooled import Pooled
    from detente.evidence.forecasts.targets import Window
    from detente.evidence.nowcasts.nowcast import Nowcast

T = TypeVar("T")
Place = str | os.PathLike[str]
#: what a nowcast draws beside what it writes
PICTURES = ("nowcast.png", "nowcast.svg")
#: the dyad that stands for all pairs of a file together
ALL = "all"


@dataclass(frozen=True, repr=False)
class Evidence(Generic[T]):
    """What was ``found``, its numbers as a ``record`` of plain values, and the ``files`` written."""

    found: T
    record: dict[str, Any]
    files: tuple[Path, ...] = ()

    def __repr__(self) -> str:
        written = f"; {', '.join(map(str, self.files))}" if self.files else ""
        return f"Evidence({type(self.found).__name__}: {', '.join(self.record)}{written})"


def kept(work: Callable[[], Any], told: Callable[[Any], Evidence[T]]) -> Evidence[T]:
    """What is ``told`` of finished work. Raises Unfinished with what is told of the part that was finished."""
    try:
        return told(work())
    except Unfinished as stopped:
        raise Unfinished(told(stopped.finished)) from stopped.__cause__


def saved(told: Evidence[T], write: Callable[[], Sequence[Path]]) -> Evidence[T]:
    """The same with the files that ``write`` wrote. Raises Unsaved from what went wrong."""
    with keeping(lambda: told, Unsaved):
        return replace(told, files=(*told.files, *write()))


def observed(
    file: Place | Observations, codes: Place | None, tell: Tell, names: Mapping[str, list[str]] | None = None
) -> Observations:
    """A file's series; what was left out of it, and what looks odd, is told. Raises ObservationError."""
    if isinstance(file, Observations):
        return file
    path = None if codes is None else places.named(str(codes)) or Path(codes)
    found = load(Path(file), path, names)
    for line in found.reading.words(found.path.name):
        tell(line)
    return found


def hindcast(
    observations: Place | Observations,
    dyad: str,
    train: str | Sequence[str],
    test: str | Sequence[str],
    horizons: Sequence[int] = (1,),
    every: Literal["week", "month"] | None = None,
    codes: Place | None = None,
    seen: float = 0.1,
    ablations: bool = False,
    seed: int = 1,
    *,
    tell: Tell = silent,
) -> Evidence[Hindcast | Pooled]:
    """Forecast the ``test`` window of a file (FROM:TO) from rolling origins and score it, beside naive forecasts.

    All parameters come from the window ``train``. ``horizons`` count steps of ``every``, the file's own by default;
    ``codes`` is a YAML file that says which actor code stands for whom; ``ablations`` also scores the law without one
    part at a time. ``dyad`` "all" scores all pairs together that report in the share ``seen`` of the training window
    (found: Pooled, otherwise Hindcast); then ``train`` and ``test`` may be several windows, in order. Raises
    ObservationError, UsageError; Unfinished with what is told of the methods done so far.
    """
    from detente.evidence.forecasts import hindcast as forecasts
    from detente.evidence.forecasts import pooled
    from detente.evidence.forecasts.rolling import Question

    def heard(method: str, done: int, total: int) -> None:
        tell(f"fit {method}", done, total, "steps")

    pairs = windows(train, test)
    series, steps = observed(observations, codes, tell), tuple(sorted(set(horizons)))
    if dyad == ALL:
        if every is not None and every != next(iter(series.series.values())).step:
            raise UsageError(f"--dyad {ALL} forecasts at the step of the file: leave out --every")
        some = pooled.Asked(series, pairs, steps, seen, seed, ablations)
        return kept(lambda: pooled.hindcast_all(some, heard), lambda made: Evidence(made, made.record()))
    if len(pairs) > 1:
        raise UsageError(
            f"--dyad {dyad} is forecast in one window: ask once for each --train with its --test, "
            f"or score all pairs and windows together with --dyad {ALL}"
        )
    one = Question(series, dyad, *pairs[0], steps, every, seed, ablations=ablations)
    return kept(lambda: forecasts.hindcast(one, heard), lambda made: Evidence(made, made.record()))


def windows(train: str | Sequence[str], test: str | Sequence[str]) -> tuple[tuple[Window, Window], ...]:
    """Training windows with their test windows, in order. Raises UsageError where numbers differ, ObservationError."""
    from detente.evidence.forecasts.targets import Window

    trains, tests = ([one] if isinstance(one, str) else list(one) for one in (train, test))
    if len(trains) != len(tests) or not trains:
        raise UsageError(f"{len(trains)} training and {len(tests)} test windows: give one --test for every --train")
    return tuple((Window.of(one), Window.of(other)) for one, other in zip(trains, tests, strict=True))


def nowcast(
    scenario: ScenarioLike,
    observations: Place | Observations,
    at: str | None = None,
    ahead: int = 12,
    dyads: Sequence[str] = (),
    codes: Place | None = None,
    train: str | None = None,
    since: str | None = None,
    members: int = 4096,
    seed: int = 1,
    *,
    out: Place | None = None,
    force: bool = False,
    tell: Tell = silent,
) -> Evidence[Nowcast]:
    """Where the pairs of a scenario stand at the end of an event file, or on the day ``at``, and what comes next.

    ``ahead`` intervals are forecast; ``dyads`` are pairs of the theatre, all that are in the file by default; ``train``
    (FROM:TO) is the fitting window, ``since`` its first day. ``out`` is a folder for record, figure, and a scenario
    part that opens where the nowcast ends. Raises ObservationError, ScenarioError; ResultError where something would be
    lost in ``out``; UsageError; Unfinished with what is told of the pairs done so far, Unsaved with everything.
    """
    from detente.evidence.forecasts.targets import Window
    from detente.evidence.nowcasts import nowcast as nowcasts
    from detente.evidence.nowcasts.state import Asked
    from detente.evidence.pairs import actor_names

    folder = None if out is None else _free(Path(out), force)
    if train and since:
        raise UsageError("--train and --since do not go together: --train FROM:TO says both")
    theatre = loaded(scenario).scenario

    def heard(what: str, done: int, total: int) -> None:
        pairs = what == "pairs"
        tell("filter" if pairs else "fit", done, total, "pairs" if pairs else "rounds")

    series = observed(observations, codes, tell, actor_names(theatre))
    last = Window.of(f":{at.strip()}").last if at else None
    span = f"{since.strip()}:" if since else train
    asked = Asked(series, last, ahead, Window.of(span) if span else None, seed, members)
    told = kept(
        lambda: nowcasts.nowcast(theatre, asked, dyads, heard),
        lambda made: Evidence(made, made.record()),
    )
    if folder is None:
        return told
    words = ["detente", "nowcast", word(scenario), "--observations", series.path.name]
    for option, value in (("--at", at), ("--train", train), ("--since", since)):
        words += [option, value] if value else []
    command = shlex.join([*words, *(one for dyad in dyads for one in ("--dyad", dyad))])
    return saved(told, lambda: _written(told, folder, word(scenario), command))


def calibrate(
    scenario: ScenarioLike,
    observations: Place | Observations,
    until: str | None = None,
    train: str | None = None,
    dyads: Sequence[str] = (),
    codes: Place | None = None,
    draws: int | None = None,
    checks: int | None = None,
    seed: int = 1,
    workers: int = 1,
    *,
    out: Place | None = None,
    force: bool = False,
    tell: Tell = silent,
) -> Evidence[Calibration]:
    """What weekly events say about the parameters of a scenario; the same bits whatever ``workers``.

    Learns from what came up to the day ``until``, or within ``train`` (FROM:TO), and from nothing later. ``dyads`` are
    pairs of the scenario, each "OURS" or "OURS=THEIRS"; ``draws`` simulations (12 000), of which ``checks`` (400) are
    taken as files. ``out`` is a .yaml file for the posterior, a part that scenarios extend; nothing is written where
    nothing was inferred. Raises ScenarioError, ObservationError, PartRefused; Unfinished where the check of the
    posterior was stopped, Unsaved where it cannot be written, both with everything else.
    """
    from detente.evidence.calibration import calibrate as inference
    from detente.evidence.calibration import part
    from detente.evidence.forecasts.targets import Window

    if until is not None and train is not None:
        raise UsageError("give --until or --train, not both")
    if until is not None and ":" in until:
        raise UsageError(f'--until takes one day, such as 1997-12-31; for "{until}" there is --train')
    window = Window.of(train if train is not None else f":{until or ''}")
    path = None if out is None else Path(out)
    if path is not None:
        part.free(path, force)
    known = loaded(scenario)
    require_placed(known)
    series = observed(observations, codes, tell)
    pairs = {ours: theirs for ours, _, theirs in (pair.partition("=") for pair in dyads)}
    sizes = (draws or inference.DRAWS, checks or inference.CHECKS)
    question = inference.Question(known.scenario, series, window, pairs, *sizes, seed, workers)
    found = inference.calibrate(question, lambda done, total: tell("simulate", done, total, "draws"))
    # paths by their last name: they differ between machines
    words = ["detente", "calibrate", word(scenario), "--observations", series.path.name]
    words += ["--train", str(window)] if str(window) != ":" else []
    words += [*(one for pair in dyads for one in ("--dyad", pair)), *(["--codes", Path(codes).name] if codes else [])]
    words += [*choice.words(), "--draws", str(found.question.draws), "--checks", str(found.question.checks)]
    words += ["--seed", str(seed)]
    again, stopped = None, None
    try:
        again = found.replay(lambda done, total: tell("replay", done, total, "draws"))
    except (Exception, KeyboardInterrupt) as error:
        stopped = error
    told = Evidence(found, found.record(shlex.join(words), again))
    if path is not None and found.inferred:
        told = saved(told, lambda: [part.write(path, found, told.record)])
    if stopped is not None:
        raise Unfinished(told) from stopped
    return told


def word(scenario: ScenarioLike) -> str:
    """How a user names a scenario."""
    return str(scenario) if isinstance(scenario, str | os.PathLike) else loaded(scenario).scenario.name


def extended(scenario: ScenarioLike) -> str:
    """How a scenario is named after ``extends``: shipped ones by their name, others by that of their file."""
    path = places.named(word(scenario))
    return path.stem if path is not None else word(scenario)


def _free(out: Path, force: bool) -> Path:
    """The folder, if nothing would be lost in it. Raises ResultError."""
    from detente.evidence.nowcasts.opening import PART, RECORD, RUN

    if out.exists() and not out.is_dir():
        raise ResultError(f"{out} is a file. Choose another folder with --out.")
    there = [name for name in (RECORD, *PICTURES, PART, RUN) if (out / name).exists()]
    if there and not force:
        raise ResultError(f"{out} holds {there[0]} already. Replace it with --force, or choose another --out.")
    return out


def _written(told: Evidence[Nowcast], out: Path, scenario: str, command: str) -> list[Path]:
    """Record, part and scenario in one step, then the figure."""
    from detente.evidence.nowcasts import opening
    from detente.figures import nowcast as figure
    from detente.figures.save import save
    from detente.figures.sheet import sheet

    texts = opening.write(told.found, told.record, out, extended(scenario), PICTURES)
    data, source = figure.collect(told.found, told.record), figure.provenance(told.record, command)
    drawn = sheet(figure.draw, data, source)
    return [*(save(drawn, out / name, source, title=data.title, force=True) for name in PICTURES), *texts]
