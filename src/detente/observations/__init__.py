"""Observation files in their publishers' own layouts."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from detente.observations import dyad_week, events, layouts, risk_index
from detente.observations.codes import of_names, optional, section
from detente.observations.names import on_disk
from detente.observations.reading import ObservationError, ObservationMissing
from detente.observations.series import Observations, Series, Step
from detente.observations.table import Table

__all__ = ["ObservationError", "ObservationMissing", "Observations", "Series", "Step", "found", "load"]


def found(name: str | Path) -> Path:
    """The file ``name``: as given, else in the folder DETENTE_OBSERVATIONS. Raises ObservationMissing."""
    folder = os.environ.get("DETENTE_OBSERVATIONS")
    paths = [on_disk(path) for path in (Path(name), *([Path(folder) / name] if folder else []))]
    path = next((path for path in paths if path.is_file()), None)
    if path is None:
        raise ObservationMissing(f"{name}: no such file. Name an observation file, or set DETENTE_OBSERVATIONS")
    return path


def load(name: str | Path, codes: Path | None = None, names: Mapping[str, list[str]] | None = None) -> Observations:
    """All dyads of an observation file. Raises ObservationError with file, line and column.

    Parameters
    ----------
    name: path, or a file name within the folder DETENTE_OBSERVATIONS.
    codes: YAML file that says which of the publisher's codes stands for which actor.
    names: names by actor, for single events that call the actors by them; needed where there are no ``codes``.
    """
    path = found(name)
    table = Table.of(path)
    kind = layouts.layout(table.names)
    if other := layouts.foreign(table.names):
        raise ObservationError(f"{path.name}:1:1: this looks like {other}, which is not read. {layouts.CONVERT}")
    if not kind:
        raise ObservationError(
            f"{path.name}:1:1: not a layout known here (weekly dyads, KEDS, CAMEO, ICEWS, GDELT or ACLED events, "
            f"AI-GPR months). Columns: {', '.join(table.names[:12])}. {layouts.CONVERT}"
        )
    if kind in layouts.EVENTS:
        who = of_names(kind, names) if codes is None and names else section(codes, kind)
        return events.read(table, kind, who)
    read = dyad_week.read if kind == "dyad_week" else risk_index.read
    return read(table, optional(codes, kind))
