"""A second theatre from data alone: it runs, draws and responds, and the program knows neither it nor the first."""

from __future__ import annotations

import csv
import json
import os
import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from detente.cli.figure import command as figure
from detente.cli.run import command as run_command
from detente.experiment.run import run
from detente.scenario.load import Loaded, load

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "scenarios" / "aegean_baseline.yaml"
#: every picture that one result is enough for
KINDS = ("fan", "map", "pairs", "multiples", "dots", "timeline")
PNG = b"\x89PNG\r\n"
FIRST = re.compile(r"\b(serbia|kosovo|bosnia|balkans?|kfor|dayton|belgrade|pristina)\b", re.I)


@pytest.fixture(scope="module")
def aegean() -> Loaded:
    return load(FILE)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What ``detente run`` makes of it."""
    out = tmp_path_factory.mktemp("aegean") / "result"
    done = CliRunner().invoke(run_command, [str(FILE), "-n", "64", "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert "Aegean baseline" in done.output
    return out


def test_it_has_every_kind_of_thing_the_first_one_has(aegean: Loaded) -> None:
    scenario = aegean.scenario
    assert {actor.kind for actor in scenario.actors.values()} == {"state", "entity", "power"}
    assert {"GRC", "TUR", "CYP", "TCY", "USA", "EU", "RUS"} == set(scenario.actors)
    assert {"nato", "union", "garrison"} == set(scenario.pacts)
    assert set(scenario.missions) == {"unficyp"}
    assert set(scenario.dialogues) == {"cyprus_talks", "athens_track"}
    assert len(scenario.programmes) >= 3
    assert (scenario.calendar.start.isoformat(), scenario.calendar.end.isoformat()) == ("2024-07-01", "2027-12-27")


def test_its_record_is_sourced_and_its_assumptions_are_counted(aegean: Loaded) -> None:
    record = [a for a in aegean.scenario.acts.values() if a.date <= aegean.scenario.calendar.documented_until]
    assert len(record) >= 8
    for act in record:
        size = getattr(act, "size", None)
        assert act.source or (size is not None and size.source), act.title
    assert 0.3 < aegean.assumption_share < 0.8
    used = set(aegean.facts_used())
    assert {"grc.milex.usd.2024", "tur.milex.usd.2024", "un.s2024.527", "grc.tur.kasos.2024"} <= used
    for key in used:
        source = aegean.scenario.sources[key]
        assert source.publisher, key
        assert source.title, key


def test_numbers_that_a_fact_states_are_the_facts(aegean: Loaded) -> None:
    path = Path(os.environ.get("DETENTE_FACTS", ROOT.parent / "shared" / "dossier" / "facts.csv"))
    if not path.is_file():
        pytest.skip("no facts file: set DETENTE_FACTS to the dossier's facts.csv")
    with path.open(encoding="utf-8", newline="") as handle:
        facts = {row["id"]: row for row in csv.DictReader(handle)}
    for key in ("GRC", "TUR"):
        actor = aegean.scenario.actors[key]
        for name, fact, factor in (("spending", "milex.usd.2024", 1), ("gdp", "gdp.2024", 1000)):
            row = facts[f"{key.lower()}.{fact}"]
            assert getattr(actor, name).value == pytest.approx(factor * float(row["value"]))
        assert actor.personnel.value == float(facts[f"{key.lower()}.personnel.2025"]["value"])


def test_it_runs_and_draws_its_fan_chart(folder: Path) -> None:
    assert (folder / "DONE").is_file()
    assert (folder / "fan.png").read_bytes().startswith(PNG)
    assert "Aegean" in (folder / "fan.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", KINDS)
def test_every_picture_can_be_drawn_of_it(kind: str, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / f"{kind}.png"
    done = CliRunner().invoke(figure, [kind, str(folder), "-o", str(out), "--json"])
    assert done.exit_code == 0, done.output
    assert out.read_bytes().startswith(PNG)
    told = json.loads(done.stdout)
    assert "Aegean" in told["title"]
    assert not FIRST.search(told["title"] + told["alt"])


def test_the_map_marks_its_entity_and_footnotes_it(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "map.svg"
    done = CliRunner().invoke(figure, ["map", str(folder), "-o", str(out)])
    assert done.exit_code == 0, done.output
    text = " ".join(re.findall(r">([^<>]+)</", out.read_text(encoding="utf-8")))
    for words in ("Greece", "Türkiye", "Cyprus", "Cypriots*", "no endorsement or acceptance is implied"):
        assert words in text
    assert not FIRST.search(text)


def test_nothing_of_the_first_theatre_leaks_into_its_results(folder: Path) -> None:
    held = (folder / "run.json").read_text(encoding="utf-8") + (folder / "fan.svg").read_text(encoding="utf-8")
    assert not FIRST.search(held)
    content = json.loads((folder / "scenario.json").read_text(encoding="utf-8"))["scenario"]
    told = {key: value for key, value in content.items() if key not in ("sources", "parameters")}
    assert not FIRST.search(json.dumps(told, ensure_ascii=False))


def test_its_mission_works_like_any_other(tmp_path: Path) -> None:
    """Not renewed, it winds down: presence goes, incidents rise, and not before."""
    path = tmp_path / "lapse.yaml"
    path.write_text(
        "extends: aegean_baseline\ntitle: UNFICYP lapses\n"
        "acts: {unficyp_vote_2026: {chance: {value: 0, unit: share}}}\n",
        encoding="utf-8",
    )
    base, lapsed = run(load(FILE).scenario, 96), run(load(path).scenario, 96)
    vote = int(np.searchsorted(base["time"].values, np.datetime64("2026-01-30")))
    change = lapsed["tension_dyad"].sel(dyad="CYP-TCY").values - base["tension_dyad"].sel(dyad="CYP-TCY").values
    assert (change[:, :vote] == 0).all()
    assert (change[:, vote + 30 :].mean(axis=1) > 0).mean() > 0.9


def test_the_program_names_no_actor_mission_or_place_of_either_theatre(aegean: Loaded) -> None:
    """Whole words of the labels in both theatres' files; test_architecture.py holds the list for the first."""
    first = load(ROOT / "scenarios" / "baseline.yaml").scenario
    labels = [a.label for s in (first, aegean.scenario) for a in s.actors.values() if a.kind != "power"]
    labels += [m.label for s in (first, aegean.scenario) for m in s.missions.values()]
    labels += [first.theatre, aegean.scenario.theatre]
    words = {w for label in labels for w in re.findall(r"\w{4,}", label)} - {"entity", "North", "Western"}
    assert {"Serbia", "Greece", "UNFICYP", "KFOR", "Aegean", "Balkans"} <= words
    pattern = re.compile(rf"\b({'|'.join(sorted(words))})\b", re.I)
    found = [
        f"{path.relative_to(ROOT)}:{n}: {line.strip()}"
        for path in sorted((ROOT / "src").rglob("*"))
        if path.is_file() and path.suffix in (".py", ".j2", ".typ", ".js", ".html", ".css")
        for n, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if pattern.search(line)
    ]
    assert found == []
