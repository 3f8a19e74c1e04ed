"""Every variable of a result: its dimensions, unit and long name, stated once."""

from __future__ import annotations

from typing import NamedTuple

#: members that share one parameter draw: member k belongs to draw k // REPLICATES
REPLICATES = 4


class Variable(NamedTuple):
    """Dimensions (in order), unit and long name."""

    dims: tuple[str, ...]
    unit: str
    long_name: str


VARIABLES: dict[str, Variable] = {
    "tension": Variable(("member", "time"), "index points", "Regional tension index, 0 calm to 100 armed clash"),
    "contribution": Variable(
        ("member", "time", "pillar"), "index points", "Contribution of each pillar to the regional tension index"
    ),
    "behaviour": Variable(
        ("member", "time"), "index points", "Regional index on the behavioural pillars only: hostility and incidents"
    ),
    "tension_dyad": Variable(("member", "time", "dyad"), "index points", "Tension index of each dyad"),
    "tension_state": Variable(("member", "time", "state"), "index points", "Tension index of each state"),
    "incidents": Variable(("member", "time", "dyad"), "events", "Simulated incidents of the week, both directions"),
    "regime": Variable(("member", "time", "dyad"), "0 to 2", "Regime of each dyad: 0 quiet, 1 tense, 2 armed"),
    "crisis_chance": Variable(
        ("member", "quarter", "dyad"), "share", "Chance of a crisis of the dyad by then: weekly chances added up"
    ),
    "armed_chance": Variable(
        ("member", "quarter", "dyad"), "share", "Chance of war of the dyad by then: weekly chances added up"
    ),
    "any_crisis_chance": Variable(("member", "quarter"), "share", "The same for a crisis of any dyad"),
    "any_armed_chance": Variable(("member", "quarter"), "share", "The same for a war of any dyad"),
    "mean_contribution": Variable(
        ("time", "dyad", "pillar"), "index points", "Ensemble mean contribution of dyad and pillar to the region"
    ),
    "mean_pillar": Variable(("time", "dyad", "pillar"), "index points", "Ensemble mean pillar points of each dyad"),
    "dyad_weight": Variable(("dyad",), "share", "Weight of each dyad in the regional index"),
}
