"""Run a study into a folder: start, go on, stop and go on again; nothing lost and nothing wrong silently.

Folder: ``inputs.json`` what was asked; ``stage-1/`` (``data.zarr``, ``journal.jsonl``, ``chosen.json``) and so on;
``summary.csv``, ``manifest.json`` and last ``DONE`` when all is there. What is damaged is done again.
"""

from __future__ import annotations

import errno
import json
import platform
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeAlias

from detente import storage
from detente.engine.choice import NUMPY
from detente.errors import DetenteError
from detente.experiment.archive import Archive
from detente.experiment.batch import Outcome, hash_arrays, reason, work
from detente.experiment.fingerprint import processor_class
from detente.experiment.journal import Journal, read
from detente.experiment.pools import Cluster, Local, drive
from detente.experiment.results import table
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
from detente.experiment.stopping import highest, widest
from detente.experiment.study import Batch, Stage, Study, asked, canonical, digest
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


#: told after every batch: member runs done in this session and still to do, failed batches
Progress: TypeAlias = Callable[[int, int, int], None]


def execute(
    study: Study,
    folder: Path,
    pool: Local | Cluster,
    *,
    keep: str = "index",
    resume: bool = False,
    progress: Progress | None = None,
) -> Status:
    """Run what is missing of ``study`` in ``folder``; the same folder, whatever the workers and however often stopped.

    Raises ExperimentError (folder in use, not empty, not writable, inputs changed, disk full) and PoolError. A
    KeyboardInterrupt passes through after the finished batches are safe.
    """
    with _in_words(folder), storage.locked(folder):
        content = asked(study, keep)
        identity = digest(content)
        _prepare(folder, {"digest": identity, "info": dict(study.info), "asked": content}, resume)
        if not status(folder).complete or damage(folder, files_of(folder, MANIFEST), PARTS):
            (folder / DONE).unlink(missing_ok=True)
            if Run(study, folder, pool, keep, progress or (lambda *_: None), identity).all_stages():
                _finish(folder)
        return status(folder)


