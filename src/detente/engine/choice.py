"""Which engine carries the members: NumPy's, or the compiled one in doubles or floats.

Chosen for all that a command runs, as extensions are: an engine is no part of a question, and whoever asks need not
hand it on. What is asked for is in force in a context; ``settled`` says which engine that comes to, once for all
ensembles of the context, so that none is compared with one of another engine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from detente.errors import UsageError
from detente.extras import missing, require

if TYPE_CHECKING:
    from detente.engine.block import Block
    from detente.scenario.schema import Scenario

Engine: TypeAlias = Literal["numpy", "fast", "fast32"]
Asked: TypeAlias = Literal["numpy", "fast", "fast32", "auto"]

#: the reference
NUMPY: Engine = "numpy"
FAST: Engine = "fast"
ENGINES: tuple[Engine, ...] = get_args(Engine)
ASKED: tuple[Asked, ...] = get_args(Asked)
#: directed pairs × members × weeks (70 members of the baseline) from which compiled code, once it is kept, saves a
#: tenth of a second or more in every run; to make it takes half a second to one
WORTH = 500_000

#: told, in a line, what was not as asked
Told: TypeAlias = Callable[[str], object]


@dataclass
class Choice:
    """What is asked for, and what it has come to."""

    asked: Asked = NUMPY
    tell: Told = lambda line: None
    taken: Engine | None = None

    def settle(self, scenario: Scenario, members: int, length: int) -> Engine:
        """The engine, decided by the first ensemble."""
        if self.taken is None:
            self.taken = self._first(2 * len(scenario.dyads) * members * length)
        return self.taken

    def _first(self, work: int) -> Engine:
        if self.asked != "auto":
            return self.asked
        if missing("fast", ""):
            self.tell("engine numpy: the extra fast is not installed")
            return NUMPY
        self.tell("engine fast" if work >= WORTH else "engine numpy: too small a job for another to pay")
        return FAST if work >= WORTH else NUMPY

    def fall_back(self, scenario: Scenario) -> None:
        """NumPy's from now on, and why: the scenario cannot be compiled."""
        if self.taken not in (None, NUMPY):
            self.tell(f"engine numpy in place of {self.taken}: {refusal(scenario)}")
            self.taken = NUMPY


IN_FORCE: ContextVar[Choice | None] = ContextVar("engine", default=None)


@contextmanager
def using(engine: Asked, tell: Told = lambda line: None) -> Iterator[None]:
    """What is run in this context is run by ``engine``; ``auto`` takes the compiled one where it is there and pays.

    ``tell`` is told where that comes to another engine. Raises UsageError where there is none of that name,
    ExtraMissing where it is not installed.
    """
    if engine not in ASKED:
        raise UsageError(f'"{engine}" is no engine: choose one of {", ".join(ASKED)}', "--engine")
    if engine in (FAST, "fast32"):
        require("fast", f"--engine {engine}")
    token = IN_FORCE.set(Choice(engine, tell))
    try:
        yield
    finally:
        IN_FORCE.reset(token)


def in_force() -> Choice:
    """The choice of this context; NumPy's where none was made."""
    return IN_FORCE.get() or Choice()


def words() -> list[str]:
    """The option that says which engine a command has taken; none for NumPy's."""
    taken = in_force().taken
    return ["--engine", taken] if taken not in (None, NUMPY) else []


def settled(scenario: Scenario, members: int, length: int) -> Engine:
    """The engine of an ensemble that is about to be run."""
    return in_force().settle(scenario, members, length)


def noticed(scenario: Scenario, wanted: Engine, used: str) -> None:
    """Say so where a scenario was run by NumPy in place of the engine wanted, which it cannot be compiled for."""
    if used != wanted:
        in_force().fall_back(scenario)


def standing() -> Engine:
    """The engine of a process that stays, where compiled code pays whatever the size of a question: that code, if it
    can be had and nothing else was chosen."""
    chosen = IN_FORCE.get() or Choice("auto")
    if chosen.asked == "auto":
        return NUMPY if missing("fast", "") else FAST
    return chosen.asked


def simulate(
    engine: Engine, scenario: Scenario, members: range, seed: int, length: int, heed: Callable[[], None] | None = None
) -> Block:
    """A block of members by an engine, as :func:`detente.engine.block.simulate_block` does it; by NumPy's where the
    scenario cannot be compiled. The block says which it was."""
    from detente.engine.block import simulate_block

    if engine == "numpy":
        return simulate_block(scenario, members, seed, length, heed)
    from detente.engine import compiled
    from detente.engine.graph import Untraceable

    try:
        block = compiled.simulate(scenario, members, seed, length, heed, engine)
    except Untraceable:
        return simulate_block(scenario, members, seed, length, heed)
    block.engine = engine
    return block


def refusal(scenario: Scenario) -> str:
    """What of a scenario cannot be compiled; empty where all can."""
    from detente.engine.block import measure_of
    from detente.engine.graph import Untraceable
    from detente.engine.trace import traced
    from detente.model.motion import moving

    try:
        traced(moving(scenario, range(2), 0), measure_of(scenario))
    except Untraceable as refused:
        return str(refused)
    return ""
