"""A finished experiment as a dataset: what every analysis reads."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from detente.engine.choice import NUMPY
from detente.errors import DetenteError
from detente.experiment.batch import MOMENTS, merged, moments
from detente.experiment.provenance import RESULTS
from detente.experiment.status import MANIFEST, PARTS, NoExperiment, inputs, status, whole_inputs
from detente.experiment.whole import damage, files_of
from detente.vocabulary import REPLICATES

if TYPE_CHECKING:
    import xarray as xr

Array = NDArray[Any]


class ResultRefused(DetenteError):
    """The results cannot be analysed; the text says why and what to do."""

    exit_code = 3


def open_experiment(folder: Path, stage: int = -1, *, partial: bool = False) -> xr.Dataset:
    """The results of one stage (the last by default) of the experiment in ``folder``.

    Dimensions: point, member, factor, moment, block, time. Variables: every metric (point, member) unless only the
    summary was kept; ``<metric>_moments`` (point, moment); ``weekly_<path>`` (point, time), the mean over members;
    ``weekly_<path>_members`` (point, member, time) where all was kept; ``unit`` and ``value`` (point, factor), the
    quantile and the value of each factor. Coordinates: ``sample``, ``setting``, ``scenario``, ``theory`` and
    ``lever_<name>`` (point), ``draw`` (member), ``factor`` (paths) and ``label`` (factor). Attributes are scalars or
    JSON.

    Raises NoExperiment; ResultRefused where batches are missing or a file is not what was written (unless ``partial``),
    or a number is not finite.
    """
    import xarray as xr
    import zarr

    now, content = status(folder), whole_inputs(folder)
    asked, number = content["asked"], range(len(now.stages))[stage]
    if not partial and not now.complete:
        failed = f", {now.failed} failed ({now.failures[0]})" if now.failures else ""
        text = f"{folder} is not complete: {now.done} of {now.total} batches{failed}"
        raise ResultRefused(f"{text}; go on with `detente experiment resume {folder}`")
    if not partial and (found := damage(folder, files_of(folder, MANIFEST), PARTS)):
        raise ResultRefused(f"{found}; `detente experiment resume {folder}` makes it whole")
    home = folder / f"stage-{number + 1}"
    group: Any = zarr.open_group(home / "data.zarr", mode="r")
    variables = _variables(group, now.members[number], asked["blocks"][number])
    for name, (_, values) in variables.items():  # one NaN would silently zero every index
        if bad := int((~np.isfinite(values)).sum()):
            text = f"{folder}: {bad} values of {name} are missing or not finite"
            raise ResultRefused(f"{text}; `detente experiment resume {folder}` computes what is missing")
    # NaN in these means: left to the scenario
    variables |= {name: (("point", "factor"), np.asarray(group[f"design/{name}"][:])) for name in ("unit", "value")}
    chosen = json.loads((home / "chosen.json").read_text(encoding="utf-8"))["factors"]
    coordinates = _coordinates(asked, group, chosen, now.members[number])
    weeks = next((values.shape[-1] for dims, values in variables.values() if dims[-1] == "time"), 0)
    if weeks and "start" in content["info"]:
        start = np.datetime64(content["info"]["start"], "ns")
        coordinates["time"] = start + np.arange(weeks) * np.timedelta64(7, "D")
    told = content["info"] | {key: asked[key] for key in ("settings", "metrics", "factors")}
    attributes = {
        **{k: v if isinstance(v, str | int | float) else json.dumps(v, ensure_ascii=False) for k, v in told.items()},
        "experiment": asked["name"],
        "design": asked["designs"][number]["kind"],
        "seed": asked["seed"],
        "engine": asked.get("engine", NUMPY),
        "members": now.members[number],
        "stage": number + 1,
        "digest": now.digest,
        "inputs_digest": content["digest"],
    }
    return xr.Dataset(variables, coordinates, attributes)


def finished(experiment: str | PathLike[str]) -> Path:
    """The folder a user means: itself, or the newest finished one of that name. Raises ResultRefused."""
    folder = Path(experiment)
    if (folder / "inputs.json").exists() or folder.is_dir():
        return folder
    found = [path.parent for path in RESULTS.glob("*/DONE") if _name_of(path.parent) == folder.stem]
    if not found:
        told = f'no finished experiment "{folder.stem}" in {RESULTS}/: detente experiment run {experiment}'
        raise ResultRefused(told)
    return max(found, key=lambda one: (one / "DONE").stat().st_mtime)


def _name_of(folder: Path) -> str:
    try:
        return str(inputs(folder)["name"])
    except NoExperiment:
        return ""


def _variables(group: Any, members: int, block: int) -> dict[str, tuple[tuple[str, ...], Array]]:
    """What was measured: name -> dimensions and values."""
    blocks = [min(block, members - first) for first in range(0, members, block)]
    found: dict[str, tuple[tuple[str, ...], Array]] = {}

    def stored(kind: str, count: int) -> Iterator[tuple[str, Array]]:
        for name in sorted(group[kind].array_keys()) if kind in group else ():
            yield name, np.asarray(group[f"{kind}/{name}"][:, :count])

    for name, values in stored("values", members):
        found |= {name: (("point", "member"), values), f"{name}_moments": (("point", "moment"), moments(values))}
    for name, parts in stored("moments", len(blocks)):
        found[f"{name}_moments"] = (("point", "moment"), merged(parts))
    for name, parts in stored("means", len(blocks)):
        found[f"weekly_{name}"] = (("point", "time"), np.average(parts, axis=1, weights=blocks))
    for name, values in stored("paths", members):
        found[f"weekly_{name}_members"] = (("point", "member", "time"), values)
    return found


def _coordinates(asked: dict[str, Any], group: Any, chosen: list[str], members: int) -> dict[str, Any]:
    settings, which = asked["settings"], np.asarray(group["design/setting"][:])
    labels = {factor["path"]: factor["label"] for factor in asked["factors"]}
    levers = list(dict.fromkeys(name for setting in settings for name in setting["levers"]))
    by_point: dict[str, list[str]] = {key: [settings[n][key] for n in which] for key in ("scenario", "theory")}
    by_point |= {f"lever_{name}": [settings[n]["levers"].get(name, "") for n in which] for name in levers}
    return {
        "member": np.arange(members),
        "draw": ("member", np.arange(members) // REPLICATES),
        "factor": np.array(chosen, dtype=str),
        "label": ("factor", np.array([labels[path] for path in chosen], dtype=str)),
        "moment": np.array(MOMENTS),
        "sample": ("point", np.asarray(group["design/sample"][:])),
        "setting": ("point", which),
        **{name: ("point", np.array(values, dtype=str)) for name, values in by_point.items()},
    }


def table(folder: Path) -> str:
    """A table for anybody: a row for every stage, point and metric, with what was set there, and count, mean, standard
    deviation, least and greatest over members."""
    rows = [row for stage in range(len(status(folder).stages)) for row in _rows(folder, stage)]
    text = io.StringIO()
    writer = csv.DictWriter(text, list(dict.fromkeys(key for row in rows for key in row)), lineterminator="\n")
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
