"""Synthetic results of exactly the stored shape, small, with an index that is computed and not made up."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

PILLARS = ("hostility", "incidents", "militarisation", "alignment", "vacuum", "diplomacy")
WEIGHTS = np.array([0.30, 0.25, 0.15, 0.10, 0.10, 0.10])
DYADS = ("A-B", "A-C", "B-C")
DYAD_WEIGHT = np.array([0.5, 0.3, 0.2])
LEVELS = [
    {"name": "calm", "label": "Calm", "edge": 0.0, "crisis": False},
    {"name": "tense", "label": "Tense", "edge": 35.0, "crisis": False},
    {"name": "crisis", "label": "Crisis", "edge": 46.0, "crisis": True},
]

#: (dyad, pillar) -> push on the indicator's place between calm (0) and clash (1)
Push = Mapping[tuple[str, str], float]


def places(members: int, weeks: int, seed: int, push: Push, since: int, noise: float) -> np.ndarray:
    """Indicators between calm and clash, shape (member, time, dyad, pillar); luck is that of the seed alone."""
    shape = (weeks + 1, len(DYADS), len(PILLARS))
    luck = np.stack([np.random.default_rng([seed, k]).normal(size=shape) for k in range(members)])
    own = np.stack([np.random.default_rng([seed, 77, k // 4]).normal() for k in range(members)])
    z = 0.35 + 0.03 * noise * luck + 0.03 * own[:, None, None, None]
    z += 0.1 * np.arange(len(DYADS))[:, None]
    for (dyad, pillar), size in push.items():
        strength = [np.random.default_rng([seed, 99, k // 4]).lognormal(0, 0.5) for k in range(members)]
        z[:, since:, DYADS.index(dyad), PILLARS.index(pillar)] += size * np.array(strength)[:, None]
    return np.clip(z, 0, 1)


def region(points: np.ndarray, exponent: float) -> tuple[np.ndarray, np.ndarray]:
    """Regional index (member, time) and exact contributions (member, time, dyad, pillar) of pillar points."""
    dyads = points.sum(axis=-1)
    total = (dyads**exponent * DYAD_WEIGHT).sum(axis=-1) ** (1 / exponent)
    lever = DYAD_WEIGHT * (dyads / total[..., None]) ** (exponent - 1)
    return total, points * lever[..., None]


def result(
    name: str = "base",
    *,
    push: Push | None = None,
    members: int = 80,
    weeks: int = 40,
    seed: int = 1,
    since: int = 10,
    noise: float = 1.0,
    exponent: float = 2.0,
    first: int = 0,
    attrs: Mapping[str, Any] | None = None,
) -> xr.Dataset:
    """A result whose difference from ``result()`` comes from ``push`` alone, from week ``since`` on."""
    z = places(first + members, weeks, seed, push or {}, since, noise)[first:]
    points = 100 * WEIGHTS * z
    tension, cells = region(points, exponent)
    acting = WEIGHTS * np.array([1, 1, 0, 0, 0, 0])
    behaviour, _ = region(100 * acting / acting.sum() * z, exponent)
    dyads = points.sum(axis=-1)
    counts = np.floor(6 * z[..., 1]).astype(np.uint16)
    return xr.Dataset(
        {
            "tension": (("member", "time"), tension),
            "contribution": (("member", "time", "pillar"), cells.sum(axis=2)),
            "behaviour": (("member", "time"), behaviour),
            "tension_dyad": (("member", "time", "dyad"), dyads.astype(np.float32)),
            "tension_state": (("member", "time", "state"), dyads.astype(np.float32)),
            "incidents": (("member", "time", "dyad"), counts),
            "mean_contribution": (("time", "dyad", "pillar"), cells.mean(axis=0)),
            "mean_pillar": (("time", "dyad", "pillar"), points.mean(axis=0)),
            "dyad_weight": (("dyad",), DYAD_WEIGHT),
        },
        coords={
            "member": np.arange(first, first + members),
            "draw": ("member", np.arange(first, first + members) // 4),
            "time": np.datetime64("2025-01-06", "ns") + np.arange(weeks + 1) * np.timedelta64(7, "D"),
            "dyad": list(DYADS),
            "state": ["A", "B", "C"],
            "pillar": list(PILLARS),
            "actor": ["A", "B", "C"],
        },
        attrs={
            "scenario": name,
            "title": name.replace("_", " ").capitalize(),
            "theatre": "test",
            "scenario_hash": name,
            "seed": seed,
            "members": members,
            "weeks": weeks,
            "formula_version": "1.0",
            "detente_version": "0.1.0",
            "documented_until": "2025-06-30",
            "counterfactual": 0,
            "exponent": exponent,
            "levels": json.dumps(LEVELS),
            "events": "[]",
            "dyad_labels": json.dumps({key: key.replace("-", "–") for key in DYADS}),
            "actor_labels": json.dumps({"A": "Alba", "B": "Bruma", "C": "Corva"}),
            "footnotes": "{}",
            "command": f"detente run {name}",
            "commit": "",
            **(attrs or {}),
        },
    )


UP = {("A-B", "hostility"): 0.2, ("A-B", "vacuum"): 0.1}
DOWN = {("B-C", "hostility"): -0.15}
DEFINED = {("A-B", "vacuum"): 0.3}
