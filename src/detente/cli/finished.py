"""Finished experiments as a user names them: a folder, or the name of the file that made it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from detente.report.experiments import Chapter

RESULTS = Path("results")


def finished(experiment: str) -> Path:
    """The folder a user means: itself, or the newest finished one of that name. Raises ResultRefused."""
    from detente.experiment.results import ResultRefused

    if (Path(experiment) / "inputs.json").exists() or Path(experiment).is_dir():
        return Path(experiment)
    name = Path(experiment).stem
    found = [p.parent for p in RESULTS.glob("*/DONE") if _name_of(p.parent) == name]
    if not found:
        raise ResultRefused(f'no finished experiment "{name}" in {RESULTS}/: detente experiment run {experiment}')
    return max(found, key=lambda folder: (folder / "DONE").stat().st_mtime)


def stages(folder: Path, asked: int | None) -> int:
    """The place of a stage, counted from 1 by the user; the last without. Raises click.BadParameter."""
    from detente.experiment.status import status

    if asked is None:
        return -1
    known = len(status(folder).stages)
    if asked > known:
        raise click.BadParameter(f"the experiment has {known}", param_hint="--stage")
    return asked - 1


def _name_of(folder: Path) -> str:
    from detente.experiment.status import NoExperiment, inputs

    try:
        return str(inputs(folder)["name"])
    except NoExperiment:
        return ""


def chapters(words: Sequence[str]) -> list[Chapter]:
    """The sections on finished experiments. ReportError where a design allows none."""
    if not words:
        return []
    from detente.analysis.worlds import NotThisDesign
    from detente.report.experiments import chapter
    from detente.report.folder import ReportError

    try:
        return [chapter(finished(word)) for word in words]
    except NotThisDesign as error:
        raise ReportError(f"{error}") from error
