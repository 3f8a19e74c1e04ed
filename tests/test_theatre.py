"""The Western Balkans theatre: complete, sourced, equal to its estimates, and every cited fact moves something."""

from __future__ import annotations

import csv
import importlib
import json
import os
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from detente.experiment.run import simulate
from detente.scenario.leaves import Leaf
from detente.scenario.load import Loaded, load
from detente.scenario.quantity import Quantity
from detente.scenario.schema import Scenario

SCRIPTS = ("estimate", "facts", "events", "arms", "dossier", "run", "sources", "fill")
SEEDS = {f"seed.{n:02d}" for n in range(1, 34)}
#: pairs the register of land neighbours does not have: the entity's, one that the open question of status joins, and
#: two beyond the area it covers
NAMED = {"BIH-RS", "SRB-RS", "HRV-RS", "SRB-ALB", "ROU-HUN", "ROU-BGR"}
CODES = {
    "HUN": 310, "ALB": 339, "MNE": 341, "MKD": 343, "HRV": 344, "SRB": 345, "BIH": 346, "XKX": 347, "BGR": 355,
    "ROU": 360,
}  # fmt: skip


@pytest.fixture(scope="module")
def baseline(root: Path) -> Loaded:
    return load(root / "scenarios" / "baseline.yaml")


@pytest.fixture(scope="module")
def scenario(baseline: Loaded) -> Scenario:
    return baseline.scenario


@pytest.fixture(scope="module")
def estimates(root: Path) -> dict[str, Any]:
    return dict(json.loads((root / "experiments" / "estimates" / "estimates.json").read_text()))


@pytest.fixture(scope="module")
def facts(root: Path) -> dict[str, dict[str, str]]:
    path = Path(os.environ.get("DETENTE_FACTS", root.parent / "shared" / "dossier" / "facts.csv"))
    if not path.is_file():
        pytest.skip("no facts file: set DETENTE_FACTS to the dossier's facts.csv")
    with path.open(encoding="utf-8", newline="") as handle:
        return {row["id"]: row for row in csv.DictReader(handle)}


@pytest.fixture(scope="module")
def scripts(root: Path) -> Iterator[dict[str, ModuleType]]:
    """The estimate scripts, which import one another by bare name; taken out of the way afterwards."""
    folder = str(root / "experiments" / "estimates")
    sys.path.insert(0, folder)
    importlib.invalidate_caches()
    before = {name: sys.modules.pop(name, None) for name in SCRIPTS}
    try:
        yield {name: importlib.import_module(name) for name in SCRIPTS}
    finally:
        sys.path.remove(folder)
        for name in SCRIPTS:
            sys.modules.pop(name, None)
        sys.modules.update({name: module for name, module in before.items() if module is not None})


def dossier_facts(leaf: Leaf) -> set[str]:
    """Facts of the dossier a quantity rests on, those of the spending panel left out."""
    return {s for s in leaf.source if not s.startswith(("est.", "lit.", "rate.")) and ".milex." not in s}


def at(node: Any, path: str) -> Quantity:
    for part in path.split("."):
        node = node[part] if isinstance(node, dict) else getattr(node, part)
    assert isinstance(node, Quantity)
    return node


def test_the_actors_pacts_missions_and_tracks_are_there(scenario: Scenario) -> None:
    kinds = {kind: [k for k, a in scenario.actors.items() if a.kind == kind] for kind in ("state", "entity", "power")}
    assert sorted(kinds["state"]) == sorted(CODES)
    assert kinds["entity"] == ["RS"]
    assert sorted(kinds["power"]) == ["CHN", "EU", "RUS", "TUR", "USA"]
    assert len(scenario.dyads) == 24
    assert set(scenario.pacts) == {"nato", "trilateral", "hungary_serbia"}
    assert set(scenario.missions) == {"kfor", "eufor", "eulex"}
    assert set(scenario.dialogues) == {"dialogue", "dayton"}


