"""Where numbers come from: scenarios, which are run, and results, which are there already."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from detente.engine import choice
from detente.experiment import provenance, run
from detente.experiment.metrics import summarised
from detente.experiment.pools import spread
from detente.experiment.store import DATA, DONE, RUN, SCENARIO, ResultError, open_result, read_json
from detente.index import construction
from detente.laws.extensions import IN_FORCE
from detente.scenario import places
from detente.scenario.diagnostics import ScenarioError
from detente.scenario.leaves import Leaf
from detente.scenario.load import Loaded, ScenarioLike, loaded
from detente.scenario.schema import Scenario, scenario_with
from detente.scenario.suppositions import supposed

if TYPE_CHECKING:
    import xarray as xr

#: a scenario by name, file or value; a result by its folder or as a dataset
Given: TypeAlias = "ScenarioLike | xr.Dataset"
#: told what is going on: in words, or how much of it is done
Tell: TypeAlias = Callable[..., None]
MEMBERS, SEED = 1000, 1


@dataclass(frozen=True)
class Settings:
    """How scenarios are run."""

    members: int
    seed: int
    weeks: int | None
    workers: int
    tell: Tell


def ensemble(scenario: Scenario, how: Settings) -> run.Ensemble:
    """The scenario's ensemble, which can grow. Raises RunError, ScenarioError."""
    how.tell(scenario.title, 0, how.members)
    return run.Ensemble(scenario, how.seed, how.weeks, how.workers, progress=partial(how.tell, scenario.title))


def each_run(scenarios: Sequence[Scenario], how: Settings, members: int, title: str) -> Iterator[xr.Dataset]:
    """The ensembles of several scenarios in order, spread over the workers; ``title`` is what is told."""
    if not scenarios:
        return
    engine = choice.settled(scenarios[0], members * len(scenarios), run.length_of(scenarios[0], how.weeks))
    work = partial(run.simulate, members=range(members), seed=how.seed, weeks=how.weeks, engine=engine)
    with spread(work, scenarios, how.workers) as found:
        for done, one in enumerate(found, 1):
            choice.noticed(scenarios[done - 1], engine, one.attrs["engine"])
            yield one
            how.tell(title, done, len(scenarios), "ensembles")


