"""``detente scenarios``: list, show, compare and write scenario files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from detente.cli import complete, options, say
from detente.cli.facts import command as facts
from detente.cli.weights import command as weights
from detente.prose.table import Table

JSON = options.as_json("Print JSON.")
COMPARED = "detente compare measures both by the index of the first, and names what the other adds."


class InOrder(click.Group):
    """The commands in the order in which they are needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """As they are written here."""
        return list(self.commands)


@click.group("scenarios", cls=InOrder)
def command() -> None:
    """List, show, compare and write scenario files."""


@command.command("list")
@JSON
def list_(as_json: bool) -> None:
    """Title and question of every scenario."""
    from detente.api.scenarios import listed

    found = listed()
    if as_json:
        say.as_json({"scenarios": found})
        return
    rows = [row for e in found for row in ((e["name"], e["title"]), ("", e["question"])) if any(row)]
    click.echo(Table((), rows).text())
    say.ending(then=["detente scenarios show NAME", "detente run NAME"])


@command.command(cls=options.Command)
@options.with_extensions
@click.argument("name", shell_complete=complete.scenarios)
@click.argument("path", default="")
@options.sets("Change a number first; repeatable.")
@JSON
def show(name: str, path: str, sets: dict[str, str], as_json: bool) -> None:
    """Every number of a scenario and its source.

    With unit, range, source, grade, file and line, and the share that is assumption.
    PATH narrows it to a part: missions, actors.NAME.
    """
    from detente.api.scenarios import show as of
    from detente.scenario.load import load

    loaded = load(name, sets)
    told = of(loaded, path)
    if as_json:
        say.as_json(told)
        return
    click.echo(_words(told, loaded, bool(path)))
    say.ending(then=[f"detente run {name}", f"detente explain {name}"])


def _words(told: dict[str, Any], loaded: Any, narrowed: bool) -> str:
    """The scenario in a few lines, its numbers in a table, and how well they are founded."""
    from detente.scenario.suppositions import balance

    scenario, calendar, leaves = loaded.scenario, told["calendar"], loaded.leaves()
    head = f"{told['title']} · {told['theatre']} · {told['hash'][:8]}"
    until = f"{calendar['weeks']} weeks, documented until {calendar['documented_until']}"
    shown = [*told["parameters"], *(told["defaults"] if narrowed else [])]
    columns = ("number", "value", "unit", "range", "source (grade)", "written in")
    table = Table(columns, [_row(leaf) for leaf in shown], right=[1]).text()
    share = f"{told['assumption_share']:.0%} of {len(leaves)} numbers are assumptions"
    return "\n".join(
        [
            head + " · counterfactual" * told["counterfactual"],
            *([told["question"]] if told["question"] else []),
            f"{calendar['start']} to {calendar['end']}, {until}",
            f"{len(scenario.actors)} actors, {len(scenario.dyads)} dyads, {len(scenario.acts)} dated acts",
            f"\n{table}\n",
            f"{balance(scenario, leaves)}; {share}; {told['facts']} sources in use",
        ]
    )


def _row(leaf: dict[str, Any]) -> tuple[str, ...]:
    low, high, source = leaf["low"], leaf["high"], leaf["source"]
    between = f"{low:g}–{high:g}" if low is not None and high is not None else ""
    more = f" +{len(source) - 1}" if len(source) > 1 else ""
    told = f"{source[0]}{more} ({leaf['grade']})" if source else leaf["grade"]
    place = f"{leaf['file']}:{leaf['line']}" if leaf["line"] else "the default"
    return leaf["path"], f"{leaf['value']:g}", leaf["unit"], f"{between} {leaf['spread'] or ''}".strip(), told, place


@command.command(cls=options.Command)
@options.with_extensions
@click.argument("a", shell_complete=complete.scenarios)
@click.argument("b", shell_complete=complete.scenarios)
@JSON
def diff(a: str, b: str, as_json: bool) -> None:
    """What differs between two scenarios."""
    from detente.api.scenarios import diff as between

    told = between(a, b)
    if as_json:
        say.as_json(told)
    elif told["same"]:
        click.echo(f"{a} and {b} are the same: a comparison gives exactly 0")
    else:
        click.echo("\n".join([*_values(a, b, told), *_calendar(told["acts"])]).strip("\n"))
        say.ending(then=[f"detente compare {a} {b}"])


def _values(a: str, b: str, told: dict[str, Any]) -> list[str]:
    from detente.scenario.difference import word

    if not told["rows"]:
        return []
    rows = [(row["path"], word(row["a"]), word(row["b"]), row["unit"]) for row in told["rows"]]
    built = ", ".join(told["construction"])
    note = f"Another ruler, no other behaviour: {built} build the index. {COMPARED}"
    return [Table(("", a, b, ""), rows, right=[1, 2]).text(), *(["", note] if built else [])]


def _calendar(acts: list[dict[str, Any]]) -> list[str]:
    from detente.scenario.difference import word

    lines = []
    for row in acts:
        sign = {"added": "+", "removed": "-", "changed": "~"}[row["what"]]
        lines.append(f"{sign} {row['date_b'] or row['date_a']}  {row['title']} ({row['id']})")
        for c in row["changes"]:
            lines.append(f"      {c['path']}: {word(c['a'])} → {word(c['b'])} {c['unit']}".rstrip())
    return ["", "Dated acts (+ only in the second, - only in the first, ~ changed)", *lines] if lines else []


@command.command(cls=options.Command)
@click.argument("name")
@click.option("--from", "base", default="baseline", show_default=True, help="The scenario to start from.")
@click.option("--theatre", is_flag=True, help="A small theatre of your own instead, commented, to be replaced.")
@options.force("Replace a file of that name.")
@JSON
def new(name: str, base: str, theatre: bool, force: bool, as_json: bool) -> None:
    """Write a first scenario file.

    It extends another scenario and holds examples to uncomment. With --theatre it is a theatre of its own: three
    actors, a mission, a talk, an order of arms. It is written to the folder scenarios where there is one, otherwise
    here; NAME may be a path ending in .yaml.
    """
    from detente.api.scenarios import new as write

    path = write(name, base, force, theatre=theatre)
    if as_json:
        say.as_json({"saved": str(path), "extends": None if theatre else base})
        return
    question = [f"detente scenarios new my_question --from {path.stem}"] if theatre else []
    say.ending([path], [f"detente check {path}", f"detente run {path}", *question])


@command.command()
@click.option("--out", "-o", type=click.Path(path_type=Path, dir_okay=False), help="Write it to a file.")
def schema(out: Path | None) -> None:
    """The JSON Schema of the files, for editors."""
    from detente import storage
    from detente.scenario import editor

    if out is None:
        click.echo(editor.text(), nl=False)
        return
    storage.make_folder(out.parent)
    storage.write_text(out, editor.text())
    say.ending([out])


command.add_command(facts, "facts")
command.add_command(weights, "weights")