def test_the_run_covers_the_article_and_marks_record_from_plan(scenario: Scenario) -> None:
    assert (scenario.calendar.start, scenario.calendar.end) == (date(2024, 7, 1), date(2029, 12, 31))
    assert scenario.calendar.documented_until == date(2025, 12, 31)
    assert [(v.edge, v.crisis) for v in scenario.levels.values()] == [
        (0, False),
        (27.5, False),
        (32.5, True),
        (55, False),
    ]


def test_kosovo_carries_its_footnote_wherever_it_is_named(scenario: Scenario) -> None:
    shown = [a.label for a in scenario.actors.values()] + [d.label for d in scenario.dyads.values()]
    shown += [a.title for a in scenario.acts.values()] + [p.label for p in scenario.pacts.values()]
    shown += [s.fact for s in scenario.sources.values()]
    assert any("Kosovo*" in text for text in shown)
    assert not [text for text in shown if "Kosovo" in text.replace("Kosovo*", "")]
    assert "without prejudice" in scenario.footnotes["Kosovo*"]


def test_at_least_150_dossier_facts_beside_the_panel_are_sources_of_numbers(baseline: Loaded) -> None:
    used: set[str] = set().union(*(dossier_facts(leaf) for leaf in baseline.leaves()))
    assert len(used) >= 250


def test_every_claim_of_the_article_is_cited(baseline: Loaded, scenario: Scenario) -> None:
    assert set(baseline.facts_used()) | {"seed.33"} >= SEEDS
    assert "seed.33" in scenario.sources


def test_numbers_in_the_files_equal_the_estimates(scenario: Scenario, estimates: dict[str, Any]) -> None:
    for path, found in estimates["estimates"].items():
        written = at(scenario, path)
        expected = Quantity.model_validate({k: v for k, v in found.items() if v != ""})
        for name in ("value", "spread"):
            assert getattr(written, name) == getattr(expected, name), path
        if expected.spread:
            assert (written.low, written.high) == (expected.low, expected.high), path
        assert set(written.source) >= set(expected.source), path


def test_estimates_build_on_the_laws_as_they_are(scenario: Scenario, estimates: dict[str, Any]) -> None:
    parameters = scenario.parameters
    assert estimates["laws"] == {
        "incidents.severity": parameters.incidents.severity.value,
        "armament.procurement_share": pytest.approx(100 * parameters.armament.procurement_share.value),
        "armament.depreciation": pytest.approx(100 * parameters.armament.depreciation.value),
    }


def test_every_corner_of_inertia_and_reciprocity_returns_to_rest(scenario: Scenario) -> None:
    law = scenario.parameters.hostility
    assert law.inertia.high is not None
    assert law.reciprocity.high is not None
    assert law.reciprocity.low is not None
    assert law.inertia.high + max(law.reciprocity.high, -law.reciprocity.low) < 1


def test_missions_stand_at_their_documented_strength(scenario: Scenario) -> None:
    for name, total in (("kfor", 4700), ("eufor", 1100)):
        mission = scenario.missions[name]
        assert sum(q.value for q in mission.contributors.values()) <= mission.troops.value == total


def test_record_is_sourced_and_only_elections_are_not(scenario: Scenario) -> None:
    ended = scenario.calendar.documented_until
    record = {k: a for k, a in scenario.acts.items() if a.date <= ended}
    bare = [k for k, a in record.items() if not a.source and not any(q.source for q in _numbers(a))]
    assert {scenario.acts[k].kind for k in bare} <= {"election"}
    assert len(record) - len(bare) >= 45


def _numbers(act: Any) -> list[Quantity]:
    return [v for name in type(act).model_fields if isinstance(v := getattr(act, name), Quantity)]


