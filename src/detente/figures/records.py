"""What ``hindcast --json`` and ``calibrate --json`` print, read again for a figure: what does not fit is named."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from detente.figures.reading import FigureError

Share = Annotated[float, Field(ge=0, le=1)]
#: of forecasts, runs, checks; more than a billion is no count of any of them
Count = Annotated[int, Field(ge=0, le=10**9)]
Five = Annotated[list[float], Field(min_length=5, max_length=5)]


class _Record(BaseModel):
    model_config = ConfigDict(strict=True, allow_inf_nan=False)


class Scores(_Record):
    """One method at one horizon: the share of forecasts in each bar, and what came of stated chances."""

    method: str
    horizon: Count
    n: Count
    pit: Annotated[list[Share], Field(min_length=1)]
    #: stated chance, share of cases in which it happened, cases
    reliability: list[Annotated[tuple[Share, Share, Annotated[Count, Field(ge=1)]], Field(strict=False)]] = []
    brier: float | None = None


class Hindcast(_Record):
    """A hindcast; rows without ``pit`` are of methods that state no distribution."""

    rows: list[dict[str, Any]]
    every: str | None = None
    step: str | None = None
    members: Count = 0


class Inferred(_Record):
    """A parameter before and after, at five quantiles, with the ranks of known values."""

    path: Annotated[str, Field(pattern=r"^.+\..+$")]
    unit: str
    prior: Five
    posterior: Five
    shrinkage: float
    sbc_histogram: Annotated[list[Annotated[float, Field(ge=0, le=10**9)]], Field(min_length=1)]
    sbc_p: Share


class Calibration(_Record):
    """A calibration."""

    parameters: list[Inferred]
    file: str
    window: Annotated[list[str], Field(min_length=2, max_length=2)]
    dyads: list[Any]
    not_used: list[Any]
    untold: dict[str, Any]
    checks: Count
    fits: bool
    as_far_out: Share
    draws: Count
    weeks: Count = 0


R = TypeVar("R", bound=_Record)


def read(kind: type[R], content: Mapping[str, Any]) -> R:
    """``content`` as a record of ``kind``. FigureError with the place of the first entry that does not fit."""
    try:
        return kind.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the whole"
        what = f"{kind.__name__.lower()}: {place}: {first['msg'][:1].lower()}{first['msg'][1:]}"
        raise FigureError(f"this is not as the command with --json prints it: {what}") from error
