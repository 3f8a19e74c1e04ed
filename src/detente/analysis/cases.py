"""An experiment's points as cases for scenario discovery: uncertain factors, and what was chosen, as columns."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from detente.analysis.worlds import NotThisDesign

if TYPE_CHECKING:
    import xarray as xr

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Cases:
    """Columns of every case; chosen values count 0, 1, 2 … in the experiment's order and have words."""

    values: Array
    paths: list[str]
    labels: list[str]
    words: dict[int, list[str]]
    units: dict[str, str]

    def shown(self, column: int, value: float) -> str:
        """A limit as a reader sees it, with its unit."""
        if column in self.words:
            return self.words[column][round(value)]
        unit = self.units.get(self.paths[column], "")
        return f"{value:.3g}" if unit in ("", "1", "share") else f"{value:.3g} {unit}"


def cases(data: xr.Dataset) -> Cases:
    """The cases of an experiment. Raises NotThisDesign where nothing varies, or not in every case."""
    factors, paths = data["value"].values, [str(path) for path in data["factor"].values]
    if np.isnan(factors).any():
        raise NotThisDesign("discovery needs every uncertain parameter sampled in every case: a latin_hypercube design")
    labels, words = [str(label) for label in data["label"].values], {}
    columns = [factors[:, n] for n in range(factors.shape[1])]
    levers = json.loads(data.attrs.get("lever_labels", "{}"))
    chosen = {"scenario": "the scenario", "theory": "the theory"} | {f"lever_{k}": text for k, text in levers.items()}
    for name, called in chosen.items():
        texts = [str(text) for text in data[name].values]
        order = list(dict.fromkeys(texts))
        if len(order) > 1:
            words[len(columns)] = order
            columns.append(np.array([order.index(text) for text in texts], dtype=np.float64))
            paths.append(name)
            labels.append(called)
    if not columns:
        raise NotThisDesign("nothing varies between the cases: give uncertainties or levers")
    records = json.loads(data.attrs["factors"])
    units = {r["path"]: next((str(q["unit"]) for q in r["spreads"].values()), "") for r in records}
    return Cases(np.stack(columns, axis=1), paths, labels, words, units)
