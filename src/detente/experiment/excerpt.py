"""What a summary keeps of every member, so that two of them can still be paired: a few windows of the index, and the
chances by the end; of the chances by quarter the sums over each parameter draw, on which their intervals rest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.engine.block import CHANCES, Block
from detente.experiment.metrics import DEFAULT_WEEKS, reduced
from detente.vocabulary import REPLICATES, SUMMARIES

#: windows that are kept, by the words of a metric (metrics.py) and "start", the first week
WINDOWS = ("start", str(DEFAULT_WEEKS), "end", "max")
#: variable over a window -> field of a block, and the type of what is kept
FIELDS: dict[str, tuple[str, type[np.floating[Any]]]] = {
    "tension_at": ("tension", np.float64),
    "behaviour_at": ("behaviour", np.float64),
    "contribution_at": ("contribution", np.float64),
    "tension_dyad_at": ("dyads", np.float32),
    "tension_state_at": ("states", np.float32),
}


class Excerpt:
    """A few numbers of each of ``members`` members, filled block by block; ``sizes`` are those of the axes."""

    def __init__(self, members: int, sizes: dict[str, int]) -> None:
        draws = -(-members // REPLICATES)
        self.sizes = sizes | {"member": members, "parameter_draw": draws, "window": len(WINDOWS)}
        self.done = 0
        self.at = {name: self._room(name, kind) for name, (_, kind) in FIELDS.items()}
        self.ends = {name: self._room(f"{name}_end", np.float32) for name in CHANCES}
        self.sums = {name: self._room(f"{name}_sums", np.float32) for name in CHANCES}

    def _room(self, name: str, kind: type[np.floating[Any]]) -> NDArray[Any]:
        return np.zeros([self.sizes[dim] for dim in SUMMARIES[name].dims], dtype=kind)

    def add(self, block: Block) -> None:
        """Take in the next members, in their order."""
        numbers = np.arange(self.done, self.done + block.tension.shape[-1])
        here = slice(self.done, self.done + len(numbers))
        for name, (field, _) in FIELDS.items():
            for place, values in enumerate(over_windows(getattr(block, field))):
                self.at[name][here, place] = values
        highest = block.tension.argmax(axis=0)[None, None]
        in_highest = np.take_along_axis(block.contribution, highest, axis=0)[0]
        self.at["contribution_at"][here, WINDOWS.index("max")] = in_highest.T
        for name in CHANCES:
            values = np.moveaxis(getattr(block, name), -1, 0)
            self.ends[name][here] = values[:, -1]
            # one member of each draw after the other: the same order, and so the same bits, in any block
            for place in range(REPLICATES):
                own = numbers % REPLICATES == place
                self.sums[name][numbers[own] // REPLICATES] += values[own]
        self.done += len(numbers)

    def variables(self) -> dict[str, NDArray[Any]]:
        """All that is kept, by the names of the vocabulary."""
        ends = {f"{name}_end": values for name, values in self.ends.items()}
        return self.at | ends | {f"{name}_sums": values for name, values in self.sums.items()}


def over_windows(weekly: NDArray[Any]) -> Iterator[NDArray[Any]]:
    """(time, …, member) -> for each of ``WINDOWS`` (member, …), with the bits that a whole result gives."""
    yield np.moveaxis(weekly[0], -1, 0)
    yield reduced(np.ascontiguousarray(np.moveaxis(weekly[-DEFAULT_WEEKS:], -1, 0)), str(DEFAULT_WEEKS))
    yield np.moveaxis(weekly[-1], -1, 0)
    yield np.moveaxis(weekly.max(axis=0), -1, 0)
