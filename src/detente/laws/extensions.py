"""Mechanisms and kinds of agents from outside the package, by the names under which the user gives them.

``module:Name`` is a mechanism or a kind, ``module:Name=ALB`` a kind that stands in for ALB.

A scenario file cannot bring about an import: names come from ``--with`` on the command line or from Python alone. They
travel with a scenario's records into workers, which find the same things by the same names.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from detente.errors import DetenteError
from detente.laws.default import DEFAULT
from detente.laws.mechanism import Mechanism

#: what files are read with, in this context
IN_FORCE: ContextVar[tuple[str, ...]] = ContextVar("extensions", default=())


class ExtensionError(DetenteError):
    """An extension that cannot be had; the message says why and what to do."""


@contextmanager
def extended(names: Sequence[str]) -> Iterator[None]:
    """Scenario files are read with the extensions ``names``. ExtensionError where one cannot be had."""
    weekly(tuple(names))
    token = IN_FORCE.set(tuple(names))
    try:
        yield
    finally:
        IN_FORCE.reset(token)


@lru_cache(maxsize=64)
def named(name: str) -> object:
    """What ``module:Name`` names; modules beside the working folder are found. ExtensionError where there is none."""
    module, _, attribute = name.partition("=")[0].partition(":")
    if not module or not attribute:
        raise ExtensionError(f'"{name}" names nothing: write module:Name, such as refugees:REFUGEES')
    if "" not in sys.path and str(Path.cwd()) not in sys.path:
        sys.path.append(str(Path.cwd()))
    try:
        return getattr(importlib.import_module(module), attribute)
    except ModuleNotFoundError as error:
        hint = "run from its folder, or put the folder on PYTHONPATH"
        raise ExtensionError(f'"{name}": there is no module "{error.name}": {hint}') from error
    except AttributeError as error:
        advice = ": workers see no script, put it into a file of its own" if module == "__main__" else ""
        raise ExtensionError(f'"{name}": {module} has nothing called "{attribute}"{advice}') from error
    except Exception as error:  # whatever a user's own module raises while it is imported
        raise ExtensionError(f'"{name}": importing {module} failed: {type(error).__name__}: {error}') from error


def name_of(extension: object) -> str:
    """The name ``module:Name`` under which a mechanism or a kind is found again. ExtensionError where it has none."""
    home = getattr(extension, "__module__", "") if isinstance(extension, type) else getattr(extension, "home", "")
    held = vars(sys.modules[home]) if home in sys.modules else {}
    found = next((name for name, value in held.items() if value is extension), None)
    if found is None:
        raise ExtensionError(f"{extension!r} stands in no module: give it a name at the top of one")
    return f"{home}:{found}"


def names_of(mechanisms: Sequence[object] = (), kinds: Mapping[str, type] | None = None) -> tuple[str, ...]:
    """The names of mechanisms, and of kinds by whom they stand in for; what is a name already stays."""
    found = [one if isinstance(one, str) else name_of(one) for one in mechanisms]
    return (*found, *(f"{name_of(kind)}={key}" for key, kind in (kinds or {}).items()))


def fingerprint(names: Sequence[str]) -> dict[str, str]:
    """SHA-256 (hex) of the file that each extension stands in, by name."""
    found = {}
    for name in names:
        file = getattr(sys.modules.get(name.partition(":")[0]), "__file__", None)
        found[name] = sha256(Path(file).read_bytes()).hexdigest() if file else ""
    return found


@lru_cache(maxsize=16)
def weekly(extensions: tuple[str, ...]) -> tuple[Mechanism, ...]:
    """The mechanisms in their weekly order, with those that ``extensions`` name. ExtensionError for what is neither
    mechanism nor kind, for a name that is taken and for a place that is not there."""
    order = list(DEFAULT)
    for name in extensions:
        found = named(name)
        if isinstance(found, Mechanism):
            order.insert(_place(found, order, name), found)
        elif not hasattr(found, "stands_for"):
            raise ExtensionError(f'"{name}" is neither a Mechanism nor a kind of agent')
    _readable(order)
    return tuple(order)


def _place(mechanism: Mechanism, order: Sequence[Mechanism], name: str) -> int:
    """Behind the mechanism it wants to come after; otherwise at the end of the week."""
    names = [m.name for m in order]
    taken = {*names, *(state for m in order for state in m.state), "index", "switches"}
    if twice := taken & {mechanism.name, *mechanism.state}:
        raise ExtensionError(f'"{name}": {", ".join(sorted(twice))} is there already: choose another name')
    if mechanism.after and mechanism.after not in names:
        raise ExtensionError(f'"{name}" comes after "{mechanism.after}", which is none of {", ".join(names)}')
    return names.index(mechanism.after) + 1 if mechanism.after else len(order)


def _readable(order: Sequence[Mechanism]) -> None:
    """Every mechanism that another reads at the opening is there."""
    names = {m.name for m in order}
    for mechanism in order:
        if absent := set(mechanism.reads) - names:
            raise ExtensionError(f"{mechanism.name} reads {', '.join(sorted(absent))}: there is no such mechanism")
