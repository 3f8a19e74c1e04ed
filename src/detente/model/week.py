"""What one week brings: its number, its chance, and what the calendar has for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.laws.effects import Effect
from detente.laws.mechanism import Changes
from detente.laws.situation import Situation
from detente.model.flows import Flows
from detente.model.noise import Stream

Array = NDArray[np.float64]

#: what an effect does with what is there
HOW: dict[str, Callable[[NDArray[Any], Array], NDArray[Any]]] = {
    "add": np.add,
    "put": lambda old, amount: amount,
    "at_least": np.maximum,
    "at_most": np.minimum,
}
#: channel of what one's own words do to oneself: a share of them, among the others that are felt
ECHOED = "echoed"


@dataclass(frozen=True)
class Week:
    """One week; see laws/mechanism.py for what a law may ask of it."""

    number: int
    streams: Mapping[str, Stream]
    flows: Flows
    effects: Sequence[Effect]

    def uniform(self, purpose: str) -> Array:
        """Uniform draws on (0, 1), (entity, member)."""
        return self.streams[purpose].uniform(self.number)

    def normal(self, purpose: str) -> Array:
        """Standard normal draws, (entity, member)."""
        return self.streams[purpose].normal(self.number)

    def acts(self, now: Situation, felt: Changes, p: Any) -> Changes:
        """What the calendar adds to or sets in the situation, ``felt`` being what is left of earlier acts."""
        delivered, supplied = self.flows.at(self.number)
        changed: Changes = {**felt, "delivered": delivered, "supplied": supplied}
        for effect in self.effects:
            _apply(effect, changed, now, p)
        return changed


def _apply(effect: Effect, changed: Changes, now: Situation, p: Any) -> None:
    """Add or put one effect; in members where the act does not come about nothing changes."""
    amount, channel = effect.amount, effect.channel
    if channel == ECHOED:
        amount, channel = amount * p.rhetoric_echo, "rhetoric"
    old = changed.get(channel, getattr(now, channel))
    changed[channel] = _replaced(old, effect, amount, now.hostility.shape[-1])
    if channel == "track":
        age = changed.get("age", now.age).copy()
        age[effect.rows] = 0.0 if effect.happens is None else np.where(effect.happens, 0.0, age[effect.rows])
        changed["age"] = age


def _replaced(array: NDArray[Any], effect: Effect, amount: Array, members: int) -> NDArray[Any]:
    """A copy of ``array``, (entity, member), with the effect in its rows."""
    fresh = np.array(np.broadcast_to(array, (array.shape[0], members)))
    old = fresh[effect.rows]
    new = HOW[effect.how](old, np.broadcast_to(amount, old.shape))
    fresh[effect.rows] = new if effect.happens is None else np.where(effect.happens, new, old)
    return fresh
