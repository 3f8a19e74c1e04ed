"""Whatever is in a file or on the command line, the answer is a scenario or a list of faults."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.scenario_data import write

from detente.scenario.diagnostics import ScenarioError
from detente.scenario.load import load

ROUGH = st.text(st.sampled_from("ab:{}[]&*!|>-'\"#%@`\n\t ,?0.~<é\u2028"), max_size=60)
LEAVES = st.none() | st.booleans() | st.floats() | st.integers() | ROUGH | st.dates().map(str)
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
    """The codes of the faults; none for a valid scenario. Any other exception fails the test."""
    try:
        load(path, sets)
    except ScenarioError as error:
        return [fault.code for fault in error.faults if str(fault)] or ["none"]
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
    assert "none" not in outcome(written(small, text.encode()))
    assert "none" not in outcome(written(small, f"extends: small\nactors:\n  ALF: {text}".encode()))


@given(data=st.dictionaries(KEYS, ANYTHING, min_size=1, max_size=4))
def test_trees_give_faults_or_a_scenario(small: Path, data: dict[str, Any]) -> None:
    assert "none" not in outcome(written(small, json.dumps({"extends": "small", **data}).encode()))


@given(sets=st.dictionaries(st.text(max_size=10) | KEYS, ROUGH, max_size=3))
def test_changes_give_faults_or_a_scenario(small: Path, sets: dict[str, str]) -> None:
    assert "none" not in outcome(small, sets)
