"""``detente check``: every fault and warning of scenario files, with its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from detente.cli import say
from detente.cli.options import with_extensions

if TYPE_CHECKING:
    from detente.scenario.diagnostics import ScenarioError
    from detente.scenario.load import Loaded


@dataclass(frozen=True)
class Verdict:
    """What is said about one file: the record for ``--json``, and the words for a reader."""

    record: dict[str, Any]
    words: str

    def codes(self, strict: bool = False) -> set[str]:
        """Codes of the faults found; with ``strict`` those of warnings, too."""
        found = [*self.record["faults"], *(self.record["warnings"] if strict else ())]
        return {fault["code"] for fault in found}


@click.command("check")
@with_extensions
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--set", "sets", multiple=True, metavar="PATH=VALUE", help="Change a number; repeatable.")
@click.option("--strict", is_flag=True, help="Take warnings for faults: exit code 2.")
@click.option("--json", "as_json", is_flag=True, help="Print the verdicts as JSON.")
@click.pass_context
def command(ctx: click.Context, files: tuple[str, ...], sets: tuple[str, ...], strict: bool, as_json: bool) -> None:
    """Check scenario files (paths or names); name every fault with file, line and column.

    Warnings say what can be run and is perhaps not what it seems; they are no faults, unless --strict. A file in a
    folder called theatres is a part of scenarios: what stands in it is checked, nothing is missed.
    """
    from detente.cli.run import changes

    verdicts = [_verdict(name, changes(sets)) for name in files]
    codes = set().union(*(v.codes(strict) for v in verdicts))
    if as_json:
        say.as_json({"ok": not codes, "checks": [v.record for v in verdicts]})
    else:
        for verdict in verdicts:
            click.echo(verdict.words, err=bool(verdict.codes(strict)))
    if codes:
        ctx.exit(3 if codes == {"E101"} else 2)


def _verdict(name: str, sets: Mapping[str, str]) -> Verdict:
    from detente.model.stability import require_placed
    from detente.scenario import places
    from detente.scenario.diagnostics import ScenarioError
    from detente.scenario.load import check_part, load

    path = places.named(name)
    try:
        if path is not None and path.is_file() and places.is_part(path):
            check_part(path)
            record = {"file": name, "ok": True, "part": True, "faults": [], "warnings": []}
            return Verdict(record, f"{name}: no fault (a part)")
        loaded = load(name, sets)
        require_placed(loaded)
        return _sound(name, loaded)
    except ScenarioError as error:
        return _faulty(name, error)


def _sound(name: str, loaded: Loaded) -> Verdict:
    from detente.cli.doubts import counted, warnings
    from detente.scenario.suppositions import balance

    leaves, found = loaded.leaves(), warnings(loaded)
    held = balance(loaded.scenario, leaves)
    record = {"file": name, "ok": True, "part": False, "faults": [], "warnings": [one.record() for one in found]}
    record |= {"hash": loaded.hash, "parameters": len(leaves), "assumption_share": loaded.assumption_share}
    record |= {**held._asdict(), "files": [f.name for f in loaded.files]}
    doubts = [*map(str, found), counted(found)] if found else []
    return Verdict(record, "\n\n".join([*doubts, f"{name}: no fault; {held}"]))


def _faulty(name: str, error: ScenarioError) -> Verdict:
    record = {"file": name, "ok": False, "faults": [fault.record() for fault in error.faults], "warnings": []}
    return Verdict(record, _meant(name, error))


def _meant(name: str, error: ScenarioError) -> str:
    """The faults in words; of what is an experiment, the command that checks it."""
    from detente.experiment import read
    from detente.scenario import places

    path, codes = places.named(name), {fault.code for fault in error.faults}
    if (path is None and name in read.names()) or (
        path and path.is_file() and "E104" in codes and read.is_experiment(path)
    ):
        return f"{name} is an experiment: detente experiment check {name}"
    return str(error)
