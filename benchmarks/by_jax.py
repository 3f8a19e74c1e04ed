"""The same phases in JAX: one member written down, mapped over members, compiled by XLA for the processor.

Normals are the exact quantiles that JAX has, to which detente's table keeps to 1e-7.
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

#: one thread, as everywhere here; read when JAX is imported
os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")

import jax
import jax.numpy as jnp
import numpy as np
import phases
from jax import lax
from jax.custom_batching import custom_vmap
from jax.scipy.special import ndtri

from detente.engine.block import Block, empty
from detente.laws.choice import FEVER, REACH
from detente.laws.incidents import MOST

jax.config.update("jax_enable_x64", True)

GAMMA, FIRST, SECOND = (np.uint64(word) for word in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))
#: one cell in so many may have an incident in the same week
ROOM = 6
Vector = Any
Arrays = dict[str, Any]


def uniforms(start: Vector, week: Vector, real: Any) -> Vector:
    """SplitMix64's word of the week in (0, 1)."""
    x = start + week * GAMMA
    x = (x ^ (x >> np.uint64(30))) * FIRST
    x = (x ^ (x >> np.uint64(27))) * SECOND
    x = x ^ (x >> np.uint64(31))
    drawn = ((x >> np.uint64(12)).astype(jnp.float64) + 0.5) * 2.0**-52
    return jnp.minimum(drawn.astype(real), np.nextafter(real(1), real(0)))


def choose(s: Arrays, x: Arrays, p: Arrays, rows: Any, u: Vector) -> Arrays:
    """Rungs of one member, (directed dyad,)."""
    source, pair = rows["source"], rows["pair"]
    log_strength = jnp.log(jnp.maximum(x["strength"], 1e-9))
    ahead = log_strength[source] - log_strength[rows["target"]] - x["remoteness"]
    chance = 1.0 / (1.0 + jnp.exp(jnp.minimum(-p["contest_exponent"] * ahead, 80.0)))
    needed = jnp.where(x["demand"] > 0, x["demand"], p["presence_scale"])
    covered = jnp.minimum(x["presence"] / jnp.maximum(needed, 1.0), 1.0)[pair]
    held = (
        p["deterrence"] * x["guarantee"]
        + (p["resources"] * x["burden"] + p["aversion"] * x["war_aversion"] - p["emboldening"] * x["backing"])[source]
    )
    insecurity = x["insecurity"][source]
    fear = p["elite_fear"] * insecurity * x["coalition"][source]
    anger = p["animosity"] * s["hostility"] / 10.0
    appetite, previous = anger + x["stake"] * chance, s["severity"]
    shield = held + p["local_deterrence"] * covered + p["belligerence"]
    step_down = p["inconsistency"] * jnp.maximum(previous, 0.0)

    def climb(gain: Vector, cost: Vector, severity: Vector, shield: Vector) -> Vector:
        down = p["inconsistency"] * jnp.maximum(previous - severity, 0.0)
        return p["precision"] * (gain * appetite - cost - down) - severity * shield

    worth = jnp.stack([
        p["precision"] * (-p["concession"] - anger - step_down),
        -p["precision"] * step_down,
        climb(p["gain_threaten"], p["cost_threaten"], p["severity_threaten"], shield) + p["cheap_talk"] * insecurity,
        climb(p["gain_coerce"], p["cost_coerce"], p["severity_coerce"], shield + fear),
    ])  # fmt: skip
    upto = jnp.cumsum(jnp.exp(worth - worth.max(axis=0)), axis=0)
    even = p["force_prize"] * (x["stake"] * chance - 0.5)
    log = jnp.clip(even + p["force_hostility"] * (s["hostility"] - s["level"]) - held - fear, -REACH, FEVER)
    odds = p["weekly_outbreak"] * jnp.exp(log)
    regime = x["regime"][pair]
    force = jnp.where(regime == 1, odds / (1.0 + odds), 0.0)
    rung = jnp.where(regime == 2, 4, (u * upto[-1] / (1.0 - force) > upto).sum(axis=0))
    felt = jnp.stack([-p["relief"], 0.0 * p["relief"], *(p[f"severity_{n}"] for n in ("threaten", "coerce", "force"))])
    either = 1.0 - (1.0 - force[rows["forth"]]) * (1.0 - force[rows["back"]])
    return {"chance": chance, "rung": rung, "severity": felt[rung], "outbreak": either}


def inverted(u: Vector, rate: Vector, size: Vector) -> Vector:
    """Negative binomial counts by inversion, all cells going on until the last is done."""
    share = jnp.minimum(rate / (rate + size), np.nextafter(rate.dtype.type(1), rate.dtype.type(0)))
    mass = jnp.exp(size * jnp.log1p(-share))

    def further(state: tuple[Vector, ...]) -> tuple[Vector, ...]:
        k, count, mass, total = state
        count = count + (u > total)
        mass = mass * share * (size + k) / (k + 1.0)
        return k + 1.0, count, mass, total + mass

    start = (jnp.zeros((), rate.dtype), jnp.zeros_like(rate), mass, mass)
    return lax.while_loop(lambda s: (u > s[3]).any() & (s[0] < MOST), further, start)[1]


