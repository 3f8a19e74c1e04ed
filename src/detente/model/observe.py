"""Indicators of the index as the world shows them, before goalposts; each (dyad, member)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from detente.laws import dialogue
from detente.laws.hostility import SCALE
from detente.laws.rows import array, collected, looked_up

if TYPE_CHECKING:
    from detente.model.motion import Motion

Array = NDArray[np.float64]


def indicators(world: Motion) -> tuple[Array, ...]:
    """The six indicators, in the order of the index's pillars."""
    now, rows = world.now, world.layout
    forth, back = rows.forth, rows.back
    hostility = 0.5 * (now.hostility[forth] + now.hostility[back])
    return (
        hostility,
        np.log1p(now.recent),
        militarisation(world, hostility),
        polarisation(world),
        now.vacuum,
        deficit(world),
    )


def militarisation(world: Motion, hostility: Array) -> Array:
    """Build-up of a pair against the reference rate, and imbalance between the two, 0 to 1, as far as the pair is
    hostile: ``hostility`` is its mean, points."""
    p = world.scenario.parameters.index
    share = p.imbalance_share.value
    # allies who arm against a third do not raise their own pair
    hostile = hostility / p.hostile_pair.value
    pace = np.clip(world.now.growth / p.growth_reference.value, 0.0, 1.0)
    uneven = np.abs(2.0 * world.now.chance[world.layout.forth] - 1.0)
    return array(((1.0 - share) * pace + share * uneven) * np.minimum(hostile, 1.0))


def polarisation(world: Motion) -> Array:
    """Distance between the pair's alignments, and belief in pacts that stand against one of them, 0 to 1."""
    now, rows = world.now, world.layout
    leaning = np.clip(world.inputs.alignment - now.alignment_drawn, -1.0, 1.0)
    i, j = rows.ends
    apart = 0.5 * np.abs(leaning[i] - leaning[j])
    pacts = np.maximum(now.feared[rows.forth], now.feared[rows.back])
    return array(np.clip(apart + world.scenario.parameters.index.pact_polarisation.value * pacts, 0.0, 1.0))


def deficit(world: Motion) -> Array:
    """Diplomacy missing: 1 where a track is stalled, less where it talks, 0 where it has settled; heated words
    add, visits and deals take away, in tenths of a point of the hostility scale."""
    now, rows = world.now, world.layout
    heat = now.rhetoric_effect - now.relief_effect
    words = heat[rows.forth] + heat[rows.back]
    words *= 0.5 / SCALE
    table = np.ones(dialogue.AGREEMENT + 1)
    table[dialogue.ACTIVE] = world.scenario.parameters.index.active_deficit.value
    table[dialogue.SIGNED] = world.scenario.parameters.index.signed_deficit.value
    table[dialogue.AGREEMENT] = 0.0
    lacking = looked_up(now.track, table)
    missing = collected(lacking, world.inputs.incidence.settling, "max", np.zeros_like(words))
    missing += words
    return np.clip(missing, 0.0, 1.0, out=missing)
