"""Observation files in their publishers' own layouts."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from detente.evidence.observations import dyad_week, events, risk_index
from detente.evidence.observations.codes import section
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


def load(name: str | Path, codes: Path | None = None) -> Observations:
    """All dyads of an observation file. Raises ObservationError with file and line.

    Parameters
    ----------
    name: path, or a file name within the folder DETENTE_OBSERVATIONS.
    codes: YAML file that says which of the publisher's codes stands for which actor; needed for single events.
    """
    path = found(name)
    columns = header(path)
    kind = layout(columns)
    readers: dict[str, Callable[[], dict[str, Series]]] = {
        "dyad_week": lambda: dyad_week.read(path),
        "ai_gpr": lambda: risk_index.read(path, section(codes, "ai_gpr") if codes else None),
        "keds": lambda: events.keds(path, section(codes, "keds")),
        "cameo": lambda: events.cameo(path, section(codes, "cameo"), columns),
        "acled": lambda: events.acled(path, section(codes, "acled")),
    }
    if kind not in readers:
        raise ObservationError(
            f"{path.name}:1: not a layout known here (weekly dyads, KEDS, CAMEO or ACLED events, AI-GPR months). "
            f"Columns: {', '.join(columns[:12])}"
        )
    return Observations(path, kind, readers[kind]())
