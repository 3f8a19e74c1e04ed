"""Faults found in published tools, each looked for here (model.md §7).

Those of a run are looked for in runs of the scenario; those of scoring in a hindcast of a made-up series, so that no
observation file is needed. What no check of the code can show is listed in NOT_APPLICABLE and counted nowhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from detente.evidence.verification.check import Found, NotApplicable, check
from detente.evidence.verification.runs import SHOWN, Subject
from detente.experiment.digest import digest
from detente.index import formula
from detente.scenario import acts as kinds
from detente.scenario.diagnostics import ScenarioError
from detente.scenario.identity import content_hash
from detente.scenario.quantity import Quantity
from detente.scenario.schema import Scenario
from detente.scenario.values import pinned, replaced

if TYPE_CHECKING:
    import xarray as xr

Array = NDArray[np.float64]

#: index points lost to the rounding of stored tables (float32 dyads), and of sums
STORED, SUMMED = 1e-3, 1e-9
#: share of weekly steps that must go down for an index that does not only rise
DOWN = 0.2
#: size of the act that is added, goldstein; weeks over which it is felt
SIZE, FELT = 8.0, 8
#: members that feel an act, and those that are asked where few felt nothing: it may come about in few members only
FEW, MANY = 32, 256
#: standard errors two seeds may lie apart
ERRORS = 5.0

NOT_APPLICABLE = (
    NotApplicable(
        "a recalibration step that worsens calibration",
        "forecasts are scored as the ensemble issues them; nothing recalibrates them afterwards",
    ),
    NotApplicable(
        "draws resampled by Fourier surrogates",
        "members are stored paths of the model; nothing resamples them",
    ),
)


@check("fault", "window rescaling: the index depends on the weeks shown")
def rescaled(subject: Subject) -> Found:
    """The index must not depend on the window that is looked at."""
    part = max(1, subject.weeks // 2)
    short = subject.run(weeks=part)["tension"].values
    off = float(np.abs(short - subject.usual["tension"].values[:, : part + 1]).max())
    return Found("0 points", f"{off:.4g} points", off == 0)


@check("fault", "ratcheting index: tension can only rise")
def ratchet(subject: Subject) -> Found:
    """Tension must be able to fall."""
    down = float((np.diff(subject.usual["tension"].values, axis=1) < 0).mean())
    return Found(
        f"at least {DOWN:.0%} of weekly steps go down",
        f"{down:.0%} do",
        down >= DOWN,
        f"{DOWN:.0%}",
    )


@check("fault", "hidden multipliers: the index holds more than its formula")
def hidden(subject: Subject) -> Found:
    """The region follows from the stored dyads by the stated weights and exponent, and from its contributions."""
    dyads = subject.usual["tension_dyad"].transpose("dyad", "time", "member").values.astype(float)
    weights = np.array([d.weight.value for d in subject.scenario.dyads.values()])
    region = formula.power_mean(dyads, weights / weights.sum(), subject.scenario.parameters.index.exponent.value)
    off = float(np.abs(region.T - subject.usual["tension"].values).max())
    parts = float(np.abs(subject.usual["contribution"].sum("pillar") - subject.usual["tension"]).max())
    return Found(
        "recomputed from the scenario's weights, and from the contributions: 0 points apart",
        f"{off:.2g} and {parts:.2g} points",
        off <= STORED and parts <= SUMMED,
        f"{STORED:g} (dyads are stored short) and {SUMMED:g}",
    )


@check("fault", "runs and members without an identity")
def identity(subject: Subject) -> Found:
    """A run is known by its content: another number is another hash, and no two members are the same path."""
    inertia = subject.scenario.parameters.hostility.inertia
    moved = inertia.model_copy(update={"note": "", "value": inertia.value * 0.999})
    other = replaced(subject.scenario, {"parameters.hostility.inertia": moved})
    told = content_hash(other) != content_hash(subject.scenario)
    paths = np.unique(subject.usual["tension"].values, axis=0).shape[0]
    return Found(
        f"another hash for another number; {subject.members} different paths",
        f"{'another' if told else 'the same'} hash; {paths} different paths",
        told and paths == subject.members,
    )


@check("fault", "unseeded replicates: the seed does not decide the run")
def unseeded(subject: Subject) -> Found:
    """The seed decides everything, and nothing else does."""
    np.random.seed(subject.seed + 1)  # noqa: NPY002  what a careless import would do
    again, other = subject.run(), subject.run(seed=subject.seed + 1)
    mark, twice, fresh = digest(subject.usual), digest(again), digest(other)
    return Found(
        f"{mark[:SHOWN]} again, something else for seed {subject.seed + 1}",
        f"{twice[:SHOWN]}, {fresh[:SHOWN]}",
        twice == mark and fresh != mark,
        "bit for bit",
    )


@check("fault", "one seed: another seed tells another story")
def one_seed(subject: Subject) -> Found:
    """A result must not hang on one seed."""
    other = subject.run(seed=subject.seed + 1)
    a, b = (_by_draw(ds) for ds in (subject.usual, other))
    error = float(np.sqrt(a.var(ddof=1) / a.size + b.var(ddof=1) / b.size)) if a.size > 1 else 0.0
    off = float(abs(a.mean() - b.mean()))
    return Found(
        f"means of seeds {subject.seed} and {subject.seed + 1} alike ({float(a.mean()):.4g})",
        f"{float(b.mean()):.4g}, {off:.2g} apart over {a.size} parameter draws",
        a.size > 1 and off <= ERRORS * error,
        f"{ERRORS:g} standard errors, {ERRORS * error:.2g} points",
    )


def _by_draw(ds: xr.Dataset) -> Array:
    """Mean of the last quarter of the run by parameter draw, (draw,)."""
    last = ds["tension"].isel(time=slice(-max(1, ds.sizes["time"] // 4), None)).mean("time")
    return np.asarray(last.groupby(ds["draw"]).mean().values)


def with_act(scenario: Scenario, kind: type[kinds.Incident | kinds.Cooperation]) -> Scenario:
    """The scenario with one more act in its second week, on its first pair."""
    one, other = next(iter(scenario.dyads.values())).between
    told = {"date": scenario.calendar.start + timedelta(days=7), "title": "Added", "kind": kind.__name__.lower()}
    act = kind.model_validate({**told, "by": [one], "to": [other], "size": SIZE})
    return scenario.model_copy(update={"acts": {**scenario.acts, "_added": act}})


@check("fault", "a component with the wrong sign")
def wrong_sign(subject: Subject) -> Found:
    """An incident must raise the pair's tension, a cooperation lower it."""
    weeks = min(subject.weeks, FELT)
    changed = {}
    for kind in (kinds.Incident, kinds.Cooperation):
        other = subject.run(with_act(subject.scenario, kind), weeks=weeks, members=min(FEW, subject.members))
        moved = other["tension_dyad"].isel(dyad=0) - subject.usual["tension_dyad"].isel(dyad=0)
        changed[kind.__name__.lower()] = float(moved.isel(time=slice(2, None)).mean())
    return Found(
        "an incident raises the pair's tension, a cooperation lowers it",
        ", ".join(f"{name} {change:+.2g} points" for name, change in changed.items()),
        changed["incident"] > 0 > changed["cooperation"],
        "sign (built into the priors: verification, no finding)",
    )


