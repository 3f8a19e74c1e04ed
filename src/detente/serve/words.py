"""Levers in words: rival theories with what their options hold, and the weekly chances of talks.

What is not listed goes by its own name: mechanisms of one's own bring theories of their own.
"""

from __future__ import annotations

from collections.abc import Sequence

from detente.prose.wording import sentence

#: weekly chances of talks -> what happens
TALKS = {
    "stall": "Talks stall",
    "resume": "Stalled talks resume",
    "settle": "Talks reach a signature",
    "ratify": "What is signed comes into force",
    "unravel": "What is signed unravels",
    "lapse": "An agreement lapses",
}
#: switch -> what it is about, and option -> what it holds
THEORIES: dict[str, tuple[str, dict[str, str]]] = {
    "mission": (
        "Presence damps violence",
        {"logarithmic": "less and less", "linear": "in proportion", "none": "not at all"},
    ),
    "deterrence": ("Guarantees", {"deters": "deter", "none": "do nothing", "steps_to_war": "are steps to war"}),
    "diversion": (
        "Insecure elites",
        {
            "peace_through_insecurity": "keep the peace",
            "diversion": "divert attention",
            "resurrection": "gamble for resurrection",
        },
    ),
    "balance": (
        "War follows",
        {"prospect": "each side's prospect", "preponderance": "parity", "parity": "preponderance"},
    ),
    "regimes": ("Crises and wars", {"on": "begin and end by themselves", "off": "do not break out"}),
    "reciprocity": ("Hostility is answered", {"reciprocal": "in kind", "inverse": "inversely"}),
    "reaction": ("Arms answer arms", {"drawn": "perhaps", "none": "never", "slab": "always"}),
}


def theory(name: str, options: Sequence[str]) -> tuple[str, tuple[tuple[str, str], ...]]:
    """What a theory is about, and its options each with what it holds."""
    about, known = THEORIES.get(name, (sentence(name.replace("_", " ")), {}))
    return about, tuple((option, known.get(option, option.replace("_", " "))) for option in options)
