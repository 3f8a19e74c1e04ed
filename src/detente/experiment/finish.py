"""The last steps of a run: a table anybody can read, a manifest of hashes, and the marker that says it is whole."""

from __future__ import annotations

import csv
import io
import json
import platform
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from detente import storage
from detente.experiment.processor import processor_class
from detente.experiment.results import open_experiment
from detente.experiment.status import status
from detente.experiment.whole import SUMMARY, seal

PACKAGES = ("detente", "numpy", "scipy", "zarr", "xarray", "SALib")


def finish(folder: Path) -> None:
    """Write ``summary.csv``, ``manifest.json`` and ``DONE`` into a folder whose batches are all there."""
    storage.write_text(folder / SUMMARY, _table(folder))
    now = status(folder)
    manifest = {
        "digest": now.digest,
        "batches": now.total,
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "processor": processor_class(),
        "packages": {name: _version(name) for name in PACKAGES},
    }
    seal(folder, manifest)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _table(folder: Path) -> str:
    """One row per stage, point and metric: what was set there, and count, mean, sd, least and greatest over members."""
    rows = [row for stage in range(len(status(folder).stages)) for row in _rows(folder, stage)]
    columns = list(dict.fromkeys(key for row in rows for key in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _rows(folder: Path, stage: int) -> Iterator[dict[str, Any]]:
    data = open_experiment(folder, stage, partial=True)
    settings = json.loads(data.attrs["settings"])
    factors = [str(path) for path in data["factor"].values]
    for point in range(data.sizes["point"]):
        setting = settings[int(data["setting"].values[point])]
        chosen = {"scenario": setting["scenario"], "theory": setting["theory"], **setting["levers"]}
        drawn = dict(zip(factors, data["value"].values[point], strict=True))
        shown = {path: f"{value:.6g}" for path, value in drawn.items() if not np.isnan(value)}
        for metric in json.loads(data.attrs["metrics"]):
            count, mean, squares, low, high = data[metric + "_moments"].values[point]
            spread = np.sqrt(squares / (count - 1)) if count > 1 else 0.0
            numbers = {"members": int(count), "mean": mean, "sd": spread, "low": low, "high": high}
            yield {"stage": stage + 1, "point": point, **chosen, "metric": metric, **numbers, **shown}