@dataclass
class Source:
    """One side of a comparison: a result that is there, or a scenario that is run; ``word`` is how a user names it."""

    word: str
    name: str
    scenario: Scenario | None = None
    loaded: Loaded | None = field(default=None, repr=False)
    folder: Path | None = None
    stored: xr.Dataset | None = None
    #: run unless told otherwise
    members: int = MEMBERS
    ensemble: run.Ensemble | None = field(default=None, repr=False)
    #: measured by an index of its own, where that is built otherwise than the base's; and what builds it so
    own: run.Ensemble | None = field(default=None, repr=False)
    rebuilt: tuple[str, ...] = ()
    #: attributes of its dataset that are told otherwise than it has them
    told: dict[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """What a reader calls it."""
        kept = self.stored.attrs.get("title") if self.stored is not None else getattr(self.scenario, "title", None)
        return self.told.get("title") or str(kept or self.name)

    @property
    def named(self) -> bool:
        """Whether a command can name it: it lies in a folder, or in scenario files as they are."""
        return self.folder is not None or bool(self.loaded and self.loaded.files and not self.loaded.sets)

    def result(self, members: int | None = None) -> xr.Dataset:
        """Its dataset, measured by the index of the base; a stored one has the members it has.

        What was run from files knows the command that makes it again.
        """
        if self.stored is not None:
            ds = self.stored if members is None else self._first(self.stored, members)
            return ds.assign_attrs(self.told) if self.told else ds
        assert self.ensemble is not None
        ds = self.ensemble.result(members or self.members)
        return ds.assign_attrs(self.told | self._command(ds))

    def _first(self, ds: xr.Dataset, members: int) -> xr.Dataset:
        if summarised(ds) and members < ds.sizes["member"]:
            held = f"{self.word} holds a summary of {ds.sizes['member']} members, of which no part can be told"
            raise ResultError(f"{held}: leave --members out, or run it again with --keep index.")
        return ds.isel(member=slice(members), missing_dims="ignore")

    def _command(self, ds: xr.Dataset) -> dict[str, str]:
        if self.loaded is None or not self.loaded.files:
            return {}
        size, seed, weeks = (int(ds.attrs[name]) for name in ("members", "seed", "weeks"))
        shorter = weeks if weeks < run.length_of(self.loaded.scenario, None) else None
        engine = str(ds.attrs["engine"])
        return {"command": provenance.command(self.word, size, seed, shorter, self.loaded.sets, engine=engine)}

    def known_scenario(self) -> Scenario:
        """The scenario behind it, from the stored folder where it was not loaded.

        Raises ResultError where nothing holds it.
        """
        if self.scenario is None:
            self.scenario = _stored_scenario(self.folder, self.word)
        return self.scenario

    def measured_scenario(self) -> Scenario:
        """The scenario as it is compared: with the index of the base."""
        return self.known_scenario() if self.ensemble is None else self.ensemble.scenario

    def files(self) -> Loaded | None:
        """The scenario with its files, of a stored result those that say what was run; None where there are none."""
        known = self.loaded
        if known is None and self.stored is not None:
            try:
                known = loaded(str(self.stored.attrs["scenario"]))
            except ScenarioError:
                return None
            same = known.hash == self.stored.attrs["scenario_hash"]
            known = known if same else None
        return known if known is not None and known.files else None

    def inputs(self) -> tuple[list[Leaf], list[str]]:
        """The numbers written in its files, and the paths of those left at a default. Raises ResultError."""
        if self.folder is not None:
            kept = read_json(self.folder, SCENARIO)
            return [_leaf(record) for record in kept.get("parameters", [])], list(kept.get("defaults", []))
        known = self.loaded or loaded(self.known_scenario())
        return known.leaves(), [entry.path for entry in supposed(known.scenario)]


def _leaf(record: Mapping[str, Any]) -> Leaf:
    """A number as scenario.json keeps it."""
    kept: dict[str, Any] = {one.name: record.get(one.name) for one in fields(Leaf)}
    return Leaf(**kept | {"unit": kept["unit"] or "", "source": tuple(kept["source"] or ())})


def _stored_scenario(folder: Path | None, word: str) -> Scenario:
    from pydantic import ValidationError

    if folder is None:
        raise ResultError(f"the dataset of {word} does not know its scenario: give the scenario or the folder instead")
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
    path, file = Path(word), places.named(word)
    if path.is_dir():
        return (path / DATA).exists() or file is None or file == path
    return file is None and os.sep in word and not word.endswith(places.SUFFIXES)


def resolve(
    given: Sequence[Given], sets: Mapping[str, object] | None = None, *, summaries: bool = False
) -> list[Source]:
    """Everything given as a source, loaded or opened, each under a name of its own.

    Raises ScenarioError for a faulty scenario, ResultError for a folder that cannot be opened, or holds a summary
    where ``summaries`` do not do.
    """
    found = [_source(one, sets or {}) for one in given]
    for source in found:
        kept = source.stored
        if kept is not None and "tension" not in kept and not (summaries and summarised(kept)):
            told = f"{source.word} holds a summary only: the weeks of its members are needed"
            raise ResultError(f"{told}. Run it again with --keep index.")
    taken: set[str] = set()
    for source in found:
        name, source.name = source.name, _free(source, taken)
        source.told |= {"scenario": source.name} if source.name != name else {}
        taken.add(source.name)
    return found


def _free(source: Source, taken: set[str]) -> str:
    options = [source.name]
    if source.folder is not None:
        options.append(source.folder.name)
    options += [f"{source.name} ({n})" for n in range(2, len(taken) + 3)]
    return next(option for option in options if option not in taken)


def _source(given: Given, sets: Mapping[str, object]) -> Source:
    if isinstance(given, Scenario | Loaded) or (isinstance(given, str | os.PathLike) and not is_folder(str(given))):
        known = loaded(given, sets)
        word = str(given) if isinstance(given, str | os.PathLike) else known.scenario.name
        return Source(word, known.scenario.name, scenario=known.scenario, loaded=known)
    ds = open_result(given) if isinstance(given, str | os.PathLike) else given
    place, made = ds.encoding.get("source"), ds.encoding.get("scenario")
    word = str(given if isinstance(given, str | os.PathLike) else place or ds.attrs["scenario"])
    source = Source(word, str(ds.attrs["scenario"]), stored=ds, folder=Path(place) if place else None)
    if isinstance(made, Loaded):
        source.scenario, source.loaded = made.scenario, made
    return source


def settings(
    found: Sequence[Source], members: int | None, seed: int | None, weeks: int | None, workers: int, tell: Tell
) -> Settings:
    """How to run those that are run: as asked, else as the first stored result was, else 1 000 members under seed 1."""
    attrs: Mapping[str, Any] = next((c.stored.attrs for c in found if c.stored is not None), {})
    return Settings(
        members=members or int(attrs.get("members", MEMBERS)),
        seed=int(attrs.get("seed", SEED)) if seed is None else seed,
        weeks=weeks or (int(attrs["weeks"]) if attrs else None),
        workers=workers,
        tell=tell,
    )


def ready(found: Sequence[Source], how: Settings) -> None:
    """Give every source that is run its ensemble, measured by the index of the first."""
    for source in found:
        scenario = source.scenario
        if source.stored is not None or scenario is None:
            continue
        changes = construction.changes(found[0].known_scenario(), scenario) if source is not found[0] else []
        if changes:
            source.own, source.rebuilt = ensemble(scenario, how), tuple(row.text for row in changes)
            scenario = construction.measured(scenario, found[0].known_scenario())
        source.ensemble, source.members = ensemble(scenario, how), how.members


def reuse(found: Sequence[Source], how: Settings) -> None:
    """Take results that ``detente run`` left in results/ for the very scenario, size and seed.

    Not where a scenario builds the index otherwise than the base: it must be measured by the base's.
    """
    for source in found:
        if source.stored is not None or source.loaded is None:
            continue
        if construction.changes(found[0].known_scenario(), source.known_scenario()):
            continue
        place = provenance.default_folder(source.loaded, how.members, how.seed, how.weeks)
        if (place / DONE).exists():
            source.folder, source.stored = place, open_result(place)
            if source.stored.attrs.get("commit", "") != provenance.commit():
                how.tell(f"{place}: taken as it is, of another commit of the code; --fresh runs it again")