def test_sizes_of_acts_are_the_goldstein_values_of_their_facts(
    scenario: Scenario, facts: dict[str, dict[str, str]]
) -> None:
    checked = 0
    for name, act in scenario.acts.items():
        size = getattr(act, "size", None)
        rows = [facts[s] for s in size.source if s.startswith(("inc.", "dip."))] if size else []
        if size is None or size.note or len(rows) != 1 or "Goldstein" not in rows[0]["unit"]:
            continue
        checked += 1
        assert size.value == abs(float(rows[0]["value"])), name
        day = rows[0]["date_start"]
        assert act.date.isoformat()[: len(day)] == day, name
    assert checked >= 15


def test_a_single_fact_is_copied_right_with_its_range(baseline: Loaded, facts: dict[str, dict[str, str]]) -> None:
    checked = 0
    for leaf in baseline.leaves():
        keys = [s for s in leaf.source if not s.startswith("seed.")]
        row = facts.get(keys[0]) if len(keys) == 1 else None
        written = at(baseline.scenario, leaf.path)
        if row is None or written.note or "/" in row["value"] or row["unit"].split()[0] != leaf.unit.split()[0]:
            continue
        checked += 1
        factor = 1000.0 if row["unit"].endswith("bn") else 0.01 if row["unit"] == "%" else 1.0
        assert written.value == pytest.approx(factor * float(row["value"])), leaf.path
        if row["low"] and written.spread == "triangular" and ".milex." not in row["id"]:
            assert (written.low, written.high) == pytest.approx(
                (factor * float(row["low"]), factor * float(row["high"]))
            ), leaf.path
    assert checked >= 50


def test_dyads_are_land_neighbours_or_named(scenario: Scenario, observations: Path) -> None:
    with (observations / "contiguity_balkans.csv").open(newline="") as handle:
        rows = [r for r in csv.DictReader(handle) if float(r["conttype"]) == 1 and r["enddate"] >= "2016"]
    land = {frozenset((int(float(r["ccode1"])), int(float(r["ccode2"])))) for r in rows}
    wanted = {frozenset((CODES[a], CODES[b])) for a in CODES for b in CODES if a < b} & land
    have = {
        frozenset((CODES[a], CODES[b])) for k, d in scenario.dyads.items() if k not in NAMED for a, b in [d.between]
    }
    assert have == wanted


def test_nothing_after_1997_enters_the_laws(scripts: dict[str, ModuleType], observations: Path) -> None:
    events = scripts["events"]
    assert date(1997, 12, 31) == events.LAST
    assert max(row[0] for row in events.events(observations)) <= events.LAST
    longest = max(s.counts.shape[1] for s in events.load(observations))
    assert longest <= (events.LAST - date(1989, 4, 3)).days // 7


def test_the_estimates_of_the_laws_can_be_repeated(
    scripts: dict[str, ModuleType], estimates: dict[str, Any], observations: Path
) -> None:
    series = scripts["events"].load(observations)
    again = {**scripts["run"].hostility_law(series), **scripts["run"].incident_law(series)}
    for path, found in again.items():
        known = estimates["estimates"][path]
        assert [found.value, found.low, found.high] == pytest.approx(
            [known[k] for k in ("value", "low", "high")], rel=0.02, abs=0.002
        ), path


def test_the_decay_of_a_noisy_series_is_recovered(scripts: dict[str, ModuleType]) -> None:
    rng = np.random.default_rng(7)
    latent = np.zeros(3000)
    for week in range(1, latent.size):
        latent[week] = 0.8 * latent[week - 1] + rng.normal()
    draws = scripts["events"].decays(latent + rng.normal(0, 1.5, latent.size), rng)
    assert np.quantile(draws, 0.02) < 0.8 < np.quantile(draws, 0.98)
    assert np.ptp(np.quantile(draws, [0.05, 0.95])) < 0.2


def test_self_excitation_is_told_from_a_changing_background(scripts: dict[str, ModuleType]) -> None:
    events = scripts["events"]
    rng = np.random.default_rng(11)
    year = np.repeat(np.arange(8), 52)
    level = np.array([0.4, 2.0, 0.3, 1.0, 2.5, 0.2, 1.5, 0.6])[year]
    steady = events.Series(rng.poisson(level, (2, 416)) * 1.0, np.zeros((2, 416)), year)
    mode, _ = events.fit(steady)
    assert events.CAP / (1 + np.exp(-mode[0])) < 0.2


