"""How far an experiment's folder is, from its journals alone: works while it runs and after it was killed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from detente.errors import DetenteError
from detente.experiment.journal import Record, read


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
    asked = inputs(folder)
    sizes = zip(asked["batches"], asked["members"], strict=True)
    stages = [_stage(folder, n, total, members) for n, (total, members) in enumerate(sizes)]
    hashed = hashlib.sha256()
    for number, (record, _) in enumerate(stages):
        for batch in sorted(record.done):
            hashed.update(f"{number} {batch} {record.done[batch]}\n".encode())
    rows = tuple({"stage": n + 1, **row} for n, (_, row) in enumerate(stages))
    done, total = sum(r["done"] for r in rows), sum(r["total"] for r in rows)
    return Status(
        folder=str(folder),
        experiment=asked["name"],
        complete=done == total and (folder / "DONE").exists(),
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
    """All of ``inputs.json``: digest, info, asked. Raises NoExperiment."""
    try:
        content = json.loads((folder / "inputs.json").read_text(encoding="utf-8"))
        content["asked"]["batches"]
    except (OSError, ValueError, KeyError, TypeError):
        raise NoExperiment(f"{folder} holds no experiment: run one with `detente experiment run FILE`") from None
    return content  # type: ignore[no-any-return]


def _stage(folder: Path, number: int, total: int, members: int) -> tuple[Record, dict[str, Any]]:
    record = read(folder / f"stage-{number + 1}" / "journal.jsonl")
    stopped = record.stopped
    return record, {
        "done": len(record.done),
        "total": stopped.get("batches", total),
        "failed": len(record.failed),
        "members": stopped.get("members", members),
        "half_width": stopped.get("half_width"),
    }
