"""Two parsers, one reading: whatever libyaml is trusted with, ruamel.yaml would have read alike, to the column."""

import random
from pathlib import Path

import pytest
import yaml

from detente.scenario import events, read
from detente.scenario.tree import Node, Texts
from tests import mutations

ROOT = Path(__file__).parents[1]
FILES = sorted([*(ROOT / "scenarios").rglob("*.yaml"), *(ROOT / "experiments").rglob("*.yaml")])
#: short enough for the slow parser: the beginnings of the shipped files, cut at the end of a line
TEXTS = [path.read_text()[:900].rpartition("\n")[0] + "\n" for path in FILES]
MUTATED = 400

needs_libyaml = pytest.mark.skipif(not yaml.__with_libyaml__, reason="needs PyYAML with libyaml")

#: texts that libyaml takes, and reads otherwise or has at another place
UNLIKE = {
    "a tab": "a: [US\t m]\n",
    "a separator of lines": "a: [b\u2028c]\n",
    "a byte order mark inside": 'a: "\ufeff"\n',
    "an empty value": "a:\n\nb: c\n",
}


def exactly(text: str) -> tuple[Node | None, int]:
    """The tree as ruamel.yaml has it, and the number of faults."""
    texts = Texts({"x": text.splitlines()})
    try:
        return read._told(text, "x", texts), len(texts.faults)
    except read._Refused:
        return None, 1


@needs_libyaml
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_shipped_files_are_read_alike_by_both(path: Path) -> None:
    text = path.read_text()
    assert (read._sound(text, "x"), 0) == exactly(text)


@needs_libyaml
def test_mutated_files_are_read_alike_or_left_to_the_exact_parser() -> None:
    rng, trusted = random.Random(1), 0
    for _ in range(MUTATED):
        text = mutations.of_tokens(rng, rng.choice(TEXTS))
        quick = read._sound(text, "x")
        if quick is not None:
            trusted += 1
            assert (quick, 0) == exactly(text), text
    assert trusted > MUTATED / 4


@needs_libyaml
@pytest.mark.parametrize("case", UNLIKE)
def test_what_they_read_unlike_is_left_to_the_exact_parser(case: str) -> None:
    def alone(text: str) -> list[events.Event]:
        return list(events._placed(yaml.parse(text, Loader=yaml.CSafeLoader), "x"))

    text = UNLIKE[case]
    assert read._sound(text, "x") is None
    try:
        assert alone(text) != list(events.exact(text, "x"))
    except events.Unread:
        assert alone(text)


def test_without_libyaml_files_are_read_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml, "__with_libyaml__", False)
    assert read._sound("a: 1\n", "x") is None
    found = read._tree("a: 1\n", "x", Texts())
    assert found is not None
    assert found.plain() == {"a": 1}
