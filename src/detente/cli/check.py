"""``detente check``: every fault of scenario files, with its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from detente.cli import say

if TYPE_CHECKING:
    from detente.scenario.diagnostics import ScenarioError
    from detente.scenario.load import Loaded


@dataclass(frozen=True)
class Verdict:
    """What is said about one file: the record for ``--json``, and the words for a reader."""

    record: dict[str, Any]
    words: str

    @property
    def codes(self) -> set[str]:
        """Codes of the faults found."""
        return {fault["code"] for fault in self.record["faults"]}


@click.command("check")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--json", "as_json", is_flag=True, help="Print the verdicts as JSON.")
@click.pass_context
def command(ctx: click.Context, files: tuple[str, ...], as_json: bool) -> None:
    """Check scenario files (paths or names); name every fault with file, line and column.

    A file in a folder called theatres is a part of scenarios: what stands in it is checked, nothing is missed.
    """
    verdicts = [_verdict(name) for name in files]
    codes = set().union(*(v.codes for v in verdicts))
    if as_json:
        say.as_json({"ok": not codes, "checks": [v.record for v in verdicts]})
    else:
        for verdict in verdicts:
            click.echo(verdict.words, err=bool(verdict.codes))
    if codes:
        ctx.exit(3 if codes == {"E101"} else 2)


def _verdict(name: str) -> Verdict:
    from detente.model.stability import require_placed
    from detente.scenario import places
    from detente.scenario.diagnostics import ScenarioError
    from detente.scenario.load import check_part, load

    path = places.named(name)
    try:
        if path is not None and path.is_file() and places.is_part(path):
            check_part(path)
            return Verdict({"file": name, "ok": True, "part": True, "faults": []}, f"{name}: no fault (a part)")
        loaded = load(name)
        require_placed(loaded)
        return _sound(name, loaded)
    except ScenarioError as error:
        return _faulty(name, error)


def _sound(name: str, loaded: Loaded) -> Verdict:
    leaves, share = loaded.leaves(), loaded.assumption_share
    record = {"file": name, "ok": True, "part": False, "faults": [], "hash": loaded.hash}
    record |= {"parameters": len(leaves), "assumption_share": share, "files": [f.name for f in loaded.files]}
    return Verdict(record, f"{name}: no fault; {len(leaves)} numbers, {share:.0%} of them assumptions")


def _faulty(name: str, error: ScenarioError) -> Verdict:
    return Verdict({"file": name, "ok": False, "faults": [fault.record() for fault in error.faults]}, str(error))
