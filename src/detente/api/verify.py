"""What must hold before anybody believes a number, and the documented past beside it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from detente import storage
from detente.api import Tell, silent
from detente.api.evidence import Evidence, Place, kept, observed, saved, word
from detente.errors import UsageError
from detente.figures.save import check, save
from detente.figures.sheet import sheet
from detente.model.stability import require_placed
from detente.observations import Observations
from detente.scenario.load import ScenarioLike, loaded

#: members where none are asked for: of the checks, and of the documented years
MEMBERS, OF_HISTORY = 200, 400
HISTORY = ("history.json", "README.md", "history.png", "history.svg")


def verify(
    scenario: ScenarioLike = "baseline",
    members: int | None = None,
    seed: int = 1,
    full: bool = False,
    backcast: Place | None = None,
    history: Place | None = None,
    until: str | date | None = None,
    observations: Place | Observations | None = None,
    codes: Place | None = None,
    documents: Place | None = None,
    card: Place | None = None,
    force: bool = False,
    *,
    tell: Tell = silent,
) -> Evidence[Any]:
    """Check a scenario against what must hold, with 200 members by default; ``found.ok`` says whether it does.

    ``full`` also moves every number and takes out every act, one by one; ``card`` writes the evidence card to a file.
    One of these stands in place of the checks: ``backcast``, a file for the figure of the index on observed events;
    ``history``, a folder for the documented years (400 members) against reports, where ``until`` is the last day of the
    events that the scenario's numbers were estimated on; ``documents``, a folder for the generated documents.
    Raises ScenarioError, UsageError, ObservationError; Unfinished with what is told of the checks made so far, Unsaved
    with everything.
    """
    if backcast is not None and history is not None:
        raise UsageError("--backcast and --history are two different things: ask for one at a time")
    if history is not None and (observations is None or until is None):
        raise UsageError("--history needs --observations FILE and --until DATE")
    if history is None and until is not None:
        raise UsageError("--until goes with --history")
    if history is None and (backcast is None) != (observations is None):
        raise UsageError("--backcast and --observations go together")
    if card is not None and not Path(card).parent.is_dir():
        raise UsageError(f'there is no folder "{Path(card).parent}": make it first', "--card")
    if backcast is not None and observations is not None:
        return _backcast(scenario, Path(backcast), observations, codes, force, tell)
    if history is not None and observations is not None:
        fitted = np.datetime64(str(until))
        return _history(scenario, Path(history), observations, codes, fitted, members, seed, force, tell)
    if documents is not None:
        from detente.evidence.documentation.documents import write

        files = write(loaded(scenario), Path(documents))
        return Evidence(None, {"files": [str(path) for path in files]}, tuple(files))
    return _checks(scenario, members or MEMBERS, seed, full, card, tell)


def _checks(
    scenario: ScenarioLike, members: int, seed: int, full: bool, card: Place | None, tell: Tell
) -> Evidence[Any]:
    from detente.evidence.documentation.card import card as made_of
    from detente.evidence.documentation.card import write
    from detente.evidence.verification.suite import verify as checked

    known = loaded(scenario)
    require_placed(known)
    told = kept(
        lambda: checked(known, members, seed, full=full, tell=lambda part: tell(f"Checking {part}")),
        lambda found: Evidence(found, found.record()),
    )
    if card is None:
        return told
    path, about = Path(card), known.scenario
    return saved(told, lambda: [write(made_of(told.found, path.parent, about.theatre, about.cautions()), path)])


def _backcast(
    scenario: ScenarioLike, out: Path, file: Place | Observations, codes: Place | None, force: bool, tell: Tell
) -> Evidence[Any]:
    from detente.evidence.past.backcast import backcast
    from detente.evidence.past.backcast_ranks import record
    from detente.figures import backcast as figure

    check(out, force=force)
    found = backcast(loaded(scenario).scenario, observed(file, codes, tell))
    data = figure.collect(found)
    command = f"detente verify {word(scenario)} --backcast {out.name} --observations {found.observations.path.name}"
    source = figure.provenance(found, command)
    return saved(
        Evidence(found, {**record(found), "title": data.title}),
        lambda: [save(sheet(figure.draw, data, source), out, source, title=data.title, force=force, few=True)],
    )


def _history(
    scenario: ScenarioLike, folder: Path, file: Place | Observations, codes: Place | None, fitted: np.datetime64,
    members: int | None, seed: int, force: bool, tell: Tell,
) -> Evidence[Any]:  # fmt: skip
    """Run, compare, write record, words and figure. Raises UsageError where files would be overwritten."""
    from detente.evidence.past.history import history
    from detente.evidence.past.history_scores import record
    from detente.evidence.past.history_words import readme
    from detente.figures import history as figure

    taken = [name for name in HISTORY if (folder / name).exists()]
    if taken and not force:
        advice = "choose another folder, or overwrite with --force"
        raise UsageError(f"{folder} holds {', '.join(taken)}: {advice}", "--history")
    theatre, series = loaded(scenario).scenario, observed(file, codes, tell)

    def heard(done: int, total: int) -> None:
        tell("simulate", done, total, "variants")

    found = history(theatre, series, fitted, members or OF_HISTORY, seed, heard)
    told = record(found)

    def texts() -> list[Path]:
        with storage.folder(folder, ours=HISTORY) as beside:
            storage.write_json(beside / HISTORY[0], told)
            storage.write_text(beside / HISTORY[1], readme(told))
        return [folder / name for name in HISTORY[:2]]

    def pictures() -> list[Path]:
        data = figure.collect(found, told)
        source = figure.provenance(found, f"detente verify {word(scenario)} --history {folder.name}")
        chart = sheet(figure.draw, data, source)
        return [save(chart, folder / name, source, title=data.title, force=True, few=True) for name in HISTORY[2:]]

    return saved(saved(Evidence(found, told), texts), pictures)
