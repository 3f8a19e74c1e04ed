"""Run a study into a folder: start, go on, stop and go on again; nothing lost and nothing wrong silently.

Folder: ``inputs.json`` what was asked; ``stage-1/`` (``data.zarr``, ``journal.jsonl``, ``chosen.json``) and so on;
``summary.csv``, ``manifest.json`` and last ``DONE`` when all is there. What is damaged is done again.
"""

from __future__ import annotations

import errno
import json
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

from detente import storage
from detente.errors import DetenteError
from detente.experiment.archive import Archive
from detente.experiment.batch import Outcome, reason, work
from detente.experiment.fingerprint import processor_class
from detente.experiment.journal import Journal, read
from detente.experiment.pools import Cluster, Local, drive
from detente.experiment.results import table
from detente.experiment.screening import highest
from detente.experiment.status import (
    INPUTS,
    MANIFEST,
    PARTS,
    SUMMARY,
    NoExperiment,
    Status,
    keep_inputs,
    status,
    whole_inputs,
)
from detente.experiment.stopping import widest
from detente.experiment.study import Batch, Stage, Study, asked, canonical, digest
from detente.experiment.trees import differences
from detente.experiment.whole import DONE, damage, files_of, seal

PACKAGES = ("detente", "numpy", "scipy", "zarr", "xarray", "SALib")
#: what makes a folder one of an experiment, whole or not
MARKS = ("inputs.json", "stage-1")
#: files in whose place a folder is not ours to take away
FILES = (INPUTS, SUMMARY, MANIFEST, DONE, "stage-*/journal.jsonl", "stage-*/chosen.json")


class ExperimentError(DetenteError):
    """The experiment cannot be run as asked; the text says why and what to do. ``exit_code`` says whose fault it is."""

    def __init__(self, text: str, exit_code: int = 2) -> None:
        super().__init__(text)
        self.exit_code = exit_code


class Progress(Protocol):
    """Told after every batch: member runs done in this session and still to do, failed batches."""

    def __call__(self, done: int, left: int, failed: int) -> None:
        """Report."""


def silent(done: int, left: int, failed: int) -> None:
    """No progress."""


def conduct(
    study: Study,
    folder: Path,
    pool: Local | Cluster,
    *,
    keep: str = "index",
    resume: bool = False,
    progress: Progress = silent,
) -> Status:
    """Run what is missing of ``study`` in ``folder``; the same folder, whatever the workers and however often stopped.

    Raises ExperimentError (folder in use, not empty, not writable, inputs changed, disk full) and PoolError. A
    KeyboardInterrupt passes through after the finished batches are safe.
    """
    with _clear_messages(folder), storage.locked(folder):
        content = asked(study, keep)
        _prepare(folder, {"digest": digest(content), "info": dict(study.info), "asked": content}, resume)
        if not status(folder).complete or damage(folder, files_of(folder, MANIFEST), PARTS):
            (folder / DONE).unlink(missing_ok=True)
            Run(study, folder, pool, keep, progress).all_stages()
        return status(folder)


