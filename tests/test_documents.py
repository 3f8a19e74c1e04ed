"""The documents are in step with the code; the evidence card says what was found, and whether it is stale."""

from __future__ import annotations

import inspect
import json
import re
import sys
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from detente.cli.main import main
from detente.evidence.documentation import card, card_words, documents
from detente.evidence.verification import suite as verify
from detente.evidence.verification.check import Check
from detente.experiment.fingerprint import fingerprint
from detente.experiment.run import run
from detente.laws.default import DEFAULT
from detente.laws.dialogue import AGREEMENT
from detente.model.world import World
from detente.prose.table import Table
from detente.scenario.load import Loaded, load

ROOT = Path(__file__).resolve().parent.parent
NAMES = ("model.md", "odd.md", "trace.md", "model-card.md", "known-failures.md")
ADVICE = "out of step with code, scenario or reports: make documents"


@cache
def baseline() -> Loaded:
    return load("baseline")


@cache
def made() -> dict[str, str]:
    return documents.documents(baseline(), ROOT)


@pytest.mark.parametrize("name", NAMES)
def test_a_document_is_current(name: str) -> None:
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == made()[name], f"docs/{name} is {ADVICE}"


def test_all_documents_are_made() -> None:
    assert tuple(made()) == NAMES


def test_every_number_of_the_scenario_stands_in_the_description() -> None:
    told = set(re.findall(r"^\| `([^`]+)` \|", made()["odd.md"], flags=re.M))
    paths = {leaf.path.removeprefix("parameters.") for leaf in baseline().leaves()}
    assert paths <= told


def test_every_state_variable_is_explained() -> None:
    rows = documents.of_code(baseline().scenario)["states"]
    assert [row[0] for row in rows] == [f"`{name}`" for m in DEFAULT for name in m.state]
    assert all(len(row) == 5 and all(row) for row in rows)


def test_every_section_that_the_code_cites_is_there() -> None:
    sections = set(re.findall(r"^#+ ([\d.]*\d)\b", made()["model.md"], flags=re.M))
    cited: set[str] = set()
    for path in sorted([*(ROOT / "src").rglob("*.py"), *(ROOT / "tests").rglob("*.py")]):
        for first, last in re.findall(r"§(\d[\d.]*\d|\d)(?:–([\d.]*\d))?", path.read_text(encoding="utf-8")):
            cited |= {first, last or first}
    assert len(cited) > 20
    assert cited <= sections


def test_the_model_lists_what_mechanisms_declare() -> None:
    text = made()["model.md"]
    rows = re.findall(r"^\| \d+ \| (\w+)", text, flags=re.M)
    assert rows == [m.name for m in DEFAULT]
    told = re.findall(r"^\| (`.+?) \|", text, flags=re.M)
    numbers = [f"`{m.name}.{name}`" for m in DEFAULT for name, _ in m.numbers()]
    states = [f"`{name}`" for m in DEFAULT for name in m.state]
    assert [row for row in told if row in numbers] == numbers
    assert set(states) <= set(told)
    assert all(f"`{kind}`" in " ".join(told) for kind in ("visit", "mandate", "unrest", "base"))
    for name, unmoved in re.findall(r"^\| (`\w+`) \| .+? \| *(.*?) *\|$", text.split("### 6.3")[1], flags=re.M):
        assert unmoved, name


def test_every_parent_of_a_number_is_described() -> None:
    """Attributes of the records that hold numbers are named in the second element."""
    part = made()["odd.md"].split("## 2. Entities")[1].split("## 3. ")[0]
    for leaf in baseline().leaves():
        section, *path = leaf.path.split(".")
        if section in ("actors", "dyads", "pacts", "missions", "dialogues", "programmes", "bases"):
            assert f"`{path[1]}`" in part, leaf.path


def test_the_protocol_is_followed_element_by_element() -> None:
    heads = re.findall(r"^## (\d)\. (.+)$", made()["odd.md"], flags=re.M)
    assert [name for _, name in heads] == ["Purpose and patterns", "Entities, state variables, and scales",
        "Process overview and scheduling", "Design concepts", "Initialization", "Input data", "Submodels"]  # fmt: skip
    concepts = made()["odd.md"].split("## 4. ")[1].split("## 5. ")[0]
    asked = ("Basic principles", "Emergence", "Adaptation", "Objectives", "Learning", "Prediction", "Sensing",
             "Interaction", "Stochasticity", "Collectives", "Observation")  # fmt: skip
    assert list(re.findall(r"\*\*(.+?)\.\*\*", concepts)) == list(asked)


