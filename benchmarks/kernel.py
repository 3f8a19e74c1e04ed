"""The kernel written by hand (kernel.c), compiled here: the limit that the compiled engine is held against."""

from __future__ import annotations

import ctypes
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import phases
from numpy.typing import NDArray

from detente.engine.block import Block, empty
from detente.model import noise

SOURCE = Path(__file__).with_name("kernel.c")
#: contraction off as in the engine: what a formula says is what is computed
FLAGS = ("-O3", "-march=native", "-mprefer-vector-width=512", "-ffp-contract=off", "-fno-math-errno")
FLAGS += ("-fno-trapping-math", "-std=gnu11", "-shared", "-fPIC")
#: the same kernel as one would get it without vectors
SCALAR = ("-fno-tree-vectorize", "-fno-tree-slp-vectorize", "-DLANES=1")
#: members side by side
LANES = 32
#: directed dyads that the kernel has room for
MOST_ROWS = 64

Array = NDArray[Any]


class Missing(Exception):
    """No compiler, or a theatre that the kernel was not written for."""


def compiled(folder: Path, *, single: bool, scalar: bool = False, lanes: int = LANES) -> ctypes.CDLL:
    """The kernel as a library, in double or single precision. Raises Missing."""
    gcc = shutil.which("gcc")
    if gcc is None:
        raise Missing("no gcc on the path")
    out = folder / f"kernel-{'f32' if single else 'f64'}-{'scalar' if scalar else lanes}.so"
    how = [*FLAGS, *(["-DSINGLE"] if single else []), *(SCALAR if scalar else [f"-DLANES={lanes}"])]
    subprocess.run([gcc, *how, str(SOURCE), "-o", str(out), "-lm"], check=True)
    return ctypes.CDLL(str(out))


def fields() -> list[str]:
    """Names of the record that the kernel takes, in their order: kernel.c says which they are."""
    body = SOURCE.read_text(encoding="utf-8").split("typedef struct {")[1].split("} Job;")[0]
    return [name for line in re.findall(r"[^;]+;", body) for name in re.findall(r"\*?(\w+)(?=[,;])", line)]


def aligned(array: Array) -> Array:
    """The array where vectors may begin."""
    room = np.empty(array.nbytes + 64, np.uint8)
    start = -room.ctypes.data % 64
    laid: Array = room[start : start + array.nbytes].view(array.dtype).reshape(array.shape)
    laid[...] = array
    return laid


class Kernel:
    """A task laid out for the kernel; ``call`` does all its weeks once more from the opening."""

    def __init__(self, library: ctypes.CDLL, given: phases.Task, *, single: bool, lanes: int = LANES) -> None:
        self.library, self.given, self.lanes = library, given, lanes
        self.real = np.float32 if single else np.float64
        self.groups = -(-given.members // lanes)
        world = given.world()
        if given.measure.whole.exponent != 3 or len(world.layout.directed) > MOST_ROWS:
            raise Missing(f"the kernel knows means of cubes and at most {MOST_ROWS} directed dyads")
        self.held = self._inputs(world)
        self.measures = self._room(world)
        record = ctypes.c_void_p * len(fields())
        self.record = record(*(self._word(name, world) for name in fields()))
        self.opening = {name: self.held[name].copy() for name in phases.STATE}

    def packed(self, array: Array, dtype: Any = None) -> Array:
        """(row, 1 or member) as (group, row, lane); lanes behind the last member repeat it."""
        members = np.minimum(np.arange(self.groups * self.lanes), self.given.members - 1)
        wide = np.broadcast_to(array, (array.shape[0], self.given.members))[:, members]
        laid = wide.reshape(array.shape[0], self.groups, self.lanes).swapaxes(0, 1)
        return aligned(laid.astype(dtype or self.real))

    def _inputs(self, world: Any) -> dict[str, Array]:
        measure = self.given.measure
        whole = measure.whole
        table = np.zeros((2**noise.CELL_BITS, 4))
        table[:, :3] = np.stack(noise.CELLS, axis=1)
        streams = {f"{name}_start": world.streams[name]._start for name in ("rung", "incident", "hostility")}
        told = np.stack([np.broadcast_to(v, self.given.members) for v in phases.parameters(world).values()])
        return {
            **{name: self.packed(array) for name, array in phases.inputs(world).items()},
            **{name: self.packed(start, np.uint64) for name, start in streams.items()},
            **phases.rows(world, measure),
            "parameters": self.packed(told),
            "parabolas": aligned(table.astype(self.real)),
            "calm": whole.calm,
            "span": whole.clash - whole.calm,
            "weights": 100.0 * whole.weights,
            "narrow": 100.0 * measure.responding.weights,
            "dyad_weights": whole.dyads,
            "totals": measure.totals,
            "index": phases.index(self.given.scenario),
        }

    def _room(self, world: Any) -> dict[str, Array]:
        weeks, dyads, states = self.given.weeks, len(world.layout.dyads), len(self.given.measure.states)
        wide = (weeks, self.groups)
        return {
            "tension": np.zeros((*wide, self.lanes)),
            "behaviour": np.zeros((*wide, self.lanes)),
            "contribution": np.zeros((*wide, 6, self.lanes)),
            "of_dyads": np.zeros((*wide, dyads, self.lanes), np.float32),
            "of_states": np.zeros((*wide, states, self.lanes), np.float32),
            "incidents": np.zeros((*wide, dyads, self.lanes), np.uint16),
            "contribution_sum": np.zeros((weeks, dyads, 6), np.int64),
            "pillar_sum": np.zeros((weeks, dyads, 6), np.int64),
        }

    def _word(self, name: str, world: Any) -> int:
        """A size, or the address of an array."""
        if name == "members":
            return self.given.members
        if name in ("directed", "dyads", "actors", "tracks"):
            return len(getattr(world.layout, name))
        if name == "states":
            return len(self.given.measure.states)
        array = self.measures[name] if name in self.measures else self.held[name]
        return int(array.ctypes.data)

    def call(self) -> None:
        """All weeks, from the opening."""
        for name, array in self.opening.items():
            self.held[name][...] = array
        for name in ("contribution_sum", "pillar_sum"):
            self.measures[name][...] = 0
        first, count = ctypes.c_int64(phases.OPENS + 1), ctypes.c_int64(self.given.weeks)
        self.library.weeks(ctypes.byref(self.record), first, count)

    def block(self) -> Block:
        """What the last call measured, as NumPy lays it out; regimes and chances are held, and not among it."""
        block = empty(self.given.weeks - 1, self.given.measure, self.given.members)
        found = {name.removeprefix("of_"): array for name, array in self.measures.items()}
        return replace(block, **{k: v if k.endswith("_sum") else self.unpacked(v) for k, v in found.items()})

    def unpacked(self, array: Array) -> Array:
        """(week, group, …, lane) as (week, …, member)."""
        wide = np.moveaxis(array, 1, -2)
        return wide.reshape(*wide.shape[:-2], -1)[..., : self.given.members]


def ready(folder: Path, given: phases.Task, *, single: bool, scalar: bool = False) -> Kernel:
    """The kernel compiled for a task. Raises Missing."""
    lanes = 1 if scalar else LANES
    return Kernel(compiled(folder, single=single, scalar=scalar), given, single=single, lanes=lanes)
