"""Several files side by side: what each states is merged, what contradicts is a fault, whatever the order."""

import itertools
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detente.scenario import difference, extends
from detente.scenario.diagnostics import Fault, Mark, ScenarioError
from detente.scenario.load import Loaded, load
from detente.scenario.merge import Layer, compose, merge
from detente.scenario.read import read_value
from detente.scenario.tree import Node, Texts
from tests.scenario_data import write

#: name of the case -> files in the order of reading, "name < what it extends = what it states"; then what holds, or the
#: paths at which files contradict each other, with the files
CASES: dict[str, tuple[list[str], Any]] = {
    "a diamond: each side changes something else": (
        ["base = {x: 1, y: 1}", "a < base = {x: 2}", "b < base = {y: 3}", "c < a b = {}"],
        {"x": 2, "y": 3},
    ),
    "a diamond: what one side inherits is no statement": (
        ["base = {x: 1, y: {z: 1}}", "a < base = {x: null, y: {z: null}}", "b < base = {w: 1}"],
        {"y": {}, "w": 1},
    ),
    "a diamond: both sides say the same": (["base = {x: 1}", "a < base = {x: 2}", "b < base = {x: 2.0}"], {"x": 2}),
    "a diamond: both sides remove the same": (
        ["base = {x: 1, y: 1}", "a < base = {x: null}", "b < base = {x: null}"],
        {"y": 1},
    ),
    "a diamond: both sides change one value": (["base = {x: 1}", "a < base = {x: 2}", "b < base = {x: 3}"], ["x: a b"]),
    "true is not 1": (["a = {x: 1}", "b = {x: true}"], ["x: a b"]),
    "remarks of a child replace": (
        ["base = {notes: [p]}", "a < base = {notes: [q, r]}", "b < a = {x: 1}", "c < b = {notes: [s]}"],
        {"notes": ["s"], "x": 1},
    ),
    "the child settles what its parents contradict": (
        ["base = {x: 1}", "a < base = {x: 2}", "b < base = {x: 3}", "c < a b = {x: 4}"],
        {"x": 4},
    ),
    "a grandchild settles it too": (
        ["a = {x: 2}", "b = {x: 3}", "c < a b = {y: 1}", "d < c = {x: 4}"],
        {"x": 4, "y": 1},
    ),
    "the child settles it by taking it away": (
        ["base = {x: 1}", "a < base = {x: 2}", "b < base = {x: null}", "c < a b = {x: null}"],
        {},
    ),
    "one side removes what the other changes": (
        ["base = {x: {y: 1, z: 1}}", "a < base = {x: null}", "b < base = {x: {y: 2}}"],
        ["x: a b"],
    ),
    "one side removes what the other adds to": (
        ["base = {x: {y: 1}}", "a < base = {x: {n: 5}}", "b < base = {x: null}"],
        ["x: a b"],
    ),
    "a child that touches a part does not settle the whole": (
        ["base = {x: {y: 1}}", "a < base = {x: null}", "b < base = {x: {y: 2}}", "c < a b = {x: {z: 1}}"],
        ["x: a b"],
    ),
    "a parent that extends another in the list": (
        ["base = {x: 1}", "a < base = {x: 2, y: 1}", "b < a = {x: 3}", "c < b a = {}"],
        {"x": 3, "y": 1},
    ),
    "a null in a parent that extends another": (
        ["base = {x: 1, y: 1}", "a < base = {y: 2}", "b < a = {x: null}", "c < base b = {}"],
        {"y": 2},
    ),
    "removed below and stated afresh above": (
        ["base = {x: {y: 1, z: 1}}", "a < base = {x: null}", "b < a = {x: {y: 2}}"],
        {"x": {"y": 2}},
    ),
    "three parents": (
        ["base = {x: 1, y: 1, z: 1}", "a < base = {x: 2}", "b < base = {y: 2}", "c < base = {z: null}"],
        {"x": 2, "y": 2},
    ),
    "three parents, of which two agree": (
        ["base = {x: 1}", "a < base = {x: 2}", "b < base = {x: 2}", "c < base = {x: 3}"],
        ["x: a c", "x: b c"],
    ),
    "parts without a common ancestor": (
        ["a = {x: {p: 1}}", "b = {x: {q: 2}, y: [1]}", "c = {x: {r: {s: 1}}}"],
        {"x": {"p": 1, "q": 2, "r": {"s": 1}}, "y": [1]},
    ),
    "parts that contradict each other": (["a = {x: {p: 1}}", "b = {x: {p: 2}}"], ["x.p: a b"]),
    "lists are one value": (["a = {x: [A, B]}", "b = {x: [B, A]}"], ["x: a b"]),
    "lists replace": (["base = {x: [A, B]}", "a < base = {x: [C]}", "b < base = {}"], {"x": ["C"]}),
    "a null in a list is no removal": (["a = {x: [1, null]}", "b < a = {}"], {"x": [1, None]}),
    "an ablation is one value": (
        ["a = {c: {ablation: {p: null}}}", "b = {c: {ablation: {p: null}}}"],
        {"c": {"ablation": {"p": None}}},
    ),
    "two restate one number": (
        ["base = {q: {value: 1, unit: '%', source: F}}", "a < base = {q: 3}", "b < base = {q: {value: 4}}"],
        ["q: a b"],
    ),
    "two restate it alike": (
        ["base = {q: {value: 1, unit: '%', source: F}}", "a < base = {q: 3}", "b < base = {q: {value: 3}}"],
        {"q": {"value": 3, "unit": "%"}},
    ),
    "one number with and without its source": (
        ["base = {q: {value: 1}}", "a < base = {q: {value: 3, source: F}}", "b < base = {q: 3}"],
        ["q.source: a b"],
    ),
    "a number and its range are one statement": (
        ["base = {q: {value: 3, low: 1, high: 5}}", "a < base = {q: 4}", "b < base = {q: {low: 2}}"],
        ["q: a b"],
    ),
    "the unit belongs to the number": (
        ["base = {q: {value: 5, unit: persons}}", "a < base = {q: {unit: thousand persons}}", "b < base = {q: 7}"],
        ["q: a b"],
    ),
    "a child restates a number of which the unit is known": (
        ["base = {q: {value: 1, unit: '%'}}", "a < base = {q: 3}", "b < base = {q: 4}", "c < a b = {q: 5}"],
        {"q": {"value": 5, "unit": "%"}},
    ),
    "a child cannot restate a number of which the unit is not known": (
        ["a = {q: {value: 1, unit: persons}}", "b = {q: {value: 2, unit: thousand persons}}", "c < a b = {q: 5}"],
        ["q.unit: a b"],
    ),
    "a child adds to what its parents contradict": (
        ["base = {q: {value: 1}}", "a < base = {q: 3}", "b < base = {q: 4}", "c < a b = {q: {note: n}}"],
        ["q: a b"],
    ),
    "no source from the other side": (
        ["base = {q: {value: 1, low: 0, high: 2, source: F}}", "a < base = {q: 3}", "b < base = {r: 1}"],
        {"q": {"value": 3}, "r": 1},
    ),
    "one side removes a number that the other restates": (
        ["base = {q: {value: 1}}", "a < base = {q: null}", "b < base = {q: 3}"],
        ["q: a b"],
    ),
}


