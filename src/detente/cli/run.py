"""``detente run``: a scenario becomes a result folder, a fan chart and a summary."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import click

from detente.cli import complete, options, say
from detente.cli.progress import Progress


@click.command(cls=options.Command)
@options.with_extensions
@options.engine
@click.argument("scenario", shell_complete=complete.scenarios)
@options.members(1000, text="Paths to simulate.")
@options.seed()
@options.weeks
@options.workers
@click.option("--block", default=1024, show_default=True, type=click.IntRange(1), help="Members simulated together.")
@options.sets()
@options.out("Result folder; default results/NAME-HASH.")
@options.keep("auto", "index", "summary", default="auto", text="All members by week, or a summary; auto: by size.")
@options.force("Replace what is in --out.")
@options.as_json()
def command(scenario: str, sets: dict[str, str], out: Path | None, force: bool, as_json: bool, **asked: Any) -> None:
    """Run SCENARIO (a file or a shipped name) and save the result folder."""
    from detente.analysis import summary
    from detente.api.check import counted, warnings
    from detente.api.run import run
    from detente.experiment.provenance import changed, default_folder
    from detente.experiment.room import chosen
    from detente.experiment.run import length_of
    from detente.experiment.store import RUN, read_json
    from detente.scenario.load import load

    loaded = load(scenario, sets)
    doubts = warnings(loaded)
    kept = chosen(loaded.scenario, length_of(loaded.scenario, asked["weeks"]), asked["members"], asked["keep"])
    folder = out or default_folder(loaded, asked["members"], asked["seed"], asked["weeks"], kept)
    result = run(loaded, **asked, out=folder, force=force or out is None, tell=Progress())
    pictures = [str(path) for name in ("fan.png", "fan.svg") if (path := folder / name).exists()]
    if as_json:
        attrs = {name: result.attrs[name] for name in ("scenario", "members", "weeks", "seed")}
        told = {**attrs, "digest": read_json(folder, RUN)["digest"], **summary.summary(result)}
        told |= {"engine": result.attrs["engine"], "processor": result.attrs["processor"]}
        told |= {"warnings": [one.record() for one in doubts]}
        say.as_json({**told, "saved": str(folder), "pictures": pictures})
        return
    click.echo("\n".join(summary.heading(result)))
    if doubts:
        click.echo(f"  {counted(doubts)}: {shlex.join(['detente', 'check', scenario, *changed(sets)])}")
    saved = f"{folder}/" + (f"  ({pictures[0]})" if pictures else "")
    say.ending([saved], [f"detente compare {loaded.scenario.name} OTHER   (detente scenarios list)"])
