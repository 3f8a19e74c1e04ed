from types import ModuleType

from detente.api.brakes import brakes
from detente.api.check import check
from detente.api.compare import compare
from detente.api.doctor import doctor
from detente.api.evidence import calibrate, hindcast, nowcast
from detente.api.experiment import discover, experiment, sensitivity
from detente.api.explain import explain
from detente.api.export import export
from detente.api.figure import figure
from detente.api.frame import frame
from detente.api.plot import plot
from detente.api.report import report
from detente.api.run import run
from detente.api.verify import verify
from detente.engine.choice import using
from detente.errors import DetenteError, UsageError
from detente.experiment.run import RunError
from detente.experiment.store import ResultError
from detente.extras import ExtraMissing
from detente.laws.extensions import ExtensionError
from detente.model.world import World
from detente.scenario.diagnostics import ScenarioError, ScenarioMissing
from detente.scenario.load import load_scenario as load
from detente.serve.local import serve
from detente.serve.page import page
from detente.storage import StorageError

__all__ = [
    "DetenteError",
    "ExtensionError",
    "ExtraMissing",
    "ResultError",
    "RunError",
    "ScenarioError",
    "ScenarioMissing",
    "StorageError",
    "UsageError",
    "World",
    "__version__",
    "brakes",
    "calibrate",
    "check",
    "compare",
    "discover",
    "doctor",
    "experiment",
    "explain",
    "export",
    "figure",
    "frame",
    "hindcast",
    "load",
    "nowcast",
    "page",
    "plot",
    "report",
    "run",
    "sensitivity",
    "serve",
    "using",
    "verify",
]

__version__: str
FACE: dict[str, str]

class Call(ModuleType): ...
