"""``detente explain``: what moved the index from start to end, and which inputs are assumptions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from detente.cli import say
from detente.cli.contenders import Contender, ready, resolve, settings
from detente.cli.options import with_extensions
from detente.cli.run import changes as read_sets

if TYPE_CHECKING:
    import xarray as xr

    from detente.analysis.explain import Ledger, Moved

#: members run to explain a scenario: means settle early
MEMBERS = 200


@dataclass(frozen=True)
class Stored:
    """A number of a stored scenario, as scenario.json keeps it."""

    path: str
    value: Any
    unit: str = ""
    low: float | None = None
    high: float | None = None
    spread: str | None = None
    source: tuple[str, ...] = ()

    @classmethod
    def of(cls, record: dict[str, Any]) -> Stored:
        """From its record."""
        kept: dict[str, Any] = {name: record.get(name) for name in cls.__dataclass_fields__}
        kept["source"] = tuple(record.get("source") or ())
        return cls(**kept)


@click.command()
@with_extensions
@click.argument("scenario")
@click.option(
    "--members", "-n", default=MEMBERS, show_default=True, type=click.IntRange(2, 10_000_000), help="Members to run."
)
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0, 2**63 - 1), help="Key of all chance.")
@click.option("--weeks", type=click.IntRange(1), help="Stop after so many weeks.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 512), help="Processes.")
@click.option("--set", "sets", multiple=True, metavar="PATH=VALUE", help="Change a number; repeatable.")
@click.option("--top", default=10, show_default=True, type=click.IntRange(1), help="Lines of each list.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, lists in full.")
def command(
    scenario: str,
    members: int,
    seed: int,
    weeks: int | None,
    workers: int,
    sets: tuple[str, ...],
    top: int,
    as_json: bool,
) -> None:
    """Say what moved the index of SCENARIO (a scenario or a result folder), and what it assumes."""
    from detente.analysis import explain

    chosen = read_sets(sets)
    found = resolve([scenario], chosen)
    how = settings(found, members, seed, weeks, workers)
    ready(found, how)
    ds = found[0].result(None if found[0].stored is not None else how.members)
    told = explain.ledger(*_inputs(found[0], chosen))
    if as_json:
        say.as_json(_record(ds, told))
        return
    _print(found[0], ds, told, top)


def _inputs(contender: Contender, sets: dict[str, str]) -> tuple[Sequence[Any], Sequence[str]]:
    """The numbers written in the files, and the paths of those left at a default."""
    if contender.folder is None:
        from detente.scenario.load import load
        from detente.scenario.suppositions import supposed

        loaded = load(contender.word, sets)
        return loaded.leaves(), [entry.path for entry in supposed(loaded.scenario)]
    from detente.experiment.store import SCENARIO, read_json

    kept = read_json(Path(contender.folder), SCENARIO)
    return [Stored.of(record) for record in kept.get("parameters", [])], kept.get("defaults", [])


def _record(ds: xr.Dataset, told: Ledger) -> dict[str, Any]:
    from detente.analysis import attributes, explain
    from detente.analysis.compare import cleaned

    dates, attrs = attributes.dates(ds), ds.attrs
    head = {"scenario": attrs["scenario"], "members": ds.sizes["member"], "seed": int(attrs["seed"])}
    out: dict[str, Any] = head | {"from": dates[0], "to": dates[-1], "tension": explain.total(ds).as_dict()}
    out["pillars"] = [moved.as_dict() for moved in explain.by_pillar(ds)]
    out["dyads"] = [moved.as_dict() for moved in explain.by_dyad(ds)]
    out |= {"inputs": told.inputs, "assumption_share": told.share, "assumed_by_part": told.groups()}
    out["assumptions"] = [_leaf(leaf) for leaf in told.assumptions]
    out["defaults"] = list(told.defaults)
    cleared: dict[str, Any] = cleaned(out)
    return cleared


def _leaf(leaf: Any) -> dict[str, Any]:
    return {name: getattr(leaf, name) for name in ("path", "value", "unit", "low", "high", "spread")}


def _print(contender: Contender, ds: xr.Dataset, told: Ledger, top: int) -> None:
    from detente.analysis import attributes, explain
    from detente.analysis.wording import counted, fixed, month, signed
    from detente.scenario.diagnostics import listed

    dates, whole_index = attributes.dates(ds), explain.total(ds)
    moved = f"{fixed(whole_index.start)} → {fixed(whole_index.end)} ({signed(whole_index.change)} points)"
    click.echo(f"{ds.attrs['title']} · {counted(ds.sizes['member'], 'member')} · seed {ds.attrs['seed']}")
    click.echo(f"  Mean tension, {month(dates[0])} to {month(dates[-1])}: {moved}\n")
    click.echo(_table("pillar", explain.by_pillar(ds)))
    click.echo("\n" + _table("pair", explain.by_dyad(ds)[:top]))
    share = f"{len(told.assumptions)} of {told.inputs} inputs ({fixed(100 * told.share, 0)} %) rest on no source"
    share += f", and {len(told.defaults)} are left at a default" if told.defaults else ""
    parts = ", ".join(f"{part} {count}" for part, count in told.groups().items())
    click.echo(f"\n  {share}: {parts}\n  The widest ranges among them:")
    click.echo(_assumed(told, top))
    if told.defaults:
        click.echo("  Left at a default: " + listed(told.defaults, top))
    shown = [f"detente scenarios show {contender.name}"] if contender.folder is None else []
    say.ending(then=[*shown, f"detente compare {contender.word} OTHER"])


def _table(noun: str, found: Sequence[Moved]) -> str:
    from detente.analysis.wording import digits_for, fixed, interval, signed

    lines = [[noun, "start", "end", "change", "95% CI"]]
    for one in found:
        d = one.difference
        bounds = "" if d is None else interval(d.ci_low, d.ci_high, digits_for(d.half_width, 2))
        lines.append([one.label, fixed(one.start, 2), fixed(one.end, 2), signed(one.change, 2), bounds])
    return "\n".join(f"  {line}" for line in say.table(lines, right=(1, 2, 3)).splitlines())


def _assumed(told: Ledger, top: int) -> str:
    lines = []
    for leaf in told.assumptions[:top]:
        spread = f"{leaf.low:g} to {leaf.high:g}" if leaf.low is not None and leaf.high is not None else ""
        drawn = leaf.spread or "fixed"
        lines.append([leaf.path, f"{leaf.value:g} {leaf.unit}".strip(), spread, drawn])
    return "\n".join(f"    {line}" for line in say.table(lines).splitlines())
