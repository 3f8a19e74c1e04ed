"""Which results may be compared member by member, and where their paths part."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from detente.analysis import attributes
from detente.analysis.metrics import summarised
from detente.errors import DetenteError

if TYPE_CHECKING:
    import xarray as xr

#: attribute -> (how a reader calls it, what to do)
SAME = {
    "theatre": ("theatre", "compare scenarios of one theatre"),
    "formula_version": ("index formula version", "run both again with this version of detente"),
    "seed": ("seed", "members are not paired under different luck; run both with one --seed"),
}


#: up to this share, weights of pairs are the same
ALIKE = 1e-9
#: what another rounding of the last digits moves at most, in points or as a share
ROUNDING = 1e-6


class NotComparable(DetenteError, ValueError):
    """Two results that cannot be paired member by member; ``reasons`` names every one."""

    def __init__(self, base: str, other: str, reasons: list[str]) -> None:
        self.reasons = tuple(reasons)
        super().__init__(f"cannot compare {other} with {base}: " + "; ".join(reasons))


def pair(base: xr.Dataset, other: xr.Dataset) -> tuple[xr.Dataset, xr.Dataset]:
    """Both results on the members they share, in the same order.

    The first members of a longer run are those of a shorter one, so what they share is paired exactly.

    Both are read by the verbal levels of the base.

    Raises NotComparable where theatre, length, time step, formula version, construction of the index, seed or
    parameter draws differ.
    """
    reasons = list(differences(base, other))
    if reasons:
        mine, yours = (str(ds.attrs.get("scenario", "a result")) for ds in (base, other))
        raise NotComparable(mine, yours, reasons)
    if attributes.levels(base) != attributes.levels(other):
        other = other.assign_attrs(levels=base.attrs["levels"])
    if np.array_equal(base["member"].values, other["member"].values):
        return base, other
    shared = np.intersect1d(base["member"].values, other["member"].values)
    return base.sel(member=shared), other.sel(member=shared)


def differences(base: xr.Dataset, other: xr.Dataset) -> Iterator[str]:
    """Every reason why two results cannot be paired, each with what to do."""
    for key, (called, advice) in SAME.items():
        mine, yours = base.attrs.get(key), other.attrs.get(key)
        if str(mine) != str(yours):
            yield f"different {called} ({mine}, {yours}): {advice}"
    yield from _times(base, other)
    if not same_construction(base, other):
        yield (
            "different constructions of the index (goalposts, weights or formula), and a stored result holds no"
            " indicators by member to measure it by the other: name the scenarios instead of stored results, and each"
            " is measured by the index of the first"
        )
    if not np.array_equal(base["pillar"].values, other["pillar"].values):
        yield "different pillars: run both again with this version of detente"
    yield from _members(base, other)


def _times(base: xr.Dataset, other: xr.Dataset) -> Iterator[str]:
    mine, yours = base["time"].values, other["time"].values
    steps = [int((times[1] - times[0]) / np.timedelta64(1, "D")) for times in (mine, yours) if len(times) > 1]
    if len({*steps}) > 1:
        yield f"different time steps ({steps[0]} and {steps[1]} days): run both with one step"
    elif len(mine) != len(yours):
        yield f"different lengths ({len(mine) - 1} and {len(yours) - 1} weeks): run both with one --weeks"
    elif not np.array_equal(mine, yours):
        dates = f"from {attributes.iso(mine[0])} and {attributes.iso(yours[0])}"
        yield f"different dates ({dates}): give both scenarios one calendar"


def same_construction(base: xr.Dataset, other: xr.Dataset) -> bool:
    """Whether one ruler measured both: the same goalposts, weights and exponent."""
    same = all(base.attrs.get(key) == other.attrs.get(key) for key in ("construction", "exponent", "formula_version"))
    return same and _weighed_alike(base, other)


def _weighed_alike(base: xr.Dataset, other: xr.Dataset) -> bool:
    """Whether the pairs that both hold weigh the same beside each other, and those of ``other`` alone nothing."""
    both, mine, yours = np.intersect1d(base["dyad"].values, other["dyad"].values, return_indices=True)
    if not len(both) or "dyad_weight" not in base or "dyad_weight" not in other:
        return True
    before, after = base["dyad_weight"].values[mine], other["dyad_weight"].values[yours]
    beside = before * after.sum(), after * before.sum()
    return bool(np.allclose(*beside, rtol=ALIKE, atol=ALIKE) and 1 - after.sum() < ALIKE)


def _members(base: xr.Dataset, other: xr.Dataset) -> Iterator[str]:
    sizes = [ds.sizes["member"] for ds in (base, other)]
    if sizes[0] != sizes[1] and any(summarised(ds) for ds in (base, other)):
        yield f"{sizes[0]} and {sizes[1]} members, of which a summary holds no part: run both with one --members"
    shared, mine, yours = np.intersect1d(base["member"].values, other["member"].values, return_indices=True)
    if not len(shared):
        yield "no member in common: run both from member 0"
    elif not np.array_equal(base["draw"].values[mine], other["draw"].values[yours]):
        yield "members belong to different parameter draws: run both again with this version of detente"


def caveats(base: xr.Dataset, other: xr.Dataset) -> list[str]:
    """What a reader must know about a comparison that is allowed all the same."""
    sizes, (mine, yours) = [ds.sizes["member"] for ds in (base, other)], (ds["dyad"].values for ds in (base, other))
    same_code = all(base.attrs.get(key) == other.attrs.get(key) for key in ("detente_version", "commit"))
    checks = {
        f"of the members of both only the first {min(sizes)} are compared": sizes[0] != sizes[1],
        "computed by different versions of the code": not same_code,
        "computed on different kinds of processor: the last digits are rounded otherwise": _processors(base, other) > 1,
        f"computed by different engines, {_engines(base, other)}": _engines(base, other) != "",
        "the verbal levels have different edges; those of the base are used": (
            attributes.levels(base) != attributes.levels(other)
        ),
        "only the pairs that both theatres hold are listed": not np.array_equal(mine, yours),
        "it lacks pairs of the base: part of the difference is that the index is over fewer pairs": (
            not np.isin(mine, yours).all()
        ),
    }
    return [text for text, holds in checks.items() if holds]


def first_divergence(base: xr.Dataset, other: xr.Dataset) -> str | None:
    """ISO date of the first row at which any member's path differs in any stored variable; None where none does.

    Expects results that are already paired. What rounding on another kind of processor explains is no difference.
    """
    if not np.array_equal(base["dyad"].values, other["dyad"].values):
        return attributes.dates(base)[0]
    first = whole = base.sizes["time"]
    for name in base.data_vars:
        mine = base.variables[name]
        if {"member", "time"} <= set(mine.dims) and name in other:
            yours = other.variables[name].transpose(*mine.dims).isel(time=slice(first))
            apart = _apart(mine.isel(time=slice(first)).values, yours.values, _alike(base, other))
            rows = apart.any(axis=tuple(i for i, dim in enumerate(mine.dims) if dim != "time"))
            first = int(rows.argmax()) if rows.any() else first
    return attributes.dates(base)[first] if first < whole else None


def _apart(mine: NDArray[Any], yours: NDArray[Any], alike: bool) -> NDArray[np.bool_]:
    """Where two arrays differ; missing in both is the same."""
    unequal: NDArray[np.bool_] = (mine != yours) & ~(_missing(mine) & _missing(yours))
    return unequal if alike else unequal & ~np.isclose(mine, yours, rtol=ROUNDING, atol=ROUNDING)


def _alike(base: xr.Dataset, other: xr.Dataset) -> bool:
    """True where both were computed on processors of one kind, or one does not say on which, and by one engine."""
    return _processors(base, other) < 2 and not _engines(base, other)


def _processors(base: xr.Dataset, other: xr.Dataset) -> int:
    """Kinds of processor that two results name."""
    return len({ds.attrs["processor"] for ds in (base, other) if ds.attrs.get("processor")})


def _engines(base: xr.Dataset, other: xr.Dataset) -> str:
    """The engines of two results where they differ; one that names none is NumPy's."""
    found = dict.fromkeys(attributes.engine(ds) for ds in (base, other))
    return " and ".join(found) if len(found) > 1 else ""


def _missing(values: NDArray[Any]) -> NDArray[np.bool_]:
    return np.asarray(values != values)
