"""Armament: spending adjusts partly to its own goal and to rivals, stocks wear out, deliveries arrive.

    d ln x = -m (ln x - ln x*) + sum_j a_ij (ln x_j - ln x_j*) + g,    K' = K e^(-delta) + q x + deliveries

Richardson's race in logarithms with partial adjustment (model.md §1.1–1.2; Dunne & Smith 2007), its linear part
stepped exactly over the week. Supply shocks after Kinsella (1994, 1998): arms embolden, dependence restrains.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: weeks in a year, the tropical year over seven days
YEAR = 365.25 / 7


@dataclass(frozen=True)
class ArmamentParameters:
    """Rates per year; embolden, reassure, alarm in hostility points; person_value USD m per person."""

    adjustment: Array
    reaction: Array
    volatility: Array
    depreciation: Array
    procurement_share: Array
    budget_ceiling: Array
    embolden: Array
    reassure: Array
    alarm: Array
    dependence_brake: Array
    arms_cap: Array
    exchange: Array
    person_value: Array


def spend(lift: Array, rivals: Array, build_up: Array, shock: Array, p: ArmamentParameters) -> Array:
    """Log spending above its reference a week later; shape (actor, member).

    ``rivals`` is the rivals' mean of the same quantity, ``build_up`` documented growth per year, ``shock``
    standard normal. Exact for constant inputs over the week.
    """
    goal = (p.reaction * rivals + build_up) / p.adjustment
    kept = np.exp(-p.adjustment / YEAR)
    return np.asarray(goal + (lift - goal) * kept + p.volatility / np.sqrt(YEAR) * shock)


def within_budget(lift: Array, spending: Array, gdp: Array, p: ArmamentParameters) -> Array:
    """Log lift kept under the ceiling, a share of GDP; actors without GDP or spending are left alone."""
    room = np.log(np.maximum(p.budget_ceiling * gdp, 1e-9) / np.maximum(spending, 1e-9))
    bound = np.where((gdp > 0) & (spending > 0), np.maximum(room, 0.0), np.inf)
    return np.minimum(lift, bound)


def stock(capital: Array, spending: Array, delivered: Array, p: ArmamentParameters) -> Array:
    """Military capital a week later, USD m; ``spending`` USD m per year, ``delivered`` USD m this week."""
    return capital * np.exp(-p.depreciation / YEAR) + p.procurement_share * spending / YEAR + delivered


def sustained(spending: Array, p: ArmamentParameters) -> Array:
    """Stock at which procurement makes up for wear, USD m: the fixed point of :func:`stock` without deliveries.

    ``p.depreciation`` must be above 0: without wear no stock is sustained, it only grows.
    """
    return np.asarray(p.procurement_share * spending / YEAR / -np.expm1(-p.depreciation / YEAR))


def strength(capital: Array, personnel: Array, readiness: Array, p: ArmamentParameters) -> Array:
    """Usable strength, USD m: capital and people, times readiness."""
    return readiness * (capital + p.person_value * personnel)


def supply_shock(stock_signed: Array, dependence: Array, p: ArmamentParameters) -> Array:
    """Hostility points from arms received: revisionist supply emboldens, status-quo supply reassures.

    ``stock_signed`` is recent supply over the capital stock, signed by the supplier's orientation.
    """
    gain = np.where(stock_signed > 0, p.embolden, p.reassure)
    return gain * stock_signed * (1.0 - p.dependence_brake * dependence)


def capped(points: Array, rest: Array, p: ArmamentParameters) -> Array:
    """Arms terms kept within a share of mean conflict (Kinsella 1998: 5 to 25 %)."""
    bound = p.arms_cap * rest
    return np.clip(points, -bound, bound)
