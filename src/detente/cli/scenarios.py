"""``detente scenarios``: list, show, compare and write scenario files."""

from __future__ import annotations

import re
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from detente import storage
from detente.cli import options, say
from detente.cli.options import with_extensions

if TYPE_CHECKING:
    from detente.scenario.leaves import Leaf
    from detente.scenario.load import Loaded

JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
SET = options.sets("Change a number first; repeatable.")


class Scenarios(click.Group):
    """The commands below, and ``facts``, which runs the model and lives in a module of its own."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order in which they are needed."""
        return [*self.commands, *(["facts"] if find_spec("detente.cli.facts") else [])]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A command by name."""
        if cmd_name == "facts" and find_spec("detente.cli.facts"):
            found = import_module("detente.cli.facts").command
            assert isinstance(found, click.Command)
            return found
        return super().get_command(ctx, cmd_name)


@click.group("scenarios", cls=Scenarios)
def command() -> None:
    """List, show, compare and write scenario files."""


@command.command("list")
@JSON
def list_(as_json: bool) -> None:
    """Title and question of every scenario."""
    from detente.scenario import places

    found = [_told(name, path) for name, path in places.names().items()]
    if as_json:
        say.as_json({"scenarios": found})
        return
    rows = [row for e in found for row in ((e["name"], e["title"]), ("", e["question"])) if any(row)]
    click.echo(say.table(rows))
    say.ending(then=["detente scenarios show NAME", "detente run NAME"])


def _told(name: str, path: Path) -> dict[str, Any]:
    """What a file says about itself; its content is not checked."""
    from detente.scenario import places
    from detente.scenario.read import read_file
    from detente.scenario.tree import Texts

    tree = read_file(path, places.shown(path), Texts())
    words = {key: tree.mapping[key].text if tree and key in tree.mapping else None for key in ("title", "question")}
    title = words["title"] or (name if tree else f"cannot be read: detente check {name}")
    named = {key: tree.mapping[key].items if tree and key in tree.mapping else [] for key in ("extends", "overlay")}
    return {
        "name": name,
        "title": title,
        "question": words["question"] or "",
        **{key: [item.text for item in items] for key, items in named.items()},
        "file": places.shown(path),
    }


@command.command()
@with_extensions
@click.argument("name")
@click.argument("path", default="")
@SET
@JSON
def show(name: str, path: str, sets: dict[str, str], as_json: bool) -> None:
    """Every number of a scenario and its source.

    With unit, range, source, grade, file and line, and the share that is assumption.
    PATH narrows it to a part: missions, actors.NAME.
    """
    from detente.scenario.load import load
    from detente.scenario.words import plain

    loaded, path = load(name, sets), plain(path)
    if path and not any(_under(leaf.path, path) for leaf in (*loaded.leaves(), *loaded.defaults())):
        raise click.BadParameter(f'nothing stands under "{path}"', param_hint="PATH")
    if as_json:
        say.as_json(_record(loaded, path))
        return
    click.echo("\n".join([*_head(loaded), "", *_numbers(loaded, path), "", _balance(loaded)]))
    say.ending(then=[f"detente run {name}", f"detente explain {name}"])


def _under(path: str, part: str) -> bool:
    return not part or path == part or path.startswith(part + ".")


def _record(loaded: Loaded, part: str) -> dict[str, Any]:
    scenario, facts = loaded.scenario, loaded.facts_used()
    head = scenario.model_dump(mode="json", include={"name", "title", "question", "theatre", "counterfactual"})
    calendar = scenario.calendar
    weeks = (calendar.end - calendar.start).days // 7
    return {
        **head,
        "hash": loaded.hash,
        "calendar": {**calendar.model_dump(mode="json"), "weeks": weeks},
        "parameters": [_leaf(leaf) for leaf in loaded.leaves() if _under(leaf.path, part)],
        "dates": [{**vars(d), "source": list(d.source)} for d in loaded.dates() if _under(d.path, part)],
        "switches": scenario.parameters.switches.model_dump(),
        "defaults": [_leaf(leaf) for leaf in loaded.defaults() if _under(leaf.path, part)],
        "facts_used": facts,
        "facts": len(facts),
        "assumption_share": loaded.assumption_share,
        "files": [{"name": file.name, "sha256": file.sha256} for file in loaded.files],
    }


def _leaf(leaf: Leaf) -> dict[str, Any]:
    return {**vars(leaf), "source": list(leaf.source)}


def _head(loaded: Loaded) -> list[str]:
    scenario, calendar = loaded.scenario, loaded.scenario.calendar
    weeks = (calendar.end - calendar.start).days // 7
    return [
        f"{scenario.title} · {scenario.theatre} · {loaded.hash[:8]}" + " · counterfactual" * scenario.counterfactual,
        *([scenario.question] if scenario.question else []),
        f"{calendar.start} to {calendar.end}, {weeks} weeks, documented until {calendar.documented_until}",
        f"{len(scenario.actors)} actors, {len(scenario.dyads)} dyads, {len(scenario.acts)} dated acts",
    ]


def _numbers(loaded: Loaded, part: str) -> list[str]:
    rows: list[tuple[str, ...]] = [("number", "value", "unit", "range", "source (grade)", "written in")]
    rows += [_row(leaf) for leaf in loaded.leaves() if _under(leaf.path, part)]
    rows += [_row(leaf) for leaf in loaded.defaults() if part and _under(leaf.path, part)]
    return say.table(rows, right=[1]).splitlines()


def _row(leaf: Leaf) -> tuple[str, ...]:
    between = f"{leaf.low:g}–{leaf.high:g}" if leaf.low is not None and leaf.high is not None else ""
    more = f" +{len(leaf.source) - 1}" if len(leaf.source) > 1 else ""
    source = f"{leaf.source[0]}{more} ({leaf.grade})" if leaf.source else leaf.grade
    place = f"{leaf.file}:{leaf.line}" if leaf.line else "the default"
    return leaf.path, f"{leaf.value:g}", leaf.unit, f"{between} {leaf.spread or ''}".strip(), source, place


def _balance(loaded: Loaded) -> str:
    from detente.scenario.suppositions import balance

    leaves = loaded.leaves()
    share = f"{loaded.assumption_share:.0%} of {len(leaves)} numbers are assumptions"
    return f"{balance(loaded.scenario, leaves)}; {share}; {len(loaded.facts_used())} sources in use"


@command.command()
@with_extensions
@click.argument("a")
@click.argument("b")
@JSON
def diff(a: str, b: str, as_json: bool) -> None:
    """What differs between two scenarios."""
    from detente.index import construction
    from detente.scenario import difference
    from detente.scenario.load import load

    first, second = load(a), load(b)
    rows = difference.rows(first.scenario, second.scenario)
    acts = difference.acts(first.scenario, second.scenario)
    if as_json:
        told = [{**vars(row), "what": row.what, "changes": [vars(c) for c in row.changes]} for row in acts]
        head = {"a": first.scenario.name, "b": second.scenario.name, "hash_a": first.hash, "hash_b": second.hash}
        built = [row.path for row in rows if construction.counts(row.path)]
        whole = {**head, "same": not rows and not acts, "rows": [vars(r) for r in rows], "acts": told}
        say.as_json({**whole, "construction": built})
        return
    if not rows and not acts:
        click.echo(f"{a} and {b} are the same: a comparison gives exactly 0")
        return
    click.echo("\n".join([*_values(a, b, rows), *_calendar(acts)]).strip("\n"))
    say.ending(then=[f"detente compare {a} {b}"])


COMPARED = "detente compare measures both by the index of the first, and names what the other adds."


def _values(a: str, b: str, rows: Any) -> list[str]:
    if not rows:
        return []
    from detente.index import construction
    from detente.scenario.difference import word

    table = [("", a, b, ""), *((row.path, word(row.a), word(row.b), row.unit) for row in rows)]
    built = [row.path for row in rows if construction.counts(row.path)]
    note = f"Another ruler, no other behaviour: {', '.join(built)} build the index. {COMPARED}"
    return [*say.table(table, right=[1, 2]).splitlines(), *(["", note] if built else [])]


def _calendar(acts: Any) -> list[str]:
    from detente.scenario.difference import word

    lines = []
    for row in acts:
        sign = {"added": "+", "removed": "-", "changed": "~"}[row.what]
        lines.append(f"{sign} {row.date_b or row.date_a}  {row.title} ({row.id})")
        lines += [f"      {c.path}: {word(c.a)} → {word(c.b)} {c.unit}".rstrip() for c in row.changes]
    return ["", "Dated acts (+ only in the second, - only in the first, ~ changed)", *lines] if lines else []


@command.command()
@click.argument("name")
@click.option("--from", "base", default="baseline", show_default=True, help="The scenario to start from.")
@click.option("--force", is_flag=True, help="Replace a file of that name.")
@JSON
def new(name: str, base: str, force: bool, as_json: bool) -> None:
    """Write a first scenario file.

    It extends another scenario and holds examples to uncomment. It is written to the folder scenarios where there is
    one, otherwise here; NAME may be a path ending in .yaml.
    """
    from detente.scenario import editor
    from detente.scenario.load import load
    from detente.scenario.starter import starter

    path = _target(name)
    if path.stem == Path(base).stem:
        raise click.BadParameter("a scenario cannot extend itself: choose another name", param_hint="NAME")
    if path.exists() and not force:
        raise click.UsageError(f"{path} exists; --force replaces it")
    loaded = load(base)
    place = editor.beside(path.parent.resolve())
    storage.make_folder(path.parent)
    storage.write_text(path, starter(path.stem, base, loaded.scenario, place))
    if place == editor.NAME:
        storage.write_text(path.parent / place, editor.text())
    if as_json:
        say.as_json({"saved": str(path), "extends": base})
        return
    say.ending([path], [f"detente check {path}", f"detente run {path}"])


def _target(name: str) -> Path:
    path = Path(name)
    if path.suffix in (".yaml", ".yml"):
        return path
    if not re.fullmatch(r"\w[\w-]*", name):
        raise click.BadParameter("letters, digits, _ and - only, or a path ending in .yaml", param_hint="NAME")
    return Path("scenarios" if Path("scenarios").is_dir() else "") / f"{name}.yaml"


@command.command()
@click.option("--out", "-o", type=click.Path(path_type=Path, dir_okay=False), help="Write it to a file.")
def schema(out: Path | None) -> None:
    """The JSON Schema of the files, for editors."""
    from detente.scenario import editor

    if out is None:
        click.echo(editor.text(), nl=False)
        return
    storage.make_folder(out.parent)
    storage.write_text(out, editor.text())
    say.ending([out])