def layers(files: list[str]) -> list[Layer]:
    """The layers of a case, and one that brings together those that nothing extends."""
    found: dict[str, Layer] = {}
    for line in files:
        (name, *parents), text = line.split(" = ")[0].replace("<", "").split(), line.split(" = ")[1]
        texts = Texts()
        node = read_value(text, name, texts)
        assert node is not None
        assert texts.faults == []
        below = [found[parent] for parent in parents]
        found[name] = Layer(node, frozenset(below).union(*(layer.over for layer in below)))
    return [*found.values(), Layer(Node({}, Mark("child", 1, 1)), frozenset(found.values()))]


def outcome(stated: list[Layer]) -> Any:
    """What holds; or the contradictions, as path and files."""
    texts = Texts()
    plain = compose(stated, texts).plain()
    assert all(fault.code == "E117" for fault in texts.faults)
    told = [
        (f.message.split(":")[0], *sorted([f.file, f.message.split(" in ")[1].split(":")[0]])) for f in texts.faults
    ]
    return [f"{path}: {one} {other}" for path, one, other in told] or plain


@pytest.mark.parametrize("case", CASES)
def test_a_case_holds_in_whatever_order_the_files_are_listed(case: str) -> None:
    files, expected = CASES[case]
    stated = layers(files)
    for order in itertools.permutations(stated[:-1]):
        if all(order.index(below) < order.index(layer) for layer in order for below in layer.over):
            found = outcome([*order, stated[-1]])
            assert set(found) <= set(expected) if isinstance(expected, list) else found == expected
            assert found or not expected


