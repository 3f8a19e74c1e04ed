"""A file over those it extends: mappings merge, lists and scalars replace, null removes, sources go with numbers."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detente.scenario.diagnostics import Mark
from detente.scenario.merge import merge
from detente.scenario.read import read_value
from detente.scenario.tree import Node, Texts


def node(text: str) -> Node:
    texts = Texts()
    found = read_value(text, "text", texts)
    assert found is not None
    assert texts.faults == []
    return found


def merged(parent: str, text: str) -> Any:
    return merge(node(parent), node(text), Texts()).plain()


@pytest.mark.parametrize(
    ("parent", "text", "expected"),
    [
        ("{a: {b: 1, c: 2}}", "{a: {c: 3}}", {"a": {"b": 1, "c": 3}}),
        ("{a: [1, 2]}", "{a: [3]}", {"a": [3]}),
        ("{a: {b: 1}}", "{a: null}", {}),
        ("{a: {b: 1}}", "{a: {b: null}}", {"a": {}}),
        ("{a: 1}", "{a: {b: null, c: 2}}", {"a": {"c": 2}}),
        ("{a: x}", "{a: {b: {c: null}}}", {"a": {"b": {}}}),
        # a quantity never keeps a source that does not state its numbers
        (
            "{q: {value: 1, unit: '%', low: 0, high: 2, spread: uniform, source: F, note: n}}",
            "{q: {value: 3}}",
            {"q": {"value": 3, "unit": "%"}},
        ),
        (
            "{q: {value: 1, unit: '%', low: 0, high: 2, spread: uniform, source: F}}",
            "{q: 3}",
            {"q": {"value": 3, "unit": "%"}},
        ),
        (
            "{q: {value: 1, unit: '%', source: F}}",
            "{q: {value: 3, source: G}}",
            {"q": {"unit": "%", "value": 3, "source": "G"}},
        ),
        (
            "{q: {value: 1, low: 0, high: 2, spread: uniform, source: F}}",
            "{q: {high: 3}}",
            {"q": {"value": 1, "low": 0, "spread": "uniform", "high": 3}},
        ),
        (
            "{q: {value: 1, low: 0, high: 2, spread: uniform, source: F}}",
            "{q: {value: 2, high: 3}}",
            {"q": {"value": 2, "low": 0, "spread": "uniform", "high": 3}},
        ),
        ("{q: {value: 1, source: F}}", "{q: {note: n}}", {"q": {"value": 1, "source": "F", "note": "n"}}),
        ("{q: {value: 1, source: F}}", "{q: {source: null}}", {"q": {"value": 1}}),
        ("{q: 1}", "{q: {low: 0, high: 2}}", {"q": {"value": 1, "low": 0, "high": 2}}),
        ("{q: 1}", "{q: {low: null}}", {"q": {"value": 1}}),
        ("{q: {value: null}}", "{q: 0}", {"q": 0}),
        # a record with a field called value is no quantity
        (
            "{p: {label: A, value: {value: 1, source: F}}}",
            "{p: {value: 2}}",
            {"p": {"label": "A", "value": {"value": 2}}},
        ),
        # there null is a value
        ("{c: {ablation: {a: 1}}}", "{c: {ablation: {b: null}}}", {"c": {"ablation": {"b": None}}}),
    ],
)
def test_merging(parent: str, text: str, expected: object) -> None:
    assert merged(parent, text) == expected


WORDS = st.sampled_from(["a", "b", "c", "label"])
TREES = st.recursive(
    st.integers(0, 9) | st.text("xy", max_size=2) | st.lists(st.integers(0, 3), max_size=2),
    lambda inner: st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=12,
)
MAPPINGS = st.dictionaries(WORDS, TREES, max_size=3)


def grown(data: object, file: str = "a") -> Node:
    mark = Mark(file, 1, 1)
    if isinstance(data, dict):
        return Node({key: grown(value, file) for key, value in data.items()}, mark)
    if isinstance(data, list):
        return Node([grown(value, file) for value in data], mark)
    return Node(data, mark)  # type: ignore[arg-type]


def laid_over(parent: object, text: object) -> object:
    return merge(grown(parent), grown(text), Texts()).plain()


@given(MAPPINGS, MAPPINGS, MAPPINGS)
def test_merging_is_associative(a: object, b: object, c: object) -> None:
    assert laid_over(laid_over(a, b), c) == laid_over(a, laid_over(b, c))


@given(MAPPINGS)
def test_nothing_and_the_same_change_nothing(a: object) -> None:
    assert laid_over(a, {}) == a
    assert laid_over({}, a) == a
    assert laid_over(a, a) == a


@given(MAPPINGS, MAPPINGS)
def test_every_value_comes_from_one_of_the_two_and_knows_which(a: object, b: object) -> None:
    first, second = grown(a, "a"), grown(b, "b")
    for path, found in merge(first, second, Texts()).walk():
        if not isinstance(found.data, dict):
            origin = {"a": first, "b": second}[found.mark.file].find(path)
            assert origin is not None
            assert origin.plain() == found.plain()
            assert found.mark.file == "b" or not isinstance(second.find(path), Node)


@given(MAPPINGS, st.data())
def test_null_removes_one_key_and_nothing_else(a: dict[str, object], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from([*a, "z"]))
    texts = Texts()
    assert merge(grown(a), grown({name: None}), texts).plain() == {k: v for k, v in a.items() if k != name}
    assert [fault.code for fault in texts.faults] == ([] if name in a else ["E113"])
