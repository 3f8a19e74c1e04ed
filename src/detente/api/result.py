"""A dataset that says in a few words what was run, and shows it in a notebook."""

from __future__ import annotations

import xarray as xr

from detente.analysis import summary
from detente.api import shown
from detente.experiment.digest import digest

#: attributes without which nothing can be told of a run
TOLD = ("title", "members", "weeks", "seed", "counterfactual")


class Result(xr.Dataset):  # type: ignore[no-untyped-call]  # of its own __init_subclass__
    """The dataset of a run: an ``xarray.Dataset`` in everything but how it is shown.

    What is taken from it (fewer members, one pair) is shown so as long as it holds the regional index over time.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        if not self._whole():
            return super().__repr__()
        sizes = " × ".join(f"{name} {size}" for name, size in self.sizes.items())
        return "\n".join([*summary.heading(self), f"  Dataset               {sizes}: {', '.join(map(str, self))}"])

    def _repr_html_(self) -> str:
        more = super()._repr_html_()
        return shown.result(self, self.digest, more).html() if self._whole() else more

    @property
    def digest(self) -> str:
        """SHA-256 of every number in it; that of all members where only their summary is kept."""
        return str(self.attrs.get("digest") or digest(self))

    def _whole(self) -> bool:
        """Whether it still holds what is told of a run."""
        if not set(TOLD) <= set(self.attrs) or "time" not in self.dims:
            return False
        by_member = "tension" in self and set(self["tension"].dims) == {"member", "time"}
        return (by_member and self.sizes["member"] > 0) or {"tension_quantile", "dyad_median"} <= set(self.data_vars)


def as_result(ds: xr.Dataset) -> Result:
    """``ds`` as a result; nothing is copied."""
    made = Result(ds.data_vars, ds.coords, ds.attrs)
    made.encoding = ds.encoding
    return made
