"""Verification, not findings: the shipped scenarios behave as the literature that went into them says.

Every statement is a paired difference under common random numbers with its 95 % interval. Where the literature is
divided, the range of the parameter covers both signs, and the test is that the result says which way it fell.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.typing import NDArray

from detente.analysis.compare import Row, compare
from detente.analysis.difference import Difference, difference
from detente.experiment.run import run
from detente.model.world import World
from detente.scenario.load import load

if TYPE_CHECKING:
    import xarray as xr

MEMBERS = 96
#: the first weeks of 2027, when the supposed acts begin, and two years more
WEEKS = 235
#: a crisis that one run has and its twin has not lasts for a year and hides what else differs: where a mechanism is
#: looked at by itself, no pair changes its regime
STILL = {"parameters.switches.regimes": "off"}

Result = Callable[..., "xr.Dataset"]


@pytest.fixture(scope="module")
def result(root: Path) -> Result:
    """A shipped scenario's ensemble with changes, each run once."""

    @cache
    def ensemble(name: str, changes: tuple[tuple[str, str], ...], members: int, weeks: int) -> xr.Dataset:
        return run(load(root / "scenarios" / f"{name}.yaml", dict(changes)).scenario, members, weeks=weeks)

    def get(
        name: str, changes: Mapping[str, str] | None = None, members: int = MEMBERS, weeks: int = WEEKS
    ) -> xr.Dataset:
        return ensemble(name, tuple((changes or {}).items()), members, weeks)

    return get


@pytest.fixture
def overlay(tmp_path: Path, root: Path) -> Callable[..., xr.Dataset]:
    """The baseline with a few more acts."""

    def get(acts: str, members: int = MEMBERS, weeks: int = WEEKS, **sets: str) -> xr.Dataset:
        path = tmp_path / "overlay.yaml"
        path.write_text(f"extends: baseline\ntitle: Overlay\nacts:\n{acts}", encoding="utf-8")
        return run(load(path, sets).scenario, members, weeks=weeks)

    return get


def paired(base: xr.Dataset, other: xr.Dataset, values: Callable[[xr.Dataset], NDArray[np.float64]]) -> Difference:
    """Paired difference of one number per member, other less base."""
    return difference(values(base), values(other), base["draw"].values)


def of_pair(variable: str, dyad: str, first: int, last: int) -> Callable[[xr.Dataset], NDArray[np.float64]]:
    """Mean of a pair's weekly values over rows ``first`` to ``last``."""

    def read(ds: xr.Dataset) -> NDArray[np.float64]:
        return np.asarray(ds[variable].sel(dyad=dyad).values[:, first:last].mean(axis=1), dtype=np.float64)

    return read


def row_of(ds: xr.Dataset, day: str) -> int:
    """First row that a day's act can be seen in."""
    return int(np.searchsorted(ds["time"].values, np.datetime64(day), side="right"))


def told(base: xr.Dataset, other: xr.Dataset, metric: str) -> Row:
    return compare(base, {"other": other}, metric)[0]


# --- presence --------------------------------------------------------------------------------------------------------


def test_drawdown_raises_incidents_and_the_index(result: Result) -> None:
    base, cut = result("baseline"), result("kfor_drawdown")
    gone = row_of(base, "2027-07-05")
    assert paired(base, cut, of_pair("tension_dyad", "SRB-XKX", gone, WEEKS + 1)).ci_low > 0
    assert told(base, cut, "tension@52").behavioural is not None
    assert told(base, cut, "unrest:SRB-XKX").difference.verdict == "higher"
    still, gone_still = result("baseline", STILL), result("kfor_drawdown", STILL)
    assert paired(still, gone_still, of_pair("incidents", "SRB-XKX", gone, WEEKS + 1)).ci_low > 0


def test_a_surge_is_the_drawdown_the_other_way_round(result: Result) -> None:
    base, more = result("baseline"), result("kfor_surge")
    there = row_of(base, "2027-02-08")
    assert paired(base, more, of_pair("incidents", "SRB-XKX", there, WEEKS + 1)).ci_high < 0
    assert told(base, more, "tension@52").difference.verdict == "lower"


