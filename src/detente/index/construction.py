"""The construction of a scenario's index: what a comparison must hold fixed, or it compares rulers, not behaviour.

To the construction belong the parameters of the index (goalposts, weights, exponent, what the indicators are held
against, the two memories) and the weights of the pairs. The memory of incidents is also what reserves are called up on:
what little follows from that counts with the construction.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from detente.scenario import difference
from detente.scenario.difference import Row
from detente.scenario.parameters import Goalpost
from detente.scenario.quantity import NUMBERS, Quantity
from detente.scenario.schema import Scenario

#: paths that belong to the construction; the concentration of weights says how sure one is of it, and builds nothing
PART = re.compile(r"parameters\.index\.(?!weight_concentration)(?P<name>\w+).*|dyads\.[^.]+\.weight(\..*)?")
#: parameters of the index that are drawn for each member; of the others only the value counts
DRAWN = frozenset({"incident_memory", "growth_memory"})
#: weight of a pair that the other construction does not know
NOTHING = Quantity(value=0)


def changes(base: Scenario, other: Scenario) -> list[Row]:
    """What builds the index of ``other`` otherwise than that of ``base``; empty where one ruler measures both.

    Pairs that ``other`` lacks are not among them: nothing can measure what is not there.
    """
    return [row for row in difference.rows(base, other) if counts(row.path) and row.b is not None]


def counts(path: str) -> bool:
    """Whether the number at a dotted path builds the index."""
    found = PART.fullmatch(path)
    if not found:
        return False
    return found["name"] in DRAWN or path.rpartition(".")[2] not in NUMBERS[1:]


def measured(other: Scenario, base: Scenario) -> Scenario:
    """``other`` with the index of ``base``: the same paths, held to the other ruler.

    Pairs that ``base`` lacks weigh nothing.
    """
    weights = {name: base.dyads[name].weight if name in base.dyads else NOTHING for name in other.dyads}
    dyads = {name: dyad.model_copy(update={"weight": weights[name]}) for name, dyad in other.dyads.items()}
    parameters = other.parameters.model_copy(update={"index": base.parameters.index})
    return other.model_copy(update={"dyads": dyads, "parameters": parameters})


def fingerprint(scenario: Scenario) -> str:
    """SHA-256 (hex) of the parameters of the index, as far as they build it; weights of pairs stand in the results."""
    index = scenario.parameters.index
    names = [name for name in type(index).model_fields if counts(f"parameters.index.{name}")]
    content = {name: _told(name, getattr(index, name)) for name in names}
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def _told(name: str, entry: Goalpost | Quantity) -> Any:
    if isinstance(entry, Goalpost):
        return [entry.calm.value, entry.clash.value, entry.weight.value]
    return [getattr(entry, key) for key in NUMBERS] if name in DRAWN and entry.spread else entry.value