def test_no_document_holds_a_placeholder() -> None:
    for name, text in made().items():
        found = re.findall(r"\b(?:TODO|TBD|FIXME|lorem)\b|\{[a-z]+\}", text)
        assert found == [], name


def test_the_schedule_is_documented_as_it_runs() -> None:
    part = made()["odd.md"].split("## 3. ")[1].split("## 4. ")[0]
    assert re.findall(r"^\| \d+ \| (\w+)", part, flags=re.M) == [m.name for m in DEFAULT]


@pytest.mark.parametrize("law", [m.name for m in DEFAULT if m.name != "acts"])
def test_a_law_is_described_with_its_parameters(law: str) -> None:
    part = made()["odd.md"].split(f"### {law.capitalize()}\n")[1].split("\n### ")[0]
    mechanism = next(m for m in DEFAULT if m.name == law)
    for field, _ in mechanism.numbers():
        assert f"`{law}.{field}`" in part
    assert inspect.getdoc(sys.modules[mechanism.home]) in part


def test_every_law_is_described() -> None:
    framework = {"__init__", "default", "effects", "extensions", "mechanism", "rows", "situation"}
    laws = {path.stem for path in (ROOT / "src" / "detente" / "laws").glob("*.py")} - framework
    assert {m.name for m in DEFAULT} == laws


def test_a_change_of_the_code_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    before = made()["odd.md"]  # kept for all tests: not to be made of the other text
    monkeypatch.setattr(sys.modules[DEFAULT[1].home], "__doc__", "Another text.\n\nMore.")
    assert documents.documents(baseline(), ROOT)["odd.md"] != before


def test_every_element_of_trace_rests_on_tests() -> None:
    parts = made()["trace.md"].split("\n## ")[1:]
    assert len(parts) == 8
    for part in parts:
        linked = re.findall(r"\]\(\.\./(tests/\w+\.py)\)", part)
        assert linked, part.splitlines()[0]
        assert all((ROOT / path).is_file() for path in linked)


def test_links_of_the_documents_lead_somewhere() -> None:
    for name in NAMES:
        for target in re.findall(r"\]\(([\w./-]+)\)", made()[name]):
            assert (ROOT / "docs" / target).exists(), f"{name}: {target}"


def test_entered_failures_are_complete_and_can_be_seen() -> None:
    entries = documents.entered(ROOT / "reports" / "known_failures.yaml")
    assert len({one["id"] for one in entries}) == len(entries)
    for one in entries:
        assert set(one) == {"id", "title", "what", "seen_in", "consequence", "settles"}
        assert (ROOT / one["seen_in"]).exists()
        assert one["title"] in made()["known-failures.md"]
        assert one["title"] in made()["model-card.md"]


def test_what_the_register_says_of_spring_1999_is_so() -> None:
    told = json.loads((ROOT / "reports" / "backcast.json").read_text(encoding="utf-8"))
    ranks = told["ranks"]["war_air_1999"]
    assert ranks["raw, weights of the theatre"] == 1
    assert ranks["by volume, weights of the theatre"] > 1
    before = [row["quarter"] for row in told["raw"]["quarters"] if row["rank"] < quarter(told, "1999-Q2")]
    assert before
    assert {q[:4] for q in before} <= {"1993", "1995"}


def quarter(told: dict[str, Any], name: str) -> int:
    """Rank of a calendar quarter as reported."""
    return next(row["rank"] for row in told["raw"]["quarters"] if row["quarter"] == name)


def row(**given: Any) -> dict[str, Any]:
    """A row of the card's hindcasts."""
    usual = {"dyad": "A-B", "test": "1998", "horizon": 1, "every": "week", "n": 100, "crps": 0.6, "coverage90": 0.9}
    skill = {"skill_vs_smoothing": 0.1, "skill_low": 0.05, "skill_high": 0.15, "crps_laws_off": 0.7}
    best = {"best_baseline": "ar1", "skill": 0.05, "skill_low": 0.01, "skill_high": 0.1}
    return {**usual, **skill, "best": best, **given}


