"""A number with its unit, range, spread and sources: the leaf of every scenario file."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass
from enum import IntEnum
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
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

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

#: the first and the last year that a date may lie in
YEARS = (1900, 2200)


class Use(IntEnum):
    """Annotation of a field: what depends on it. Without one it is the model."""

    #: nothing: two scenarios that differ here alone are the same one
    WORDS = 0
    #: how things are called, marked and documented; no result
    SHOWN = 1
    #: how paths are read, but no path
    READING = 2
    MODEL = 3


class Ref:
    """Annotation of a field whose texts (of a mapping its keys) name records of any of ``sections`` of the scenario."""

    def __init__(self, *sections: str) -> None:
        self.sections = sections


def refuse(kind: str, message: str, at: str = "", hint: str = "") -> PydanticCustomError:
    """A fault of a known ``kind`` (``unit``, ``impossible``, ``range``, ``day``) in the key ``at`` of the record."""
    return PydanticCustomError("detente_" + kind, "{message}", {"message": message, "at": at, "hint": hint})


def written(number: float) -> str:
    """A number as a person writes it, with all its digits: 5,000,000 and 0.25 and 1.0000001."""
    return f"{number:,.0f}" if abs(number) < 1e15 and number == round(number) else repr(float(number))


#: a number as written: neither text nor true or false is taken for one
Float = Annotated[float, Field(strict=True)]
#: true or false, nothing else
Truth = Annotated[bool, Field(strict=True)]


_listed = BeforeValidator(lambda data: (data,) if isinstance(data, str) else data, str | tuple[str, ...])
#: one name or a list of names
Names = Annotated[tuple[str, ...], _listed]


def _month(data: str) -> str:
    """Advice for a day that does not exist."""
    year, month, _ = map(int, data.split("-"))
    if not (1 <= month <= 12 and year >= 1):
        return "a year has the months 01 to 12"
    return f"that month ends on {data[:8]}{calendar.monthrange(year, month)[1]}"


def _day(data: Any) -> Any:
    if isinstance(data, dt.date):
        return data
    if not isinstance(data, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", data):
        raise refuse("day", f"{data!r} is no date", hint="write year-month-day, such as 2025-02-28")
    try:
        day = dt.date.fromisoformat(data)
    except ValueError:
        raise refuse("day", f"{data} does not exist in the calendar", hint=_month(data)) from None
    if not YEARS[0] <= day.year <= YEARS[1]:
        raise refuse("day", f"the year of {data} is outside what is possible, {YEARS[0]} to {YEARS[1]}")
    return day


#: a day written as 2024-07-01
Day = Annotated[dt.date, BeforeValidator(_day, json_schema_input_type=dt.date)]


#: how something is called or told: no result depends on it
Told = Annotated[str, Use.SHOWN]
#: ids of the sources that document something; without one it is an assumption
Sources = Annotated[Names, Ref("sources"), Use.SHOWN]


class Record(BaseModel):
    """Base of all scenario records: frozen, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)


#: the keys of a quantity that its values are drawn from
NUMBERS = ("value", "low", "high", "spread", "spike")


class Quantity(Record):
    """A value with unit, range and sources.

    ``value`` is the central value. With ``spread`` the quantity is uncertain and every parameter draw
    takes its own value: ``uniform`` on [low, high]; ``triangular`` with mode ``value`` on [low, high];
    ``normal`` and ``lognormal`` with median ``value`` and 90 % interval [low, high]; ``spike_slab`` is 0
    with probability ``spike`` and otherwise uniform on [low, high].
    Without ``spread`` the number is fixed; low and high then only document its range.
    A quantity without ``source`` is an assumption, and is counted and shown as one.
    """

    value: Float
    unit: str = ""
    low: Float | None = None
    high: Float | None = None
    spread: Spread | None = None
    spike: Float | None = Field(default=None, ge=0, le=1)
    source: Sources = ()
    note: Told = ""

    @model_validator(mode="before")
    @classmethod
    def _shorthand(cls, data: Any) -> Any:
        return {"value": data} if isinstance(data, int | float) and not isinstance(data, bool) else data

    @model_validator(mode="after")
    def _range(self) -> Quantity:
        low, high = self.low, self.high
        if low is not None and high is not None and low > high:
            raise refuse("range", f"low {written(low)} is above high {written(high)}: swap them", "low")
        if self.spread is not None and (low is None or high is None):
            raise refuse("range", f'spread "{self.spread}" needs both low and high', "spread")
        if self.spread == "spike_slab" and self.spike is None:
            raise refuse("range", 'spread "spike_slab" needs spike, the probability of 0', "spread")
        if self.spread == "lognormal" and not 0 < (low or 0) < (high or 0):
            raise refuse("range", "a lognormal spread needs 0 < low < high", "low")
        if (low is not None and self.value < low and self.spread != "spike_slab") or (
            high is not None and self.value > high
        ):
            between = " to ".join("…" if end is None else written(end) for end in (low, high))
            raise refuse("range", f"value {written(self.value)} is outside its own range, {between}", "value")
        return self

    @property
    def drawn(self) -> tuple[float | str | None, ...]:
        """What its values are drawn from: its range counts where it has a spread."""
        fixed = self.spread is None
        return (self.value, self.unit) if fixed else (self.value, self.unit, *(getattr(self, k) for k in NUMBERS[1:]))

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """A plain number or the record: the shorthand is part of the file format."""
        record = handler.resolve_ref_schema(handler(schema))
        return {"description": record.get("description", ""), "anyOf": [{"type": "number"}, dict(record)]}


@dataclass(frozen=True)
class Measure:
    """Annotation of a Quantity field: the unit the model uses and the possible range [ge, le] in it."""

    unit: str
    ge: float = 0.0
    le: float = 1e12
    also: tuple[str, ...] = ()
    about: str = ""

    def check(self, q: Quantity) -> Quantity:
        """``q`` in this unit; ValueError where the unit does not fit or the number is impossible."""
        known, factor = CONVERSIONS.get(q.unit, (q.unit or self.unit, 1.0))
        if known not in (self.unit, *self.also):
            fitting = [u for u, (to, _) in CONVERSIONS.items() if to in (self.unit, *self.also)]
            units = " or ".join(f'"{unit}"' for unit in (self.unit, *self.also, *fitting))
            raise refuse("unit", f'unit "{q.unit}" does not fit', "unit", f"write {units}")
        for key in ("value", "low", "high"):
            number = getattr(q, key)
            if number is not None and not self.ge <= number * factor <= self.le:
                possible = f"possible: {written(self.ge)} to {written(self.le)} {self.unit}"
                raise refuse("impossible", f"{written(number)} {q.unit or self.unit} is impossible", key, possible)
        scaled = {k: v * factor for k in ("value", "low", "high") if (v := getattr(q, k)) is not None}
        return q.model_copy(update={**scaled, "unit": known})

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        told = f"{self.about}; " if self.about else ""
        described = f"{told}in {self.unit}, {written(self.ge)} to {written(self.le)}"
        return {"allOf": [handler(schema)], "description": described}