@check("fault", "uncertainty dropped at the report stage")
def dropped(subject: Subject) -> Found:
    """Every difference that is told comes with an interval, every level with a band."""
    from detente.analysis import summary
    from detente.analysis.compare import compare

    told = summary.summary(subject.usual)["tension"]
    other = subject.run(with_act(subject.scenario, kinds.Incident))
    row = compare(subject.usual, {"other": other}, "tension@all")[0].difference
    band, width = told["p90"] - told["p10"], row.ci_high - row.ci_low
    return Found(
        "a band around the level and an interval around the change",
        f"band {band:.3g} points, interval {width:.2g} points wide",
        band > 0 and width > 0 and row.ci_low <= row.change <= row.ci_high,
        "above 0",
    )


@check("fault", "code that hangs or runs away where nothing converges")
def endless(subject: Subject) -> Found:
    """Parameters under which hostility would grow without end are refused before the first week."""
    wild = pinned(subject.scenario)
    for field, value in (("inertia", 0.9), ("reciprocity", 0.2)):
        wild = replaced(wild, {f"parameters.hostility.{field}": Quantity(value=value, unit="share")})
    try:
        subject.run(wild, weeks=1, members=1)
        found = "run"
    except ScenarioError as error:
        found = f"refused ({error.faults[0].code})"
    return Found("refused (E150)", found, found == "refused (E150)")


@check("fault", "dead input: a dated act that changes nothing")
def dead_input(subject: Subject) -> Found:
    """Every act of the calendar (the first of each kind, unless in full) must change something when taken out."""
    acts = sorted(_acting(subject.scenario), key=lambda item: item[1].date)
    first = {act.kind: name for name, act in reversed(acts)}
    tried = [name for name, act in acts if subject.full or first[act.kind] == name]
    usual = {count: subject.run(weeks=None, members=count) for count in (FEW, MANY)} if tried else {}
    dead = [name for name in tried if not any(_lives(subject, name, ds) for ds in usual.values())]
    return Found(
        f"0 of {len(tried)} acts" + ("" if subject.full else ", the first of each kind"),
        f"{len(dead)} ({', '.join(dead)})" if dead else "0",
        not dead,
        f"bit for bit, {MANY} members",
    )


def _acting(scenario: Scenario) -> Iterator[tuple[str, kinds.AnyAct]]:
    """The acts but for votes on record: a mandate that was renewed goes on, and nothing changes."""
    for name, act in scenario.acts.items():
        if act.kind != "mandate" or act.chance.value < 1 or act.chance.spread:
            yield name, act


def _lives(subject: Subject, name: str, usual: xr.Dataset) -> bool:
    """Whether the run without the act, and without the peace that would end nothing then, differs soon after its day,
    or at all."""
    scenario, gone = subject.scenario, subject.scenario.acts[name]
    ended = set(gone.pairs) if isinstance(gone, kinds.War) else set()
    left = {
        k: act
        for k, act in scenario.acts.items()
        if k != name and not (isinstance(act, kinds.Peace) and ended & set(act.pairs))
    }
    without = scenario.model_copy(update={"acts": left})
    came = (scenario.acts[name].date - scenario.calendar.start).days // 7 + 1
    few = usual.sizes["member"] == FEW
    weeks = min(came + FELT, usual.sizes["time"] - 1) if few else usual.sizes["time"] - 1
    other = subject.run(without, weeks=weeks, members=usual.sizes["member"])
    start = usual.isel(time=slice(weeks + 1))
    return any(not np.array_equal(start[v].values, other[v].values) for v in ("tension", "incidents", "tension_dyad"))
