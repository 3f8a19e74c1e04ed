"""A theatre of one's own: the starter is whole, the page on it can be followed, and both say what the editor says."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from detente.cli.main import main
from detente.experiment.run import run
from detente.model.incidence import incidence
from detente.model.world import World
from detente.scenario import editor
from detente.scenario.acts import KINDS
from detente.scenario.load import load
from detente.scenario.schema import ENTITIES
from detente.serve.levers import levers

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "your-own-theatre.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(sh|yaml)\n(.*?)^```", PAGE, re.M | re.S)
KINDS_OF = ("Actor", "Dyad", "Opening", "Pact", "Mission", "Dialogue", "Programme", "Base")
NAMED = ("actors", "dyads", "dyads.opening", "pacts", "missions", "dialogues", "programmes", "bases")
SECTIONS = dict(zip(NAMED, KINDS_OF, strict=True))
#: fields that are the same everywhere, and are told in the editor alone
EVERYWHERE = {"label", "note", "short", "source"}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DETENTE_SCENARIOS", raising=False)
    return tmp_path


def detente(*words: str) -> str:
    done = CliRunner().invoke(main, list(words))
    assert done.exit_code == 0, f"{shlex.join(words)}\n{done.output}"
    return done.output


def starter() -> Any:
    detente("scenarios", "new", "my_theatre", "--theatre")
    return load("my_theatre")


def test_the_starter_is_whole_small_and_clean() -> None:
    loaded = starter()
    scenario, text = loaded.scenario, Path("my_theatre.yaml").read_text(encoding="utf-8")
    sizes = {name: len(getattr(scenario, name)) for name in ("actors", "dyads", "missions", "dialogues", "programmes")}
    assert sizes == {"actors": 3, "dyads": 3, "missions": 1, "dialogues": 1, "programmes": 1}
    assert scenario.acts
    assert {"crisis"} <= set(scenario.levels)
    assert any(
        leaf.path == "parameters.index.incidents.clash" and leaf.file == "my_theatre.yaml" for leaf in loaded.leaves()
    )
    assert len(text.splitlines()) < 220
    assert "no fault" in detente("check", "my_theatre", "--strict")


def test_every_source_of_the_starter_is_its_own_and_in_use() -> None:
    loaded = starter()
    own = {name for name in loaded.scenario.sources if name.startswith("my.")}
    assert len(own) >= 5
    assert own <= set(loaded.facts_used())
    assert all(loaded.scenario.sources[name].publisher == "Made up" for name in own)


def test_the_starter_is_not_written_over_a_file(folder: Path) -> None:
    (folder / "mine.yaml").write_text("title: Kept\n", encoding="utf-8")
    done = CliRunner().invoke(main, ["scenarios", "new", "mine", "--theatre"])
    assert (done.exit_code, (folder / "mine.yaml").read_text(encoding="utf-8")) == (2, "title: Kept\n")
    detente("scenarios", "new", "mine", "--theatre", "--force")
    assert load("mine").scenario.title == "Mine"


def test_a_question_to_the_starter_is_valid_as_it_is_and_uncommented() -> None:
    base = starter()
    detente("scenarios", "new", "question", "--from", "my_theatre")
    assert load("question").hash == base.hash
    text = Path("question.yaml").read_text(encoding="utf-8")
    Path("question.yaml").write_text(re.sub(r"^# (?!yaml)", "", text, flags=re.M), encoding="utf-8")
    assert {"my_visit", "my_cut"} <= load("question").scenario.acts.keys()


def test_the_page_can_be_followed_word_for_word(folder: Path) -> None:
    for kind, block in BLOCKS:
        if kind == "yaml":
            named = re.match(r"# (\w+\.yaml)\n", block)
            assert named, block
            (folder / named[1]).write_text(block, encoding="utf-8")
            continue
        for line in block.splitlines():
            program, *words = shlex.split(line)
            assert program == "detente"
            detente(*words)
    (report,) = folder.glob("reports/*/report.html")
    text = report.read_text(encoding="utf-8")
    assert "The observers leave" in text
    assert "Say here how far that may carry over." in text
    assert not re.search(r"Kosovo\*|Africa\b(?!, 2001)", text)


def test_the_page_says_of_a_field_what_the_editor_says() -> None:
    rows = re.findall(r"^\| `([\w.]+)\.(\w+)` \| (.*?) \| (.*?) ?\|$", PAGE, re.M)
    told = {(SECTIONS[section], field): (means.replace("\\*", "*"), typical) for section, field, means, typical in rows}
    meant = {
        (kind, field): words
        for kind, fields in editor.meanings().items()
        for field, words in fields.items()
        if kind in SECTIONS.values() and field not in EVERYWHERE
    }
    assert told == meant


def test_every_field_of_a_theatre_has_a_meaning_in_the_editor() -> None:
    schema = editor.schema()
    for kind in {*SECTIONS.values(), "Source"}:
        properties = schema["$defs"][kind]["properties"]
        assert set(properties) == set(editor.meanings()[kind]), kind
        for field, (means, typical) in editor.meanings()[kind].items():
            assert properties[field]["description"].startswith(means)
            assert typical in properties[field]["description"]
    assert len(ENTITIES) == len(SECTIONS) - 1


def test_the_page_names_every_kind_of_act_with_what_it_needs() -> None:
    rows = re.findall(r"^\| (`\w+`(?:, `\w+`)*) \| [^|]+ \| ([^|]*) \|", PAGE.split("## 5.")[1].split("## 6.")[0], re.M)
    told = {name: needs for names, needs in rows for name in re.findall(r"`(\w+)`", names)}
    for kind in KINDS:
        required = {k for k, f in kind.model_fields.items() if f.is_required()} - {"kind", "date", "title"}
        for name in kind.model_fields["kind"].annotation.__args__:  # type: ignore[union-attr]
            assert name in told
            assert required <= set(re.findall(r"\w+", told.pop(name))), name
    assert set(told) == {"kind"}


@pytest.mark.parametrize(
    ("section", "name", "field"),
    [
        ("dyads", "NOR-SOU", "stake"),
        ("actors", "NOR", "kind"),
        ("missions", "observers", "troops"),
        ("acts", "shots", "by"),
    ],
)
def test_the_editor_asks_for_what_has_no_default_where_nothing_else_supplies_it(
    section: str, name: str, field: str
) -> None:
    starter()
    check = jsonschema.Draft202012Validator(editor.schema())
    whole = json.loads(json.dumps(YAML(typ="safe").load(Path("my_theatre.yaml")), default=str))
    assert list(check.iter_errors(whole)) == []
    del whole[section][name][field]
    assert [f'"{field}"' in e.message.replace("'", '"') for e in check.iter_errors(whole)] == [True]
    assert check.is_valid({**whole, "extends": "my_theatre"})
    del whole["dyads"]
    assert not check.is_valid({**whole, "extends": "theatres/laws"})


def test_a_base_that_names_no_pairs_counts_in_those_of_its_host_but_not_against_its_operator() -> None:
    starter()
    bases = {"camp": ("NOR", "EAS"), "own": ("NOR", "NOR")}
    lines = [f"  {n}: {{label: {n}, host: {host}, operator: {by}, personnel: 900}}" for n, (host, by) in bases.items()]
    Path("bases.yaml").write_text("\n".join(["extends: my_theatre", "bases:", *lines]) + "\n", encoding="utf-8")
    scenario = load("bases").scenario
    layout = World(scenario, members=4).layout
    camp, own = (sorted(layout.dyads[row] for row in found) for found in incidence(scenario, layout).based)
    assert camp == ["NOR-SOU"]
    assert own == ["EAS-NOR", "NOR-SOU"]


def test_a_base_that_is_a_presence_nowhere_is_told_with_its_place() -> None:
    starter()
    camp = "{label: Camp, host: NOR, operator: SOU, personnel: 900}"
    Path("bases.yaml").write_text(
        f"extends: my_theatre\ndyads: {{EAS-NOR: null}}\nbases:\n  camp: {camp}\n", encoding="utf-8"
    )
    told = detente("check", "bases")
    assert "warning[W203]: camp is a presence in no pair" in told
    assert "bases.yaml:4:" in told


THEATRES = ["my_theatre", "baseline", "aegean_baseline", "south_caucasus_baseline"]


@pytest.mark.parametrize("name", THEATRES)
def test_every_theatre_runs_under_every_rival_theory(name: str) -> None:
    if name == "my_theatre":
        starter()
    known = load(name).scenario
    tried = [
        (one, option) for m in known.mechanisms() for one, theory in m.theories.items() for option in theory.options
    ]
    assert tried
    for switch, option in tried:
        other = load(name, {f"parameters.switches.{switch}": option}).scenario
        assert np.isfinite(run(other, 4, 1, weeks=4)["tension"].values).all(), (switch, option)


def test_the_page_offers_no_theory_that_would_draw_a_fixed_number() -> None:
    starter()
    options = {}
    for sets in ({}, {"parameters.armament.reaction": "0.01"}):
        (lever,) = (
            one for one in levers(load("my_theatre", sets)).values() if one.key == "parameters.switches.reaction"
        )
        options[len(sets)] = [option for option, _ in lever.options]
    assert options == {0: ["drawn", "none", "slab"], 1: ["drawn", "none"]}
