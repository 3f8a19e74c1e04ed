"""The mechanisms of a world in their weekly order."""

from __future__ import annotations

import importlib
from functools import lru_cache

from detente.laws.acts import ACTS
from detente.laws.alliances import ALLIANCES
from detente.laws.armament import ARMAMENT
from detente.laws.choice import CHOICE
from detente.laws.dialogue import DIALOGUE
from detente.laws.hostility import HOSTILITY
from detente.laws.incidents import INCIDENTS
from detente.laws.mechanism import Mechanism
from detente.laws.missions import MISSIONS

DEFAULT: tuple[Mechanism, ...] = (ACTS, ALLIANCES, MISSIONS, DIALOGUE, CHOICE, INCIDENTS, HOSTILITY, ARMAMENT)


class ExtensionError(Exception):
    """A mechanism named by the user that cannot be had; the message says why and what to do."""

    exit_code = 2


@lru_cache(maxsize=64)
def named(name: str) -> object:
    """What ``module:Name`` names. ExtensionError where there is no such thing.

    Only ever called for what the user has named: a scenario file cannot bring about an import.
    """
    module, _, attribute = name.partition(":")
    if not module or not attribute:
        raise ExtensionError(f'"{name}" names nothing: write module:Name, such as refugees:REFUGEES')
    try:
        return getattr(importlib.import_module(module), attribute)
    except ModuleNotFoundError as error:
        hint = "run from its folder, or put the folder on PYTHONPATH"
        raise ExtensionError(f'"{name}": there is no module "{error.name}": {hint}') from error
    except AttributeError as error:
        raise ExtensionError(f'"{name}": {module} has nothing called "{attribute}"') from error


def weekly(extensions: tuple[str, ...] = ()) -> tuple[Mechanism, ...]:
    """The mechanisms in their weekly order, with those that ``extensions`` name."""
    order = list(DEFAULT)
    for name in extensions:
        found = named(name)
        if isinstance(found, Mechanism):
            order.insert(_place(found, order, name), found)
    return tuple(order)


def _place(mechanism: Mechanism, order: list[Mechanism], name: str) -> int:
    """Behind the mechanism it wants to come after; otherwise at the end of the week."""
    names = [m.name for m in order]
    if mechanism.name in names:
        raise ExtensionError(f'"{name}": there is a mechanism called {mechanism.name} already: choose another name')
    if mechanism.after and mechanism.after not in names:
        raise ExtensionError(f'"{name}" comes after "{mechanism.after}", which is none of {", ".join(names)}')
    return names.index(mechanism.after) + 1 if mechanism.after else len(order)
