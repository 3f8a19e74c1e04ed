"""A scenario becomes an ensemble and, where a folder is named, a result folder with its summary and its picture."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from detente import storage
from detente.analysis import chances, summary
from detente.analysis.metrics import summarised
from detente.api import Tell, silent
from detente.engine.choice import Asked, using
from detente.experiment import provenance, room, store
from detente.experiment import run as whole
from detente.experiment.digest import digest
from detente.model.stability import require_placed
from detente.scenario.load import Loaded, ScenarioLike, loaded

if TYPE_CHECKING:
    import xarray as xr

    from detente.api.result import Result


def run(
    scenario: ScenarioLike,
    members: int = 1000,
    seed: int = 1,
    weeks: int | None = None,
    workers: int = 1,
    block: int = whole.BLOCK,
    sets: Mapping[str, object] | None = None,
    *,
    out: str | PathLike[str] | None = None,
    keep: Literal["auto", "index", "summary"] = "auto",
    force: bool = False,
    engine: Asked | None = None,
    tell: Tell = silent,
) -> Result:
    """The ensemble of a scenario, a name, a file or a value; see vocabulary.py for the variables of the dataset.

    The same (scenario, members, seed, weeks, sets) gives the same bits whatever ``workers`` and ``block``. ``sets``
    changes numbers by their dotted path. ``out`` also writes the result folder, which must be free unless ``force``;
    without it nothing is written. ``keep`` is what is held of members: "index" all of
    them by week, "summary" counts by week and a few numbers of each (docs/python.md), "auto" the first up to a size of
    1 GB. ``engine`` is that of the context (:func:`detente.using`) where none is named.
    Raises ScenarioError, RunError for members < 1 or weeks out of range, TooLarge for what memory or disk cannot hold,
    ResultError where something would be lost in ``out``.
    """
    from detente.api.result import as_result

    known, folder = loaded(scenario, sets), None if out is None else Path(out)
    require_placed(known)
    length = whole.length_of(known.scenario, weeks)
    if size := room.told(known.scenario, length, members):
        tell(size)
    kept = room.chosen(known.scenario, length, members, keep)
    if (keep, kept) == ("auto", "summary"):
        tell(room.choice(known.scenario, length, members))
    room.require_memory(known.scenario, length, members, kept)
    if folder is not None:
        needed = (room.kept if kept == "index" else room.summarised)(known.scenario, length, members)
        room.require_disk(folder, needed, "Take fewer members" + (" or --keep summary." if kept == "index" else "."))
    with using(engine, tell) if engine else nullcontext(), nullcontext() if folder is None else storage.locked(folder):
        if folder is not None:
            store.free(folder, force=force)
        begun = time.monotonic()
        tell(known.scenario.title, 0, members)
        result = as_result(whole.run(
            known.scenario, members, seed, weeks, workers, keep=kept, block=block,
            progress=lambda done, of: tell(known.scenario.title, done, of),
        ))  # fmt: skip
        word = str(scenario) if isinstance(scenario, str | PathLike) else known.scenario.name
        # a value may be any scenario: no command is known to make it
        named = (
            provenance.command(word, members, seed, weeks, known.sets, kept, result.attrs["engine"])
            if known.files
            else ""
        )
        result.attrs["command"] = named
        result.encoding |= {"scenario": known, "seconds": time.monotonic() - begun}
        if folder is not None:
            _save(result, known, folder, tell)
    return result


def _save(result: xr.Dataset, known: Loaded, folder: Path, tell: Tell) -> None:
    from detente.figures import fan

    made = provenance.provenance(result, known) | {"digest": result.attrs.get("digest") or digest(result)}
    tables = {store.SUMMARY: summary.table(result), store.CHANCES: chances.table(result)}
    texts = {name: summary.csv_text(columns) for name, columns in tables.items() if columns}
    store.save(result, folder, made, provenance.described(known), texts)
    result.encoding["source"] = str(folder)
    if "tension" in result or summarised(result):
        again = f"detente figure fan {shlex.quote(str(folder))} -o fan.png"
        drawn(lambda: fan.write(result, folder / "fan"), folder, tell, again)


def drawn(draw: Callable[[], Iterable[Path]], place: Path, tell: Tell, later: str = "") -> list[Path]:
    """The pictures that ``draw`` saved beside what lies in ``place``; none, and a word on it, where it fails.

    The result is whole before anything is drawn, and stands whatever becomes of its pictures. ``later`` is the command
    that draws them once what stopped it is mended.
    """
    try:
        return list(draw())
    except Exception as error:
        tell(f"{place}: the results are whole and saved, but their picture cannot be drawn: {error}")
        if later:
            tell(f"Draw it later: {later}")
        return []
