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

#: what a result holds beside means and quantiles where only its summary is kept. ``_at`` is over a window: the first
#: week, the mean of the last 26, the last, the highest (of contributions: that in the highest week of the index)
SUMMARIES: dict[str, Variable] = {
    "tension_counts": Variable(("time", "fine_bin"), "members", "Members in each bin of the regional index"),
    "tension_dyad_counts": Variable(("time", "dyad", "bin"), "members", "Members in each bin of a dyad's index"),
    "tension_state_counts": Variable(("time", "state", "bin"), "members", "Members in each bin of a state's index"),
    "contribution_counts": Variable(("time", "pillar", "bin"), "members", "Members in each bin of a contribution"),
    "tension_at": Variable(("member", "window"), "index points", "Regional index over a window"),
    "behaviour_at": Variable(("member", "window"), "index points", "Behavioural index over a window"),
    "contribution_at": Variable(("member", "window", "pillar"), "index points", "Contributions over a window"),
    "tension_dyad_at": Variable(("member", "window", "dyad"), "index points", "Index of each dyad over a window"),
    "tension_state_at": Variable(("member", "window", "state"), "index points", "Index of each state over a window"),
    "crisis_chance_end": Variable(("member", "dyad"), "share", "Chance of a crisis of the dyad by the last date"),
    "armed_chance_end": Variable(("member", "dyad"), "share", "Chance of war of the dyad by the last date"),
    "any_crisis_chance_end": Variable(("member",), "share", "The same for a crisis of any dyad"),
    "any_armed_chance_end": Variable(("member",), "share", "The same for a war of any dyad"),
    "crisis_chance_sums": Variable(
        ("parameter_draw", "quarter", "dyad"), "share", "Chances of a crisis by then, added up over a draw's members"
    ),
    "armed_chance_sums": Variable(
        ("parameter_draw", "quarter", "dyad"), "share", "Chances of war by then, added up over a draw's members"
    ),
    "any_crisis_chance_sums": Variable(("parameter_draw", "quarter"), "share", "The same for a crisis of any dyad"),
    "any_armed_chance_sums": Variable(("parameter_draw", "quarter"), "share", "The same for a war of any dyad"),
    "mean_state": Variable(("time", "state"), "index points", "Ensemble mean index of each state"),
    "counted_crisis": Variable(("dyad",), "share", "Members in which the dyad was tense or armed at least once"),
    "counted_armed": Variable(("dyad",), "share", "Members in which the dyad was armed at least once"),
    "counted_any_crisis": Variable((), "share", "Members in which any dyad was tense or armed at least once"),
    "counted_any_armed": Variable((), "share", "Members in which any dyad was armed at least once"),
}
