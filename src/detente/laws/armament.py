"""Armament: spending adjusts partly to its own goal and to rivals, stocks wear out, deliveries arrive.

    d ln x = -m (ln x - ln x*) + sum_j a_ij (ln x_j - ln x_j*) + g,    K' = K e^(-delta) + q x + deliveries

Richardson's race in logarithms with partial adjustment (model.md §1.1–1.2; Dunne & Smith 2007), its linear part
stepped exactly over the week. Supply shocks after Kinsella (1994, 1998): arms embolden, dependence restrains.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from detente.laws.mechanism import Changes, Mechanism, State, Theory, Week, memory, number, per_year, points, share
from detente.laws.rows import array, collected
from detente.laws.situation import Inputs, Situation

Array = NDArray[np.float64]

#: weeks in a year, the tropical year over seven days
YEAR = 365.25 / 7


@dataclass(frozen=True)
class Parameters:
    """Rates per year; embolden, reassure, alarm in hostility points; person_value USD m per person."""

    adjustment: Array = per_year(positive=True, scales="multiplied", about="return of spending to its goal")
    reaction: Array = per_year(scales="multiplied", about="answer to rivals' spending")
    volatility: Array = per_year(scales="root", about="chance in spending")
    depreciation: Array = per_year(scales="multiplied", about="wear of the stock")
    procurement_share: Array = share(scales="multiplied", about="share of spending that buys stock")
    budget_ceiling: Array = share(about="share of GDP that spending cannot pass")
    embolden: Array = points(off=0.0, about="revisionist supply, as a share of the stock")
    reassure: Array = points(off=0.0, about="status-quo supply, as a share of the stock")
    alarm: Array = points(off=0.0, about="a rival's stock above what one is used to, in logarithms")
    alarm_memory: Array = memory(about="one gets used to a stock")
    dependence_brake: Array = share(about="how far dependence on one supplier restrains")
    arms_cap: Array = share(about="most that arms add, as a share of resting hostility")
    exchange: Array = number("USD per EUR", 0.5, 2, about="of costs given in euros")
    person_value: Array = number("USD m per person", 0, 10, about="strength of people beside that of arms")


def spend(lift: Array, rivals: Array, build_up: Array, shock: Array, p: Parameters) -> Array:
    """Log spending above its reference a week later; shape (actor, member).

    ``rivals`` is the rivals' mean of the same quantity, ``build_up`` documented growth per year, ``shock``
    standard normal. Exact for constant inputs over the week.
    """
    goal = (p.reaction * rivals + build_up) / p.adjustment
    kept = np.exp(-p.adjustment / YEAR)
    return array(goal + (lift - goal) * kept + p.volatility / np.sqrt(YEAR) * shock)


def within_budget(lift: Array, spending: Array, gdp: Array, p: Parameters) -> Array:
    """Log lift kept under the ceiling, a share of GDP; actors without GDP or spending are left alone."""
    room = np.log(np.maximum(p.budget_ceiling * gdp, 1e-9) / np.maximum(spending, 1e-9))
    bound = np.where((gdp > 0) & (spending > 0), np.maximum(room, 0.0), np.inf)
    return np.minimum(lift, bound)


def stock(capital: Array, spending: Array, delivered: Array, p: Parameters) -> Array:
    """Military capital a week later, USD m; ``spending`` USD m per year, ``delivered`` USD m this week."""
    return capital * np.exp(-p.depreciation / YEAR) + p.procurement_share * spending / YEAR + delivered


def sustained(spending: Array, p: Parameters) -> Array:
    """Stock at which procurement makes up for wear, USD m: the fixed point of :func:`stock` without deliveries.

    ``p.depreciation`` must be above 0: without wear no stock is sustained, it only grows.
    """
    return array(p.procurement_share * spending / YEAR / -np.expm1(-p.depreciation / YEAR))


def strength(capital: Array, personnel: Array, readiness: Array, p: Parameters) -> Array:
    """Usable strength, USD m: capital and people, times readiness."""
    return readiness * (capital + p.person_value * personnel)


def supply_shock(stock_signed: Array, dependence: Array, p: Parameters) -> Array:
    """Hostility points from arms received: revisionist supply emboldens, status-quo supply reassures.

    ``stock_signed`` is recent supply over the capital stock, signed by the supplier's orientation.
    """
    gain = np.where(stock_signed > 0, p.embolden, p.reassure)
    return gain * stock_signed * (1.0 - p.dependence_brake * dependence)


def capped(points: Array, rest: Array, p: Parameters) -> Array:
    """Arms terms kept within a share of mean conflict (Kinsella 1998: 5 to 25 %)."""
    bound = p.arms_cap * rest
    return np.clip(points, -bound, bound)


STATE = {
    "lift": State("actors", "log", "spending above its resting level", 0.0),
    "capital": State("actors", "USD m", "military stock", lambda x, p: x.capital),
    "accustomed": State("actors", "USD m", "stock that others are used to", lambda x, p: x.capital),
    "supply": State("actors", "USD m", "deliveries still felt, signed by the supplier's orientation", 0.0),
    "growth": State(
        "dyads", "1/year", "growth of both stocks together, remembered over weeks", lambda x, p: growth(x, p)
    ),
    "strength": State("actors", "USD m", "usable strength: stock and people, times readiness"),
    "burden": State("actors", "share", "spending over its ceiling"),
    "arms_pressure": State("directed", "points", "own supply and the other's build-up, as felt by the first"),
}


def growth(x: Inputs, p: Parameters) -> Array:
    """Growth of both stocks of a pair at the opening, 1/year: procurement over stock less wear; (dyad, member)."""
    alone = p.procurement_share * x.spending / np.maximum(x.capital, 1e-9) - p.depreciation
    i, j = x.layout.ends
    joint = alone[i] * x.capital[i] + alone[j] * x.capital[j]
    return array(joint / np.maximum(x.capital[i] + x.capital[j], 1e-9))


def decide(now: Situation, x: Inputs, p: Parameters, week: Week) -> Changes:
    """Spending adjusts to its goal and to rivals, within the budget."""
    lift = spend(now.lift, rivalry(now.lift, x), x.build_up, week.normal("arms"), p)
    return {"lift": within_budget(lift, x.spending, x.gdp, p)}


def step(now: Situation, x: Inputs, p: Parameters, week: Week) -> Changes:
    """Deliveries arrive, stocks wear out."""
    capital = stock(now.capital, x.spending * np.exp(now.lift), now.delivered, p)
    supply = now.supply * np.exp(-p.depreciation / YEAR) + now.supplied
    i, j = x.layout.ends
    joint, earlier = capital[i] + capital[j], now.capital[i] + now.capital[j]
    rise = np.log(np.maximum(joint, 1e-9) / np.maximum(earlier, 1e-9)) * YEAR
    remembered = now.growth + (rise - now.growth) * -np.expm1(-1.0 / x.growth_memory)
    accustomed = accustom(now.accustomed, capital, x, p)
    seen = shown(now.lift, capital, accustomed, supply, x, p)
    return {"capital": capital, "accustomed": accustomed, "supply": supply, "growth": remembered, **seen}


def open_(now: Situation, x: Inputs, p: Parameters) -> Changes:
    """Strength, burden and pressure of the opening stocks."""
    return shown(now.lift, now.capital, now.accustomed, now.supply, x, p)


def accustom(accustomed: Array, capital: Array, x: Inputs, p: Parameters) -> Array:
    """Stock that others are used to, USD m: it grows as the opening spending would have it, and follows what comes."""
    planned = stock(accustomed, x.spending, np.zeros(()), p)
    return array(planned + (capital - planned) * -np.expm1(-1.0 / p.alarm_memory))


def shown(lift: Array, capital: Array, accustomed: Array, supply: Array, x: Inputs, p: Parameters) -> Changes:
    """What others see of arms: strength [USD m], burden [share] per actor, pressure [points] per directed dyad."""
    ceiling = p.budget_ceiling * x.gdp
    burden = np.clip(x.spending * np.exp(lift) / np.maximum(ceiling, 1e-9), 0.0, 1.0)
    return {
        "strength": strength(capital, x.personnel, x.readiness, p),
        "burden": np.where(x.gdp > 0, burden, 0.0),
        "arms_pressure": pressure(capital, accustomed, supply, x, p),
    }


def pressure(capital: Array, accustomed: Array, supply: Array, x: Inputs, p: Parameters) -> Array:
    """Hostility points from arms: own supply emboldens or reassures, a rival's build-up beyond what one is
    used to alarms; capped."""
    received = supply / np.maximum(x.capital, 1e-9) * (x.capital > 0)
    own = supply_shock(received, x.dependence, p)
    more = np.log(np.maximum(capital, 1e-9) / np.maximum(accustomed, 1e-9)) * (x.capital > 0)
    felt = own[x.layout.source] + p.alarm * np.maximum(more[x.layout.target], 0.0)
    return capped(felt, x.resting, p)


def rivalry(lift: Array, x: Inputs) -> Array:
    """Mean lift of an actor's rivals, weighted by resting hostility; (actor, member)."""
    return collected(x.rivals * lift[x.layout.target], x.layout.own)


def theory(option: str, p: Parameters, redraw: Callable[[str, str], Array]) -> Parameters:
    """No reaction to rivals, or one that is certainly there."""
    if option == "none":
        return replace(p, reaction=np.zeros(()))
    return replace(p, reaction=redraw("reaction", "uniform")) if option == "slab" else p


ARMAMENT = Mechanism(
    name="armament",
    title="spending, deliveries, stocks",
    parameters=Parameters,
    state=STATE,
    decide=decide,
    step=step,
    open=open_,
    noise={"arms": "actors"},
    who="Actor",
    theories={"reaction": Theory(("drawn", "none", "slab"), theory, redrawn={"slab": "reaction"})},
    limit="Richardson's fixed point and its race, stable where reaction < adjustment",
)
