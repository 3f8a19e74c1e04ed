"""The compiled engine: a block of members carried from week to week by code that LLVM made of the laws.

Same members, same chance, same measures as NumPy's (block.py); its own last bits. What is dated happens in NumPy
between weeks, in the kernel's memory.
"""

from __future__ import annotations

import ctypes
import hashlib
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

from numpy.typing import NDArray

from detente.engine import cache
from detente.engine.block import CHANCES, EXACT, Block, Measure, empty, measure_of, quarter_rows, record
from detente.engine.emit import Emitter
from detente.engine.graph import STATE
from detente.engine.memory import Memory
from detente.engine.places import Places, placed, structure
from detente.engine.schedule import Schedule, scheduled
from detente.engine.trace import FLOWS, Program, opened, traced
from detente.model import noise
from detente.model.motion import Motion, moving
from detente.model.week import Week
from detente.scenario.schema import Scenario

Precision = Literal["fast", "fast32"]
#: weeks that a call carries at most, so that whoever wants to end the work is heard
STRETCH = 13
#: doubles in a vector; of floats there are twice as many
LANES = 8

Signature = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, *[ctypes.c_int64] * 5)

#: kernels of this process, by the hash of what decides them; no more than so many
MOST_KERNELS = 64
KERNELS: dict[str, tuple[cache.Code, Any]] = {}


def simulate(
    scenario: Scenario,
    members: range,
    seed: int,
    length: int,
    heed: Callable[[], None] | None = None,
    precision: Precision = "fast",
) -> Block:
    """Measure ``members`` of a checked scenario week by week, as block.simulate_block does, in compiled code.

    No number depends on who shares the block. ``heed`` is called now and then: what it raises ends the work. Raises
    Untraceable where a mechanism does what has no translation.
    """
    world = moving(scenario, members, seed)
    try:
        return carried(world, measure_of(scenario), length, heed, precision)
    finally:
        world.close()


def carried(
    world: Motion,
    measure: Measure,
    length: int,
    heed: Callable[[], None] | None = None,
    precision: Precision = "fast",
) -> Block:
    """The same of a world that has not moved yet; it stays where it is."""
    run = Run(world, measure, length, 64 if precision == "fast" else 32)
    for first, last in run.stretches():
        if heed is not None:
            heed()
        run.carry(first, last)
    return run.block()


class Run:
    """A block on its way."""

    def __init__(self, world: Motion, measure: Measure, length: int, bits: int) -> None:
        self.world, self.measure, self.length = world, measure, length
        self.program = traced(world, measure)
        schedule = scheduled(self.program)
        places = placed(self.program, schedule)
        self.machine_code, self.kernel = kernel(self.program, schedule, places, bits)
        self.memory = Memory(self.program.graph, bits)
        self.memory.streams(self.program.graph, world)
        self.memory.scratch(schedule.scratch)
        start = {**world.now.__dict__, **opened(world)}
        self.memory.states({name: start[name] for name in self.program.states})
        self._room()
        self.addresses, self.rows = self.memory.addresses(places)
        self.touched: set[str] = set()
        self.arrived: dict[str, Any] = {}

    def _room(self) -> None:
        """Room for measures."""
        for name, nodes in self.program.outputs.items():
            weeks = len(quarter_rows(self.length)) if name in CHANCES else self.length + 1
            if name in EXACT:
                self.memory.sums(name, weeks, nodes[0].height, len(nodes))
            else:
                self.memory.output(name, weeks, len(nodes), nodes[0].height)

    def stretches(self) -> Iterator[tuple[int, int]]:
        """Weeks between which nothing dated happens, first and one past the last."""
        dated = {week for week in self.world.timetable if 1 <= week <= self.length}
        turns = {1, self.length + 1, *dated, *(week + 1 for week in dated), *self.world.flows.turns}
        turns |= set(range(1, self.length + 1, STRETCH))
        ends = sorted(week for week in turns if 1 <= week <= self.length + 1)
        return pairwise(ends)

    def carry(self, first: int, last: int) -> None:
        """What is dated in week ``first``, then all weeks before ``last``."""
        self._dated(first)
        where = self.addresses.ctypes.data, self.rows.ctypes.data
        self.kernel(*where, 0, self.memory.groups, first, last, self.memory.members)

    def _dated(self, number: int) -> None:
        """What the calendar of a week does to the memory."""
        for name in self.touched & self.program.fresh.keys():
            self._put(name, self.program.fresh[name])
        self.touched = set()
        effects = self.world.timetable.get(number, ())
        week = Week(number, self.world.streams, self.world.flows, effects)
        found = week.acts(_Held(self), {}, self.world.laws.acts)  # type: ignore[arg-type]
        for name, array in found.items():
            if name not in FLOWS:
                self._put(name, array)
                self.touched.add(name)
            elif self.arrived.get(name) is not array:
                self._put(name, array)
                self.arrived[name] = array

    def _put(self, name: str, array: NDArray[Any]) -> None:
        if (STATE, name) in self.memory.held:
            self.memory.put(self.memory.held[STATE, name], array)

    def block(self) -> Block:
        """What was measured; the opening as NumPy measures it."""
        block = empty(0, self.measure, self.memory.members)
        record(block, 0, self.world, self.measure)
        for name, nodes in self.program.outputs.items():
            opening = getattr(block, name)[0]
            kept = self.memory.held["output", name]
            if name not in EXACT:
                kept = kept.reshape(len(kept), *_shape(len(nodes), nodes[0].height, opening.ndim), kept.shape[-1])
                kept = kept[..., : self.memory.members]
            kept[0] = opening
            setattr(block, name, kept)
        return block


def _shape(parts: int, rows: int, ndim: int) -> tuple[int, ...]:
    """Axes between weeks and members, of which a block keeps ``ndim`` - 1."""
    return {1: (), 2: (parts * rows,)}[ndim]


class _Held:
    """The situation as acts find it: states out of the kernel's memory, others as they opened."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def __getattr__(self, name: str) -> NDArray[Any]:
        held = self._run.memory.held.get((STATE, name))
        array: NDArray[Any] = getattr(self._run.world.now, name)
        if held is not None and name != "hostility":
            array = self._run.memory.unpacked(held)
        return array


def kernel(program: Program, schedule: Schedule, places: Places, bits: int) -> tuple[cache.Code, Any]:
    """The compiled week of a program: its machine code, which must live as long as it is called, and the call."""
    lanes = LANES * 64 // bits
    told = f"{structure(program)}\n{bits} bits, {lanes} lanes\n{sources()}"
    name = cache.key(told)
    if name not in KERNELS:
        emitter = Emitter(program.graph, schedule, places, bits, lanes)
        code = cache.made(told, emitter.text)
        KERNELS[name] = code, Signature(code.address("run"))
        for oldest in list(KERNELS)[:-MOST_KERNELS]:
            del KERNELS[oldest]
    return KERNELS[name]


@lru_cache(maxsize=1)
def sources() -> str:
    """Hash of the code that makes the text of a kernel."""
    home = Path(__file__).parent
    found = hashlib.sha256()
    for path in (*sorted(home.glob("*.py")), Path(noise.__file__)):
        found.update(path.read_bytes())
    return found.hexdigest()
