"""From files to a scenario: names, extends, changes from the command line, positions, identity, the record."""

from pathlib import Path

import pytest
from pydantic import ValidationError

import detente
from detente.scenario import places
from detente.scenario.diagnostics import Fault, ScenarioError
from detente.scenario.load import Loaded, load
from detente.scenario.schema import Scenario
from tests.scenario_data import write


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("scenarios"))


def child(small: Path, text: str, name: str = "child") -> Loaded:
    (small.parent / f"{name}.yaml").write_text(text, encoding="utf-8")
    return load(small.parent / f"{name}.yaml")


def faults(small: Path, **sets: str) -> list[Fault]:
    with pytest.raises(ScenarioError) as caught:
        load(small, {path.replace("__", "."): value for path, value in sets.items()})
    return caught.value.faults


# Names and folders


def test_a_bare_name_is_found_here_then_in_scenarios_then_where_the_variable_says(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DETENTE_SCENARIOS", str(small.parent))
    assert load("small").files[0].path == small.parent / "small.yaml"
    write(tmp_path / "scenarios")
    assert load("small").files[0].name == "scenarios/small.yaml"
    write(tmp_path)
    assert load("small").files[0].name == "small.yaml"
    assert load("small.yaml").hash == load(str(small)).hash


def test_extends_finds_what_is_beside_the_file_before_what_is_shipped(small: Path) -> None:
    assert "parameters.yaml" in [Path(file.name).name for file in load(small).files]
    (small.parent / "baseline.yaml").write_text("extends: small\ntitle: Mine\n", encoding="utf-8")
    assert child(small, "extends: baseline").scenario.theatre == "Nowhere"
    (small.parent / "baseline.yaml").unlink()


def test_a_file_may_extend_the_shipped_one_of_its_own_name(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DETENTE_SCENARIOS", str(small.parent))
    (tmp_path / "small.yaml").write_text("extends: small\ntitle: Mine\n", encoding="utf-8")
    assert load(tmp_path / "small.yaml").scenario.title == "Mine"


def test_shipped_scenarios_are_found_from_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "baseline" in places.names()
    assert places.named("baseline") == places.shipped() / "baseline.yaml"


# What is taken over


def test_a_child_has_its_own_name_and_title(small: Path) -> None:
    scenario = child(small, "extends: small", "my_case").scenario
    assert (scenario.name, scenario.title, scenario.question) == ("my_case", "my_case", "")
    assert scenario.theatre == "Nowhere"


def test_a_copy_has_the_same_hash_and_a_change_another(small: Path) -> None:
    whole = load(small)
    copy = child(small, small.read_text(encoding="utf-8").replace("title: Small", "title: Copy"), "copy")
    assert (copy.hash, copy.scenario.name) == (whole.hash, "copy")
    assert child(small, "extends: small").hash == whole.hash
    assert load(small, {"missions.watch.reserve": "10"}).hash != whole.hash


def test_units_are_converted_and_positions_kept(small: Path) -> None:
    loaded = load(small)
    assert loaded.scenario.actors["ALF"].spending.value == pytest.approx(2300)
    leaves = {leaf.path: leaf for leaf in loaded.leaves()}
    spending = leaves["actors.ALF.spending"]
    assert (spending.unit, spending.low, spending.source, spending.grade) == ("USD m", 2000.0, ("F1",), "high")
    lines = small.read_text(encoding="utf-8").splitlines()
    assert "2.3" in lines[spending.line - 1]
    assert leaves["actors.ALF.personnel"].grade == "low"  # the weakest of two
    assert leaves["actors.BET.spending"].grade == "assumption"
    assert Path(leaves["parameters.hostility.inertia"].file).name == "parameters.yaml"


def test_every_quantity_is_a_leaf_or_a_default(small: Path) -> None:
    loaded = load(small)
    assert "actors.BET.readiness" in {leaf.path for leaf in loaded.defaults()}
    paths = [leaf.path for leaf in (*loaded.leaves(), *loaded.defaults())]
    assert len(paths) == len(set(paths))
    assert all(leaf.line > 0 for leaf in loaded.leaves())
    assumed = sum(leaf.grade == "assumption" for leaf in loaded.leaves())
    assert loaded.assumption_share == pytest.approx(assumed / len(loaded.leaves()))


def test_dates_carry_the_source_of_their_record(small: Path) -> None:
    dates = {date.path: date for date in load(small).dates()}
    assert dates["acts.visit.date"].source == ("F1",)
    assert dates["acts.clash.date"].grade == "assumption"
    assert dates["programmes.jets.last_delivery"].value == "2029-12-31"


def test_facts_used_are_all_sources_named(small: Path) -> None:
    assert sorted(load(small).facts_used()) == ["F1", "F2"]


def test_a_child_that_changes_a_number_makes_it_an_assumption(small: Path) -> None:
    loaded = child(small, "extends: small\nmissions:\n  watch:\n    troops: {value: 3000}\n")
    leaf = next(leaf for leaf in loaded.leaves() if leaf.path == "missions.watch.troops")
    assert (leaf.value, leaf.low, leaf.grade, leaf.line) == (3000, None, "assumption", 4)


def test_a_fault_at_a_path_is_placed_where_the_value_is_written(small: Path) -> None:
    fault = load(small).fault("actors.ALF.spending", "E150", "unstable", "lower it")
    assert fault.text.strip().startswith("spending: {value: 2.3")
    assert fault.text[fault.col - 1 :].startswith("2.3")
    assert load(small).fault("actors.ALF.nothing.here", "E150", "unstable").line > 0


def test_a_loaded_scenario_cannot_be_changed(small: Path) -> None:
    with pytest.raises(ValidationError):
        load(small).scenario.title = "Other"


def test_a_stored_scenario_is_read_back(small: Path) -> None:
    scenario = load(small).scenario
    assert Scenario.model_validate_json(scenario.model_dump_json()) == scenario


def test_the_package_loads_a_scenario(small: Path) -> None:
    assert detente.load(str(small)) == load(small).scenario
    assert detente.__version__
    with pytest.raises(AttributeError):
        _ = detente.nothing


# What changes the record


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", False),
        ("acts: {clash: null}", True),
        ("acts: {clash: {date: 2025-03-03}}", True),
        ("acts: {clash: {title: Another title}}", False),
        ("acts: {cut: null}", False),
        ("acts: {new: {kind: visit, date: 2026-01-05, title: T, by: POW, to: ALF, size: 1}}", False),
        ("acts: {new: {kind: visit, date: 2025-01-06, title: T, by: POW, to: ALF, size: 1}}", True),
        ("missions: {watch: {troops: 3000}}", True),
        ("missions: {watch: {troops: {source: F2}}}", False),
        ("missions: {watch: {reserve: 30}}", False),
        ("actors: {BET: {spending: 170}}", False),
        ("parameters: {hostility: {inertia: 0.4}}", False),
        ("acts: {clash: null}\ncounterfactual: false", False),
    ],
)
def test_a_scenario_that_changes_the_record_is_counterfactual(small: Path, text: str, expected: bool) -> None:
    assert child(small, f"extends: small\n{text}\n").scenario.counterfactual is expected


