"""The analytic limits: what the laws must give where the answer is known in closed form (model.md §2).

Each limit runs the laws themselves, not a copy. Those of hostility, incidents and armament are computed at the central
parameters of the scenario that is verified, beside the published values. Chance comes from a fixed seed, and where a
mean or a variance is estimated from members the tolerance is a multiple of its own standard error.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from detente.analysis import landscape
from detente.evidence.verification.check import Found, check
from detente.index import formula
from detente.laws import armament, choice, hostility, incidents, missions
from detente.laws.rows import summed
from detente.scenario.quantity import Record

if TYPE_CHECKING:
    from detente.evidence.verification.runs import Subject

Array = NDArray[np.float64]
P = TypeVar("P")

SEED = 1
#: members that estimate a variance; standard errors that an estimate may lie off
MEMBERS, ERRORS = 20_000, 5.0
#: rounding of closed forms in double precision, and of a path that has come to rest
ROUNDING, SETTLED = 1e-9, 1e-6
#: published excitation: branching ratios, decay of a week, and the variance-to-mean ratios they give (§2.3)
PUBLISHED, DECAY = {0.37: 1.064, 0.5: 1.143, 0.8: 1.842}, 0.5
#: risk of relapse into war, and at twice the expenditure on peacekeeping (Collier, Hoeffler & Söderbom 2008); a
#: presence so large that the law is proportional to its logarithm
RELAPSE, RELAPSE_AT_TWICE, LARGE = 0.40, 0.31, 1e12
#: years that a race is given to settle
YEARS = 400


def centred(kind: type[P], record: Record) -> P:
    """A law's parameter record at the central values of a scenario's."""
    values = {f.name: np.asarray(getattr(record, f.name).value, dtype=float) for f in fields(kind)}  # type: ignore[arg-type]
    return kind(**values)


def paired(p: hostility.Parameters, start: Array, weeks: int, rng: np.random.Generator | None = None) -> Array:
    """Both sides of a pair (side, member) after ``weeks`` around rest 0; nothing shakes them without ``rng``."""
    h, none = start, np.zeros_like(start)
    for _ in range(weeks):
        shock = none if rng is None else rng.standard_normal(start.shape)
        h = hostility.relax(h, h[::-1], none, none, surprise=none, deed=none, coercion=none, shock=shock, p=p)
    return h


def _shaken(p: hostility.Parameters) -> Array:
    """The volatility; 1 where a scenario has none, since without chance there is no variance to look at."""
    return np.where(p.volatility > 0, p.volatility, 1.0)


def forgotten(inertia: float) -> int:
    """Weeks after which a start is forgotten to a millionth."""
    return int(np.ceil(np.log(SETTLED) / np.log(min(max(abs(inertia), 0.1), 0.995))))


@check("limit", "1 hostility alone is a first-order autoregression")
def inertia_alone(subject: Subject) -> Found:
    """Hostility without couplings is AR(1): mean at rest, variance σ²/(1-ρ²)."""
    p = centred(hostility.Parameters, subject.scenario.parameters.hostility)
    p = replace(p, reciprocity=np.zeros(()), volatility=_shaken(p))
    rho, sigma = float(p.inertia), float(p.volatility)
    h = paired(p, np.zeros((2, MEMBERS)), forgotten(rho), np.random.default_rng(SEED))
    expected, found = sigma**2 / (1 - rho**2), float(h.var())
    error = expected * np.sqrt(2 / h.size)
    off = abs(h.mean()) / np.sqrt(expected / h.size)
    return Found(
        f"mean 0, variance {expected:.4g} at ρ {rho:g}, σ {sigma:g}",
        f"mean {float(h.mean()):.2g}, variance {found:.4g}",
        abs(found - expected) <= ERRORS * error and off <= ERRORS,
        f"{ERRORS:g} standard errors of {h.size:,} paths ({ERRORS * error:.2g} of the variance)",
    )


@check("limit", "2 a reciprocal pair has its two modes")
def reciprocal_pair(subject: Subject) -> Found:
    """A reciprocal pair has eigenvalues ρ ± κ, returns to rest iff ρ + |κ| < 1, and σ²/(1-(ρ+κ)²)."""
    p = centred(hostility.Parameters, subject.scenario.parameters.hostility)
    p = replace(p, volatility=_shaken(p))
    rho, kappa, sigma = float(p.inertia), float(p.reciprocity), float(p.volatility)
    matrix = paired(p, np.eye(2), 1)
    apart = float(np.abs(np.sort(np.linalg.eigvals(matrix).real) - np.sort([rho - kappa, rho + kappa])).max())
    edges = [replace(p, reciprocity=np.asarray(sign * (1 - rho) * size)) for sign in (-1, 1) for size in (0.99, 1.01)]
    told = [bool(hostility.stationary(q)) for q in edges]
    h = paired(p, np.zeros((2, MEMBERS)), forgotten(rho + abs(kappa)), np.random.default_rng(SEED))
    expected, found = sigma**2 / (1 - (rho + kappa) ** 2), float(((h[0] + h[1]) / np.sqrt(2)).var())
    error = expected * np.sqrt(2 / MEMBERS)
    modes = f"{rho - kappa:.4g}, {rho + kappa:.4g}"
    return Found(
        f"eigenvalues {modes}; together {expected:.4g}; edge at κ ± {1 - rho:.3g}",
        f"off by {apart:.0e}; together {found:.4g}; edge {'found' if told == [True, False] * 2 else 'missed'}",
        apart <= ROUNDING and told == [True, False] * 2 and abs(found - expected) <= ERRORS * error,
        f"eigenvalues {ROUNDING:g}; variance {ERRORS:g} standard errors ({ERRORS * error:.2g})",
    )


def counted(p: incidents.Parameters, rate: float, weeks: int, members: int, seed: int) -> Array:
    """Counts of independent pairs at a constant background, (week, side and member); the first quarter left out."""
    rng = np.random.default_rng(seed)
    first = np.full((2, members), rate)
    excitation, kept = np.zeros_like(first), []
    for _ in range(weeks):
        expected = incidents.intensity(first, excitation, excitation[::-1], p)
        kept.append(incidents.counts(rng.random(first.shape), expected, p.dispersion))
        excitation = incidents.excite(excitation, kept[-1], p.memory)
    return np.stack(kept[weeks // 4 :]).reshape(weeks - weeks // 4, -1)


@check("limit", "3 self-exciting counts have their mean and dispersion")
def self_excitation(subject: Subject) -> Found:
    """Self-exciting counts: mean μ/(1-n), variance over mean [1-(a+φ)²+a²]/[1-(a+φ)²], a = n(1-φ)."""
    own = centred(incidents.Parameters, subject.scenario.parameters.incidents)
    rate, worst, told = 0.6, 0.0, []
    for seed, (n, published) in enumerate(PUBLISHED.items()):
        set_ = {"branching": n, "answering": 0.0, "memory": -1 / np.log(DECAY), "dispersion": 1e9}
        p = replace(own, **{name: np.asarray(value) for name, value in set_.items()})
        counts = counted(p, rate, 160, 1500, SEED + seed)
        mean = float(incidents.expected(np.asarray(rate), p))
        worst = max(worst, _errors(counts, mean), _errors((counts - mean) ** 2, spread_of(n, DECAY) * mean))
        told.append(f"{float(((counts - mean) ** 2).mean() / mean):.3f}")
        worst = max(worst, ERRORS + 1 if abs(spread_of(n, DECAY) - published) > 6e-4 else 0.0)
    known = ", ".join(f"{value:.3f}" for value in PUBLISHED.values())
    return Found(
        f"variance/mean {known} at n {', '.join(map(str, PUBLISHED))}",
        f"{', '.join(told)}; means and variances within {worst:.1f} standard errors",
        worst <= ERRORS,
        f"{ERRORS:g} standard errors over 3,000 paths",
    )


def spread_of(n: float, decay: float) -> float:
    """Variance over mean of the linear self-exciting count (§2.3)."""
    a = n * (1 - decay)
    kept = 1 - (a + decay) ** 2
    return (kept + a**2) / kept


def _errors(values: Array, expected: float) -> float:
    """Standard errors, over independent paths, between a mean over weeks and paths and what is expected."""
    per_path = values.mean(axis=0)
    return float(abs(per_path.mean() - expected) / (per_path.std() / np.sqrt(per_path.size)))


def raced(p: armament.Parameters, weights: Array, build_up: Array, start: Array, years: int) -> Array:
    """Log spending of a ring of rivals after ``years``, by the weekly law; shape (actor, start)."""
    lift, none = start, np.zeros_like(start)
    for _ in range(round(years * armament.YEAR)):
        lift = armament.spend(lift, weights @ lift, build_up, none, p)
    return lift


@check("limit", "4 the arms race settles where the linear system says")
def richardson(subject: Subject) -> Found:
    """The race settles at (m I - A)⁻¹ g from any start, iff its spectral abscissa is negative."""
    p = centred(armament.Parameters, subject.scenario.parameters.armament)
    m, a = float(p.adjustment), max(float(p.reaction), 0.1 * float(p.adjustment))
    p = replace(p, reaction=np.asarray(a), volatility=np.zeros(()))
    weights = np.array([[0.0, 0.7, 0.3], [1.0, 0.0, 0.0], [0.4, 0.6, 0.0]])
    g = np.array([[0.02], [-0.01], [0.05]])
    start = np.random.default_rng(SEED).uniform(-2, 2, (3, 8))
    goal = np.linalg.solve(m * np.eye(3) - a * weights, g)
    years = min(YEARS, int(25 / (m - a)) + 1) if m > a else YEARS
    off = float(np.abs(raced(p, weights, g, start, years) - goal).max())
    wild = replace(p, reaction=np.asarray(1.3 * m))
    away = float(np.abs(raced(wild, weights, g, start, 30)).max() / np.abs(start).max())
    return Found(
        f"({goal[0, 0]:.4g}, {goal[1, 0]:.4g}, {goal[2, 0]:.4g}) from 8 starts; grows at a = 1.3 m",
        f"off by {off:.0e} after {years} years; at a = 1.3 m {away:.1f} times the start after 30",
        off <= SETTLED and away > 1,
        f"{SETTLED:g} in log spending",
    )


@check("limit", "5 choice is even without precision and best with all of it")
def logit(subject: Subject) -> Found:
    """Choice short of force: λ → 0 is uniform where nothing brakes, λ → ∞ takes the best rung."""
    p = centred(choice.Parameters, subject.scenario.parameters.choice)
    rng, none = np.random.default_rng(SEED), np.zeros(500)
    weighed = choice.Prospect(rng.uniform(0, 1, 500), rng.uniform(0, 1, 500), none, none, none)
    p = replace(p, belligerence=np.zeros(()))
    blind, sure = (
        choice.utilities(weighed, none, none, replace(p, precision=np.asarray(precision))) for precision in (0.0, 1e7)
    )
    best = np.stack(np.broadcast_arrays(*sure)).argmax(axis=0)
    picked = choice.pick(np.full(500, 0.5), sure, none)
    even, sharp = choice.probabilities(blind), choice.probabilities(sure)
    off = float(np.abs(even - 1 / choice.FORCE).max())
    share = float((sharp.argmax(axis=0) == best).mean() * (picked == best).mean())
    return Found(
        f"{1 / choice.FORCE:g} a rung at λ = 0; the best rung in all cases at λ = 10⁷",
        f"off by {off:.0e}; the best rung in {share:.0%} of 500",
        off <= ROUNDING and share == 1 and float(sharp.max(axis=0).min()) > 1 - SETTLED,
        f"{ROUNDING:g}",
    )


@check("limit", "6 a contest of equals is even")
def even_contest(subject: Subject) -> Found:
    """Contest: equal strengths give one half whatever the exponent; the two chances sum to one."""
    ahead = np.linspace(-6, 6, 101)
    off = 0.0
    for exponent in (0.5, 1.0, 2.0, 4.0):
        m = np.asarray(exponent)
        off = max(off, abs(float(choice.contest(np.zeros(()), m)) - 0.5))
        both = choice.contest(ahead, m) + choice.contest(-ahead, m)
        off = max(off, float(np.abs(both - 1).max()))
    return Found(
        "½ at equal strength, chances sum to 1, exponents ½, 1, 2, 4",
        f"off by {off:.0e}",
        off <= ROUNDING,
        f"{ROUNDING:g}",
    )


@check("limit", "7 presence reproduces the published dose–response")
def troop_response(subject: Subject) -> Found:
    """Dose–response: twice a large presence takes a risk of relapse of 40 % to 31 %; no change leaves all as it is."""
    p = centred(missions.Parameters, subject.scenario.parameters.missions)
    hazard, less = -np.log1p(-RELAPSE), -np.log1p(-RELAPSE_AT_TWICE)
    published = replace(p, dose=np.log(hazard / less) / np.log(np.asarray(2.0)))
    one, two = (missions.presence_brake(np.asarray(n), "logarithmic", published) for n in (LARGE, 2 * LARGE))
    found = float(-np.expm1(-hazard * missions.multiplier(two, one, np.zeros(()), published)))
    still = float(missions.multiplier(one, one, np.zeros(()), p))
    return Found(
        f"{RELAPSE_AT_TWICE:.0%} instead of {RELAPSE:.0%} at twice the presence; factor 1 without a change",
        f"{found:.6%}; factor {still:g}",
        abs(found - RELAPSE_AT_TWICE) <= SETTLED and still == 1,
        f"{SETTLED:g}",
    )


@check("limit", "8 every flip on the alignment landscape lowers its energy")
def descending_landscape(subject: Subject) -> Found:
    """Landscape: with symmetric propensities every accepted flip lowers the energy."""
    rng = np.random.default_rng(SEED)
    flips, rises = 0, 0
    for _ in range(100):
        drawn = rng.normal(size=(7, 7))
        field = landscape.Landscape(rng.uniform(0.5, 2, 7), (drawn + drawn.T) * (1 - np.eye(7)))
        path = landscape.descend(field, rng.integers(0, 2, 7).astype(np.int8))
        energies = np.array([landscape.energy(field, camps) for camps in path])
        flips, rises = flips + len(path) - 1, rises + int((np.diff(energies) >= 0).sum())
    return Found(
        "0 of the accepted flips do not",
        f"{rises} of {flips} in 100 landscapes of 7 actors",
        rises == 0 and flips > 0,
        "exact",
    )


@check("limit", "9 the index spans 0 to 100, rises with every indicator, and knows no order")
def index_ends(subject: Subject) -> Found:
    """Index: 0 at all calm goalposts, 100 at all clash goalposts, monotone, blind to equal pillars' order."""
    c = formula.construction(
        subject.scenario.parameters.index, [d.weight.value for d in subject.scenario.dyads.values()]
    )
    ends = [
        abs(_region(np.repeat(post[:, None], c.dyads.size, 1), c) - at) for post, at in ((c.calm, 0), (c.clash, 100))
    ]
    rng = np.random.default_rng(SEED)
    reach = c.clash - c.calm
    low = c.calm[:, None] + reach[:, None] * rng.uniform(-0.1, 1.0, (c.calm.size, c.dyads.size))
    falls = sum(_region(_raised(low, k, u, reach), c) < _region(low, c) - ROUNDING for k, u in np.ndindex(low.shape))
    even = replace(c, calm=0 * c.calm, clash=0 * c.clash + 1, weights=np.full(c.calm.size, 1 / c.calm.size))
    scaled = rng.uniform(0, 1, low.shape)
    turned = abs(_region(scaled, even) - _region(scaled[rng.permutation(len(scaled))], even))
    off = max(*ends, turned)
    return Found(
        "0, 100, no fall, no change under permutation of equal pillars",
        f"off by {off:.0e}; {falls} falls in {low.size} rises",
        off <= ROUNDING and falls == 0,
        f"{ROUNDING:g} points",
    )


def _region(indicators: Array, c: formula.Construction) -> float:
    dyads = summed(formula.points(formula.rescaled(list(indicators), c), c))
    return float(formula.power_mean(dyads, c.dyads, c.exponent))


def _raised(indicators: Array, pillar: int, dyad: int, reach: Array) -> Array:
    higher = indicators.copy()
    higher[pillar, dyad] += 0.2 * reach[pillar]
    return higher
