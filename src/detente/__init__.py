"""Scenario ensembles for political tension.

``load(name)`` gives a Scenario, ``run(scenario, members=, seed=)`` an ``xarray.Dataset``, ``World(scenario, members=,
seed=)`` the Mesa model behind it. Each is imported when it is first asked for.
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
}

__all__ = ["World", "__version__", "load", "run"]


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