@contextmanager
def _clear_messages(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _of_the_disk(folder, error) from error


def _of_the_disk(folder: Path, error: OSError) -> ExperimentError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        text = f"no space left on the disk of {folder}: finished batches are kept; make room, then --resume"
        return ExperimentError(text, exit_code=3)
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return ExperimentError(f"{folder} cannot be written ({error.strerror}): choose another --out", exit_code=3)
    return ExperimentError(f"{folder}: {error.strerror or error}", exit_code=3)


def _prepare(folder: Path, inputs: dict[str, Any], resume: bool) -> None:
    """Refuse a folder that is not ours to write in; afterwards it holds the inputs."""
    storage.make_folder(folder)
    for path in (path for name in FILES for path in folder.glob(name) if path.is_dir()):
        raise ExperimentError(f"{path} is a folder where a file belongs: move it away, then the same command again")
    try:
        before = whole_inputs(folder)
    except NoExperiment as lost:
        _begin(folder, inputs, resume, str(lost))
        return
    _same_inputs(folder, before, inputs)
    if not resume:
        now = status(folder)
        done = "holds this experiment, complete" if now.complete else f"holds {now.done} of {now.total} batches of it"
        raise ExperimentError(f"{folder} {done}: add --resume to go on with it, or choose another --out")


def _begin(folder: Path, inputs: dict[str, Any], resume: bool, lost: str) -> None:
    """Write the inputs into an empty folder, or into one of this experiment that lost them."""
    held = {path.name for path in folder.iterdir() if not path.name.startswith(".")}
    if held and not held.intersection(MARKS):
        raise ExperimentError(f"{folder} exists and is no experiment's folder: choose another --out")
    if held and not resume:
        raise ExperimentError(f"{lost}\nTo start afresh choose another --out")
    journals = list(folder.glob("stage-*/journal.jsonl"))
    if journals and not any(read(path, inputs["digest"]).done for path in journals):
        text = f"{folder / INPUTS} is damaged, and no batch there is of this experiment: choose another --out"
        raise ExperimentError(text)
    keep_inputs(folder, inputs)


def _same_inputs(folder: Path, before: dict[str, Any], inputs: dict[str, Any]) -> None:
    if before["digest"] == inputs["digest"]:
        return
    lines = differences(before["asked"], json.loads(canonical(inputs["asked"])))
    shown = "\n".join(f"  {line}" for line in lines[:20]) + ("\n  …" if len(lines) > 20 else "")
    raise ExperimentError(
        f"{folder} was begun with other inputs; results of both must not be mixed:\n{shown}\n"
        "Undo the change to go on with it, or start afresh with another --out"
    )


class Run:
    """One session of work on a folder."""

    def __init__(self, study: Study, folder: Path, pool: Local | Cluster, keep: str, progress: Progress) -> None:
        self.study = study
        self.folder = folder
        self.pool = pool
        self.keep = keep
        self.progress = progress
        self.identity = digest(asked(study, keep))
        self.spent = 0
        self.failed = 0

    def all_stages(self) -> None:
        """Every stage in turn; a stage with failed batches ends the session, for the next would rest on it."""
        chosen: tuple[int, ...] | None = None
        for number, stage in enumerate(self.study.stages()):
            stage = self.study.stage(number, chosen) if chosen is not None else stage
            home = self.folder / f"stage-{number + 1}"
            storage.make_folder(home)
            storage.write_json(home / "chosen.json", {"factors": [f.path for f in stage.factors]})
            journal = Journal(home / "journal.jsonl", self.identity)
            archive = Archive(home, stage, journal.record.metadata)
            if not self.one_stage(stage, archive, journal):
                return
            if number + 1 < len(self.study.designs):
                chosen = self.choose(stage, archive)
        self.finish()

    def finish(self) -> None:
        """The table, the manifest and ``DONE``: all batches are there."""
        storage.write_text(self.folder / SUMMARY, table(self.folder))
        now = status(self.folder)
        manifest = {
            "digest": now.digest,
            "batches": now.total,
            "finished": datetime.now(UTC).isoformat(timespec="seconds"),
            "python": platform.python_version(),
            "processor": processor_class(),
            "packages": {name: version(name) if find_spec(name) else "" for name in PACKAGES},
        }
        seal(self.folder, MANIFEST, manifest, PARTS)

    def one_stage(self, stage: Stage, archive: Archive, journal: Journal) -> bool:
        """Run what is missing; True when nothing is."""
        journal.open()
        archive.design()
        self.verify(stage, archive, journal)
        for round_ in self.rounds(stage):
            if journal.record.stopped and round_[0].number >= journal.record.stopped["batches"]:
                return True
            self.one_round(stage, archive, journal, round_)
            if any(batch.number not in journal.record.done for batch in round_):
                return False
            self.consider(stage, archive, journal, round_)
        return True

    def verify(self, stage: Stage, archive: Archive, journal: Journal) -> None:
        """Batches whose bytes are not those that were written are done again."""
        for number, expected in sorted(journal.record.done.items()):
            if not archive.sound(stage.batches[number], expected):
                journal.write(batch=number, lost=True)

    def rounds(self, stage: Stage) -> list[tuple[Batch, ...]]:
        """All batches at once, or block by block where a rule may stop the run between them."""
        if self.study.stop is None:
            return [stage.batches]
        return [tuple(b for b in stage.batches if b.block == block) for block in range(stage.blocks)]

    def one_round(self, stage: Stage, archive: Archive, journal: Journal, batches: tuple[Batch, ...]) -> None:
        """Run the missing batches of a round and store them as they come."""
        missing = tuple(batch for batch in batches if batch.number not in journal.record.done)
        left = sum(batch.runs for batch in missing) + self.later(stage, batches)
        for task, future in drive(self.pool, work, stage.tasks(missing, self.keep)):
            error = future.exception()
            outcome = future.result() if error is None else Outcome(task.number, failure=reason(error))
            batch = stage.batches[outcome.batch]
            self.store(batch, archive, journal, outcome)
            self.spent += batch.runs
            left -= batch.runs
            self.progress(self.spent, left, self.failed)

    def store(self, batch: Batch, archive: Archive, journal: Journal, outcome: Outcome) -> None:
        """Arrays first, journal line last; a failure is a line with its reason."""
        failure = outcome.failure
        if not failure:
            try:
                archive.put(batch, outcome.arrays)
            except ValueError as error:
                failure = str(error)
            if archive.known != journal.record.metadata:
                journal.write(metadata=archive.known)
        if failure:
            self.failed += 1
            journal.write(batch=batch.number, failed=failure)
        else:
            journal.write(batch=batch.number, sha256=outcome.sha256, seconds=round(outcome.seconds, 3))

    def later(self, stage: Stage, batches: tuple[Batch, ...]) -> int:
        """Member runs of the rounds and stages after this one."""
        rest = sum(batch.runs for batch in stage.batches if batch.number > batches[-1].number)
        return rest + sum(len(s.pairs) * s.members for s in self.study.stages()[stage.number + 1 :])

    def consider(self, stage: Stage, archive: Archive, journal: Journal, batches: tuple[Batch, ...]) -> None:
        """Write down that the rule is met, if it is."""
        rule, members = self.study.stop, batches[-1].members.stop
        if rule is None or journal.record.stopped or members < min(rule.at_least, stage.members):
            return
        values = archive.array(f"values/{rule.metric}")[:, :members]
        width = widest(values, stage.pairs[:, 1])
        if width <= rule.precision:
            journal.write(stopped={"members": members, "batches": batches[-1].number + 1, "half_width": width})

    def choose(self, stage: Stage, archive: Archive) -> tuple[int, ...]:
        """The factors the next stage keeps: those that matter most to any metric."""
        remaining = self.study.widths()[stage.number + 1]
        outputs = [archive.array(f"values/{metric}")[:] for metric in self.study.metrics]
        rows = highest(stage, outputs, remaining)
        return tuple(stage.chosen[row] for row in rows)
