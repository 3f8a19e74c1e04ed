"""Whether to believe a calibration: does it recover known parameters, and could the scenario have made the file?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detente.evidence import inference

Array = NDArray[np.float64]

#: bins of the rank histogram; ranks run from 0 to SAMPLE
BINS = 20
#: a summary is set aside where fewer simulations than this lie beyond it, both sides together
STRANGE = 0.01
#: more strange summaries than this share, and the file is outside what the scenario can produce
TOO_STRANGE = 0.1
#: the file is outside what the scenario can produce where fewer simulations than this lie as far out
OUTSIDE = 0.01
#: a parameter is left alone where fewer simulations than this tell as extreme a number
EDGE = 0.01
#: largest implausibility of a draw that is not ruled out (Vernon, Goldstein & Bower 2010)
IMPLAUSIBLE = 3.0


@dataclass(frozen=True)
class Recovery:
    """Simulation-based calibration of one parameter: ``ranks`` (check,) of the truth among posterior draws, 0 to
    ``inference.SAMPLE``, and the chi-square probability of so uneven a histogram if the inference is right."""

    ranks: NDArray[np.intp]
    p: float
    covered: float

    @property
    def histogram(self) -> NDArray[np.intp]:
        """Ranks by bin, (BINS,)."""
        return np.histogram(self.ranks, BINS, (0, inference.SAMPLE + 1))[0]


def recovery(told: Array, score: Array, reference: tuple[Array, Array], rng: np.random.Generator) -> Recovery:
    """Ranks of known scores (check,) whose summaries tell ``told`` (check,), by the same procedure as the file
    (Talts et al. 2018, arXiv 1804.06788). ``reference`` holds told and score of the reference draws."""
    from scipy.stats import chisquare

    ranks, inside = np.empty(len(score), dtype=np.intp), 0
    for check, (at, truth) in enumerate(zip(told, score, strict=True)):
        drawn = inference.sample(*inference.posterior(float(at), *reference), inference.SAMPLE, rng)
        ranks[check] = int((drawn < truth).sum())
        inside += int(5 <= ranks[check] <= inference.SAMPLE - 5)
    found = Recovery(ranks, 0.0, inside / len(score))
    return Recovery(ranks, float(chisquare(found.histogram).pvalue), found.covered)


def tail(at: Array, simulated: Array) -> Array:
    """Share of simulations (draw, thing) beyond ``at`` (thing,), both sides together, 0 to 1."""
    below, above = (simulated <= at).mean(axis=0), (simulated >= at).mean(axis=0)
    return np.asarray(np.minimum(2.0 * np.minimum(below, above), 1.0))


def as_far_out(at: Array, simulated: Array) -> float:
    """Share of simulations (draw, summary) that lie at least as far from their middle as ``at`` (summary,).

    The distance is Mahalanobis', with the correlations shrunk by a tenth.
    """
    centre, scale = simulated.mean(axis=0), simulated.std(axis=0) + 1e-9
    every = (simulated - centre) / scale
    joint = 0.9 * (every.T @ every) / len(every) + 0.1 * np.eye(every.shape[1])
    root = np.linalg.cholesky(joint)
    far = np.square(np.linalg.solve(root, every.T)).sum(axis=0)
    own = float(np.square(np.linalg.solve(root, (at - centre) / scale)).sum())
    return float((far >= own).mean())


def not_ruled_out(at: Array, told: Array, score: Array) -> float:
    """Share of prior draws whose implausibility is below three for every parameter inferred.

    What a draw makes the summaries tell is emulated by a line in all scores; the rest, chance, other parameters and
    discrepancy, is the variance that the implausibility is measured in. ``told`` and ``score`` are (draw, parameter).
    """
    terms = np.concatenate([np.ones((len(score), 1)), score, np.square(score) - 1.0], axis=1)
    weights, *_ = np.linalg.lstsq(terms, told, rcond=None)
    expected = terms @ weights
    spread = (told - expected).std(axis=0)
    return float((np.abs(at - expected) / spread < IMPLAUSIBLE).all(axis=1).mean())
