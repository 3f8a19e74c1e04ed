"""Scenario ensembles for political tension.

What a command does, one call does, with the same names and defaults: ``load``, ``run``, ``compare``, ``brakes``,
``explain``, ``report``, ``figure``, ``check``, ``export``, ``serve``, ``page``, ``doctor``; ``experiment``,
``sensitivity``, ``discover``; ``verify``, ``hindcast``, ``nowcast``, ``calibrate``. For a notebook there are ``plot``
and ``frame``. A scenario is given by name, file or value, a result by its folder or as what a call gave back.
``World(scenario, members=, seed=)`` is a run as a Mesa model; inside ``with using("fast"):`` compiled code runs the
members. Each is imported when it is first asked for.

What they raise for a user to mend is a DetenteError: ScenarioError (with its ``faults``; ScenarioMissing where there is
none of that name), UsageError (what does not go together), RunError (members or weeks that cannot be), ResultError (a
stored result), StorageError (a place that cannot be written), ExtraMissing (a package), ExtensionError (a mechanism or
kind of one's own).
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import Any

#: name -> the module it stands in, and its name there where that is another
FACE = {
    **{name: f"detente.api.{name}" for name in ("run", "compare", "explain", "report", "figure", "check", "export")},
    **{name: f"detente.api.{name}" for name in ("brakes", "verify", "doctor", "plot", "frame")},
    **dict.fromkeys(("experiment", "sensitivity", "discover"), "detente.api.experiment"),
    **dict.fromkeys(("hindcast", "nowcast", "calibrate"), "detente.api.evidence"),
    "serve": "detente.serve.local",
    "page": "detente.serve.page",
    "load": "detente.scenario.load:load_scenario",
    "World": "detente.model.world",
    "using": "detente.engine.choice",
    **dict.fromkeys(("DetenteError", "UsageError"), "detente.errors"),
    **dict.fromkeys(("ScenarioError", "ScenarioMissing"), "detente.scenario.diagnostics"),
    "RunError": "detente.experiment.run",
    "ResultError": "detente.experiment.store",
    "StorageError": "detente.storage",
    "ExtraMissing": "detente.extras",
    "ExtensionError": "detente.laws.extensions",
}

__all__ = ["__version__", *FACE]


class Call(ModuleType):
    """A room that bears the name of a call: ``detente.report(…)`` calls, ``detente.report.page`` is a module."""

    def __call__(self, *args: Any, **options: Any) -> Any:
        return _found(self.__name__.rpartition(".")[2])(*args, **options)

    @property
    def __signature__(self) -> Any:
        import inspect

        return inspect.signature(_found(self.__name__.rpartition(".")[2]))


def _found(name: str) -> Any:
    module, _, attribute = FACE[name].partition(":")
    return getattr(import_module(module), attribute or name)


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return _version()
    if name not in FACE:
        raise AttributeError(f"module 'detente' has no attribute {name!r}")
    return _found(name)


def __dir__() -> list[str]:
    return sorted({*globals(), *FACE, "__version__"})


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("detente")
    except PackageNotFoundError:
        return "0+unknown"
