"""Scenario ensembles for political tension.

``load(name)`` gives a Scenario, ``run(scenario, members=, seed=)`` an ``xarray.Dataset``, ``World(scenario, members=,
seed=)`` the Mesa model behind it. Each is imported when it is first asked for.

What they raise for a user to mend is a DetenteError: ScenarioError (with its ``faults``; ScenarioMissing where there is
none of that name), RunError (members or weeks that cannot be), ResultError (a stored result), StorageError (a place
that cannot be written), ExtraMissing (a package), ExtensionError (a mechanism or kind of one's own).
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any

#: name -> module, attribute
FACE = {
    "load": ("detente.scenario.load", "load_scenario"),
    "run": ("detente.experiment.run", "run"),
    "World": ("detente.model.world", "World"),
    "DetenteError": ("detente.errors", "DetenteError"),
    "ScenarioError": ("detente.scenario.diagnostics", "ScenarioError"),
    "ScenarioMissing": ("detente.scenario.diagnostics", "ScenarioMissing"),
    "RunError": ("detente.experiment.run", "RunError"),
    "ResultError": ("detente.experiment.store", "ResultError"),
    "StorageError": ("detente.storage", "StorageError"),
    "ExtraMissing": ("detente.extras", "ExtraMissing"),
    "ExtensionError": ("detente.laws.extensions", "ExtensionError"),
}

__all__ = [
    "DetenteError",
    "ExtensionError",
    "ExtraMissing",
    "ResultError",
    "RunError",
    "ScenarioError",
    "ScenarioMissing",
    "StorageError",
    "World",
    "__version__",
    "load",
    "run",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return _version()
    if name not in FACE:
        raise AttributeError(f"module 'detente' has no attribute {name!r}")
    module, attribute = FACE[name]
    return getattr(import_module(module), attribute)


def __dir__() -> list[str]:
    return sorted({*globals(), *FACE, "__version__"})


def _version() -> str:
    try:
        return version("detente")
    except PackageNotFoundError:
        return "0+unknown"
