"""``detente explain``: what moved the index from start to end, and which inputs are assumptions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from detente.cli import complete, options, say
from detente.cli.progress import Progress
from detente.prose.table import Table

if TYPE_CHECKING:
    from detente.analysis.explain import Ledger, Moved
    from detente.api.explain import Explanation


@click.command(cls=options.Command)
@options.with_extensions
@options.engine
@click.argument("scenario", shell_complete=complete.results)
@options.members(200, least=2)
@options.seed()
@options.weeks
@options.workers
@options.sets()
@click.option("--top", default=10, show_default=True, type=click.IntRange(1), help="Lines of each list.")
@options.as_json("Print one JSON object, lists in full.")
def command(scenario: str, top: int, as_json: bool, **asked: Any) -> None:
    """Say what moved the index of SCENARIO (a scenario or a result folder), and what it assumes."""
    from detente.api.explain import explain

    told = explain(scenario, **asked, tell=Progress())
    if as_json:
        say.as_json(told.as_dict())
        return
    click.echo(_words(told, top))
    shown = [f"detente scenarios show {told.source.name}"] if told.source.folder is None else []
    say.ending(then=[*shown, f"detente compare {told.source.word} OTHER"])


def _words(found: Explanation, top: int) -> str:
    from detente.analysis import attributes
    from detente.prose.wording import counted, fixed, month, signed
    from detente.scenario.diagnostics import listed

    ds, told, dates = found.data, found.ledger, attributes.dates(found.data)
    moved = f"{fixed(found.total.start)} → {fixed(found.total.end)} ({signed(found.total.change)} points)"
    share = f"{len(told.assumptions)} of {told.inputs} inputs ({fixed(100 * told.share, 0)} %) rest on no source"
    share += f", and {len(told.defaults)} are left at a default" if told.defaults else ""
    return "\n".join(
        [
            f"{ds.attrs['title']} · {counted(ds.sizes['member'], 'member')} · seed {ds.attrs['seed']}",
            f"  Mean tension, {month(dates[0])} to {month(dates[-1])}: {moved}\n",
            _table("pillar", found.pillars) + "\n",
            _table("pair", found.dyads[:top]) + "\n",
            f"  {share}: {', '.join(f'{part} {count}' for part, count in told.groups().items())}",
            "  The widest ranges among them:",
            _assumed(told, top),
            *(["  Left at a default: " + listed(told.defaults, top)] if told.defaults else []),
        ]
    )


def _table(noun: str, found: Sequence[Moved]) -> str:
    from detente.prose.wording import digits_for, fixed, interval, signed

    lines = []
    for one in found:
        d = one.difference
        bounds = "" if d is None else interval(d.ci_low, d.ci_high, digits_for(d.half_width, 2))
        lines.append([one.label, fixed(one.start, 2), fixed(one.end, 2), signed(one.change, 2), bounds])
    return Table((noun, "start", "end", "change", "95% CI"), lines, right=(1, 2, 3)).text("  ")


def _assumed(told: Ledger, top: int) -> str:
    lines = []
    for leaf in told.assumptions[:top]:
        spread = f"{leaf.low:g} to {leaf.high:g}" if leaf.low is not None and leaf.high is not None else ""
        lines.append([leaf.path, f"{leaf.value:g} {leaf.unit}".strip(), spread, leaf.spread or "fixed"])
    return Table((), lines).text("    ")
