"""Files laid over one another: mappings merge, lists and scalars replace, ``null`` removes.

Every file is a layer that knows the layers it extends. At each path the statements of all layers are held against each
other: a statement stands over those of the layers that its own layer extends; of two layers that do not extend each
other both must say the same, otherwise a fault names both places. So nothing depends on the order in which a file lists
what it extends, and what a layer merely inherits is no statement of its own.

Positions travel with the values. A number with all that belongs to it is one statement, so that none keeps a source
that does not state it: a layer that changes ``value``, ``low``, ``high``, ``spread`` or ``spike`` without a ``source``
of its own loses what it inherits; and a layer that sets ``value`` alone (or writes a bare number) restates the
quantity: of what was there only the unit stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TypeAlias

from detente.scenario.diagnostics import Mark, did_you_mean
from detente.scenario.quantity import NUMBERS, Quantity
from detente.scenario.tree import BROKEN, Node, Texts

QUANTITY = tuple(Quantity.model_fields)
#: here null is a value: the change that takes a mechanism away
LITERAL = "ablation"
#: what files side by side remark is joined
REMARKS = ("notes",)
#: how a file settles what those that it extends contradict
SETTLED = "say in {} what holds, or lay one file over the other there: overlay: NAME"

Path: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Layer:
    """What one file states, and the layers it extends, directly or through others."""

    node: Node
    over: frozenset[Layer] = frozenset()


@dataclass(frozen=True)
class Stated:
    """What a layer says at some path; ``whole`` where that replaces what was there, as all but mappings do."""

    layer: Layer
    node: Node
    whole: bool = False

    def under(self, other: Stated) -> bool:
        """Whether the other statement stands over this one."""
        return self.layer in other.layer.over

    def apart(self, other: Stated) -> bool:
        """Whether neither of the two stands over the other."""
        return not (self.under(other) or other.under(self))


@dataclass(frozen=True)
class Held:
    """A value that holds where a statement is made; the statement itself may say nothing of it."""

    value: Node
    said: Node

    @property
    def mark(self) -> Mark:
        """Where the value is written, or the statement where the value is not that file's own."""
        node = self.value if self.value.mark.file == self.said.mark.file else self.said
        return node.place if node.data is None or isinstance(node.data, dict) else node.mark


@dataclass(frozen=True)
class View:
    """A quantity as one layer sees it: for every key what holds there, or two values that contradict each other."""

    layer: Layer
    keys: Mapping[str, tuple[Held, ...]]


def merge(parent: Node | None, child: Node, texts: Texts) -> Node:
    """``child`` laid over ``parent``; faults go to ``texts``."""
    below = [] if parent is None else [Layer(parent)]
    return compose([*below, Layer(child, frozenset(below))], texts)


def compose(layers: Sequence[Layer], texts: Texts, advice: str = "") -> Node:
    """All ``layers`` as one tree; each comes after those it is over. Faults go to ``texts``, with ``advice``."""
    stated = [Stated(layer, layer.node, whole=not isinstance(layer.node.data, dict)) for layer in layers]
    return _Composer(texts, advice or SETTLED.format(layers[-1].node.mark.file)).at((), stated) or layers[-1].node


def is_quantity(node: Node) -> bool:
    """Whether a mapping is a quantity."""
    return "value" in node.mapping and node.mapping.keys() <= set(QUANTITY)


@dataclass(frozen=True)
class _Composer:
    """One composition; ``advice`` is how contradictions are settled."""

    texts: Texts
    advice: str

    def at(self, path: Path, stated: Sequence[Stated]) -> Node | None:
        """What holds at ``path``; None where it is removed."""
        if len(stated) == 1:
            return _without_null(stated[0].node, literal=stated[0].whole)
        stated = _unreplaced(stated)
        numeric = bool(path) and _numeric(stated)
        stated = [_spelt(s) for s in stated] if numeric else stated
        live = [s for s in stated if not any(o.whole and s.under(o) for o in stated)]
        if path == REMARKS:
            return _joined(_tops(live))
        for one, other in combinations(live, 2):
            if (one.whole or other.whole) and one.apart(other) and not _same(one.node, other.node):
                self.dispute(path, Held(one.node, one.node), Held(other.node, other.node))
                return Node(BROKEN, other.node.mark, other.node.key)
        standing = [s for s in live if not (s.whole and any(s.under(o) for o in live))]
        if standing[-1].whole:
            return None if standing[-1].node.data is None else standing[-1].node
        return self.quantity(path, standing) if numeric else self.mapping(path, standing)

    def mapping(self, path: Path, stated: Sequence[Stated]) -> Node:
        """Mappings merged key by key."""
        keys: dict[str, list[Stated]] = {}
        for s in stated:
            for key, node in s.node.mapping.items():
                whole = key == LITERAL or not isinstance(node.data, dict)
                keys.setdefault(key, []).append(Stated(s.layer, node, whole))
        merged = {}
        for key, there in keys.items():
            self.idle(key, there, stated)
            found = self.at((*path, key), there)
            if found is not None and found.data is not None:
                merged[key] = found
        return Node(merged, stated[-1].node.mark, stated[-1].node.key)

    def idle(self, key: str, stated: Sequence[Stated], around: Sequence[Stated]) -> None:
        """Report every null that has nothing to remove in what its layer extends."""
        for null in (s for s in stated if s.node.data is None):
            known = {k: n for s in around if s.under(null) for k, n in s.node.mapping.items()}
            removed = _tops([s for s in stated if s.under(null)])
            if any(s.under(null) for s in around) and all(s.node.data is None for s in removed):
                advice = did_you_mean(key, (k for k in known if k != key), "delete the line")
                self.texts.report("E113", null.node.place, f'there is no "{key}" that null could remove', advice)

    def quantity(self, path: Path, stated: Sequence[Stated]) -> Node:
        """A number as the topmost layers see it."""
        views: list[View] = []
        for s in stated:
            says, below = _says(s.node), [v for v in views if v.layer in s.layer.over]
            views.append(View(s.layer, {key: _seen(key, s.node, says, below) for key in QUANTITY}))
        found = {key: _agreed(views, key) for key in QUANTITY}
        for key, held in found.items():
            if len(held) > 1:
                self.dispute(path if key == "value" else (*path, key), *held)
                break
        entries = {key: held[0].value for key, held in found.items() if held[0].value.data is not None}
        return Node(entries, stated[-1].node.mark, stated[-1].node.key)

    def dispute(self, path: Path, one: Held, other: Held) -> None:
        """Two files that do not extend each other say different things."""
        place = f"{one.mark.file}:{one.mark.line}:{one.mark.col}"
        message = f"{'.'.join(path)}: {_told(other.value)} here, {_told(one.value)} in {place}"
        self.texts.report("E117", other.mark, message, self.advice)


