"""What a mechanism declares: parameters, state, opening, weekly step, rival theories. Everything else derives from it.

A mechanism is one file. Its ``Parameters`` say what each number is, once; its ``STATE`` says which arrays it keeps and
hands on. Schema, completion, stability ranges, "laws off", the time-step check and the documents are read from here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
#: what a phase hands back: arrays by declared name, each replacing the one that was there
Changes = dict[str, NDArray[Any]]


@dataclass(frozen=True, kw_only=True)
class Number:
    """What a parameter is: its unit, the range [low, high] it can have, and how the framework may treat it.

    ``positive``: the law divides by it or takes its logarithm. ``off``: the value at which it moves no rate of
    incidents or hostility; None where it does not by itself. ``scales``: how it follows a longer time step:
    ``divided`` (weeks, or a size per week), ``multiplied`` (a rate), ``root`` (a random walk), ``kept`` (an inflow of
    something that fades), ``impulse`` (a single event that fades); the last two with ``fades``, the name of that
    memory: ``parameter``, or ``section.parameter``. ``brake`` names what holds crises or wars back by this number: at 0
    it does not.
    """

    unit: str
    low: float = 0.0
    high: float = 1e12
    also: tuple[str, ...] = ()
    positive: bool = False
    off: float | None = None
    scales: str = ""
    fades: str = ""
    brake: str = ""
    about: str = ""


def number(unit: str, low: float = 0.0, high: float = 1e12, **what: Any) -> Any:
    """Declare a parameter; see :class:`Number`."""
    return field(metadata={"number": Number(unit=unit, low=low, high=high, **what)})


def share(**what: Any) -> Any:
    """A parameter from 0 to 1."""
    return number("share", 0, 1, **what)


def points(low: float = 0.0, **what: Any) -> Any:
    """A parameter in hostility points."""
    return number("points", low, 10, **what)


def weeks(**what: Any) -> Any:
    """A parameter in weeks."""
    return number("weeks", 0, 5000, **what)


def memory(**what: Any) -> Any:
    """An e-folding time in weeks: divided by, and shorter in longer steps."""
    return weeks(positive=True, scales="divided", **what)


def ratio(**what: Any) -> Any:
    """A pure number from 0 to 1000."""
    return number("1", 0, 1000, **what)


def log_factor(**what: Any) -> Any:
    """The log of a factor on a rate, from 1 to 3000; beyond that a rate is no rate any more."""
    return number("1", 0, 8, **what)


def signed(**what: Any) -> Any:
    """A pure number from -10 to 10."""
    return number("1", -10, 10, **what)


def per_year(**what: Any) -> Any:
    """A yearly rate."""
    return number("1/year", -1, 5, **what)


def per_week(**what: Any) -> Any:
    """A weekly rate or hazard."""
    return number("1/week", 0, 1, **what)


def persons(**what: Any) -> Any:
    """A number of people."""
    return number("persons", 0, 5e6, **what)


@dataclass(frozen=True)
class State:
    """An array a mechanism keeps or hands on: one row per ``entity``, (entity, member).

    ``start`` is its opening value: a number, or a function of the inputs and the mechanism's parameters. Without a
    start it is no state but what others read: the mechanism's ``open`` sets it, and a week may replace it.
    """

    entity: str
    unit: str
    about: str
    start: float | Callable[[Any, Any], NDArray[Any]] | None = None
    dtype: type = np.float64


class Week(Protocol):
    """What a week brings: its number, its chance, and what the calendar has for it."""

    number: int

    def uniform(self, purpose: str) -> Array:
        """Uniform draws on (0, 1) of a declared purpose, (entity, member)."""

    def normal(self, purpose: str) -> Array:
        """Standard normal draws of a declared purpose, (entity, member)."""

    def acts(self, now: Any, felt: Changes, p: Any) -> Changes:
        """What the calendar adds to or sets in the situation, ``felt`` being what is left of earlier acts."""


@dataclass(frozen=True)
class Theory:
    """A rival theory: the ``options`` a scenario may switch to (the first is what holds without a word), and how the
    drawn parameters change under one. ``redraw`` draws a parameter again with another spread: ``redrawn`` says which
    under what option, option to parameter, for a fixed number has nothing to be drawn from."""

    options: tuple[str, ...]
    apply: Callable[[str, Any, Callable[[str, str], Array]], Any] | None = None
    redrawn: Mapping[str, str] = field(default_factory=dict)

    def lacks(self, option: str, numbers: Any) -> str:
        """The number that ``option`` would draw again and that is fixed among a scenario's ``numbers``; "" if none."""
        name = self.redrawn.get(option, "")
        return name if name and getattr(numbers, name).spread is None else ""


@dataclass(frozen=True, eq=False)
class Mechanism:
    """A law of motion, whole.

    Once a week ``decide(now, x, p, week)`` is what agents of the kind ``who`` decide, and ``step(now, x, p, week)``
    what follows for everybody; both return the arrays they change. ``now`` is the situation with what earlier phases
    of the week returned, ``x`` the inputs (laws/situation.py), ``p`` the mechanism's own drawn parameters.
    ``open(now, x, p)`` returns what others read of it at the opening and what later weeks are measured against.
    ``noise`` names its draws and the entities they are for. ``reads`` are names of other mechanisms that it needs at
    the opening. ``after`` places a mechanism that is added to the others; ``presses`` names the one of its arrays,
    (directed dyad, member) in points, that is added to the level hostility tends to. ``acts`` are kinds of dated
    acts that a mechanism from outside brings along; those of the package stand in scenario/acts.py. ``limit`` names its
    analytic limit.
    """

    name: str
    title: str
    parameters: type
    state: Mapping[str, State]
    step: Callable[[Any, Any, Any, Any], Changes]
    decide: Callable[[Any, Any, Any, Any], Changes] | None = None
    open: Callable[[Any, Any, Any], Changes] | None = None
    noise: Mapping[str, str] = field(default_factory=dict)
    who: str = "world"
    theories: Mapping[str, Theory] = field(default_factory=dict)
    reads: tuple[str, ...] = ()
    after: str = ""
    presses: str = ""
    acts: tuple[type, ...] = ()
    limit: str = ""

    @property
    def home(self) -> str:
        """The module it stands in."""
        return str(self.parameters.__module__)

    def numbers(self) -> Iterator[tuple[str, Number]]:
        """Every parameter by name, in the order of the file."""
        for entry in fields(self.parameters):
            yield entry.name, entry.metadata["number"]
