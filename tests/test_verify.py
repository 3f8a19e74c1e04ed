"""Verify: every check holds on a small theatre, and fails when what it checks is broken."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from worlds import act, eventful, pair, village

from detente.analysis import landscape
from detente.cli.main import main
from detente.evidence.verification import check as registry
from detente.evidence.verification import faults, forecasting, inert, limits, regime_limits, runs, steps
from detente.evidence.verification import suite as verify
from detente.evidence.verification.check import GROUPS, Check, Declared, declared
from detente.evidence.verification.runs import Subject
from detente.evidence.verification.slow import at, kept, slowed
from detente.evidence.verification.stress import stress_scenario
from detente.index import formula
from detente.laws import armament, background, choice, hostility, incidents, missions, regimes
from detente.scenario.schema import Scenario
from detente.scenario.values import pinned

#: limit -> what to break, and what it gives instead of what it gave
BROKEN: dict[Declared, tuple[Any, str, Callable[[Any], Any]]] = {
    limits.inertia_alone: (hostility, "relax", lambda given: given * 0.99),
    limits.reciprocal_pair: (hostility, "stationary", lambda given: ~given),
    limits.self_excitation: (incidents, "intensity", lambda given: given * 1.05),
    limits.richardson: (armament, "spend", lambda given: given + 1e-4),
    limits.logit: (choice, "probabilities", lambda given: given**2),
    limits.even_contest: (choice, "contest", lambda given: given + 1e-6),
    limits.troop_response: (missions, "multiplier", lambda given: given * 1.001),
    limits.descending_landscape: (landscape, "descend", lambda given: given[::-1]),
    limits.index_ends: (formula, "rescaled", lambda given: given * 0.99),
    regime_limits.slow_background: (background, "wander", lambda given: given * 1.1),
    regime_limits.regime_chain: (regimes, "turned", np.zeros_like),
    regime_limits.outbreak_chance: (choice, "force_chance", lambda given: given * 1.01),
    regime_limits.chances_and_counts: (regimes, "turned", np.zeros_like),
}


def wrong(monkeypatch: pytest.MonkeyPatch, home: Any, name: str, change: Callable[[Any], Any]) -> None:
    """Let the function ``home.name`` give something else."""
    right = getattr(home, name)
    monkeypatch.setattr(home, name, lambda *given, **more: change(right(*given, **more)))


def named(checks: Any, start: str) -> Any:
    """The check whose name begins so."""
    return next(check for check in checks if check.name.startswith(start))


def looked(subject: Subject, *groups: str) -> list[Check]:
    """The checks of some groups on a subject."""
    return [check(subject) for group in groups for check in declared(group, full=subject.full)]


@pytest.mark.parametrize("limit", declared("limit"))
def test_a_limit_holds(limit: Declared) -> None:
    check = limit(Subject(pair()))
    assert check.ok, check
    assert check.group == "limit"


@pytest.mark.parametrize("limit", BROKEN)
def test_a_limit_fails_when_its_law_is_wrong(limit: Declared, monkeypatch: Any) -> None:
    wrong(monkeypatch, *BROKEN[limit])
    assert not limit(Subject(pair())).ok


def test_every_limit_is_broken_once() -> None:
    assert set(BROKEN) == set(declared("limit"))


def test_limits_can_do_without_chance() -> None:
    still = pair({"parameters.hostility.volatility": 0, "parameters.hostility.inertia": 0})
    assert limits.inertia_alone(Subject(still)).ok
    assert limits.reciprocal_pair(Subject(still)).ok


def test_the_published_dispersion_is_what_the_formula_gives() -> None:
    for n, published in limits.PUBLISHED.items():
        assert limits.spread_of(n, limits.DECAY) == pytest.approx(published, abs=1e-3)


@pytest.fixture
def subject() -> Subject:
    return Subject(eventful(weeks=45), 24, 3)


def test_runs_are_the_same_however_they_are_computed(subject: Subject) -> None:
    found = looked(subject, "placebo", "independence")
    assert [check.group for check in found] == ["placebo", *["independence"] * 4]
    assert all(check.ok for check in found), found


def test_a_run_that_depends_on_its_block_is_found(subject: Subject, monkeypatch: pytest.MonkeyPatch) -> None:
    right = runs.run

    def dependent(scenario: Scenario, members: int, seed: int, weeks: int, block: int = 256, **more: Any) -> Any:
        found = right(scenario, members, seed, weeks, block=block)
        found["tension"] += 1e-12 * block
        return found

    monkeypatch.setattr(runs, "run", dependent)
    found = looked(subject, "placebo", "independence")
    assert not named(found, "10 a placebo").ok
    assert not named(found, "blocks of").ok
    assert not named(found, "2 worker").ok


def test_the_time_step_does_not_matter() -> None:
    found = looked(Subject(village(weeks=120), 200, 3), "time step")
    assert all(check.ok for check in found), found


def test_a_rate_that_is_not_rewritten_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(scenario: Scenario, k: int) -> Scenario:
        slow = slowed(scenario, k)
        rates = {
            name: d.model_copy(update={"incident_rate": scenario.dyads[name].incident_rate})
            for name, d in slow.dyads.items()
        }
        return slow.model_copy(update={"dyads": rates})

    monkeypatch.setattr(steps, "slowed", careless)
    busy = village({"dyads.A-B.incident_rate": {"A": 2.0, "B": 2.0}}, weeks=120)
    assert not steps.months(Subject(busy, 60, 3)).ok


def test_a_law_that_is_not_exact_over_a_step_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hostility, "fade", lambda stock, memory: stock * (1 - 1 / memory))
    assert not steps.exact_laws(Subject(village())).ok


def test_a_slowed_scenario_keeps_its_stationary_spread() -> None:
    usual = village()
    slow = slowed(usual, 4)
    (rho, kappa), (rho4, kappa4) = (
        [at(s, f"hostility.{f}") for f in ("inertia", "reciprocity")] for s in (usual, slow)
    )
    np.testing.assert_allclose([rho4 + kappa4, rho4 - kappa4], [(rho + kappa) ** 4, (rho - kappa) ** 4])
    spread = [at(s, "hostility.volatility") ** 2 / (1 - at(s, "hostility.inertia") ** 2) for s in (usual, slow)]
    assert spread[1] == pytest.approx(spread[0], rel=0.02)
    assert (slow.calendar.end - slow.calendar.start).days * 4 == (usual.calendar.end - usual.calendar.start).days
    assert kept(5.0, 4) == pytest.approx(sum(np.exp(-j / 5.0) for j in range(4)))


def test_a_parameter_that_does_nothing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "office_fear", lambda insecurity, coalition, p: 0.0 * insecurity * coalition)
    (check,) = looked(Subject(village(weeks=20)), "inert")
    assert not check.ok
    assert "inert: parameters.choice.elite_fear;" in check.found
    assert "parameters.hostility.inertia" not in check.found


def test_a_parameter_that_has_nothing_to_work_on_is_no_fault() -> None:
    (check,) = looked(Subject(pair(weeks=20)), "inert")
    assert check.ok, check.found
    assert inert.NOTHING in check.found


def test_a_stress_scenario_has_something_for_every_law() -> None:
    one = stress_scenario(pair())
    assert {a.kind for a in one.acts.values()} >= {"visit", "sanction", "mission", "pact", "accountability", "election"}
    assert one.missions
    assert one.pacts
    assert one.dialogues
    assert stress_scenario(pair()) == one


def test_excuses_hold_only_where_they_apply() -> None:
    theatre = village()
    name = next(iter(theatre.missions))
    assert inert.excuse(theatre, f"missions.{name}.wind_down") == "no vote on it"
    vote = act("mandate", 5, mission=name)
    voted = theatre.model_validate({**theatre.model_dump(), "acts": {"vote": vote}})
    assert inert.excuse(voted, f"missions.{name}.wind_down") == ""
    assert inert.excuse(theatre, "parameters.hostility.inertia") == ""


def test_no_published_fault_is_found(subject: Subject) -> None:
    found = looked(replace(subject, full=True), "fault")
    assert all(check.ok for check in found), [check for check in found if not check.ok]


#: fault -> what lets it in
FAULTS: dict[str, Callable[[Any], Any]] = {
    "ratcheting index": lambda ds: ds.assign(tension=ds["tension"].cumsum("time")),
    "hidden multipliers": lambda ds: ds.assign(tension=0.7 * ds["tension"] + 15),
    "window rescaling": lambda ds: ds.assign(tension=100 * ds["tension"] / ds["tension"].max()),
    "runs and members without": lambda ds: ds.assign(
        tension=ds["tension"] * 0 + ds["tension"].isel(member=0, drop=True)
    ),
    # weights of pairs are no outcome: they stay
    "dead input": lambda ds: (ds * 0).assign(dyad_weight=ds["dyad_weight"]),
    "a component with the wrong sign": lambda ds: ds.assign(tension_dyad=100 - ds["tension_dyad"]),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_published_fault_is_found(fault: str, subject: Subject, monkeypatch: pytest.MonkeyPatch) -> None:
    right = runs.run

    def faulty(*given: Any, **more: Any) -> Any:
        found = right(*given, **more)
        return FAULTS[fault](found).assign_attrs(found.attrs)

    monkeypatch.setattr(runs, "run", faulty)
    assert not named(declared("fault"), fault)(subject).ok


def test_replicates_without_a_seed_are_found(subject: Subject, monkeypatch: pytest.MonkeyPatch) -> None:
    right, calls = runs.run, iter(range(1, 1000))
    monkeypatch.setattr(runs, "run", lambda s, members, seed, weeks, **how: right(s, members, next(calls), weeks))
    assert not faults.unseeded(subject).ok


def test_a_vote_on_record_is_no_dead_input() -> None:
    name = next(iter(village().missions))
    renewed = village({"acts": {"vote": act("mandate", 3, mission=name, chance=1)}}, weeks=12)
    assert faults.dead_input(Subject(renewed, 8, 1, full=True)).ok


def test_a_forecast_that_knows_its_future_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def seer(observations: Any) -> list[np.ndarray]:
        return [observations["A-B"].value[k:] for k in range(forecasting.TRAINED, forecasting.WEEKS)]

    monkeypatch.setattr(forecasting, "forecasts", seer)
    assert not forecasting.leakage(Subject(pair())).ok


def checks(ok: bool) -> verify.Verification:
    found = (Check("one", "limit", "1", "1", True), Check("other", "fault", "no", "yes" if not ok else "no", ok))
    return verify.Verification("made up", "0" * 64, "1" * 64, 8, 1, False, found)


@pytest.mark.parametrize("ok", [True, False])
def test_the_exit_code_says_whether_all_hold(ok: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "verify", lambda *given, **more: checks(ok))
    for more in ([], ["--json"]):
        done = CliRunner().invoke(main, ["verify", "placebo", *more])
        assert done.exit_code == (0 if ok else 4)
    record = json.loads(done.stdout)
    assert record["ok"] is ok
    assert [set(one) >= {"name", "expected", "found", "ok"} for one in record["checks"]] == [True, True]
    assert {one["name"] for one in record["not_applicable"]}.isdisjoint(one["name"] for one in record["checks"])


def test_all_parts_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    monkeypatch.setattr(registry, "DECLARED", [])
    found = verify.verify(SimpleNamespace(scenario=pair(), hash="0" * 64), tell=seen.append)  # type: ignore[arg-type]
    assert seen == [heading.partition(":")[0].lower() for heading in GROUPS.values()]
    assert found.ok


def test_a_pinned_scenario_has_no_spread_left() -> None:
    assert pinned(pair(certain=False)) == pinned(pinned(pair(certain=False)))
    assert pinned(pair(certain=False)).parameters.hostility.inertia.spread is None


@pytest.mark.slow
@pytest.mark.parametrize("name", ["baseline", "history_1989_2003", "aegean_baseline"])
def test_shipped_scenarios_hold(name: str) -> None:
    done = CliRunner().invoke(main, ["verify", name, "--json"])
    assert done.exit_code == 0, [one for one in json.loads(done.stdout)["checks"] if not one["ok"]]
