"""What is compared: scenarios by name, which are run, and stored result folders, which are opened."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from detente.cli.progress import Progress
from detente.cli.run import commit

if TYPE_CHECKING:
    import xarray as xr

    from detente.analysis.compare import Rebuilt
    from detente.experiment import run
    from detente.scenario.schema import Scenario


@dataclass(frozen=True)
class Settings:
    """How scenarios are run."""

    members: int
    seed: int
    weeks: int | None
    workers: int


class Ensemble:
    """A scenario's ensemble that can grow, with its progress on stderr."""

    def __init__(self, scenario: Scenario, settings: Settings, title: str = "") -> None:
        self.scenario, self.settings, self.title = scenario, settings, title or scenario.title
        self.grown: run.Ensemble | None = None

    def result(self, members: int) -> xr.Dataset:
        """The first ``members`` members, at least those it has already.

        Raises click.UsageError where the scenario has fewer weeks than were asked for.
        """
        from detente.experiment import run

        how = self.settings
        try:
            self.grown = self.grown or run.Ensemble(self.scenario, how.seed, how.weeks, how.workers)
        except run.RunError as error:
            raise click.UsageError(f"{self.title}: {error}") from error
        found = self.grown.result(members, Progress(self.title))
        found.attrs["commit"] = _commit()
        return found


def each_run(scenarios: Sequence[Scenario], how: Settings, members: int, title: str) -> Iterator[xr.Dataset]:
    """The ensembles of several scenarios in order, spread over the workers."""
    from detente.experiment.pools import spread
    from detente.experiment.run import simulate

    progress = Progress(title, "ensembles")
    work = partial(simulate, members=range(members), seed=how.seed, weeks=how.weeks)
    with spread(work, scenarios, how.workers) as found:
        for done, one in enumerate(found, 1):
            yield one
            progress(done, len(scenarios))


@cache
def _commit() -> str:
    # once for all: whoever commits in the meantime does not change the code that is running
    return commit()


@dataclass
class Contender:
    """One side of a comparison: a stored folder, or a scenario that is run."""

    word: str
    name: str
    scenario: Scenario | None = None
    folder: Path | None = None
    stored: xr.Dataset | None = None
    ensemble: Ensemble | None = field(default=None, repr=False)
    #: measured by an index of its own, where that is built otherwise than the base's; and what builds it so
    own: Ensemble | None = field(default=None, repr=False)
    rebuilt: tuple[str, ...] = ()

    def result(self, members: int | None = None) -> xr.Dataset:
        """Its dataset, measured by the index of the base; a stored one has the members it has."""
        if self.stored is not None:
            return self.stored if members is None else self.stored.isel(member=slice(members))
        assert self.ensemble is not None
        return self.ensemble.result(members or self.ensemble.settings.members)

    def known_scenario(self) -> Scenario:
        """The scenario behind it, from the stored folder where it was not loaded.

        Raises ResultError where the folder does not hold it.
        """
        if self.scenario is None:
            self.scenario = _stored_scenario(self.folder or Path(self.word))
        return self.scenario

    def measured_scenario(self) -> Scenario:
        """The scenario as it is compared: with the index of the base."""
        return self.known_scenario() if self.ensemble is None else self.ensemble.scenario


def rebuilt(others: Sequence[Contender], members: int | None = None) -> dict[str, Rebuilt]:
    """Those that build the index otherwise than the base, measured by their own, by name."""
    from detente.analysis.compare import Rebuilt

    return {
        one.name: Rebuilt(one.own.result(members or one.own.settings.members), one.rebuilt)
        for one in others
        if one.own is not None
    }


def _stored_scenario(folder: Path) -> Scenario:
    from pydantic import ValidationError

    from detente.experiment.store import RUN, SCENARIO, ResultError, read_json
    from detente.laws.extensions import IN_FORCE
    from detente.scenario.schema import scenario_with

    absent = [name for name in read_json(folder, RUN).get("with", {}) if name not in IN_FORCE.get()]
    if absent:
        raise ResultError(f"{folder} was made with {', '.join(absent)}: name it here too, --with {absent[0]}")
    try:
        return scenario_with(IN_FORCE.get()).model_validate(read_json(folder, SCENARIO).get("scenario"))
    except ValidationError as error:
        what = f"{folder / SCENARIO} holds no scenario of this version"
        raise ResultError(f"{what}: {error.error_count()} faults. Run it again.") from error


def is_folder(word: str) -> bool:
    """True where a word means a result folder and no scenario."""
    from detente.experiment.store import DATA
    from detente.scenario import places

    path, file = Path(word), places.named(word)
    if path.is_dir():
        return (path / DATA).exists() or file is None or file == path
    return file is None and os.sep in word and not word.endswith(places.SUFFIXES)


def resolve(words: Sequence[str], sets: Mapping[str, str]) -> list[Contender]:
    """Every word as a contender, loaded or opened, each under a name of its own.

    Raises ScenarioError for a faulty scenario, ResultError for a folder that cannot be opened.
    """
    found = [_opened(word) if is_folder(word) else _loaded(word, sets) for word in words]
    taken: set[str] = set()
    for contender in found:
        contender.name = _free(contender, taken)
        taken.add(contender.name)
    return found


def _free(contender: Contender, taken: set[str]) -> str:
    options = [contender.name]
    if contender.folder is not None:
        options.append(contender.folder.name)
    options += [f"{contender.name} ({n})" for n in range(2, len(taken) + 3)]
    return next(option for option in options if option not in taken)


def _opened(word: str) -> Contender:
    from detente.experiment.store import ResultError, open_result

    ds = open_result(word)
    if "tension" not in ds:
        raise ResultError(f"{word} holds a summary only: members are needed. Run it again without --keep summary.")
    return Contender(word, str(ds.attrs["scenario"]), folder=Path(word), stored=ds)


def _loaded(word: str, sets: Mapping[str, str]) -> Contender:
    from detente.scenario.load import load

    scenario = load(word, sets).scenario
    return Contender(word, scenario.name, scenario=scenario)


def settings(found: Sequence[Contender], members: int | None, seed: int | None, weeks: int | None, workers: int) -> Any:
    """How to run those that are run: as asked, else as the first stored result was, else 1 000 members under seed 1."""
    attrs: Mapping[str, Any] = next((c.stored.attrs for c in found if c.stored is not None), {})
    return Settings(
        members=members or int(attrs.get("members", 1000)),
        seed=int(attrs.get("seed", 1)) if seed is None else seed,
        weeks=weeks or (int(attrs["weeks"]) if attrs else None),
        workers=workers,
    )


def ready(found: Sequence[Contender], how: Settings) -> None:
    """Give every contender that is run its ensemble, measured by the index of the first."""
    from detente.index import construction

    for contender in found:
        scenario = contender.scenario
        if contender.stored is not None or scenario is None:
            continue
        changes = construction.changes(found[0].known_scenario(), scenario) if contender is not found[0] else []
        if changes:
            contender.own, contender.rebuilt = Ensemble(scenario, how), tuple(row.text for row in changes)
            scenario = construction.measured(scenario, found[0].known_scenario())
        contender.ensemble = Ensemble(scenario, how)
