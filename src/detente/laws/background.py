"""A slow background: first causes of incidents wander about their mean without anybody's doing.

    b' = k b + sigma z,    k = e^(-1/tau),    first causes times exp(b - s² / 2),    s² = sigma² / (1 - k²)

An Ornstein–Uhlenbeck process on the log rate, one per pair, opened in its stationary distribution; exp(b - s²/2) is 1
on average. Recorded weeks are far more alike than constant rates and self-excitation make them. model.md §1.15.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detente.laws.mechanism import Changes, Mechanism, State, Week, memory, ratio
from detente.laws.rows import array
from detente.laws.situation import Inputs, Situation

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Parameters:
    """``memory`` in weeks; ``volatility`` the standard deviation of a week's step of the log rate."""

    memory: Array = memory(about="a departure of the background fades")
    volatility: Array = ratio(off=0.0, scales="root", about="a week's step of the log rate")


def kept(p: Parameters) -> Array:
    """Share k of a departure that is left a week later."""
    return np.exp(-1.0 / p.memory)


def spread(p: Parameters) -> Array:
    """Stationary variance s² of the log rate: sigma² / (1 - k²)."""
    return array(p.volatility**2 / -np.expm1(-2.0 / p.memory))


def wander(background: Array, shock: Array, p: Parameters) -> Array:
    """The log background a week later; ``shock`` is standard normal, (dyad, member)."""
    return kept(p) * background + p.volatility * shock


STATE = {
    "background": State("dyads", "log", "slow background of incidents", lambda x, p: opened(x, p)),
    "background_factor": State("dyads", "1", "factor of the background on first causes"),
}


def opened(x: Inputs, p: Parameters) -> Array:
    """The background at the opening: a draw of its stationary distribution."""
    return array(np.sqrt(spread(p)) * x.opening_background)


def step(now: Situation, x: Inputs, p: Parameters, week: Week) -> Changes:
    """The background wanders."""
    later = wander(now.background, week.normal("background"), p)
    return {"background": later, "background_factor": factor(later, p)}


def open_(now: Situation, x: Inputs, p: Parameters) -> Changes:
    """Its factor at the opening."""
    return {"background_factor": factor(now.background, p)}


def factor(background: Array, p: Parameters) -> Array:
    """exp(b - s² / 2): 1 on average."""
    return np.exp(background - 0.5 * spread(p))


BACKGROUND = Mechanism(
    name="background",
    title="first causes wander slowly",
    parameters=Parameters,
    state=STATE,
    step=step,
    open=open_,
    noise={"background": "dyads"},
    limit="stationary variance and autocorrelation of the log background",
)
