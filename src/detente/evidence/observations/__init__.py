"""Observation files in their publishers' own layouts."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from detente.evidence.observations import dyad_week, events, risk_index
from detente.evidence.observations.codes import Codes, of_names, optional, section
from detente.evidence.observations.series import (
    ObservationError,
    ObservationMissing,
    Observations,
    Series,
    Step,
)
from detente.evidence.observations.table import header

__all__ = ["ObservationError", "ObservationMissing", "Observations", "Series", "Step", "found", "layout", "load"]


def found(name: str | Path) -> Path:
    """The file ``name``: as given, else in the folder DETENTE_OBSERVATIONS. Raises ObservationMissing."""
    path = Path(name)
    folder = os.environ.get("DETENTE_OBSERVATIONS")
    if not path.is_file() and folder and (Path(folder) / path).is_file():
        return Path(folder) / path
    if not path.is_file():
        raise ObservationMissing(f"{path}: no such file. Name an observation file, or set DETENTE_OBSERVATIONS")
    return path


def layout(columns: list[str]) -> str:
    """The layout that has these columns: dyad_week, keds, ai_gpr, acled or cameo; "" for none."""
    has = set(columns)
    if {"dyad", "week", "n_conf", "conf"} <= has:
        return "dyad_week"
    if {"Date", "GPR_AI"} <= has:
        return "ai_gpr"
    if set(events.ACLED_COLUMNS) <= has:
        return "acled"
    if columns == ["date", "source", "target", "code", "goldstein"]:
        return "keds"
    return "cameo" if any(c in has for c in events.CAMEO_COLUMNS["code"]) else ""


def load(name: str | Path, codes: Path | None = None, names: Mapping[str, list[str]] | None = None) -> Observations:
    """All dyads of an observation file. Raises ObservationError with file, line and column.

    Parameters
    ----------
    name: path, or a file name within the folder DETENTE_OBSERVATIONS.
    codes: YAML file that says which of the publisher's codes stands for which actor.
    names: names by actor, for single events that call the actors by them; needed where there are no ``codes``.
    """
    path = found(name)
    columns = header(path)
    kind = layout(columns)

    def needed() -> Codes:
        return of_names(kind, names) if codes is None and names else section(codes, kind)

    readers: dict[str, Callable[[], dict[str, Series] | events.Read | risk_index.Read]] = {
        "dyad_week": lambda: dyad_week.read(path, optional(codes, kind)),
        "ai_gpr": lambda: risk_index.read(path, optional(codes, kind)),
        "keds": lambda: events.keds(path, needed()),
        "cameo": lambda: events.cameo(path, needed(), columns),
        "acled": lambda: events.acled(path, needed()),
    }
    if kind not in readers:
        raise ObservationError(
            f"{path.name}:1:1: not a layout known here (weekly dyads, KEDS, CAMEO or ACLED events, AI-GPR months). "
            f"Columns: {', '.join(columns[:12])}"
        )
    told = readers[kind]()
    if isinstance(told, dict):
        return Observations(path, kind, told)
    return Observations(path, kind, **told._asdict())