def test_one_name_is_a_list_of_one() -> None:
    assert outcome(layers(["a = {x: SRB}", "b = {x: [SRB]}"])) in ({"x": "SRB"}, {"x": ["SRB"]})


def test_remarks_side_by_side_are_joined_each_once() -> None:
    assert outcome(layers(["base = {notes: [p]}", "a < base = {notes: [q, r]}", "b < base = {notes: [r, s]}"])) == {
        "notes": ["q", "r", "s"]
    }


WORDS = st.sampled_from(["a", "b"])
SCALARS = st.none() | st.integers(0, 2) | st.sampled_from(["x", "y"])
NUMBERS = st.dictionaries(st.sampled_from(["value", "low", "source"]), SCALARS, max_size=3)
TREES = st.recursive(SCALARS | NUMBERS, lambda inner: st.dictionaries(WORDS, inner, max_size=3), max_leaves=8)
MAPPINGS = st.dictionaries(WORDS, TREES, max_size=3)


def grown(data: Any, file: str) -> Node:
    mark = Mark(file, 1, 1)
    return Node({k: grown(v, file) for k, v in data.items()} if isinstance(data, dict) else data, mark, mark)


@given(MAPPINGS, st.lists(MAPPINGS, min_size=2, max_size=3))
def test_the_order_of_parents_never_matters(base: Any, parents: list[Any]) -> None:
    below = Layer(grown(base, "base"))
    sides = [Layer(grown(data, str(n)), frozenset([below])) for n, data in enumerate(parents)]
    top = Layer(grown({}, "top"), frozenset([below, *sides]))
    found = []
    for order in itertools.permutations(sides):
        texts = Texts()
        plain = compose([below, *order, top], texts).plain()
        found.append((sorted({f.message.split(":")[0] for f in texts.faults if f.code == "E117"}), plain))
    clear = found[0][0]
    assert all(paths == clear for paths, _ in found)
    assert clear or all(plain == found[0][1] for _, plain in found)


@given(st.lists(MAPPINGS, min_size=1, max_size=4))
def test_a_chain_is_one_file_over_the_other(chain: list[Any]) -> None:
    stated: list[Layer] = []
    whole: Node | None = None
    for n, data in enumerate(chain):
        node = grown(data, str(n))
        stated.append(Layer(node, frozenset(stated)))
        whole = merge(whole, node, Texts())
    texts = Texts()
    assert whole is not None
    assert compose(stated, texts).plain() == whole.plain()
    assert [fault for fault in texts.faults if fault.code == "E117"] == []


@given(MAPPINGS, MAPPINGS)
def test_a_side_that_states_nothing_leaves_the_other_as_it_is(base: Any, text: Any) -> None:
    below, texts = Layer(grown(base, "base")), Texts()
    one, other = Layer(grown(text, "one"), frozenset([below])), Layer(grown({}, "other"), frozenset([below]))
    both = compose([below, one, other, Layer(grown({}, "top"), frozenset([below, one, other]))], texts)
    assert both.plain() == merge(grown(base, "base"), grown(text, "one"), Texts()).plain()


# Files


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path).parent


