"""Alliances and pacts: commitment, actual and perceived reliability, guarantees, local balance.

Perceived reliability decays to the actual one; an announced pact is therefore feared more than it can do, and
the fear fades. Guarantees of several pacts combine as 1 - prod(1 - C r). model.md §1.3: Leeds, Long & Mitchell
(2000), Berkemeier & Fuhrmann (2018), Benson (2011), Kenwick, Vasquez & Powers (2015), Huth & Russett (1984).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class AllianceParameters:
    """Memories in weeks; threat and formation in hostility points at full commitment; echo 0 to 1."""

    perceived_memory: Array
    threat: Array
    formation: Array
    formation_memory: Array
    echo: Array


def perceive(perceived: Array, reliability: Array, answered: Array, p: AllianceParameters) -> Array:
    """Perceived reliability a week later, 0 to 1; ``answered`` is how overrated the pact it answers is."""
    rest = np.clip(reliability + p.echo * answered, 0.0, 1.0)
    return rest + (perceived - rest) * np.exp(-1.0 / p.perceived_memory)


def join(guarantee: Array, commitment: Array, reliability: Array) -> Array:
    """Chance that somebody comes, after one more pact: 1 - (1 - G)(1 - C r)."""
    return 1.0 - (1.0 - guarantee) * (1.0 - commitment * reliability)


def threat(perceived: Array, news: Array, activity: Array, p: AllianceParameters) -> Array:
    """Hostility points a pact adds in those who read it as directed at them: standing threat plus its news."""
    return p.threat * perceived * activity + p.formation * news


def contest(advantage: Array, exponent: Array) -> Array:
    """Chance to prevail, S_i^m / (S_i^m + S_j^m), from ``advantage`` = ln S_i - ln S_j (model.md §1.1).

    No advantage gives one half whatever the exponent, and the two sides' chances sum to one.
    """
    return np.asarray(1.0 / (1.0 + np.exp(-exponent * advantage)))


def advantage(own: Array, other: Array, distance: Array, decay: Array) -> Array:
    """ln S_i - ln S_j for strengths in USD m, the own one fading over ``distance`` km: S e^(-d/l)."""
    return np.log(np.maximum(own, 1e-9)) - np.log(np.maximum(other, 1e-9)) - distance / decay
