"""The files a scenario is made of: each is read once, and becomes a layer over the files that it extends.

What a file names after ``extends`` stands side by side; what it names after ``overlay`` stands over that. Both are
edges of one graph, in which every file comes after those it stands over.
"""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from detente.scenario import places
from detente.scenario.acts import Act
from detente.scenario.diagnostics import Mark, did_you_mean, listed
from detente.scenario.merge import Layer, compose, is_quantity
from detente.scenario.quantity import Use
from detente.scenario.read import read_file
from detente.scenario.schema import ENTITIES
from detente.scenario.shape import fields, use_of
from detente.scenario.tree import Node, Texts

MAX_FILES = 40
#: the keys that name other files
NAMING = ("extends", "overlay")
#: what a file does not take over from those it extends
OWN = ("name", "title", "question")
#: whether a file changes the record is asked of each file by itself
LABEL = "counterfactual"


@dataclass(frozen=True)
class InputFile:
    """A file that went into a scenario: its name for people, its path, the SHA-256 of its bytes, its title.

    ``states`` is False of a file that only names others, and says what it is called.
    """

    name: str
    path: Path
    sha256: str
    title: str = ""
    states: bool = True


@dataclass
class Reading:
    """The state of one load: texts and faults, files read, whether some file could not be read."""

    texts: Texts = field(default_factory=Texts)
    files: dict[Path, InputFile] = field(default_factory=dict)
    trees: dict[Path, Node | None] = field(default_factory=dict)
    #: for every file those it names
    below: dict[Path, list[Path]] = field(default_factory=dict)
    #: for every file those that others lay it over
    moved: dict[Path, list[Path]] = field(default_factory=dict)
    #: every layer stands after those it is over
    layers: dict[Path, Layer] = field(default_factory=dict)
    labels: dict[Layer, Node | None] = field(default_factory=dict)
    incomplete: bool = False
    #: the folder of the file that was asked for
    folder: Path = Path()
    #: files that are taken as if they stated nothing, by their resolved paths
    without: frozenset[Path] = frozenset()

    def root(self, path: Path) -> Node | None:
        """The tree of the file asked for, over everything it extends, with its own name."""
        self.folder = path.parent
        own, key = self.read(path), path.resolve()
        if self.trees[key] is None:
            return None
        self.gather(path, ())
        top = self.layer(key, ())
        words = {word: own.mapping[word] for word in OWN if word in own.mapping}
        named = Layer(Node({**words, **top.node.mapping}, own.mark), top.over)
        tree = compose([*self.under(top.over), named], self.texts)
        name = Node(re.sub(r"[^\w.-]+", "_", path.stem).lstrip(".") or "scenario", tree.mark)
        given = {"name": name} | ({"title": name} if self.below[key] else {})
        return labelled(Node({**given, **tree.mapping}, tree.mark), self.labels[top])

    def read(self, path: Path) -> Node:
        """The tree of one file, read once; an empty mapping where it cannot be read."""
        key = path.resolve()
        if key not in self.files:
            shown = places.shown(path)
            self.trees[key] = read_file(path, shown, self.texts)
            digest = hashlib.sha256(path.read_bytes()).hexdigest() if self.trees[key] else ""
            self.files[key] = InputFile(shown, path, digest, *_told(self.trees[key]))
        tree = self.trees[key]
        self.incomplete |= tree is None
        return tree or Node({}, Mark(places.shown(path), 0, 0))

    def gather(self, path: Path, above: tuple[Path, ...]) -> None:
        """Read a file and all that it names; ``above`` are the files that led here."""
        key = path.resolve()
        if key in self.below:
            return
        own, self.below[key] = self.read(path), []
        chain = (*above, key)
        self.below[key] += self.named(own, "extends", path, chain)
        for overlay in self.named(own, "overlay", path, chain):
            for other in self.reach([overlay]) - self.reach(self.below[key]):
                self.moved.setdefault(other, []).extend(self.below[key])
            self.below[key].append(overlay)

    def named(self, own: Node, word: str, path: Path, chain: tuple[Path, ...]) -> Iterator[Path]:
        """The files after ``extends`` or ``overlay``; a fault for each that is not to be had."""
        seen: dict[Path, Mark] = {}
        for item in self.items(own, word):
            found = self.resolve(item, path)
            key = found.resolve() if found else None
            if found is None or key is None:
                self.incomplete = True
            elif key in chain:
                circle = " → ".join(p.stem for p in (*chain[chain.index(key) :], found))
                self.refuse("E115", item.mark, f"{word} makes a circle: {circle}", "take one of them out")
            elif key in seen:
                advice = f"it stands in line {seen[key].line}, column {seen[key].col} already: keep one"
                self.refuse("E118", item.mark, f'{word}: "{item.text}" is listed twice', advice)
            elif key not in self.files and len(self.files) >= MAX_FILES:
                self.refuse("E107", item.mark, f"more than {MAX_FILES} files", "extend fewer")
                return
            else:
                seen[key] = item.mark
                self.gather(found, chain)
                yield key

    def reach(self, paths: Iterable[Path]) -> set[Path]:
        """The files and all that they stand over."""
        found: set[Path] = set()
        waiting = list(paths)
        while waiting:
            path = waiting.pop()
            if path not in found:
                found.add(path)
                waiting += self.below[path]
        return found

    def layer(self, path: Path, above: tuple[Path, ...]) -> Layer:
        """What a file states, over all that it stands over."""
        if path not in self.layers:
            own, chain = self.trees[path] or Node({}, Mark(self.files[path].name, 0, 0)), (*above, path)
            moved = [self.layer(p, chain) for p in self.moved.get(path, []) if not self.circle(p, chain, own)]
            named = [self.layer(p, chain) for p in self.below[path] if not self.circle(p, chain, own)]
            said = {} if path in self.without else own.mapping
            stated = {k: n for k, n in said.items() if k not in (*OWN, *NAMING, LABEL)}
            over = frozenset([*moved, *named]).union(*(layer.over for layer in (*moved, *named)))
            layer = Layer(Node(stated, own.mark), over)
            self.labels[layer] = self.label(layer, own, named)
            self.layers[path] = layer
        return self.layers[path]

    def circle(self, path: Path, above: tuple[Path, ...], own: Node) -> bool:
        """Whether overlays contradict each other, so that a file would stand over itself."""
        if path in above:
            text = f"overlay: {path.stem} would stand over itself"
            self.refuse("E115", own.mark, text, "two files overlay each other: keep one order")
        return path in above

    def under(self, layers: Iterable[Layer]) -> list[Layer]:
        """Layers and all that they are over, in the order of reading."""
        whole = frozenset(layers).union(*(layer.over for layer in layers))
        return [layer for layer in self.layers.values() if layer in whole]

    def label(self, layer: Layer, own: Node, named: Sequence[Layer]) -> Node | None:
        """Whether a file is counterfactual: as it says, by what it changes, or as something that it extends."""
        if said := own.mapping.get(LABEL):
            return None if said.data is None else said
        under = self.under(named)
        if layer.node.mapping and any(other.node.find(UNTIL) for other in under):
            place = changed(compose(under, Texts()), compose([*under, layer], Texts()))
            if place:
                return Node(True, place)
        inherited = [label for below in named if (label := self.labels[below])]
        return next((label for label in inherited if label.data is not False), inherited[0] if inherited else None)

    def refuse(self, code: str, mark: Mark, message: str, hint: str) -> None:
        """Report a file that is not taken in."""
        self.texts.report(code, mark, message, hint)
        self.incomplete = True

    def items(self, own: Node, word: str) -> list[Node]:
        """The names after ``extends`` or ``overlay``."""
        node = own.mapping.get(word)
        if node is None or node.data is None:
            return []
        nameless = [node] if isinstance(node.data, dict) else [i for i in node.items if not (i.text or "").strip()]
        if nameless:
            self.refuse("E121", nameless[0].mark, f"{word}: expected a name or a list of names", f"{word}: baseline")
        elif len(node.items) > MAX_FILES:
            self.refuse("E107", node.mark, f"{word}: more than {MAX_FILES} files", "name fewer")
        else:
            return node.items
        return []

    def resolve(self, item: Node, path: Path) -> Path | None:
        """The file a name after ``extends`` means: beside the file, beside the one asked for, then shipped."""
        name = str(item.text)
        if name.startswith(("/", "~")) or ".." in Path(name).parts or "\\" in name or "\0" in name or len(name) > 200:
            self.texts.report("E116", item.mark, f'extends: "{name}" leaves the folder', "write a name without ../")
            return None
        folders = list(dict.fromkeys([path.parent, self.folder, *places.folders()]))
        candidates = [(f, p) for f in folders if (p := places.in_folder(f, name))]
        others = [c for c in candidates if c[1].resolve() != path.resolve()] or candidates
        if not others:
            known = places.names(parts=True)
            hint = did_you_mean(name, known, f"there are: {listed(known)}" if known else "no scenarios found")
            self.texts.report("E114", item.mark, f'extends: there is no "{name}"', hint)
            return None
        folder, found = others[0]
        if not found.resolve().is_relative_to(folder.resolve()):
            self.texts.report("E116", item.mark, f'extends: "{name}" leads out of its folder', "copy the file there")
            return None
        return found


