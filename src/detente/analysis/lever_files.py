"""The files that a scenario lays over the base as its levers: scenarios in which only some of them are laid over it."""

from __future__ import annotations

from collections.abc import Collection

from detente.analysis.levers import Lever, NoMixture, Parts, levers
from detente.index import construction
from detente.prose.wording import whole
from detente.scenario.diagnostics import ScenarioError
from detente.scenario.extends import InputFile
from detente.scenario.load import Loaded, reduced
from detente.scenario.schema import Scenario

#: files that are split at most: with each one more the ensembles double
MOST = 6


def by_file(base: Loaded, other: Loaded, members: int) -> Parts:
    """The lever files of ``other``, each called by its title, and the scenario of any of them; ``members`` are those
    of every ensemble.

    Raises NoMixture, which says why, where there are not several that can be laid over the base one by one.
    """
    files = {file.path.stem: file for file in own(base, other)}
    _splittable(base, other, own(base, other), members)
    found = [Lever(name, file.title or name.replace("_", " ")) for name, file in files.items()]

    def mixed(chosen: Collection[Lever]) -> Scenario:
        kept = {lever.key for lever in chosen}
        if not kept:
            return base.scenario
        try:
            made = reduced(other, [file for name, file in files.items() if name not in kept])
        except ScenarioError as error:
            alone = " and ".join(sorted(kept))
            raise NoMixture(f"{alone} without the other files make no scenario: {error.faults[0].message}") from error
        return construction.measured(made, base.scenario)

    return Parts(tuple(found), mixed)


def own(base: Loaded, other: Loaded) -> list[InputFile]:
    """The files of ``other`` that state something and that the base is not made of."""
    below = {file.path.resolve() for file in base.files}
    return [file for file in other.files if file.states and file.path.resolve() not in below]


def _splittable(base: Loaded, other: Loaded, files: list[InputFile], members: int) -> None:
    """NoMixture with the reason where the files cannot be split."""
    names, whose = ", ".join(file.path.stem for file in files), base.scenario.name
    if len(files) < 2:
        raise NoMixture(f"it lays {'one file' if files else 'no file'} over {whose}")
    if len(files) > MOST:
        count = 2 ** len(files)
        runs = f"{whole(count)} ensembles of {whole(members)} members are {whole(count * members)} runs"
        raise NoMixture(f"it lays {len(files)} files over {whose}: {runs}; up to {MOST} files are split")
    if len({file.path.stem for file in files}) < len(files):
        raise NoMixture(f"two of its files have one name: {names}")
    if levers(base.scenario, reduced(other, files)):
        raise NoMixture(f"without {names} it is not {whose}: it does not extend that scenario")
