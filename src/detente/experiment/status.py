"""How far an experiment's folder is, from its journals alone: works while it runs and after it was killed."""

from __future__ import annotations

import hashlib
import json
import shlex
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from detente import storage
from detente.errors import DetenteError
from detente.experiment.journal import read
from detente.experiment.study import digest
from detente.experiment.whole import sealed

INPUTS, SUMMARY, MANIFEST = "inputs.json", "summary.csv", "manifest.json"
#: what results are read from
PARTS = (INPUTS, SUMMARY, "stage-*")


class NoExperiment(DetenteError):
    """The folder holds no experiment."""

    exit_code = 3


@dataclass(frozen=True)
class Status:
    """Counts are batches. ``digest`` covers the results in batch order, whatever workers computed them when."""

    folder: str
    experiment: str
    complete: bool
    done: int
    total: int
    failed: int
    digest: str
    members: tuple[int, ...]
    stages: tuple[dict[str, Any], ...]
    failures: tuple[str, ...]

    def record(self) -> dict[str, Any]:
        """For ``--json``."""
        return asdict(self)


def status(folder: Path) -> Status:
    """Read the status of ``folder``. Raises NoExperiment."""
    content = whole_inputs(folder)
    asked = content["asked"]
    stages = []
    for number, (total, members) in enumerate(zip(asked["batches"], asked["members"], strict=True), 1):
        record = read(folder / f"stage-{number}" / "journal.jsonl", content["digest"])
        stopped = record.stopped
        row = {
            "done": len(record.done),
            "total": stopped.get("batches", total),
            "failed": len(record.failed),
            "members": stopped.get("members", members),
            "half_width": stopped.get("half_width"),
        }
        stages.append((record, row))
    hashed = hashlib.sha256()
    for number, (record, _) in enumerate(stages):
        for batch in sorted(record.done):
            hashed.update(f"{number} {batch} {record.done[batch]}\n".encode())
    rows = tuple({"stage": n + 1, **row} for n, (_, row) in enumerate(stages))
    done, total = sum(r["done"] for r in rows), sum(r["total"] for r in rows)
    return Status(
        folder=str(folder),
        experiment=asked["name"],
        complete=done == total and sealed(folder, MANIFEST),
        done=done,
        total=total,
        failed=sum(len(record.failed) for record, _ in stages),
        digest=hashed.hexdigest(),
        members=tuple(row["members"] for row in rows),
        stages=rows,
        failures=tuple(f"batch {b}: {why}" for record, _ in stages for b, why in sorted(record.failed.items())),
    )


def inputs(folder: Path) -> dict[str, Any]:
    """What was asked of ``folder``. Raises NoExperiment."""
    return whole_inputs(folder)["asked"]  # type: ignore[no-any-return]


def whole_inputs(folder: Path) -> dict[str, Any]:
    """All of ``inputs.json``: digest, info, asked. Raises NoExperiment where there is none, or none that is whole."""
    try:
        content = json.loads((folder / INPUTS).read_text(encoding="utf-8"))
        seal = content.pop("seal")
    except (FileNotFoundError, NotADirectoryError):
        if any(folder.glob("stage-*")):
            raise _lost(folder, "missing") from None
        text = f"{folder} holds no experiment: run one with `detente experiment run FILE`"
        raise NoExperiment(text) from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        seal, content = "", {}
    if seal != digest(content):
        raise _lost(folder, "damaged, or of an earlier version")
    return content  # type: ignore[no-any-return]


def _lost(folder: Path, fault: str) -> NoExperiment:
    again = f"detente experiment run FILE --resume --out {shlex.quote(str(folder))}"
    return NoExperiment(f"{folder / INPUTS} is {fault}. Batches are kept where the experiment is named again: {again}")


def keep_inputs(folder: Path, content: dict[str, Any]) -> None:
    """Write ``inputs.json`` so that damage to it is noticed. Raises StorageError."""
    plain = json.loads(json.dumps(content, default=str))
    storage.write_json(folder / INPUTS, {**plain, "seal": digest(plain)})