def child(folder: Path, text: str, **others: str) -> Loaded:
    for name, content in {**others, "child": text}.items():
        (folder / f"{name}.yaml").write_text(content, encoding="utf-8")
    return load(folder / "child.yaml")


def faults(folder: Path, text: str, **others: str) -> list[Fault]:
    with pytest.raises(ScenarioError) as caught:
        child(folder, text, **others)
    return caught.value.faults


TROOPS = "extends: small\nmissions:\n  watch: {{troops: {}}}\n"


def test_two_parents_that_contradict_each_other_are_both_placed(folder: Path) -> None:
    (fault,) = faults(folder, "extends: [one, two]\n", one=TROOPS.format(3000), two=TROOPS.format(2500))
    assert (fault.code, Path(fault.file).name, fault.line, fault.col) == ("E117", "two.yaml", 3, 19)
    assert fault.message.startswith("missions.watch.troops: 2500 here, 3000 in ")
    assert fault.message.endswith("one.yaml:3:19")
    assert "child.yaml" in fault.hint


def test_the_child_settles_it_and_the_number_stands_there(folder: Path) -> None:
    text = "extends: [one, two]\nmissions:\n  watch: {troops: 2700}\n"
    loaded = child(folder, text, one=TROOPS.format(3000), two=TROOPS.format(2500))
    leaf = next(leaf for leaf in loaded.leaves() if leaf.path == "missions.watch.troops")
    assert (leaf.value, Path(leaf.file).name, leaf.line, leaf.grade) == (2700, "child.yaml", 3, "assumption")


def test_an_overlay_goes_over_what_is_extended(folder: Path) -> None:
    text = "extends: one\noverlay: [./two, ./three]\n"
    parts = {"two": "missions:\n  watch: {troops: 2500}\n", "three": "missions:\n  watch: {troops: 2600, reserve: 5}\n"}
    loaded = child(folder, text, one=TROOPS.format(3000), **parts)
    assert loaded.scenario.missions["watch"].troops.value == 2600
    assert (
        child(folder, text.replace("[./two, ./three]", "[./three, ./two]"), **parts)
        .scenario.missions["watch"]
        .troops.value
        == 2500
    )
    assert loaded.scenario.missions["watch"].reserve.value == 5


def test_an_overlay_that_extends_a_parent_brings_only_what_it_states(folder: Path) -> None:
    text = "extends: one\noverlay: two\n"
    two = "extends: small\nmissions:\n  watch: {reserve: 5}\n"
    mission = child(folder, text, one=TROOPS.format(3000), two=two).scenario.missions["watch"]
    assert (mission.troops.value, mission.reserve.value) == (3000, 5)


def test_overlays_that_contradict_each_other_are_a_circle(folder: Path) -> None:
    parts = {"a": "notes: [a]\n", "b": "notes: [b]\n"}
    pair = {"one": "extends: a\noverlay: b\n", "two": "extends: b\noverlay: a\n"}
    found = faults(folder, "extends: [small, one, two]\n", **parts, **pair)
    assert "E115" in {fault.code for fault in found}


def test_every_file_is_read_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Path] = []
    real = extends.read_file
    monkeypatch.setattr(extends, "read_file", lambda path, *rest: (read.append(path), real(path, *rest))[1])
    tower = {"f0": "extends: small\n"} | {
        f"{side}{n}": f"extends: [f{n - 1}, g{n - 1}]\n" if n > 1 else "extends: f0\n"
        for n in range(1, 18)
        for side in "fg"
    }
    assert child(folder, "extends: [f17, g17]\n", **tower).scenario.theatre == "Nowhere"
    assert len(read) == len(set(read)) == 38


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("extends: [small, small]", "E118", (1, 18)),
        ("extends:\n  - small\n  - ./small\n", "E118", (3, 5)),
        ("extends: small\noverlay: [theatres/laws, theatres/laws]", "E118", (2, 26)),
        (f"extends: [{', '.join(f'n{n}' for n in range(20_000))}]", "E107", (1, 10)),
        ("extends: [small, '']", "E121", (1, 18)),
        ("extends: ' '", "E121", (1, 10)),
        ("extends: [small, null]", "E121", (1, 18)),
        ("overlay: {a: b}", "E121", (1, 10)),
    ],
)
def test_a_list_of_files_that_cannot_be_taken_is_refused(
    folder: Path, text: str, code: str, place: tuple[int, int]
) -> None:
    (fault,) = faults(folder, text)
    assert (fault.code, fault.line, fault.col) == (code, *place)


