"""What a dated act does to the situation, and what it needs to say so in rows and numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from detente.laws.situation import Layout

Array = NDArray[np.float64]
Rows = NDArray[np.intp]


@dataclass(frozen=True)
class Effect:
    """``amount`` is added to ``channel`` in ``rows``, where ``happens``; or is put in its place, or bounds it.

    A channel is an array of the situation, or of the week's input, by name.
    """

    channel: str
    rows: Rows
    amount: Array
    how: Literal["add", "put", "at_least", "at_most"] = "add"
    happens: NDArray[np.bool_] | None = None


#: weeks after the act's own, and what happens then
Dated: TypeAlias = tuple[int, Effect]


class Translator(Protocol):
    """From the names and quantities of a scenario to rows and drawn numbers."""

    @property
    def layout(self) -> Layout:
        """Who stands in which row."""

    @property
    def scenario(self) -> Any:
        """The scenario whose acts these are."""

    def size(self, quantity: Any, path: str) -> Array:
        """A quantity for the block's members."""

    def money(self, quantity: Any, path: str) -> Array:
        """A cost in USD m."""

    def lean(self, supplier: str) -> Array:
        """Orientation of a supplier; one from outside the theatre is taken as neutral."""

    def rows(self, entity: str, names: Sequence[str]) -> Rows:
        """The rows of several names of a kind of entity."""

    def row(self, entity: str, name: str) -> Rows:
        """The row of a name among the actors, dyads, pacts, memberships, missions, tracks or bases."""
