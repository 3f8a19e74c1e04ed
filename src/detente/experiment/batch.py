"""What a worker does: evaluate the points of one task and keep what was asked for. Failures come back as values."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from time import perf_counter
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from detente.errors import DetenteError
from detente.experiment.pools import WorkerLost
from detente.experiment.study import Point, Task

Array = NDArray[Any]
#: member-valued outputs of one point: (member,) for a metric, (member, time) for a path
Outputs: TypeAlias = Mapping[str, Array]
Evaluate: TypeAlias = Callable[[Point], Outputs]

#: columns of a summary
MOMENTS = ("count", "mean", "squares", "low", "high")


class Refused(DetenteError):
    """An evaluation gave something that must not be stored."""


@dataclass(frozen=True)
class Outcome:
    """What became of a task: arrays named "group/name" with the batch's points first, or the reason of its failure."""

    arrays: dict[str, Array] = field(default_factory=dict)
    failure: str = ""
    seconds: float = 0.0


def hash_arrays(arrays: Mapping[str, Array]) -> str:
    """sha256 over names, types, shapes and bytes, in the order of the names."""
    found = hashlib.sha256()
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        found.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        found.update(array.tobytes())
    return found.hexdigest()


def work(task: Task) -> Outcome:
    """Evaluate a task; never raises for what the model does. Its function is found by its name, "module:function"."""
    begun = perf_counter()
    try:
        module, _, function = task.evaluate.partition(":")
        evaluate: Evaluate = getattr(import_module(module), function)
        together = getattr(evaluate, "together", None) or (lambda points: [_one(evaluate, point) for point in points])
        found = [checked(point, outputs) for point, outputs in zip(task.points, together(task.points), strict=True)]
        return Outcome(kept(found, task.keep), seconds=perf_counter() - begun)
    except Exception as error:  # a record with its reason, whatever the model raised
        return Outcome(failure=reason(error), seconds=perf_counter() - begun)


def reason(error: BaseException) -> str:
    """One line on what went wrong and where."""
    if isinstance(error, Refused | WorkerLost):
        return str(error)
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f" ({trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno})" if trace else ""
    return f"{type(error).__name__}: {error}{where}"


def _one(evaluate: Evaluate, point: Point) -> Outputs:
    try:
        return evaluate(point)
    except Exception as error:
        raise Refused(f"point {point.number}: {reason(error)}") from error


def checked(point: Point, outputs: Outputs) -> Outputs:
    """``outputs`` unless a value is missing or not finite."""
    arrays = {name: np.asarray(value) for name, value in outputs.items()}
    for name, array in arrays.items():
        if array.shape[:1] != (len(point.members),):
            raise Refused(f"point {point.number}: {name} has shape {array.shape} for {len(point.members)} members")
        bad = int((~np.isfinite(array.reshape(len(array), -1)).all(axis=1)).sum())
        if bad:
            changes = [f"{path} = {value}" for path, value in point.changes.items()]
            shown = f"with {', '.join(changes[:4])}{' …' * (len(changes) > 4)}" if changes else "nothing was changed"
            raise Refused(f"point {point.number}: {name} is not finite in {bad} of its members; {shown}")
    return arrays


def kept(found: Sequence[Outputs], keep: str) -> dict[str, Array]:
    """Arrays to store, points first: values and paths by member or their moments, as ``keep`` says."""
    stacked = {name: np.stack([np.asarray(f[name]) for f in found]) for name in found[0]}
    metrics = {name: a.astype(np.float64) for name, a in stacked.items() if a.ndim == 2}
    paths = {name: a for name, a in stacked.items() if a.ndim == 3}
    result: dict[str, Array] = {f"means/{n}": a.mean(axis=1, dtype=np.float64)[:, None] for n, a in paths.items()}
    if keep == "summary":
        return result | {f"moments/{name}": moments(a)[:, None] for name, a in metrics.items()}
    result |= {f"values/{name}": a for name, a in metrics.items()}
    if keep == "all":
        result |= {f"paths/{name}": a.astype(np.float32) for name, a in paths.items()}
    return result


def moments(values: Array) -> Array:
    """(..., member) -> (..., 5): count, mean, sum of squared deviations, least, greatest."""
    mean = values.mean(axis=-1)
    squares = ((values - mean[..., None]) ** 2).sum(axis=-1)
    count = np.full_like(mean, values.shape[-1])
    return np.stack([count, mean, squares, values.min(axis=-1), values.max(axis=-1)], axis=-1)


def merged(parts: Array) -> Array:
    """Moments of all blocks from those of each, (..., block, 5) -> (..., 5) (Chan, Golub & LeVeque 1979)."""
    count = parts[..., 0].sum(axis=-1)
    mean = (parts[..., 0] * parts[..., 1]).sum(axis=-1) / count
    between = (parts[..., 0] * (parts[..., 1] - mean[..., None]) ** 2).sum(axis=-1)
    squares = parts[..., 2].sum(axis=-1) + between
    return np.stack([count, mean, squares, parts[..., 3].min(axis=-1), parts[..., 4].max(axis=-1)], axis=-1)