def test_what_one_parent_changes_of_the_record_makes_the_child_counterfactual(folder: Path) -> None:
    one = "extends: small\nacts: {clash: null}\n"
    two = "extends: small\nparameters: {hostility: {inertia: 0.4}}\n"
    for order in ("[one, two]", "[two, one]"):
        scenario = child(folder, f"extends: {order}\n", one=one, two=two).scenario
        assert scenario.counterfactual
        assert "clash" not in scenario.acts
    assert not child(folder, "extends: [one, two]\ncounterfactual: false\n", one=one, two=two).scenario.counterfactual


def test_a_null_is_judged_by_what_its_own_file_extends(folder: Path) -> None:
    two = "extends: small\nacts: {extra: null}\n"
    one = "extends: small\nacts:\n  extra: {kind: visit, date: 2026-01-05, title: T, by: POW, to: ALF, size: 1}\n"
    found = faults(folder, "extends: [one, two]\n", one=one, two=two)
    assert {(fault.code, Path(fault.file).name) for fault in found} == {("E113", "two.yaml"), ("E117", "two.yaml")}


def test_two_shipped_scenarios_together_state_the_changes_of_both(tmp_path: Path) -> None:
    def changes(loaded: Loaded) -> tuple[set[str], set[str]]:
        rows, acts = difference.rows(base, loaded.scenario), difference.acts(base, loaded.scenario)
        return {str(row) for row in rows}, {str(row) for row in acts}

    base = load("baseline").scenario
    alone = [changes(load(name)) for name in ("arms_restraint", "dialogue_collapse")]
    together = []
    for order in ("arms_restraint, dialogue_collapse", "dialogue_collapse, arms_restraint"):
        (tmp_path / "both.yaml").write_text(f"extends: [{order}]\n", encoding="utf-8")
        together.append(load(tmp_path / "both.yaml"))
    assert changes(together[0]) == tuple(one | other for one, other in zip(*alone, strict=True))
    assert changes(together[1]) == changes(together[0])
    assert together[0].hash == together[1].hash
    assert all(len(part) > 4 for part in (alone[0][0], alone[1][1]))
    assert together[0].scenario.counterfactual
    assert "srb_rafale" not in together[0].scenario.programmes


LEAVES = st.none() | st.integers(0, 2)
FLAT = st.dictionaries(
    st.sampled_from("ab"), LEAVES | st.dictionaries(st.sampled_from("cd"), LEAVES, max_size=2), max_size=2
)


def flat(tree: Node | dict[str, Any]) -> dict[str, Any]:
    """Values by path."""
    node = grown(tree, "x") if isinstance(tree, dict) else tree
    return {"/".join(map(str, path)): n.data for path, n in node.walk() if not isinstance(n.data, dict)}


@given(FLAT, FLAT, FLAT)
def test_without_a_contradiction_the_result_is_that_of_a_three_way_merge(base: Any, one: Any, other: Any) -> None:
    texts, below = Texts(), Layer(grown(base, "base"))
    sides = [Layer(grown(data, name), frozenset([below])) for name, data in (("one", one), ("other", other))]
    found = flat(compose([below, *sides, Layer(grown({}, "top"), frozenset([below, *sides]))], texts))
    start = flat(merge(None, grown(base, "base"), Texts()))
    ends = [flat(merge(grown(base, "base"), grown(data, "side"), Texts())) for data in (one, other)]
    if not any(fault.code == "E117" for fault in texts.faults):
        for path in {*start, *ends[0], *ends[1], *found}:
            was, mine, yours = (held.get(path) for held in (start, *ends))
            assert found.get(path) == (yours if mine == was else mine)
