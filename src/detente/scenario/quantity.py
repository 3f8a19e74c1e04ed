"""A number with its unit, range, spread and sources: the leaf of every scenario file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    model_validator,
)
from pydantic_core import CoreSchema, core_schema

Spread: TypeAlias = Literal["uniform", "triangular", "normal", "lognormal", "spike_slab"]

#: unit written in a file -> (unit the model uses, factor)
CONVERSIONS = {
    "%": ("share", 0.01),
    "% per year": ("1/year", 0.01),
    "USD bn": ("USD m", 1000.0),
    "EUR bn": ("EUR m", 1000.0),
    "thousand persons": ("persons", 1000.0),
    "months": ("weeks", 365.25 / 12 / 7),
    "years": ("weeks", 365.25 / 7),
}


class Record(BaseModel):
    """Base of all scenario records: frozen, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Quantity(Record):
    """A value with unit, range and sources.

    ``value`` is the central value. With ``spread`` the quantity is uncertain and every parameter draw
    takes its own value: ``uniform`` on [low, high]; ``triangular`` with mode ``value`` on [low, high];
    ``normal`` and ``lognormal`` with median ``value`` and 90 % interval [low, high]; ``spike_slab`` is 0
    with probability ``spike`` and otherwise uniform on [low, high].
    Without ``spread`` the number is fixed; low and high then only document its range.
    A quantity without ``source`` is an assumption, and is counted and shown as one.
    """

    value: float
    unit: str = ""
    low: float | None = None
    high: float | None = None
    spread: Spread | None = None
    spike: float | None = Field(default=None, ge=0, le=1)
    source: tuple[str, ...] = ()
    note: str = ""

    @model_validator(mode="before")
    @classmethod
    def _shorthand(cls, data: Any) -> Any:
        if isinstance(data, int | float) and not isinstance(data, bool):
            return {"value": data}
        if isinstance(data, dict) and isinstance(data.get("source"), str):
            return {**data, "source": (data["source"],)}
        return data

    @model_validator(mode="after")
    def _range(self) -> Quantity:
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError(f"low {self.low:g} is above high {self.high:g}: swap them")
        if self.spread is not None and (self.low is None or self.high is None):
            raise ValueError(f'spread "{self.spread}" needs both low and high')
        if self.spread == "spike_slab" and self.spike is None:
            raise ValueError('spread "spike_slab" needs spike, the probability of 0')
        if self.spread == "lognormal" and not 0 < (self.low or 0) < (self.high or 0):
            raise ValueError("a lognormal spread needs 0 < low < high")
        inside = self.low is None or self.low <= self.value or self.spread == "spike_slab"
        if not inside or (self.high is not None and self.value > self.high):
            raise ValueError(f"value {self.value:g} is outside its range {self.low:g} to {self.high:g}")
        return self

    @property
    def assumed(self) -> bool:
        """True where no source is named."""
        return not self.source


@dataclass(frozen=True)
class Measure:
    """Annotation of a Quantity field: the unit the model uses and the possible range [ge, le] in it."""

    unit: str
    ge: float = 0.0
    le: float = 1e12
    also: tuple[str, ...] = ()

    def check(self, q: Quantity) -> Quantity:
        """``q`` in this unit; ValueError where the unit does not fit or the number is impossible."""
        known, factor = CONVERSIONS.get(q.unit, (q.unit or self.unit, 1.0))
        if known not in (self.unit, *self.also):
            fitting = [u for u, (to, _) in CONVERSIONS.items() if to == self.unit]
            raise ValueError(f'unit "{q.unit}" does not fit: write {" or ".join([self.unit, *self.also, *fitting])}')
        for number in (q.value, q.low, q.high):
            if number is not None and not self.ge <= number * factor <= self.le:
                possible = f"{self.ge:g} to {self.le:g} {self.unit}"
                raise ValueError(f"{number:g} {q.unit or self.unit} is outside what is possible, {possible}")
        scaled = {k: v * factor for k in ("value", "low", "high") if (v := getattr(q, k)) is not None}
        return q.model_copy(update={**scaled, "unit": known})

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"allOf": [handler(schema)], "description": f"in {self.unit}, {self.ge:g} to {self.le:g}"}


def _listed(data: Any) -> Any:
    return (data,) if isinstance(data, str) else data


#: one name or a list of names
Names = Annotated[tuple[str, ...], BeforeValidator(_listed)]
