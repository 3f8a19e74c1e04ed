"""The window again, with the posterior as it will be written: does it still make the file, and nearer than before?

The part holds each parameter by itself. What the file says of several together is lost, and this shows at what price.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from detente.evidence.calibration import checks
from detente.evidence.calibration.families import fitted
from detente.evidence.calibration.infer import Calibration
from detente.evidence.calibration.table import Progress, observed, table
from detente.scenario.values import replaced

#: simulations with the posterior
DRAWS = 1024


@dataclass(frozen=True)
class Replay:
    """Share of simulations with the posterior that lie as far from their middle as the file, and share of the file's
    summaries within the central 90 % of the simulations, before and after."""

    as_far_out: float
    inside_before: float
    inside_after: float


def replay(found: Calibration, tell: Progress | None = None) -> Replay | None:
    """Simulate with what was inferred, the strange summaries set aside as before; None where nothing was."""
    if not found.inferred:
        return None
    question = found.question
    scenario = replaced(question.scenario, {e.path: fitted(e) for e in found.inferred})
    made = table(scenario, found.watched, {}, DRAWS, question.seed, question.workers, tell)
    odd = {s.name for s in found.strange}
    usual = np.array([name not in odd for name in made.names])
    file, simulated = np.array(list(observed(found.watched).values()))[usual], made.summaries[:, usual]
    return Replay(checks.as_far_out(file, simulated), found.inside, checks.inside(file, simulated))
