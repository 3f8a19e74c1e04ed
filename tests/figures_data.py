"""Synthetic results of exactly the stored shape, for the tests of figures."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
import xarray as xr

PILLARS = ("hostility", "incidents", "militarisation", "alignment", "vacuum", "diplomacy")
ACTORS = {
    "SRB": "Serbia",
    "XKX": "Kosovo*",
    "BIH": "Bosnia and Herzegovina",
    "RS": "Republika Srpska",
    "HRV": "Croatia",
    "ALB": "Albania",
    "MNE": "Montenegro",
    "MKD": "North Macedonia",
    "HUN": "Hungary",
}
STAR = (
    "* This designation is without prejudice to positions on status, and is in line with UNSCR 1244/1999 "
    "and the ICJ Opinion on the Kosovo declaration of independence."
)
LEVELS = [
    {"name": "calm", "label": "Calm", "edge": 0.0, "crisis": False},
    {"name": "strained", "label": "Strained", "edge": 20.0, "crisis": False},
    {"name": "tense", "label": "Tense", "edge": 35.0, "crisis": False},
    {"name": "crisis", "label": "Crisis", "edge": 50.0, "crisis": True},
    {"name": "clash", "label": "Armed clash", "edge": 75.0, "crisis": False},
]
EVENTS = [
    ("vote", "2024-11-02", "Mandate renewed", "mandate", False, True, ["BIH"]),
    ("local", "2025-02-09", "Kosovo* elections", "election", False, True, ["XKX"]),
    ("deliver", "2025-05-20", "First fighter aircraft delivered", "delivery", False, True, ["SRB"]),
    ("pact", "2025-04-01", "Agreement on defence signed", "pact", False, True, ["SRB", "HUN"]),
    ("visit", "2025-09-12", "Visit", "visit", False, False, ["SRB"]),
    ("general", "2026-10-04", "General election", "election", True, True, ["BIH"]),
    ("talks", "2027-06-15", "Dialogue round stalls", "dialogue", True, True, ["SRB", "XKX"]),
    ("base", "2028-08-01", "Base reaches strength", "base", True, False, ["ALB"]),
    ("next", "2029-04-10", "Presidential election", "election", True, True, ["SRB"]),
]


def result(
    name: str = "baseline",
    *,
    title: str | None = None,
    lift: float = 0.0,
    noise: float = 1.0,
    level: float = 38.0,
    members: int = 80,
    weeks: int = 287,
    actors: Sequence[str] | dict[str, str] = ("SRB", "XKX", "BIH", "RS", "HRV", "ALB", "MNE", "MKD", "HUN"),
    seed: int = 1,
    luck: int = 0,
    attrs: dict[str, Any] | None = None,
) -> xr.Dataset:
    """One run's dataset. ``lift`` points are added by the end; ``luck`` changes what stands for chance."""
    labels = dict(actors) if isinstance(actors, dict) else {a: ACTORS[a] for a in actors}
    keys = list(labels)
    dyads = [f"{a}-{b}" for a, b in combinations(keys, 2)]
    rng = np.random.default_rng([7, luck])
    steps = weeks + 1
    course = np.linspace(0, 1, steps)
    draw = np.arange(members) // 4
    own = rng.normal(size=members // 4 + 1)[draw, None]
    walk = np.cumsum(rng.normal(size=(members, steps)), axis=1) / np.sqrt(287)
    walk[:, 0] = 0
    gain = 1 + 0.35 * rng.normal(size=members)[:, None]
    pillars = np.array([0.34, 0.22, 0.16, 0.12, 0.10, 0.06])
    tilt = np.array([0.1, 0.1, 0.5, 0.3, -0.1, 0.1])
    start = level * pillars[None, None, :]
    moving = noise * (2.2 * walk + 1.5 * own * course)[:, :, None] * pillars
    contribution = np.clip(start + moving + lift * (gain * course**1.4)[:, :, None] * tilt, 0, 100 / 6)
    tension = contribution.sum(axis=2)
    weight = np.linspace(3, 1, len(dyads)) ** 1.5
    weight /= weight.sum()
    share = weight * np.linspace(2.0, 0.4, len(dyads))
    share /= share.sum()
    mean = contribution.mean(axis=0)
    mean_contribution = mean[:, None, :] * share[None, :, None]
    relative = np.linspace(1.9, 0.3, len(dyads))
    dyad = np.clip(tension[:, :, None] * relative, 0, 100).astype(np.float32)
    mean_pillar = dyad.mean(axis=0, dtype=np.float64)[:, :, None] * pillars
    member_of = np.array([[k in pair for pair in combinations(keys, 2)] for k in keys])
    state = np.stack([dyad[:, :, m].mean(axis=2) for m in member_of], axis=2) if dyads else dyad[:, :, :0]
    behaviour = np.clip(contribution[:, :, :2].sum(axis=2) / pillars[:2].sum(), 0, 100)
    incidents = rng.poisson(0.3 * relative, size=(members, steps, len(dyads))).astype(np.uint16)
    start_date = np.datetime64("2024-07-01", "ns")
    rows = np.unique([*range(0, steps, 13), weeks])
    hazard = relative * np.exp(0.05 * lift + 0.5 * rng.normal(size=(members, 1, len(dyads)))) * course[rows, None]
    chance = {"crisis": 1 - np.exp(-0.5 * hazard), "armed": 1 - np.exp(-0.02 * hazard)}
    seen = rng.uniform(size=(members, 1, len(dyads)))
    regime = sum((seen < 1 - np.exp(-k * relative * course[:, None])).astype(np.uint8) for k in (0.5, 0.02))
    return xr.Dataset(
        {
            "tension": (("member", "time"), tension),
            "contribution": (("member", "time", "pillar"), contribution),
            "behaviour": (("member", "time"), behaviour),
            "tension_dyad": (("member", "time", "dyad"), dyad),
            "tension_state": (("member", "time", "state"), state.astype(np.float32)),
            "incidents": (("member", "time", "dyad"), incidents),
            "mean_contribution": (("time", "dyad", "pillar"), mean_contribution),
            "mean_pillar": (("time", "dyad", "pillar"), mean_pillar),
            "dyad_weight": (("dyad",), weight),
            "regime": (("member", "time", "dyad"), regime),
            **{f"{event}_chance": (("member", "quarter", "dyad"), found) for event, found in chance.items()},
            **{f"any_{e}_chance": (("member", "quarter"), 1 - (1 - f).prod(axis=2)) for e, f in chance.items()},
        },
        coords={
            "member": np.arange(members),
            "draw": ("member", draw),
            "time": start_date + np.arange(steps) * np.timedelta64(7, "D"),
            "quarter": start_date + rows * np.timedelta64(7, "D"),
            # labels are objects, as the runs store them
            "dyad": np.array(dyads, dtype=object),
            "state": np.array(keys, dtype=object),
            "pillar": np.array(PILLARS, dtype=object),
        },
        attrs={
            "scenario": name,
            "title": title or name.replace("_", " ").capitalize(),
            "theatre": "test",
            "scenario_hash": f"{abs(hash_of(name)):064x}",
            "seed": seed,
            "members": members,
            "weeks": weeks,
            "formula_version": "1",
            "detente_version": "0.1.0",
            "documented_until": "2026-03-01",
            "counterfactual": 0,
            "exponent": 2.0,
            "levels": json.dumps(LEVELS),
            "events": json.dumps(
                [dict(zip(("id", "date", "title", "kind", "plan", "mark", "actors"), e, strict=True)) for e in EVENTS]
            ),
            "dyad_labels": json.dumps(
                {d: f"{labels[a]}–{labels[b]}" for d, (a, b) in zip(dyads, combinations(keys, 2), strict=True)}
            ),
            "actor_labels": json.dumps(labels),
            "footnotes": json.dumps({"status": STAR}),
            "map_keys": json.dumps({k: "44.77,17.19" if k == "RS" else k for k in keys}),
            "command": f"detente run {name} --members {members} --seed {seed}",
            "commit": "",
            **(attrs or {}),
        },
    )


def hash_of(name: str) -> int:
    """A number that depends on ``name`` alone."""
    return int.from_bytes(name.encode()[:8].ljust(8, b"x"), "big")