@pytest.mark.parametrize(
    ("given", "titles"),
    [
        ({}, []),
        ({"skill_low": -0.1}, ["Not told apart from exponential smoothing"]),
        ({"skill_low": -0.3, "skill_high": -0.1}, ["Exponential smoothing forecasts better"]),
        ({"crps_laws_off": 0.5}, ["The laws do not help"]),
        ({"coverage90": 0.7}, ["Intervals miss their coverage"]),
        ({"coverage90": 0.99}, ["Intervals miss their coverage"]),
        ({"best": {"best_baseline": "ar1", "skill": -0.2, "skill_low": -0.3, "skill_high": -0.1}},
         ["A naive forecast is better"]),
    ],
)  # fmt: skip
def test_failures_of_forecasts_enter_by_themselves(given: dict[str, Any], titles: list[str]) -> None:
    found = documents.scored({"hindcast": {"rows": [row(**given)]}})
    assert [one["title"].split(":")[0] for one in found] == titles


def verified(*more: Check) -> verify.Verification:
    one = Check("a limit", "limit", "1", "1", True)
    return verify.Verification("made up", "0" * 64, fingerprint(), 8, 1, False, (one, *more))


HINDCAST = {
    "file": "events.csv",
    "dyad": "A-B",
    "every": "week",
    "train": ":1997-12-31",
    "test": "1998-01-01:2000-12-31",
    "rows": [
        {
            "method": "model",
            **{k: v for k, v in row().items() if k in ("horizon", "n", "crps", "coverage90", *card.SKILL)},
        },
        {"method": "laws_off", "horizon": 1, "crps": 0.7},
    ],
    "model_against_best": [{"horizon": 1, "best_baseline": "ar1", "skill": 0.05, "skill_low": 0.0, "skill_high": 0.1}],
}


def test_the_card_says_what_is_not_there_yet(tmp_path: Path) -> None:
    told = card.card(verified(), tmp_path, "Nowhere")
    assert (told["hindcast"]["status"], told["backcast"]["status"]) == ("not yet", "not yet")
    assert "No hindcast has been committed yet" in " ".join(told["sentences"])
    assert "1 of 1 verification checks hold on made up" in told["sentences"][0]


def test_the_card_names_what_does_not_hold(tmp_path: Path) -> None:
    told = card.card(verified(Check("a fault", "fault", "no", "yes", False)), tmp_path, "Nowhere")
    assert told["verification"]["failed"][0]["name"] == "a fault"
    assert told["verification"]["verdicts"] == {"a limit": True, "a fault": False}
    assert "these do not: a fault" in told["sentences"][0]


def test_the_card_takes_up_hindcasts(tmp_path: Path) -> None:
    (tmp_path / "hindcast").mkdir()
    for name, content in (("hindcast/a.json", HINDCAST), ("hindcast/b.json", [HINDCAST, HINDCAST])):
        (tmp_path / name).write_text(json.dumps(content), encoding="utf-8")
    told = card.card(verified(), tmp_path, "Nowhere")
    assert len(told["hindcast"]["rows"]) == 3
    assert "3 cases" in told["sentences"][1]
    assert told["sentences"][2].startswith("Better than exponential smoothing")
    assert "A-B, 1 week ahead (+10 % [+5, +15])" in told["sentences"][2]
    text = " ".join(card_words.cells(told["hindcast"]["rows"][0]))
    for part in ("A-B", "1 week", "+10 % [+5, +15]", "90 %", "100", "+5 %", "(ar1)", "0.700"):
        assert part in text


def test_a_card_takes_up_no_record_of_another_theatre(tmp_path: Path) -> None:
    (tmp_path / "hindcast").mkdir()
    for name, theatre in (("here", "Nowhere"), ("then", "Nowhere 1989-2003"), ("there", "Elsewhere")):
        content = json.dumps({**HINDCAST, "theatre": theatre})
        (tmp_path / "hindcast" / f"{name}.json").write_text(content, encoding="utf-8")
    told = card.card(verified(), tmp_path, "Nowhere")
    assert (told["theatre"], len(told["hindcast"]["rows"])) == ("Nowhere", 2)
    caveat = "Monitors bear no arms here."
    assert caveat not in told["sentences"]
    assert caveat in card.card(verified(), tmp_path, "Nowhere", [caveat])["sentences"]