def test_the_drawdown_has_a_transient_that_passes(result: Result) -> None:
    """Incidents beyond the level shift while troops leave and shortly after, none two years later."""
    without = result("kfor_drawdown", {"parameters.missions.transient": "0"} | STILL, members=768)
    strong = result("kfor_drawdown", {"parameters.missions.transient": "0.3"} | STILL, members=768)
    start, gone = row_of(without, "2027-01-04"), row_of(without, "2027-08-02")
    while_leaving = paired(without, strong, of_pair("incidents", "SRB-XKX", start, gone))
    later = paired(without, strong, of_pair("incidents", "SRB-XKX", WEEKS - 25, WEEKS + 1))
    assert while_leaving.ci_low > 0
    assert later.change < 0.5 * while_leaving.change


def test_more_police_lower_incidents(result: Result, overlay: Callable[..., xr.Dataset]) -> None:
    police = """
  police: {kind: mission, date: 2027-01-04, title: More police, mission: eulex, police: {value: 630, unit: persons}}
"""
    base, more = result("baseline"), overlay(police)
    there = row_of(base, "2027-02-01")
    found = paired(base, more, of_pair("incidents", "SRB-XKX", there, WEEKS + 1))
    assert found.ci_high < 0


def test_presence_of_police_outweighs_as_many_troops(result: Result, overlay: Callable[..., xr.Dataset]) -> None:
    """Bara (2020): after a war police mitigate more than troops; 500 of either are added."""
    text = """
  more: {{kind: mission, date: 2027-01-04, title: More, mission: eulex, {what}: {{value: {many}, unit: persons}}}}
"""
    police, troops = (
        overlay(text.format(what=what, many=many), **STILL) for what, many in (("police", 630), ("troops", 500))
    )
    there = row_of(police, "2027-02-01")
    assert paired(troops, police, of_pair("incidents", "SRB-XKX", there, WEEKS + 1)).ci_high < 0


# --- pacts and arms --------------------------------------------------------------------------------------------------


def test_an_announced_pact_raises_perceived_threat_at_once_and_fades(result: Result) -> None:
    """The Hungary–Serbia document is perceived far above its reliability; those it is read as directed at feel it."""
    without, signed = result("baseline", {"acts.hungary_serbia_signed": "null"}), result("baseline")
    day = row_of(signed, "2025-04-01")
    at_once = paired(without, signed, of_pair("tension_dyad", "SRB-ALB", day, day + 4))
    height = paired(without, signed, of_pair("tension_dyad", "SRB-ALB", day + 4, day + 17))
    later = paired(without, signed, of_pair("tension_dyad", "SRB-ALB", day + 150, day + 190))
    assert at_once.ci_low > 0
    assert height.ci_low > 0
    assert later.change < 0.4 * height.change


def test_a_pact_worth_its_announcement_does_not_fade(result: Result) -> None:
    base, real = result("baseline"), result("hungary_serbia_becomes_real")
    day = row_of(base, "2027-04-01")
    first = paired(base, real, of_pair("tension_dyad", "SRB-ALB", day + 13, day + 39))
    last = paired(base, real, of_pair("tension_dyad", "SRB-ALB", WEEKS - 25, WEEKS + 1))
    assert last.change > 0.6 * first.change > 0


def test_arms_terms_stay_within_their_cap(root: Path) -> None:
    """Kinsella (1998): at most a quarter of mean conflict, in every member and week of the arms race."""
    world = World(load(root / "scenarios" / "arms_race.yaml").scenario, members=64)
    cap = world.laws.armament.arms_cap * world.inputs.resting
    reached = np.zeros(cap.shape)
    for _ in range(world.length):
        world.step()
        points = world.now.arms_pressure
        assert (np.abs(points) <= cap + 1e-12).all()
        reached = np.maximum(reached, np.abs(points) / np.maximum(cap, 1e-9))
    assert reached.max() == pytest.approx(1.0)


def test_race_raises_and_restraint_lowers_tension(result: Result) -> None:
    base = result("baseline")
    assert told(base, result("arms_race"), "tension@26").difference.verdict == "higher"
    assert told(base, result("arms_restraint"), "tension@26").difference.verdict == "lower"


# --- dialogue, accountability, influence, words ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("dialogue_deal", "lower"),
        ("dialogue_collapse", "higher"),
        ("dayton_breach", "higher"),
        ("eufor_mandate_lapses", "higher"),
        ("us_leaves_bondsteel", "higher"),
        ("accountability_delivered", "lower"),
        ("impunity", "higher"),
        ("russian_influence_up", "higher"),
        ("trilateral_deepens", "higher"),
        ("hungary_serbia_becomes_real", "higher"),
    ],
)
def test_scenarios_move_the_index_the_way_their_mechanism_says(result: Result, name: str, verdict: str) -> None:
    row = told(result("baseline"), result(name), "tension@52")
    assert row.difference.verdict == verdict


