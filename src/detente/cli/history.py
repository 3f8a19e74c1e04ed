"""``detente verify --history``: a theatre of documented years against the record, into a folder."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import click
import numpy as np

from detente import storage
from detente.cli import keep, say
from detente.cli.observed import observed
from detente.cli.progress import Progress

#: members where none are asked for
MEMBERS = 400
FILES = ("history.json", "README.md", "history.png", "history.svg")


def against(
    scenario: str,
    folder: Path,
    file: str,
    codes: Path | None,
    until: datetime,
    members: int | None,
    seed: int,
    force: bool,
    as_json: bool,
) -> None:
    """Run, compare, write record, words and figure. Raises click.BadParameter where files would be overwritten."""
    from detente.evidence.past.history import history
    from detente.evidence.past.history_scores import record
    from detente.evidence.past.history_words import findings, readme
    from detente.scenario.load import load

    _free(folder, force)
    loaded, observations = load(scenario), observed(file, codes)
    fitted = np.datetime64(until.date())
    found = history(
        loaded.scenario, observations, fitted, members or MEMBERS, seed, Progress().of("simulate", "variants")
    )
    told = record(found)
    texts, unsaved = keep.written(lambda: _texts(told, readme(told), folder))
    pictures, undrawn = keep.written(lambda: _picture(found, told, folder, scenario))
    if as_json:
        say.as_json(told)
    else:
        click.echo("\n".join(["", *findings(told), "", *told["footnotes"]]))
        say.ending([*texts, *pictures])
    keep.end(unsaved, undrawn, as_json=as_json)


def _free(folder: Path, force: bool) -> None:
    taken = [name for name in FILES if (folder / name).exists()]
    if taken and not force:
        raise click.BadParameter(
            f"{folder} holds {', '.join(taken)}: choose another folder, or overwrite with --force",
            param_hint="--history",
        )


def _texts(told: dict[str, Any], words: str, folder: Path) -> list[Path]:
    with storage.folder(folder, ours=FILES) as beside:
        storage.write_json(beside / FILES[0], told)
        storage.write_text(beside / FILES[1], words)
    return [folder / name for name in FILES[:2]]


def _picture(found: object, told: dict[str, object], folder: Path, scenario: str) -> list[Path]:
    from detente.evidence.past.history import History
    from detente.figures import history as figure
    from detente.figures.save import save
    from detente.figures.sheet import sheet

    assert isinstance(found, History)
    data = figure.collect(found, told)
    source = figure.provenance(found, f"detente verify {scenario} --history {folder.name}")
    chart = sheet(figure.draw, data, source)
    return [save(chart, folder / name, source, title=data.title, force=True, few=True) for name in FILES[2:]]