def _told(tree: Node | None) -> tuple[str, bool]:
    """The title of a file, and whether it states anything that a run reads."""
    title = tree.mapping.get("title") if tree else None
    states = any(key not in (*NAMING, LABEL) and use_of((key,)) == Use.MODEL for key in tree.mapping) if tree else False
    return (title.text or "" if title else ""), states


#: what says how far the record goes
UNTIL = ("calendar", "documented_until")
#: keys of an act that only say how it is told
SHOWN = frozenset(name for name, field in fields(Act).items() if field.use <= Use.SHOWN)


def changed(parent: Node, child: Node) -> Mark | None:
    """Where the merged ``child`` first changes the record of its ``parent``; None where it leaves it alone."""
    until = parent.find(UNTIL)
    if until is None or until.text is None:
        return None
    return next(itertools.chain(_acts(parent, child, until.text), _numbers(parent, child)), None)


def labelled(tree: Node, label: Node | None) -> Node:
    """The tree with a label that says whether it is counterfactual; as it is where there is none."""
    return Node({**tree.mapping, "counterfactual": label}, tree.mark) if label else tree


def _acts(parent: Node, child: Node, until: str) -> Iterator[Mark]:
    before, after = (node.find(("acts",)) or Node({}, node.mark) for node in (parent, child))
    for name in {**before.mapping, **after.mapping}:
        mine, yours = before.mapping.get(name), after.mapping.get(name)
        days = [str(day.data) for act in (mine, yours) if act and (day := act.child("date"))]
        # days are written year first: their order is that of the text
        if _content(mine) != _content(yours) and any(day <= until for day in days):
            yield (yours or after).mark


def _content(act: Node | None) -> object:
    return {k: n.plain() for k, n in act.mapping.items() if k not in SHOWN} if act else None


def _numbers(parent: Node, child: Node) -> Iterator[Mark]:
    for section in ENTITIES:
        before = parent.child(section)
        for path, node in before.walk((section,)) if before else ():
            if is_quantity(node) and "source" in node.mapping:
                now = child.find(path)
                number = now.mapping.get("value", now) if now else None
                if number is None or number.data != node.mapping["value"].data:
                    yield (now or child).mark
