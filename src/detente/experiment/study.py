"""What an experiment computes, as values: settings, uncertain factors, stages, batches, tasks.

A *setting* is one choice of scenario, rival theory and lever values; a *sample* is one row of the design over the
uncertain factors; a *point* is one setting at one sample. Points are numbered chunk by chunk of samples, so that a
stopped experiment has every setting about equally often. Members come in blocks; a *batch* is a slice of points at
one block.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.engine.choice import NUMPY, Engine
from detente.experiment.design import Design, Stopping, size, unit_samples
from detente.scenario.quantity import Quantity

Array = NDArray[np.float64]

#: members of one point that are simulated together at most; a multiple of the replicates of a draw
BLOCK = 256


@dataclass(frozen=True)
class Setting:
    """One choice of scenario, rival theory and lever values."""

    scenario: str
    theory: str = ""
    levers: tuple[tuple[str, str], ...] = ()
    changes: tuple[tuple[str, Any], ...] = ()
    #: what evaluations of this setting need beside what all share, such as the scenario as text
    content: Mapping[str, Any] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """Readable identity: what sets it apart."""
        chosen = ", ".join(f"{name} {value}" for name, value in self.levers)
        return " · ".join(part for part in (self.scenario, self.theory, chosen) if part)

    def record(self) -> dict[str, Any]:
        """JSON-able content."""
        return {
            "label": self.label,
            "scenario": self.scenario,
            "theory": self.theory,
            "levers": dict(self.levers),
            "changes": dict(self.changes),
            "content": digest(self.content),
        }


@dataclass(frozen=True)
class Factor:
    """One uncertain parameter; each scenario has its own distribution of it."""

    path: str
    label: str
    quantities: tuple[tuple[str, Quantity], ...]

    def of(self, scenario: str) -> Quantity:
        """The distribution in ``scenario``."""
        return dict(self.quantities)[scenario]

    def record(self) -> dict[str, Any]:
        """JSON-able content."""
        spreads = {scenario: quantity.model_dump(mode="json") for scenario, quantity in self.quantities}
        return {"path": self.path, "label": self.label, "spreads": spreads}

    def values(self, scenario: str, unit: Array) -> Array:
        """Values at quantiles ``unit`` in [0, 1] (any shape), in the model's unit.

        Normal and lognormal quantiles run over the stated 90 % interval at the ends, where they would be infinite.
        """
        from detente.model.draws import INVERSES

        quantity = self.of(scenario)
        spread = quantity.spread or "uniform"
        inner = np.where((unit <= 0) | (unit >= 1), 0.05 + 0.9 * unit, unit) if "normal" in spread else unit
        return np.asarray(INVERSES[spread](quantity, inner), dtype=np.float64)


@dataclass(frozen=True)
class Point:
    """All that one evaluation needs: the factors' ``values`` here, all ``changes`` (of levers too), what is shared."""

    number: int
    scenario: str
    values: Mapping[str, float]
    changes: Mapping[str, Any]
    members: range
    seed: int
    shared: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Task:
    """One batch of work, ready to be sent to a worker."""

    number: int
    evaluate: str
    keep: str
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Batch:
    """A slice of points at one block of members."""

    number: int
    first: int
    last: int
    block: int
    members: range

    @property
    def runs(self) -> int:
        """Member runs in it."""
        return (self.last - self.first) * len(self.members)


@dataclass(frozen=True)
class Study:
    """An experiment with everything looked up: what :func:`detente.experiment.execute.execute` runs."""

    name: str
    settings: tuple[Setting, ...]
    metrics: tuple[str, ...]
    title: str = ""
    factors: tuple[Factor, ...] = ()
    designs: tuple[Design, ...] = (Design(kind="factorial"),)
    members: int = 1
    seed: int = 1
    batch: int = 512
    stop: Stopping | None = None
    evaluate: str = "detente.experiment.evaluation:evaluate"
    shared: Mapping[str, Any] = field(default_factory=dict)
    #: what the digest of inputs covers beside the fields above: experiment text, scenario contents, code
    inputs: Mapping[str, Any] = field(default_factory=dict)
    info: Mapping[str, Any] = field(default_factory=dict)

    def run_by(self, engine: Engine) -> Study:
        """The study with another engine than NumPy's, which is part of what decides its results."""
        if engine == NUMPY:
            return self
        given = {**self.info.get("given", {}), "engine": engine}
        return replace(
            self,
            shared={**self.shared, "engine": engine},
            inputs={**self.inputs, "engine": engine},
            info={**self.info, "given": given},
        )

    def stage(self, number: int, chosen: tuple[int, ...] | None = None) -> Stage:
        """Stage ``number`` over the factors ``chosen`` by the stage before (all where None)."""
        return Stage(self, number, tuple(range(len(self.factors))) if chosen is None else chosen)

    @property
    def runs(self) -> int:
        """Member runs of all stages."""
        return sum(stage.points * stage.members for stage in self.stages())

    def stored(self, keep: str, weeks: int) -> int:
        """Bytes that the results take, about: values by member, two mean paths by block, or two paths by member."""
        if keep == "all":
            return self.runs * (8 * len(self.metrics) + 8 * weeks)
        paths = sum(stage.points * stage.blocks for stage in self.stages()) * 16 * weeks
        return paths + (self.runs * 8 * len(self.metrics) if keep == "index" else 0)

    def stages(self) -> list[Stage]:
        """All stages, later ones with the right number of factors but not yet the right ones."""
        found, width = [], len(self.factors)
        for number, design in enumerate(self.designs):
            width = min(design.remaining or width, width) if number else width
            found.append(self.stage(number, tuple(range(width))))
        return found