def _unreplaced(stated: Sequence[Stated]) -> Sequence[Stated]:
    """Statements without those that a bare number replaces, because a record stands below it and no quantity."""
    records = [s for s in stated if not _keys(s, stated) <= set(QUANTITY)]
    numbers = [s for s in stated if _is_number(s.node) and any(record.under(s) for record in records)]
    return [s for s in stated if not any(s.under(number) for number in numbers)] if numbers else stated


def _numeric(stated: Sequence[Stated]) -> bool:
    """Whether statements together make a quantity, some of them spelt out."""
    mappings = [s.node.mapping for s in stated if not s.whole and _keys(s, stated)]
    keys = {key for s in stated for key in _keys(s, stated)}
    valued = [entries["value"] for entries in mappings if "value" in entries]
    number = valued or any(_is_number(s.node) for s in stated)
    return bool(mappings and number) and keys <= set(QUANTITY) and not any(n.mapping for n in valued)


def _keys(statement: Stated, stated: Sequence[Stated]) -> set[str]:
    """The keys that a statement settles; where there is nothing below, null says nothing."""
    above = any(s.under(statement) for s in stated)
    return {key for key, entry in statement.node.mapping.items() if above or entry.data is not None}


def _spelt(stated: Stated) -> Stated:
    """A bare number as the quantity it stands for."""
    node = stated.node
    return Stated(stated.layer, Node({"value": node}, node.mark, node.key)) if _is_number(node) else stated


def _is_number(node: Node) -> bool:
    return isinstance(node.data, int | float) and not isinstance(node.data, bool)


def _says(node: Node) -> dict[str, Node]:
    """What a statement on a quantity settles: what it writes, and null for what it takes away thereby."""
    changed = set(NUMBERS) & node.mapping.keys()
    lost = {"source", "note"} if changed and "source" not in node.mapping else set()
    if changed == {"value"}:
        lost |= {*NUMBERS, "note"}
    return {**dict.fromkeys(lost, Node(None, node.mark, node.key)), **node.mapping}


def _seen(key: str, said: Node, says: Mapping[str, Node], below: Sequence[View]) -> tuple[Held, ...]:
    """What holds under a key of a quantity where a layer makes its statement."""
    if key in says:
        return (Held(says[key], said),)
    inherited = _agreed(below, key)
    value = inherited[0].value if inherited else Node(None, said.mark, said.key)
    return inherited if len(inherited) > 1 else (Held(value, said),)


def _agreed(views: Sequence[View], key: str) -> tuple[Held, ...]:
    """What the topmost views hold under a key: one value, two that differ, none."""
    tops = [v for v in views if not any(v.layer in o.layer.over for o in views)]
    found = [held for view in tops for held in view.keys[key]]
    other = next((held for held in found[1:] if not _same(found[0].value, held.value)), None)
    return (*found[:1], *([other] if other else []))


def _tops(stated: Sequence[Stated]) -> list[Stated]:
    """The statements that no other stands over."""
    return [s for s in stated if not any(s.under(o) for o in stated)]


def _joined(stated: Sequence[Stated]) -> Node:
    """The entries of several lists, each once."""
    entries = {str(entry.plain()): entry for s in reversed(stated) for entry in reversed(s.node.items)}
    first = stated[0].node
    return Node([*reversed(entries.values())], first.mark, first.key) if len(stated) > 1 else first


def _same(one: Node, other: Node) -> bool:
    """Whether two values say the same; one name is the list of that name, and what is broken has its fault already."""
    if BROKEN in (one.data, other.data):
        return True
    if isinstance(one.data, dict) or isinstance(other.data, dict) or None in (one.data, other.data):
        return one.plain() == other.plain()
    return _entries(one) == _entries(other)


def _entries(node: Node) -> list[tuple[object, bool]]:
    """The entries of a list, in which true is not 1."""
    return [(entry.plain(), isinstance(entry.data, bool)) for entry in node.items]


def _told(node: Node) -> str:
    """A value for a sentence."""
    if node.data is None:
        return "removed"
    if isinstance(node.data, dict | list):
        return "changed"
    return f"{node.data:g}" if _is_number(node) else f'"{" ".join(str(node.data).split())[:40]}"'


def _without_null(node: Node, literal: bool = False) -> Node:
    """A tree in which null means absent."""
    if isinstance(node.data, dict) and not literal:
        kept = {k: _without_null(n, k == LITERAL) for k, n in node.data.items() if n.data is not None}
        return Node(kept, node.mark, node.key)
    return node
