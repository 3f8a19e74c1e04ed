"""Whatever is in a file or on the command line, the answer is a scenario or a list of faults."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detente.scenario.diagnostics import ScenarioError
from detente.scenario.load import load
from detente.scenario.words import strange
from tests.scenario_data import write

ROUGH = st.text(st.sampled_from("ab:{}[]&*!|>-'\"#%@`\n\t ,?0.~<é\\\u2028\u202e\x1b\udcff"), max_size=60)
STRANGE = st.sampled_from(["\ud800", "a\x1b[2J", "\u202e", "e\u0301", "\uffff", "\u200b", "a" * 5000])
LEAVES = st.none() | STRANGE | st.booleans() | st.floats() | st.integers() | ROUGH | st.dates().map(str)
WORDS = """
    actors ALF acts visit kind dyads ALF-BET between stake levels calm edge source calendar start missions watch troops
    value unit parameters hostility claims extends
"""
KEYS = st.sampled_from(WORDS.split())
ANYTHING = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=15
)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("scenarios"))


def outcome(path: Path, sets: dict[str, str] | None = None) -> list[str]:
    """The codes of the faults; none for a valid scenario. Any other exception, or a fault without place, fails."""
    try:
        loaded = load(path, sets)
    except ScenarioError as error:
        placed = all(fault.line and fault.col for fault in error.faults)
        harmless = strange(str(error)) is None
        return [fault.code for fault in error.faults if placed and harmless] or ["none"]
    json.dumps([loaded.hash, loaded.facts_used(), loaded.scenario.model_dump_json()]).encode("utf-8")
    return []


def written(small: Path, content: bytes) -> Path:
    path = small.parent / "rough.yaml"
    path.write_bytes(content)
    return path


@given(content=st.binary(max_size=80))
def test_bytes_give_faults(small: Path, content: bytes) -> None:
    assert "none" not in outcome(written(small, content))


@given(text=ROUGH)
def test_text_gives_faults(small: Path, text: str) -> None:
    for content in (text, f"extends: small\nactors:\n  ALF: {text}"):
        assert "none" not in outcome(written(small, content.encode("utf-8", "surrogatepass")))


@given(data=st.dictionaries(KEYS, ANYTHING, min_size=1, max_size=4))
def test_trees_give_faults_or_a_scenario(small: Path, data: dict[str, Any]) -> None:
    assert "none" not in outcome(written(small, json.dumps({"extends": "small", **data}).encode()))


@given(sets=st.dictionaries(st.text(max_size=10) | KEYS, ROUGH, max_size=3))
def test_changes_give_faults_or_a_scenario(small: Path, sets: dict[str, str]) -> None:
    assert "none" not in outcome(small, sets)


@given(data=st.data(), number=st.integers(2, 5))
def test_graphs_of_files_give_faults_or_a_scenario(small: Path, data: st.DataObject, number: int) -> None:
    names = [f"rough{n}" for n in range(number)]
    changes = st.sampled_from(
        [{}, {"acts": {"clash": None}}, {"missions": {"watch": {"troops": 3}}}, {"missions": {"watch": None}}]
    )
    for name in names:
        named = {
            key: data.draw(st.lists(st.sampled_from([*names, "small"]), max_size=2)) for key in ("extends", "overlay")
        }
        text = json.dumps({**named, **data.draw(changes)})
        (small.parent / f"{name}.yaml").write_text(text, encoding="utf-8")
    assert "none" not in outcome(small.parent / f"{names[0]}.yaml")