@contextmanager
def _in_words(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        text = f"{folder}: {error.strerror or error}"
        if error.errno in storage.FULL:
            text = f"no space left on the disk of {folder}: finished batches are kept; make room, then --resume"
        elif error.errno in (*storage.FORBIDDEN, errno.EROFS):
            text = f"{folder} cannot be written ({error.strerror}): choose another --out"
        raise ExperimentError(text, exit_code=3) from error


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
    if before["digest"] != inputs["digest"]:
        lines = differences(before["asked"], json.loads(canonical(inputs["asked"])))
        shown = "\n".join(f"  {line}" for line in lines[:20]) + ("\n  …" if len(lines) > 20 else "")
        text = f"{folder} was begun with other inputs; results of both must not be mixed:\n{shown}\n"
        raise ExperimentError(f"{text}Undo the change to go on with it, or start afresh with another --out")
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


def differences(before: Any, after: Any) -> list[str]:
    """One line per leaf of nested contents that differs: "path: before -> after"."""
    old, new = dict(_leaves(before)), dict(_leaves(after))
    differ = (path for path in sorted({**old, **new}) if old.get(path, Ellipsis) != new.get(path, Ellipsis))
    return [f"{path}: {_short(old.get(path, 'new'))} -> {_short(new.get(path, 'gone'))}" for path in differ]


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 60 else text[:57] + "…"


def _leaves(content: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted path and scalar, of nested mappings and lists; an empty one is a leaf itself."""
    if not isinstance(content, dict | list) or not content:
        yield path, content
        return
    for key, value in content.items() if isinstance(content, dict) else enumerate(content):
        yield from _leaves(value, f"{path}.{key}" if path else str(key))


def _finish(folder: Path) -> None:
    """The table, the manifest and ``DONE``: all batches are there."""
    storage.write_text(folder / SUMMARY, table(folder))
    now = status(folder)
    manifest = {
        "engine": whole_inputs(folder)["asked"].get("engine", NUMPY),
        "digest": now.digest,
        "batches": now.total,
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "processor": processor_class(),
        "packages": {name: version(name) if find_spec(name) else "" for name in PACKAGES},
    }
    seal(folder, MANIFEST, manifest, PARTS)


@dataclass
class Run:
    """One session of work on a folder; ``identity`` is the digest of its inputs."""

    study: Study
    folder: Path
    pool: Local | Cluster
    keep: str
    progress: Progress
    identity: str
    spent: int = 0
    failed: int = 0

    def all_stages(self) -> bool:
        """Every stage in turn; False where batches failed, for the next stage would rest on them."""
        stages = self.study.stages()
        later = [stage.points * stage.members for stage in stages]
        for number, stage in enumerate(stages):
            home = self.folder / f"stage-{number + 1}"
            storage.make_folder(home)
            storage.write_json(home / "chosen.json", {"factors": [f.path for f in stage.factors]})
            journal = Journal(home / "journal.jsonl", self.identity)
            archive = Archive(home, stage, journal.record.metadata)
            if not self.one_stage(stage, archive, journal, sum(later[number + 1 :])):
                return False
            if number + 1 < len(stages):  # the factors that matter most to any metric
                outputs = [archive.array(f"values/{metric}")[:] for metric in self.study.metrics]
                rows = highest(stage, outputs, len(stages[number + 1].chosen))
                stages[number + 1] = self.study.stage(number + 1, tuple(stage.chosen[row] for row in rows))
        return True

    def one_stage(self, stage: Stage, archive: Archive, journal: Journal, later: int) -> bool:
        """Run what is missing; True when nothing is. A rule may stop it after any block of members."""
        journal.open()
        archive.design()
        for number, expected in sorted(journal.record.done.items()):
            if not archive.sound(stage.batches[number], expected):
                journal.write(batch=number, lost=True)
        rounds = [stage.batches]
        if self.study.stop is not None:
            rounds = [tuple(b for b in stage.batches if b.block == block) for block in range(stage.blocks)]
        for batches in rounds:
            if journal.record.stopped and batches[0].number >= journal.record.stopped["batches"]:
                return True
            left = later + sum(batch.runs for batch in stage.batches if batch.number > batches[-1].number)
            self.one_round(stage, archive, journal, batches, left)
            if any(batch.number not in journal.record.done for batch in batches):
                return False
            self.consider(stage, archive, journal, batches)
        return True

    def one_round(
        self, stage: Stage, archive: Archive, journal: Journal, batches: tuple[Batch, ...], left: int
    ) -> None:
        """Run the missing batches of a round and store them as they come; ``left`` are the member runs after it.

        Arrays are written first, the line in the journal last; a failure is a line with its reason.
        """
        missing = tuple(batch for batch in batches if batch.number not in journal.record.done)
        left += sum(batch.runs for batch in missing)
        for task, future in drive(self.pool, work, stage.tasks(missing, self.keep)):
            error, batch = future.exception(), stage.batches[task.number]
            outcome = future.result() if error is None else Outcome(failure=reason(error))
            failure = outcome.failure
            if not failure:
                try:
                    archive.put(batch, outcome.arrays)
                except ValueError as refused:
                    failure = str(refused)
                if archive.known != journal.record.metadata:
                    journal.write(metadata=archive.known)
            if failure:
                self.failed += 1
                journal.write(batch=batch.number, failed=failure)
            else:
                seconds = round(outcome.seconds, 3)
                journal.write(batch=batch.number, sha256=hash_arrays(outcome.arrays), seconds=seconds)
            self.spent += batch.runs
            left -= batch.runs
            self.progress(self.spent, left, self.failed)

    def consider(self, stage: Stage, archive: Archive, journal: Journal, batches: tuple[Batch, ...]) -> None:
        """Write down that the rule is met, if it is."""
        rule, members = self.study.stop, batches[-1].members.stop
        if rule is None or journal.record.stopped or members < min(rule.at_least, stage.members):
            return
        width = widest(archive.array(f"values/{rule.metric}")[:, :members], stage.pairs[:, 1])
        if width <= rule.precision:
            journal.write(stopped={"members": members, "batches": batches[-1].number + 1, "half_width": width})
