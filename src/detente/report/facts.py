"""The facts file: every number that a sentence, title or table of the report may hold comes from here."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.analysis import attributes, claims, summary
from detente.analysis.compare import Row
from detente.analysis.difference import cleaned

if TYPE_CHECKING:
    import xarray as xr

    from detente.figures.gallery import Piece

#: arrays of figures longer than this, or with more than one axis, are left out: tables/weekly.csv has the weeks
LONGEST = 60


def gathered(base: xr.Dataset, others: Mapping[str, xr.Dataset], rows: Sequence[Row]) -> dict[str, Any]:
    """Provenance, the headline numbers of every result, and every comparison."""
    results = {str(base.attrs["scenario"]): base, **others}
    content = {
        "provenance": {name: provenance(ds) for name, ds in results.items()},
        "results": {
            name: summary.summary(ds) | {"tensest": summary.tensest_of_window(ds)} for name, ds in results.items()
        },
        **claims.facts(rows),
    }
    kept: dict[str, Any] = cleaned(content)
    return kept


def provenance(ds: xr.Dataset) -> dict[str, Any]:
    """What it takes to make the numbers of one result again."""
    names = ("title", "theatre", "scenario_hash", "seed", "members", "weeks", "formula_version", "detente_version")
    named = {name: ds.attrs[name] for name in (*names, "counterfactual", "documented_until")}
    named["engine"] = attributes.engine(ds)
    return {**named, "command": ds.attrs.get("command", ""), "commit": ds.attrs.get("commit", "")}


def of_figure(piece: Piece) -> dict[str, Any]:
    """The numbers that a figure draws, its title and subtitle among them."""
    numbers = getattr(piece.data, "numbers", piece.data)
    return {"title": piece.data.title, "subtitle": piece.data.subtitle, "numbers": plain(numbers)}


def plain(value: Any) -> Any:
    """A value as JSON can hold it; long and many-sided arrays are left out."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return plain({field.name: getattr(value, field.name) for field in dataclasses.fields(value)})
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, np.ndarray):
        return plain(value.tolist()) if value.ndim == 1 and value.size <= LONGEST and value.dtype.kind == "f" else None
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float):
        return float(f"{value:.6g}") if np.isfinite(value) else None
    return value if value is None or isinstance(value, bool | int | str) else str(value)


def text(content: Mapping[str, Any]) -> str:
    """facts.json."""
    return json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