def test_documents_are_not_made_from_evidence_of_another_theatre(tmp_path: Path) -> None:
    with pytest.raises(documents.NoCheckout, match="is on Western Balkans, aegean_baseline is on Aegean"):
        documents.documents(load("aegean_baseline"), ROOT)


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [(0.01, 0.2, "Better than"), (-0.2, -0.01, "Worse than"), (-0.1, 0.1, "Not told apart from")],
)
def test_skill_is_told_only_with_its_interval(low: float, high: float, word: str) -> None:
    (text,) = card_words.write("forecasts", card_words.forecast([row(skill_low=low, skill_high=high)]))
    assert text.startswith(f"{word} exponential smoothing")


def test_a_card_of_other_code_is_stale(tmp_path: Path) -> None:
    told = card.card(verified(), tmp_path, "Nowhere")
    assert list(card_words.sentences(told)) == told["sentences"]
    stale, *more = card_words.sentences({**told, "code": {"fingerprint": "0" * 64, "version": "0"}})
    assert stale.startswith("This evidence is stale")
    assert more == told["sentences"]
    assert list(card_words.sentences({}))


def test_the_committed_card_has_what_reports_print() -> None:
    content = json.loads((ROOT / "reports" / "evidence_card.json").read_text(encoding="utf-8"))
    assert {"date", "code", "verification", "hindcast", "backcast", "sentences"} <= set(content)
    assert content["verification"]["held"] == content["verification"]["checks"]
    assert content["sentences"] == card_words.told(content)


def test_documents_need_a_checkout(tmp_path: Path) -> None:
    with pytest.raises(documents.NoCheckout, match=r"evidence_card\.json"):
        documents.documents(baseline(), tmp_path)
    done = CliRunner().invoke(main, ["verify", "--documents", str(tmp_path / "docs")])
    assert (done.exit_code, "detente verify --card" in done.output) == (3, True)


def test_documents_are_written_where_they_are_asked_for(tmp_path: Path) -> None:
    for name in ("reports", "tests"):
        (tmp_path / name).symlink_to(ROOT / name)
    done = CliRunner().invoke(main, ["verify", "--documents", str(tmp_path / "docs"), "--json"])
    assert done.exit_code == 0, done.output
    for path in json.loads(done.stdout)["files"]:
        assert Path(path).read_text(encoding="utf-8") == made()[Path(path).name]


def test_the_card_is_written_beside_a_verification(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "verify", lambda *given, **more: replace(verified(), scenario="placebo"))
    done = CliRunner().invoke(main, ["verify", "placebo", "--card", str(tmp_path / "card.json")])
    assert done.exit_code == 0, done.output
    assert json.loads((tmp_path / "card.json").read_text(encoding="utf-8"))["verification"]["scenario"] == "placebo"


def test_a_cell_keeps_its_row() -> None:
    assert Table(("a|b", "c"), [("1\n2", "3")]).markdown() == "| a\\|b | c |\n| --- | --- |\n| 1 2 | 3 |"


def test_the_register_is_plain_yaml() -> None:
    assert YAML(typ="safe").load(ROOT / "reports" / "known_failures.yaml")["failures"]


def entered(name: str) -> str:
    """What the register says of an entry."""
    return next(one["what"] for one in documents.entered(ROOT / "reports" / "known_failures.yaml") if one["id"] == name)


def test_what_the_register_says_of_missions_is_in_the_record() -> None:
    told = json.loads((ROOT / "reports" / "history" / "history.json").read_text(encoding="utf-8"))["pairs"]
    year = told["SRB-KOS"]["by_year"]["2000"]
    text = entered("presence-silences")
    assert f"told runs have {year['record']:.0f} reports" in text
    assert f"the record has {year['recorded']:.0f}; without missions they have {year['no_missions']:.0f}" in text


def test_a_baseline_without_acts_does_not_drift() -> None:
    """It ends within a point of its start: the register has no entry of a drift."""
    quiet = baseline().scenario.model_copy(update={"acts": {}})
    found = run(quiet, 64, seed=1)
    first, last = (found["contribution"].mean("member").isel(time=part).mean("time") for part in
                   (slice(0, 26), slice(-26, None)))  # fmt: skip
    assert abs(float((last - first).sum())) < 1.0


def test_what_the_register_says_of_agreements_is_so() -> None:
    scenario = load("history_1989_2003").scenario
    world = World(scenario, 64, seed=1)
    row = list(scenario.dialogues).index("dayton")
    world.run_until((date(2000, 12, 31) - scenario.calendar.start).days // 7)
    assert 0.5 < float((world.now.track[row] == AGREEMENT).mean()) < 0.75
    world.close()
