"""What an experiment file says: scenarios, levers, uncertainties, theories, design, metrics.

Levers are what somebody can choose, uncertainties what nobody knows, theories how the mechanisms might work; the three
are kept apart because the questions differ: which lever is best, what must be known better, whose theory decides.
"""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from detente.experiment.design import Design, Stopping
from detente.scenario.quantity import Names, Quantity, Record

#: more member runs than this are taken for a slip of the pen
MOST_RUNS = 200_000_000
#: weeks of all member runs together: as many runs of a few years
MOST_WEEKS = 50_000_000_000


def _by_name(data: Any) -> Any:
    """A list of values as a mapping from their texts. ValueError where two read alike: a run is told by its value."""
    if not isinstance(data, list | tuple):
        return data
    named: dict[str, Any] = {}
    for value in data:
        if _shown(value) in named:
            raise ValueError(f"{_shown(value)} stands there twice: keep one, or give each a name, as in low: {value}")
        named[_shown(value)] = value
    return named


def _shown(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value).lower() if isinstance(value, bool) else str(value)


def _metrics(data: Any) -> Any:
    """Metrics as a mapping from a name without punctuation to what is measured."""
    listed = [data] if isinstance(data, str) else data
    if isinstance(listed, list | tuple):
        return {safe_name(str(text)): text for text in listed}
    return data


def safe_name(text: str) -> str:
    """``text`` as the name of an array: letters, digits, _ and - only."""
    return re.sub(r"[^\w-]+", "_", text).strip("_")


def _listed(data: Any) -> Any:
    return (data,) if isinstance(data, dict) else data


class Lever(Record):
    """What somebody can choose: one path (or several that move together) with values, or named settings.

    With ``relative`` the values multiply what the scenario says. ``settings`` change several paths at once:
    setting name -> {path: value}. The first value is the one that the others are compared with.
    """

    label: str = ""
    path: Names = ()
    values: Annotated[dict[str, Any], BeforeValidator(_by_name)] = Field(default_factory=dict)
    relative: bool = False
    settings: dict[str, dict[str, Any]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_form(self) -> Lever:
        if bool(self.settings) == bool(self.values):
            raise ValueError("a lever has either path and values, or settings")
        if bool(self.path) != bool(self.values):
            raise ValueError("values need a path, and a path needs values")
        if self.relative and not all(isinstance(v, int | float) for v in self.values.values()):
            raise ValueError("relative values must be numbers: they multiply what the scenario says")
        return self


class Theory(Record):
    """How the mechanisms might work: changes to the scenario, and the weight it has in the average."""

    label: str = ""
    changes: dict[str, Any] = Field(default_factory=dict)
    weight: float = Field(default=1.0, ge=0, le=1e6)


class Uncertainties(Record):
    """What nobody knows: parameters by path or pattern (``all``: every quantity with a spread), from the registry.

    ``without`` leaves paths or patterns out; ``given`` states a distribution here instead.
    """

    parameters: Names = ()
    without: Names = ()
    given: dict[str, Quantity] = Field(default_factory=dict)


class Experiment(Record):
    """The whole of an experiment file.

    ``discover`` names what is looked for afterwards ("METRIC > NUMBER"); it decides no number.
    """

    title: str
    question: str = ""
    scenarios: Names = Field(min_length=1)
    levers: dict[str, Lever] = Field(default_factory=dict)
    theories: dict[str, Theory] = Field(default_factory=dict)
    uncertainties: Uncertainties = Uncertainties()
    design: Annotated[tuple[Design, ...], BeforeValidator(_listed)] = (Design(kind="factorial"),)
    members: int = Field(ge=1, le=1_000_000)
    metrics: Annotated[dict[str, str], BeforeValidator(_metrics)] = Field(min_length=1)
    stop: Stopping | None = None
    seed: int = Field(default=1, ge=0, le=2**53)
    discover: Names = ()
    weeks: int | None = Field(default=None, ge=1)
    batch: int = Field(default=512, ge=1, le=100_000)

    @model_validator(mode="after")
    def _fits(self) -> Experiment:
        if len(self.design) > 1 and (self.design[0].kind != "morris" or self.stop is not None):
            raise ValueError("of several designs the first must be morris, which screens for the next, without a stop")
        if self.stop is not None and self.stop.metric not in self.metrics:
            raise ValueError(f'stop: metric "{self.stop.metric}" is not among {", ".join(self.metrics)}')
        odd = [name for name in self.metrics if safe_name(name) != name]
        if odd:
            raise ValueError(f'"{odd[0]}" cannot name a metric: letters, digits, _ and - only')
        return self
