"""A figure in the house style as Matplotlib knows it, for a notebook."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from detente.api import Tell, silent
from detente.api.figure import Shown, figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def plot(
    *results: Shown,
    kind: str = "fan",
    slide: bool = False,
    dyad: str | None = None,
    by: str = "pillar",
    metric: str | None = None,
    stage: int | None = None,
    when: str | None = None,
    method: str = "model",
    horizon: int | None = None,
    members: int | None = None,
    seed: int | None = None,
    weeks: int | None = None,
    workers: int = 1,
    sets: Mapping[str, object] | None = None,
    tell: Tell = silent,
) -> Figure:
    """The figure that :func:`detente.api.figure.figure` makes of the same results, drawn.

    A notebook shows it; ``savefig`` writes it. No file is written, no backend is switched, pyplot knows nothing of it.
    Raises as ``figure``.
    """
    return figure(
        kind,
        *results,
        dyad=dyad,
        by=by,
        metric=metric,
        stage=stage,
        when=when,
        method=method,
        horizon=horizon,
        members=members,
        seed=seed,
        weeks=weeks,
        workers=workers,
        sets=sets,
        tell=tell,
    ).figure(slide=slide)
