"""One hash of an ensemble: all arrays bit by bit, and what decides their meaning.

It does not depend on blocks, workers or the order in which anything is held, and is the same whether members or only
their summary are kept. Texts that no number hangs on (titles, labels, events), the command and the version of the
program are left out; hashes of the stored files cover those.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from detente.vocabulary import VARIABLES

if TYPE_CHECKING:
    import xarray as xr

#: attributes that decide what the numbers mean
MEANING = ("seed", "formula_version", "exponent", "construction")


class Hashed(NamedTuple):
    """What identifies an array: where its axes lie, what its numbers are, and their bytes."""

    dims: tuple[str, ...]
    shape: tuple[int, ...]
    kind: str
    unit: str
    sha256: str


def digest(result: xr.Dataset) -> str:
    """SHA-256 (hex) of every variable and coordinate of a result, and of the attributes in ``MEANING``."""
    return combined(
        {str(name): of_variable(str(name), array) for name, array in result.variables.items()}, result.attrs
    )


def combined(arrays: Mapping[str, Hashed], attrs: Mapping[str, Any]) -> str:
    """The digest of arrays that were hashed one by one."""
    content = {"arrays": arrays, "attributes": {name: str(attrs[name]) for name in MEANING if name in attrs}}
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def of_variable(name: str, variable: xr.Variable) -> Hashed:
    """A variable with its axes in the order of the vocabulary."""
    if name in VARIABLES:
        variable = variable.transpose(*VARIABLES[name].dims)
    values, dims = variable.values, tuple(str(dim) for dim in variable.dims)
    return Hashed(dims, values.shape, kind(values), str(variable.attrs.get("units", "")), sha256(values))


def kind(values: NDArray[Any]) -> str:
    """The type of the numbers, the same before storing and after."""
    return "text" if values.dtype.kind in "OUT" else values.dtype.newbyteorder("<").str


def sha256(values: NDArray[Any]) -> str:
    """SHA-256 of an array, first axis first; texts as a list in JSON."""
    return hashlib.sha256(content(values)).hexdigest()


def content(values: NDArray[Any]) -> Any:
    """The bytes that are hashed; those of one block of members after the other are those of all members."""
    if kind(values) == "text":
        return json.dumps([str(text) for text in values.ravel()], ensure_ascii=False).encode()
    return np.ascontiguousarray(values, dtype=kind(values)).reshape(-1).view(np.uint8)
