"""The South Caucasus as data alone: it checks clean, runs, compares and draws; its frozen pact, its initialled treaty
and its unarmed monitors do what the files say, and the program does not know its names."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

import detente
from detente.cli.main import main
from detente.experiment.run import run
from detente.laws import dialogue as talks
from detente.prose.templates import said
from detente.scenario.load import Loaded, load
from detente.scenario.schema import Scenario

ROOT = Path(__file__).resolve().parent.parent
SCENARIOS = ROOT / "scenarios"
BASE = "south_caucasus_baseline"
OTHERS = ("south_caucasus_monitors_leave", "south_caucasus_treaty_in_force", "south_caucasus_arms_continue")
MEMBERS = 60
ELSEWHERE = re.compile(r"\b(serbia|kosovo|bosnia|balkans?|kfor|aegean|cyprus|cypriots?|unficyp)\b", re.I)


@cache
def shipped(name: str) -> Loaded:
    return load(SCENARIOS / f"{name}.yaml")


@pytest.fixture(scope="module")
def result() -> Callable[[str], Any]:
    """A scenario's ensemble, run once."""

    @cache
    def ensemble(name: str) -> Any:
        return run(shipped(name).scenario, MEMBERS)

    return ensemble


def week(ds: Any, day: str) -> int:
    return int(np.searchsorted(ds["time"].values, np.datetime64(day)))


@pytest.mark.parametrize("name", [BASE, *OTHERS])
def test_it_checks_clean_without_a_warning(name: str) -> None:
    done = CliRunner().invoke(main, ["check", str(SCENARIOS / f"{name}.yaml"), "--strict"])
    assert done.exit_code == 0, done.output
    assert "no fault" in done.output


def test_it_holds_who_and_what_an_analyst_expects() -> None:
    scenario = shipped(BASE).scenario
    assert set(scenario.actors) == {"ARM", "AZE", "GEO", "RUS", "TUR", "IRN", "EU"}
    assert {"csto", "shusha"} == set(scenario.pacts)
    assert {"euma", "eumm"} == set(scenario.missions)
    assert {"treaty", "envoys", "geneva"} == set(scenario.dialogues)
    assert len(scenario.programmes) >= 4
    assert all(pair.opening is not None for key, pair in scenario.dyads.items() if pair.weight.value > 1)
    assert not any(act.kind in ("war", "crisis") for act in scenario.acts.values())


def test_its_record_is_sourced_and_every_source_is_whole() -> None:
    loaded = shipped(BASE)
    scenario = loaded.scenario
    for key, act in scenario.acts.items():
        if act.date <= scenario.calendar.documented_until:
            size = getattr(act, "size", None)
            assert act.source or (size is not None and size.source), key
    assert 0.5 < loaded.assumption_share < 0.75
    for key in own_sources():
        source = scenario.sources[key]
        assert source.publisher, key
        assert source.title, key
        assert source.fact, key
        assert source.date or source.grade == "estimate", key


def own_sources() -> set[str]:
    text = (SCENARIOS / "theatres" / "south_caucasus_sources.yaml").read_text(encoding="utf-8")
    return set(re.findall(r"^  ([\w.-]+):$", text, re.M))