def test_a_change_from_the_command_line_may_be_counterfactual(small: Path) -> None:
    assert load(small, {"acts.clash": "null"}).scenario.counterfactual
    assert not load(small, {"acts.cut": "null"}).scenario.counterfactual


# Changes from the command line


def test_a_number_set_on_the_command_line_stands_there(small: Path) -> None:
    loaded = load(
        small, {"missions.watch.troops": "3000", "parameters.switches.deterrence": "none", "acts.cut": "null"}
    )
    leaf = next(leaf for leaf in loaded.leaves() if leaf.path == "missions.watch.troops")
    assert (leaf.value, leaf.unit, leaf.file, leaf.line, leaf.grade) == (
        3000,
        "persons",
        "command line",
        1,
        "assumption",
    )
    assert loaded.scenario.parameters.switches.deterrence == "none"
    assert "cut" not in loaded.scenario.acts


def test_what_has_a_default_can_be_set(small: Path) -> None:
    scenario = load(small, {"actors.GAM.readiness.value": "0.4", "actors.POW.backing.BET": "0.2"}).scenario
    assert scenario.actors["GAM"].readiness.value == 0.4
    assert scenario.actors["POW"].backing["BET"].value == 0.2


@pytest.mark.parametrize(
    ("path", "value", "code", "column", "hint"),
    [
        ("missions__wacht__troops", "3", "E140", 16, "watch"),
        ("missions__watch__troups", "3", "E140", 22, "troops"),
        ("parametres__hostility", "3", "E140", 7, "parameters"),
        ("missions__watch__troops__value__more", "3", "E140", 35, ""),
        ("title", "", "E140", 7, "path=value"),
        ("missions__watch__troops", "-3", "E123", 29, ""),
        ("missions__watch__troops", "many", "E121", 29, ""),
        ("missions__watch__troops", ".nan", "E123", 29, ""),
        ("missions__watch__troops", "[1", "E106", 31, ""),
        ("missions__watch__dyads", "ALF-GAM", "E131", 28, "ALF-BET"),
        ("calendar__end", "2025-02-30", "E124", 20, "2025-02-28"),
        ("extends", "other", "E140", 7, ""),
        ("", "3", "E140", 7, ""),
    ],
)
def test_a_wrong_change_is_placed_on_the_command_line(
    small: Path, path: str, value: str, code: str, column: int, hint: str
) -> None:
    found = faults(small, **{path: value})
    assert (found[0].code, found[0].file, found[0].line, found[0].col) == (code, "command line", 1, column)
    assert hint in found[0].hint