@dataclass(frozen=True)
class Stage:
    """One design of a study over some of its factors."""

    study: Study
    number: int
    chosen: tuple[int, ...]

    @property
    def design(self) -> Design:
        """How the factors are sampled."""
        return self.study.designs[self.number]

    @property
    def factors(self) -> tuple[Factor, ...]:
        """The factors this stage varies."""
        return tuple(self.study.factors[n] for n in self.chosen)

    @cached_property
    def unit(self) -> Array:
        """Quantiles (sample, factor); NaN leaves the factor to the scenario."""
        return unit_samples(self.design, len(self.chosen), self.study.seed + self.number)

    @cached_property
    def samples(self) -> int:
        """Rows of the design."""
        return size(self.design, len(self.chosen))

    @cached_property
    def chunk(self) -> int:
        """Samples of one setting that stand side by side: points of one scenario are cheapest together."""
        fit = max(1, self.study.batch // self.block)
        return ceil(self.samples / ceil(self.samples / fit))

    @property
    def points(self) -> int:
        """How many :attr:`pairs` there are, without listing them: there may be more than any memory holds."""
        settings = len(self.study.settings)
        return self.samples + settings - 1 if self.design.kind == "one_at_a_time" else self.samples * settings

    @cached_property
    def pairs(self) -> NDArray[np.int64]:
        """(point, 2): sample and setting of every point, chunk by chunk, in a chunk setting by setting."""
        settings = len(self.study.settings)
        sample, setting = np.divmod(np.arange(self.samples * settings), settings)
        both = np.stack([sample, setting], axis=1)
        if self.design.kind == "one_at_a_time":  # the settings and the samples are both steps from one reference
            both = both[(both[:, 0] == 0) | (both[:, 1] == 0)]
        return both[np.lexsort((both[:, 0], both[:, 1], both[:, 0] // self.chunk))]

    @cached_property
    def values(self) -> Array:
        """Values (point, factor) in model units; NaN where the scenario's own spread is kept."""
        found = np.empty((len(self.pairs), len(self.chosen)))
        scenarios = np.array([s.scenario for s in self.study.settings])[self.pairs[:, 1]]
        for column, factor in enumerate(self.factors):
            for scenario in np.unique(scenarios):
                rows = scenarios == scenario
                found[rows, column] = factor.values(str(scenario), self.unit[self.pairs[rows, 0], column])
        return found

    @property
    def members(self) -> int:
        """Members per point."""
        return self.design.members or self.study.members

    @property
    def block(self) -> int:
        """Members per block."""
        return min(BLOCK, self.members)

    @property
    def per_batch(self) -> int:
        """Points per batch: whole chunks."""
        fit = max(1, self.study.batch // self.block)
        return min(self.chunk * max(1, fit // self.chunk), len(self.pairs))

    @property
    def blocks(self) -> int:
        """Blocks of members."""
        return ceil(self.members / self.block)

    @cached_property
    def batches(self) -> tuple[Batch, ...]:
        """All batches: block by block, so that a stopped experiment is balanced."""
        starts = range(0, len(self.pairs), self.per_batch)
        found: list[Batch] = []
        for block in range(self.blocks):
            members = range(block * self.block, min((block + 1) * self.block, self.members))
            for first in starts:
                last = min(first + self.per_batch, len(self.pairs))
                found.append(Batch(len(found), first, last, block, members))
        return tuple(found)

    def point(self, number: int, members: range) -> Point:
        """One point as a value."""
        study, setting = self.study, self.study.settings[self.pairs[number, 1]]
        drawn = zip(self.factors, self.values[number], strict=True)
        values = {factor.path: float(value) for factor, value in drawn if not np.isnan(value)}
        shared = {**study.shared, **setting.content}
        return Point(number, setting.scenario, values, {**values, **dict(setting.changes)}, members, study.seed, shared)

    def task(self, batch: Batch, keep: str) -> Task:
        """The work of one batch as a value."""
        points = tuple(self.point(number, batch.members) for number in range(batch.first, batch.last))
        return Task(batch.number, self.study.evaluate, keep, points)

    def tasks(self, batches: tuple[Batch, ...], keep: str) -> Iterator[Task]:
        """Tasks one by one, so that memory does not grow with their number."""
        return (self.task(batch, keep) for batch in batches)


def canonical(value: Any) -> str:
    """JSON text that is the same for the same content."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)


def asked(study: Study, keep: str) -> dict[str, Any]:
    """Everything that decides the results, as JSON-able content; :func:`digest` of it is the identity of a run."""
    stages = study.stages()
    return {
        "name": study.name,
        "settings": [setting.record() for setting in study.settings],
        "factors": [factor.record() for factor in study.factors],
        "designs": [design.model_dump(mode="json") for design in study.designs],
        "samples": hashlib.sha256(np.ascontiguousarray(stages[0].unit).tobytes()).hexdigest(),
        "members": [stage.members for stage in stages],
        "metrics": list(study.metrics),
        "seed": study.seed,
        "batch": study.batch,
        "blocks": [stage.block for stage in stages],
        "batches": [len(stage.batches) for stage in stages],
        "stop": study.stop.model_dump(mode="json") if study.stop else None,
        "evaluate": study.evaluate,
        "keep": keep,
        **study.inputs,
    }


def digest(content: Any) -> str:
    """sha256 of the canonical JSON of ``content``."""
    return hashlib.sha256(canonical(content).encode()).hexdigest()