def test_rhetoric_is_felt_and_passes(result: Result) -> None:
    base, words = result("baseline", STILL, weeks=287), result("rhetoric_campaign", STILL, weeks=287)
    change = (words["tension"] - base["tension"]).mean("member").values
    start, end = row_of(base, "2027-03-01"), row_of(base, "2027-05-24")
    assert change[: start - 1].max() == 0
    assert start < change.argmax() <= end + 2
    assert abs(change[-26:].mean()) < 0.05 * change.max()


# --- the index returns, never ratchets -------------------------------------------------------------------------------

SHOCK = """
  shock_{year}:
    kind: incident
    date: {year}-02-01
    title: Clash
    by: [SRB, XKX]
    to: [SRB, XKX]
    size: {{value: 10, unit: goldstein}}
"""


def test_the_index_returns_after_a_shock_and_never_ratchets(result: Result, overlay: Callable[..., xr.Dataset]) -> None:
    """The same clash every February: each is felt, none leaves a trace, the last is no higher than the first."""
    base = result("baseline", STILL, members=1600, weeks=287)
    shocks = "".join(SHOCK.format(year=year) for year in range(2026, 2030))
    shocked = overlay(shocks, members=1600, weeks=287, **STILL)
    change = (shocked["tension"] - base["tension"]).mean("member").values
    starts = [row_of(base, f"{year}-02-01") for year in range(2026, 2030)]
    peaks = [change[start : start + 8].max() for start in starts]
    before = [change[start - 8 : start - 1].mean() for start in starts]
    assert min(peaks) > 0.5
    assert max(peaks) < 1.3 * peaks[0]
    assert max(before) < 0.1 * peaks[0]
    assert abs(change[-8:].mean()) < 0.1 * peaks[0]


def test_no_member_runs_away(result: Result) -> None:
    """Without acts after 2025 the spread of the ensemble stays what it is."""
    tension = result("baseline", weeks=287)["tension"].values
    early, late = tension[:, 80:130].std(axis=0).mean(), tension[:, 237:].std(axis=0).mean()
    assert late < 1.6 * early
    assert tension.max() < 60


# --- where the literature is divided ---------------------------------------------------------------------------------


def test_the_range_of_deterrence_covers_both_signs_and_the_result_says_which_way_it_fell(
    result: Result, root: Path
) -> None:
    parameter = load(root / "scenarios" / "baseline.yaml").scenario.parameters.choice.deterrence
    assert parameter.low is not None
    assert parameter.high is not None
    assert parameter.low < 0 < parameter.value < parameter.high
    chance_of_war = partial(result, "baseline", members=384)
    none = chance_of_war({"parameters.switches.deterrence": "none"})
    deters = told(none, chance_of_war({"parameters.choice.deterrence": "0.4"}), "war")
    provokes = told(none, chance_of_war({"parameters.choice.deterrence": "-0.4"}), "war")
    assert (deters.difference.verdict, provokes.difference.verdict) == ("lower", "higher")
    drawn = told(none, chance_of_war({}), "war").difference
    assert 0 < drawn.share_up < 0.5
    assert drawn.verdict in ("lower", "cannot tell")


def test_outside_coercion_may_work_either_way_and_the_result_says_so(result: Result, root: Path) -> None:
    """Goldstein and Pevehouse (1997): the sign of the answer to coercion is open; here that of the listing of 2025."""
    parameter = load(root / "scenarios" / "baseline.yaml").scenario.parameters.hostility.external_coercion
    assert parameter.low is not None
    assert parameter.high is not None
    assert parameter.low < 0 < parameter.high

    def effect(**changes: str) -> Difference:
        named = {f"parameters.hostility.{key}": value for key, value in changes.items()}
        spared = result("baseline", named | {"acts.us_listing_2025": "null"}, weeks=70)
        return told(spared, result("baseline", named, weeks=70), "dyad:BIH-RS@all").difference

    assert effect(external_coercion="-0.01").verdict == "lower"
    assert effect(external_coercion="0.01").verdict == "higher"
    drawn = effect()
    assert 0 < drawn.share_up < 1
    assert drawn.share_down > drawn.share_up