def test_all_wrong_changes_are_named_with_their_number(small: Path) -> None:
    found = faults(small, missions__watch__troops="-3", missions__wacht="3", actors__ALF__readiness="2")
    assert [(fault.code, fault.line) for fault in found] == [("E123", 1), ("E140", 2), ("E123", 3)]


# Text


def test_white_space_is_folded_and_letters_are_composed(small: Path) -> None:
    text = 'extends: small\ntitle: "Ca\\u0301fe\\n\\tof\\u00a0 two\\u2028lines"\nactors: {ALF: {label: "A\\n\\nB"}}\n'
    scenario = child(small, text).scenario
    assert (scenario.title, scenario.actors["ALF"].label) == ("C\u00e1fe of two lines", "A B")
    assert child(small, "extends: small\nquestion: |\n  A\n\n    B\n").scenario.question == "A B"


def test_a_name_in_two_forms_is_one_name(small: Path) -> None:
    composed, apart = "S\u00e9", "Se\u0301"
    text = f"extends: small\nsources: {{{apart}: {{publisher: P, title: T, date: '2020', grade: high}}}}\n"
    text += f"actors: {{ALF: {{gdp: {{value: 3, source: {composed}}}}}}}\n"
    (small.parent / f"{apart}.yaml").write_text(text, encoding="utf-8")
    loaded = child(small, f"extends: {composed}\nactors: {{ALF: {{personnel: {{value: 9, source: {apart}}}}}}}\n")
    assert composed in loaded.scenario.sources
    assert composed in loaded.facts_used()
    assert load(small.parent / f"{composed}.yaml").hash


def test_half_a_character_on_the_command_line_has_its_place(small: Path) -> None:
    found = faults(small, title="a\udcffb")
    assert [(fault.code, fault.file, fault.line, fault.col) for fault in found] == [("E119", "command line", 1, 14)]
    found = faults(small, **{"missions__\udcff": "3"})
    assert (found[0].code, found[0].col) == ("E140", 16)
    str(ScenarioError(found)).encode("utf-8")
    with pytest.raises(ScenarioError) as caught:
        load("no\udcff\x1b[2J")
    assert "\x1b" not in str(caught.value)
    str(caught.value).encode("utf-8")


def test_a_long_title_on_the_command_line_is_refused(small: Path) -> None:
    assert [(fault.code, fault.col) for fault in faults(small, title="a b " * 100)] == [("E107", 13)]


def test_an_emoji_as_json_escapes_it_is_one_character(small: Path) -> None:
    assert child(small, 'extends: small\ntitle: "\\ud83d\\ude00"\n').scenario.title == "\U0001f600"
