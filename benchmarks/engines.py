"""Engines that are there: NumPy's, and the compiled one in either precision where the extra ``fast`` is installed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib.util import find_spec

import phases

from detente.engine.block import Block, simulate_block
from detente.scenario.schema import Scenario

#: an engine as it is called: scenario, members, seed, weeks
Engine = Callable[[Scenario, range, int, int], Block]
#: engines by name, with the precision they compute in
PRECISIONS = {"numpy": "f64", "fast": "f64", "fast32": "f32"}


def there() -> bool:
    """Whether there is a compiled engine."""
    return find_spec("detente.engine") is not None and find_spec("llvmlite") is not None


def engines() -> dict[str, Engine]:
    """Engines by name."""
    found: dict[str, Engine] = {"numpy": simulate_block}
    if there():
        from detente.engine import compiled

        for name in ("fast", "fast32"):
            found[name] = partial(_compiled, compiled.simulate, name)
    return found


def _compiled(simulate: Callable[..., Block], precision: str, *what: object) -> Block:
    return simulate(*what, precision=precision)


class ByEngine:
    """The three phases in the compiled engine; ``call`` does all weeks once more from the opening."""

    def __init__(self, given: phases.Task, *, single: bool) -> None:
        from detente.engine.compiled import EXACT, STATE, Run

        self.given, self.last = given, phases.OPENS + given.weeks
        self.run = Run(given.world(), given.measure, self.last, 32 if single else 64)
        held = self.run.memory.held
        started = [key for key in held if key[0] == STATE or (key[0] == "output" and key[1] in EXACT)]
        self.opening = {key: held[key].copy() for key in started}

    def call(self) -> None:
        """All weeks, from the opening."""
        for key, array in self.opening.items():
            self.run.memory.held[key][...] = array
        self.run.carry(phases.OPENS + 1, self.last + 1)

    def block(self) -> Block:
        """What the last call measured."""
        block = self.run.block()
        for name, array in vars(block).items():
            setattr(block, name, array[-self.given.weeks :])
        return block
