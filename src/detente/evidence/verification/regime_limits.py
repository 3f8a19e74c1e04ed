"""The analytic limits of regimes and of the slow background (model.md §2); see limits.py."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from detente.evidence.verification.check import Found, check
from detente.evidence.verification.limits import ERRORS, MEMBERS, ROUNDING, SEED, centred
from detente.evidence.verification.runs import Subject
from detente.laws import background, choice, regimes
from detente.laws.armament import YEAR
from detente.laws.situation import ARMED, QUIET, TENSE
from detente.model.world import World

Array = NDArray[np.float64]

#: hazards per year of the chain that is followed, fast enough to be seen, and for how many weeks
ONSET, CALMING, OUTBREAK, ENDING, WEEKS = 2.0, 3.0, 1.5, 2.5, 300
#: members of the world whose chances are held against counts
WORLDS = 2000


@check("limit", "11 the slow background has its variance and its memory")
def slow_background(subject: Subject) -> Found:
    """The log background is an Ornstein–Uhlenbeck process: variance σ²/(1-k²), correlation k a week; its factor is 1
    on average."""
    p = centred(background.Parameters, subject.scenario.parameters.background)
    p = replace(p, volatility=np.where(p.volatility > 0, p.volatility, 1.0))
    rng = np.random.default_rng(SEED)
    spread, kept = float(background.spread(p)), float(background.kept(p))
    before = np.sqrt(spread) * rng.standard_normal(MEMBERS)
    after = background.wander(before, rng.standard_normal(MEMBERS), p)
    variance, together = float(after.var()), float((before * after).mean() / spread)
    factor = background.factor(after, p)
    off = (
        abs(variance / spread - 1) / np.sqrt(2 / MEMBERS),
        abs(together - kept) / np.sqrt((1 + kept**2) / MEMBERS),
        abs(float(factor.mean()) - 1) / (float(factor.std()) / np.sqrt(MEMBERS)),
    )
    return Found(
        f"variance {spread:.4g}, correlation {kept:.4g}, mean factor 1",
        f"{variance:.4g}, {together:.4g}, {float(factor.mean()):.4g}",
        max(off) <= ERRORS,
        f"{ERRORS:g} standard errors of {MEMBERS:,} paths",
    )


def weekly_chances() -> tuple[float, float, float, float]:
    """Chances within a week of the four transitions of the chain that is followed."""
    onset, calm, war, end = (float(regimes.weekly(np.asarray(r))) for r in (ONSET, CALMING, OUTBREAK, ENDING))
    return onset, calm, war, end


def followed(weeks: int, members: int) -> NDArray[np.int8]:
    """Regimes of pairs at constant hazards, (week, member), opened quiet."""
    onset, calm, war, end = weekly_chances()
    rng = np.random.default_rng(SEED)
    regime, kept = np.zeros(members, dtype=np.int8), []
    for _ in range(weeks):
        down = np.where(regime == ARMED, end, calm)
        chosen = rng.random(members) < war
        regime = regimes.turned(regime, rng.random(members), np.asarray(onset), down, chosen & (regime == TENSE))
        kept.append(regime)
    return np.stack(kept)


@check("limit", "12 regimes have their stationary shares and mean durations")
def regime_chain(subject: Subject) -> Found:
    """At constant hazards the shares of the regimes are those of the Markov chain, a war lasts 1/p weeks on average."""
    onset, calm, war, end = weekly_chances()
    calm *= 1 - war  # whoever chooses force does not calm down in the same week
    weights = np.array([1.0, onset / calm, onset / calm * war / end])
    expected = weights / weights.sum()
    paths = followed(WEEKS, 2000)
    last = paths[WEEKS // 2 :]
    per_path = np.stack([(last == regime).mean(axis=0) for regime in (QUIET, TENSE, ARMED)])
    found, errors = per_path.mean(axis=1), per_path.std(axis=1) / np.sqrt(per_path.shape[1])
    ends, at_war = (paths[:-1] == ARMED) & (paths[1:] != ARMED), int((paths[:-1] == ARMED).sum())
    lasted = at_war / max(int(ends.sum()), 1)
    slack = lasted / np.sqrt(max(int(ends.sum()), 1))
    return Found(
        f"shares {', '.join(f'{x:.3f}' for x in expected)}; a war lasts {1 / end:.1f} weeks",
        f"{', '.join(f'{x:.3f}' for x in found)}; {lasted:.1f} weeks",
        bool((np.abs(found - expected) <= ERRORS * errors).all()) and abs(lasted - 1 / end) <= ERRORS * slack,
        f"{ERRORS:g} standard errors of 2,000 paths",
    )


@check("limit", "13 the chance of an outbreak answers each brake by its size")
def outbreak_chance(subject: Subject) -> Found:
    """An even tense pair with all at stake and no brake turns armed at its hazard; a brake takes its size off the
    log."""
    p = centred(choice.Parameters, subject.scenario.parameters.choice)
    p = replace(p, outbreak=np.where(p.outbreak > 0, p.outbreak, 0.1))
    none, held = np.zeros(()), np.asarray(1.3)
    side = float(choice.force_chance(none, none, none, p))
    expected = 0.5 * float(p.outbreak) / YEAR
    braked = float(choice.force_chance(none, none, held, p))
    odds = np.log(side / (1 - side)) - np.log(braked / (1 - braked))
    off = max(abs(side / (1 - side) / expected - 1), abs(float(odds) - 1.3))
    return Found(
        f"odds {expected:.4g} a side and week; log odds less 1.3", f"off by {off:.0e}", off <= ROUNDING, f"{ROUNDING:g}"
    )


@check("limit", "14 chances that are added up are those that are counted")
def chances_and_counts(subject: Subject) -> Found:
    """The mean over members of the weekly chances, added up until the event, is the share of members that saw it."""
    world = World(subject.scenario, WORLDS, subject.seed)
    world.run_until(subject.weeks)
    now, worst = world.now, 0.0
    told = []
    for event in ("crisis", "armed"):
        seen, chance = getattr(now, f"{event}_seen").astype(float), getattr(now, f"{event}_chance")
        # what differs is a martingale: its spread tells how far it may lie off
        gap = (seen - chance).mean(axis=0)
        worst = max(worst, abs(float(gap.mean())) / max(float(gap.std()) / np.sqrt(WORLDS), ROUNDING))
        told.append(f"{float(chance.mean()):.4f} added up, {float(seen.mean()):.4f} counted")
    world.close()
    return Found(
        "the same in the mean over pairs, of crises and of wars",
        "; ".join(told),
        worst <= ERRORS,
        f"{ERRORS:g} standard errors of {WORLDS:,} members over {subject.weeks} weeks",
    )