def test_no_source_stands_idle() -> None:
    """Every record of the theatre's own sources file is named by something."""
    files = [p for p in SCENARIOS.rglob("south_caucasus*.yaml") if not p.name.endswith("_sources.yaml")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    assert {key for key in own_sources() if not re.search(rf"(?<![\w.]){re.escape(key)}(?![\w.-]*\w)", text)} == set()


@pytest.mark.parametrize("name", [BASE, *OTHERS])
def test_it_runs(name: str, result: Callable[[str], Any]) -> None:
    tension = result(name)["tension"].values
    assert np.isfinite(tension).all()
    assert (tension >= 0).all()
    assert (tension <= 100).all()


@pytest.mark.parametrize(
    ("name", "first", "pair", "sign"),
    [
        ("south_caucasus_monitors_leave", "2027-02-15", "ARM-AZE", 1),
        ("south_caucasus_treaty_in_force", "2027-07-05", "ARM-AZE", -1),
        ("south_caucasus_arms_continue", "2027-01-04", "ARM-AZE", 1),
    ],
)
def test_a_scenario_differs_from_its_day_on_and_in_its_pair(
    name: str, first: str, pair: str, sign: int, result: Callable[[str], Any]
) -> None:
    base, other = result(BASE), result(name)
    change = other["tension_dyad"].sel(dyad=pair).values - base["tension_dyad"].sel(dyad=pair).values
    begun = week(base, first)
    assert (change[:, :begun] == 0).all()
    assert sign * change[:, begun + 26 :].mean() > 0.3


def test_comparing_prints_every_scenario() -> None:
    done = CliRunner().invoke(main, ["compare", BASE, *OTHERS, "-n", "24", "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert set(OTHERS) <= {row["scenario"] for row in told["rows"]}


def played(until: str, name: str = BASE) -> Any:
    """A world of few members after the week of a day."""
    scenario = shipped(name).scenario
    world = detente.World(scenario, members=16)
    for _ in range((np.datetime64(until) - np.datetime64(scenario.calendar.start)).astype(int) // 7 + 1):
        world.step()
    return world


def test_a_frozen_membership_shields_no_longer() -> None:
    before, after = played("2024-02-12"), played("2024-03-04")
    rows = before.layout.directed
    assert (before.now.guarantee[rows.index("AZE>ARM")] > 0).all()
    assert (after.now.guarantee[rows.index("AZE>ARM")] == 0).all()
    assert (after.now.guarantee[rows.index("ARM>AZE")] > 0).all()


def test_the_treaty_is_initialled_and_not_in_force_until_it_is() -> None:
    row = list(shipped(BASE).scenario.dialogues).index("treaty")
    assert (played("2025-08-11").now.track[row] == talks.SIGNED).mean() > 0.9
    assert (played("2025-12-29").now.track[row] == talks.SIGNED).mean() > 0.9
    signed = played("2027-07-05", "south_caucasus_treaty_in_force")
    assert (signed.now.track[row] == talks.AGREEMENT).mean() > 0.9


def test_its_pictures_carry_its_footnote_and_no_name_of_another_theatre(tmp_path: Path) -> None:
    out = tmp_path / "result"
    assert CliRunner().invoke(main, ["run", BASE, "-n", "24", "--out", str(out)]).exit_code == 0
    for kind in ("map", "pairs", "chances", "timeline"):
        drawn = tmp_path / f"{kind}.svg"
        done = CliRunner().invoke(main, ["figure", kind, str(out), "-o", str(drawn), "--json"])
        assert done.exit_code == 0, done.output
        assert not ELSEWHERE.search(json.loads(done.stdout)["alt"])
    lines = re.findall(r">([^<>]+)</", (tmp_path / "map.svg").read_text(encoding="utf-8"))
    text = " ".join(" ".join(lines).split())
    for words in ("Armenia", "Azerbaijan", "Georgia", "Türkiye", "Iran", "Russia", "no position on status is implied"):
        assert words in text
    assert not ELSEWHERE.search(text)


def limits(scenario: Scenario) -> str:
    return "\n".join(said("limits.j2", "limits", scenario.cautions()))


def test_a_caveat_prints_with_its_theatre_and_with_what_it_is_about() -> None:
    scenario = shipped(BASE).scenario
    assert "unarmed monitors" in limits(scenario)
    assert "Africa" not in limits(scenario) + limits(shipped("aegean_baseline").scenario)
    assert "mostly in Africa" in limits(shipped("baseline").scenario)
    without = scenario.model_copy(update={"missions": {}, "caveats": {**scenario.caveats, "other": "Told anyway."}})
    assert without.cautions() == ("Told anyway.",)


def test_the_program_knows_none_of_its_names() -> None:
    scenario = shipped(BASE).scenario
    labels = [a.label for a in scenario.actors.values() if a.kind == "state"]
    labels += [m.label for m in scenario.missions.values()] + [scenario.theatre]
    words = {w for label in labels for w in re.findall(r"\w{4,}", label)} - {"South"}
    pattern = re.compile(rf"\b({'|'.join(sorted(words))})\b", re.I)
    found = [
        f"{path.relative_to(ROOT)}:{n}"
        for path in sorted((ROOT / "src").rglob("*"))
        if path.is_file() and path.suffix in (".py", ".j2", ".typ", ".js", ".html", ".css")
        for n, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if pattern.search(line)
    ]
    assert found == []