@custom_vmap
def counts(u: Vector, rate: Vector, size: Vector) -> Vector:
    """Negative binomial counts of one member."""
    return inverted(u, rate, size)


@counts.def_vmap
def _(members: int, batched: Any, u: Vector, rate: Vector, size: Vector) -> tuple[Vector, bool]:
    """Counts of all members: the few cells that may have any are collected, as many as there is room for."""
    few = jnp.nonzero((u > 1.0 - rate).ravel(), size=u.size // ROOM, fill_value=u.size)[0]
    taken = [
        jnp.take(a.ravel(), few, mode="fill", fill_value=0.0)
        for a in (u, rate, jnp.broadcast_to(size[:, None], u.shape))
    ]
    found = inverted(taken[0], taken[1], jnp.where(few < u.size, taken[2], 1.0))
    return jnp.zeros(u.size, u.dtype).at[few].set(found, mode="drop").reshape(u.shape), True


def happen(s: Arrays, x: Arrays, p: Arrays, rows: Any, u: Vector) -> Arrays:
    """Incidents of one member."""
    usual = (x["damping"] * x["climate"] * x["background_factor"])[rows["pair"]]
    mood = jnp.clip(p["sensitivity"] * (s["hostility"] - x["resting"] - x["regime_pressure"]), -6.0, 6.0)
    first = x["first_causes"] * jnp.exp(mood) * usual * jnp.where(s["rung"] == 3, p["when_coercing"], 1.0)
    excited = s["excitation"]
    rate = first + p["gain"] * (excited + p["answering"] * (excited[rows["reverse"]] - excited))
    found = counts(u, rate, p["dispersion"])
    severity = p["severity"] * (found[rows["forth"]] + found[rows["back"]]) + x["recorded_severity"]
    return {
        "counts": found,
        "excitation": excited * p["kept"] + found + x["recorded"],
        "recent": s["recent"] + (severity - s["recent"]) * p["fresh"],
    }


def feel(s: Arrays, x: Arrays, p: Arrays, rows: Any, shock: Vector) -> Arrays:
    """Hostility of one member."""
    level = x["pact_threat"] - x["opening_threat"] + x["resting"] + x["arms_pressure"]
    level += x["influence_pressure"][rows["source"]] + x["rhetoric_effect"] + x["incident_effect"]
    level += x["grievance_effect"] - x["relief_effect"] + x["regime_pressure"] - rows["heard"] @ x["track_relief"]
    back, h = rows["reverse"], s["hostility"]
    drift = p["inertia"] * (h - level) + p["reciprocity"] * (h - level)[back]
    push = p["incident_feedback"] * (s["counts"] - x["rate"])[back]
    push += p["conduct"] * (s["severity"] - x["usual_severity"])[back]
    push += p["external_coercion"] * x["coercion"][rows["source"]]
    return {"hostility": jnp.clip(level + drift + push + p["volatility"] * shock, 0.0, 10.0), "level": level}


def measure(s: Arrays, x: Arrays, rows: Any, c: dict[str, Any]) -> Arrays:
    """What a week of one member is measured at."""
    forth, back = rows["forth"], rows["back"]
    mean = 0.5 * (s["hostility"][forth] + s["hostility"][back])
    pace = jnp.clip(x["growth"] / c["growth_reference"], 0.0, 1.0)
    uneven = jnp.abs(2.0 * s["chance"][forth] - 1.0)
    leaning = jnp.clip(x["alignment"] - x["alignment_drawn"], -1.0, 1.0)
    apart = 0.5 * jnp.abs(leaning[rows["source"][forth]] - leaning[rows["target"][forth]])
    heat = x["rhetoric_effect"] - x["relief_effect"]
    table = jnp.array([1.0, c["active_deficit"], c["signed_deficit"], 0.0], mean.dtype)
    missing = jnp.where(rows["discussed"], table[x["track"].astype(int)], 0.0).max(axis=1, initial=0.0)
    indicators = jnp.stack([
        mean,
        jnp.log1p(s["recent"]),
        ((1.0 - c["imbalance_share"]) * pace + c["imbalance_share"] * uneven)
        * jnp.minimum(mean / c["hostile_pair"], 1.0),
        jnp.clip(apart + c["pact_polarisation"] * jnp.maximum(x["feared"][forth], x["feared"][back]), 0.0, 1.0),
        x["vacuum"],
        jnp.clip(missing + 0.05 * (heat[forth] + heat[back]), 0.0, 1.0),
    ])  # fmt: skip
    scaled = jnp.clip((indicators - c["calm"]) / c["span"], 0.0, 1.0)
    points, dyads = scaled * c["weights"], (scaled * c["weights"]).sum(axis=0)
    q, weight = c["exponent"], c["dyad_weights"]
    terms = weight * dyads**3
    region = terms.sum() ** (1.0 / q)
    shares = points * weight * (dyads / jnp.where(region > 0, region, 1.0)) ** 2
    narrow = weight * (scaled * c["narrow"]).sum(axis=0) ** 3
    return {
        "tension": region,
        "behaviour": narrow.sum() ** (1.0 / q),
        "contribution": shares.sum(axis=1),
        "dyads": dyads,
        "states": ((rows["own"] @ terms) / c["totals"]) ** (1.0 / q),
        "incidents": s["counts"][forth] + s["counts"][back],
        "contribution_sum": shares,
        "pillar_sum": points,
    }


class ByJax:
    """A task compiled by XLA; ``call`` does all its weeks once more from the opening."""

    def __init__(self, given: phases.Task, *, single: bool) -> None:
        self.given, self.real = given, np.float32 if single else np.float64
        world, measured = given.world(), given.measure
        told = phases.inputs(world)
        self.state = {name: self._wide(told[name]) for name in phases.STATE}
        self.state["rung"] = jnp.asarray(told["rung"], int)
        self.inputs = {name: self._wide(array) for name, array in told.items() if name not in phases.STATE}
        self.parameters = {name: self._wide(array) for name, array in phases.parameters(world).items()}
        self.starts = [jnp.asarray(world.streams[name]._start) for name in ("rung", "incident", "hostility")]
        self.rows, self.held = self._rows(world, measured), self._held(measured)
        self.weeks = jax.jit(self._weeks)

    def _wide(self, array: Any) -> Any:
        shape = (*np.shape(array)[:-1], self.given.members)
        return jnp.asarray(np.broadcast_to(array, shape).astype(self.real))

    def _rows(self, world: Any, measured: Any) -> dict[str, Any]:
        layout, incidence = world.layout, world.inputs.incidence
        named = ("source", "target", "pair", "reverse", "forth", "back")
        sets = {
            "heard": (incidence.heard, len(layout.directed)),
            "own": ([own for _, own in measured.states], len(layout.dyads)),
            "discussed": (incidence.discussed, len(layout.dyads)),
        }
        found = {name: np.asarray(getattr(layout, name)) for name in named}
        for name, (members, size) in sets.items():
            found[name] = np.array([np.isin(np.arange(size), rows) for rows in members]).reshape(-1, size)
        heard, own = found["heard"].T.astype(self.real), found["own"].astype(self.real)
        return {**found, "heard": heard, "own": own, "discussed": found["discussed"].T}

    def _held(self, measured: Any) -> dict[str, Any]:
        whole = measured.whole
        numbers = dict(zip(phases.INDEX, phases.index(self.given.scenario).tolist(), strict=True))
        columns = {
            "calm": whole.calm[:, None],
            "span": (whole.clash - whole.calm)[:, None],
            "weights": 100.0 * whole.weights[:, None],
            "narrow": 100.0 * measured.responding.weights[:, None],
            "dyad_weights": whole.dyads,
            "totals": measured.totals,
        }
        return {**numbers, **{name: array.astype(self.real) for name, array in columns.items()}}

    def _week(self, state: Any, inputs: Any, p: Any, starts: Any, week: Any) -> tuple[Any, Any]:
        """A week of one member."""
        rung, incident, hostility = starts
        state = {**state, **choose(state, inputs, p, self.rows, uniforms(rung, week, self.real))}
        state = {**state, **happen(state, inputs, p, self.rows, uniforms(incident, week, self.real))}
        u = uniforms(hostility, week, np.float64)
        shock = ndtri(jnp.minimum(u, 1.0 - u).astype(self.real)) * jnp.where(u > 0.5, -1, 1)
        state = {**state, **feel(state, inputs, p, self.rows, shock)}
        return state, measure(state, inputs, self.rows, self.held)

    def _weeks(self, state: Any, inputs: Any, p: Any, starts: Any) -> Any:
        week = jax.vmap(self._week, in_axes=(-1, -1, -1, -1, None), out_axes=-1)

        def onward(state: Any, number: Any) -> tuple[Any, Any]:
            state, found = week(state, inputs, p, starts, number)
            sums = {
                name: found.pop(name).sum(axis=-1, dtype=jnp.float64) for name in ("contribution_sum", "pillar_sum")
            }
            return state, {**found, **sums}

        numbers = jnp.arange(phases.OPENS + 1, phases.OPENS + 1 + self.given.weeks, dtype=jnp.uint64)
        return lax.scan(onward, state, numbers)[1]

    def call(self) -> None:
        """All weeks, from the opening."""
        self.found = jax.block_until_ready(self.weeks(self.state, self.inputs, self.parameters, self.starts))

    def block(self) -> Block:
        """What the last call measured; sums over members are no whole numbers here, and left out."""
        block = empty(self.given.weeks - 1, self.given.measure, self.given.members)
        kept = {name: np.asarray(array) for name, array in self.found.items() if not name.endswith("_sum")}
        return replace(block, **kept)