def test_theatre_estimates_can_be_repeated(
    scripts: dict[str, ModuleType], estimates: dict[str, Any], observations: Path, facts: dict[str, dict[str, str]]
) -> None:
    again = scripts["run"].theatre(scripts["facts"].Dossier(facts), observations)
    written = {k: v for k, v in estimates["estimates"].items() if not k.startswith("parameters.")}
    assert {k: e.rounded() for k, e in again.items()} == written


def test_the_sources_file_restates_the_dossier(
    scripts: dict[str, ModuleType], scenario: Scenario, facts: dict[str, dict[str, str]]
) -> None:
    own = {k: s for k, s in scenario.sources.items() if k in facts}
    assert len(own) >= 300
    for key, source in own.items():
        entry = scripts["sources"].entry(facts[key])
        # white space is folded when a file is read
        expected = {name: " ".join(text.split()) for name, text in entry.items()}
        assert source.model_dump(exclude_defaults=True) | {"grade": source.grade} == expected, key


# --- every cited fact moves something ------------------------------------------------------------------------------


def bumped(q: Quantity) -> Quantity:
    """The quantity a tenth higher (lower at the top of a share), range and all."""
    up = 0.9 if q.unit == "share" and max(q.value, q.high or 0) > 0.9 else 1.1
    moved = {k: v * up if q.value else v + 0.1 for k in ("value", "low", "high") if (v := getattr(q, k)) is not None}
    return q.model_copy(update=moved)


def changed(node: Any, path: list[str]) -> Any:
    head, *rest = path
    if isinstance(node, dict):
        return {**node, head: changed(node[head], rest) if rest else bumped(node[head])}
    old = getattr(node, head)
    return node.model_copy(update={head: changed(old, rest) if rest else bumped(old)})


def covering(leaves: list[Leaf], wanted: int) -> list[Leaf]:
    """Few quantities whose facts together are at least ``wanted``: always the one that adds most."""
    chosen: list[Leaf] = []
    have: set[str] = set()
    left = list(leaves)
    while len(have) < wanted:
        best = max(left, key=lambda leaf: len(dossier_facts(leaf) - have))
        left.remove(best)
        chosen.append(best)
        have |= dossier_facts(best)
    return chosen


#: long enough for every act on record, and the weeks in which most quantities tell
WEEKS, FIRST = 80, 4
#: those of eight parameter draws
MEMBERS = range(32)


def unmoved(baseline: Loaded, leaves: list[Leaf]) -> tuple[set[str], list[str]]:
    """Facts whose quantities move the index, and the paths of quantities that do not.

    What moves it in the first weeks is run no further.
    """
    scenario, facts, dead = baseline.scenario, set[str](), []
    rest = contribution(scenario, WEEKS)
    for leaf in leaves:
        altered = changed(scenario, leaf.path.split("."))
        # a shorter run is the beginning of a longer one
        if all(np.array_equal(rest[:, : weeks + 1], contribution(altered, weeks)) for weeks in (FIRST, WEEKS)):
            dead.append(leaf.path)
        else:
            facts |= dossier_facts(leaf)
    return facts, dead


def contribution(scenario: Scenario, weeks: int) -> np.ndarray:
    return np.asarray(simulate(scenario, MEMBERS, 1, weeks=weeks)["contribution"].values)


def test_cited_facts_move_the_index(baseline: Loaded) -> None:
    facts, _ = unmoved(baseline, covering(baseline.leaves(), 180))
    assert len(facts) >= 150


@pytest.mark.slow
def test_nearly_all_cited_facts_move_the_index(baseline: Loaded) -> None:
    facts, dead = unmoved(baseline, [leaf for leaf in baseline.leaves() if dossier_facts(leaf)])
    assert len(facts) >= 250, dead
