"""From an experiment file to a study: faults placed in the file; then settings, factors, documents."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import product
from math import prod
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from detente.engine.choice import NUMPY, Engine
from detente.experiment.dataset import dyad_labels
from detente.experiment.factors import factors
from detente.experiment.files import folders, names
from detente.experiment.fingerprint import fingerprint
from detente.experiment.metrics import parse
from detente.experiment.overlay import GIVEN, Change, Overlay, changes_at
from detente.experiment.schema import MOST_RUNS, MOST_WEEKS, Experiment
from detente.experiment.study import Factor, Setting, Study
from detente.index import construction
from detente.laws import extensions
from detente.model.calendar import weeks as weeks_of
from detente.scenario import load, places
from detente.scenario.diagnostics import Fault, Mark, ScenarioError, ScenarioMissing, did_you_mean, listed
from detente.scenario.read import read_file
from detente.scenario.schema import Scenario
from detente.scenario.tree import Node, Texts

EVALUATE = "detente.experiment.evaluation:evaluate"
CODES = {"extra_forbidden": "E104", "missing": "E120", "literal_error": "E126", "value_error": "E125"}
BOUNDS = ("greater_than_equal", "less_than_equal", "greater_than", "finite_number")
#: keys that tell an experiment's file from a scenario's
MUST = {"scenarios", "metrics"}
ONLY_SCENARIO = {"extends", *Scenario.model_fields} - set(Experiment.model_fields)
#: settings (scenarios × theories × levers) above this are taken for a slip of the pen
MOST_SETTINGS = 2000


def find(name: str) -> Path:
    """The file an experiment's name or path means, found as a scenario's is. Raises ScenarioMissing."""
    found = places.sought(name, folders())
    if found is not None and not is_scenario(found):
        return found
    known = names()
    hint = did_you_mean(Path(name).stem, known, f"there are: {listed(known)}" if known else "no experiments found")
    if found is not None or places.named(name) is not None:
        hint = f"it is a scenario: detente check {name}"
    raise ScenarioMissing([Fault("E101", name, 0, 0, f'no experiment "{name}"', hint)])


def is_experiment(path: Path) -> bool:
    """Whether a file has what an experiment must have, and nothing that only a scenario has."""
    keys = _top(path)
    return keys >= MUST and not keys & ONLY_SCENARIO


def is_scenario(path: Path) -> bool:
    """Whether a file has something that only a scenario has, and nothing that an experiment must have."""
    keys = _top(path)
    return bool(keys & ONLY_SCENARIO) and not keys & MUST


def _top(path: Path) -> set[str]:
    tree = read_file(path, places.shown(path), Texts()) if path.is_file() else None
    return set(tree.mapping) if tree else set()


def read(name: str, members: int | None = None, seed: int | None = None, engine: Engine = NUMPY) -> Study:
    """The study of an experiment file, to be run by ``engine``; ``members`` and ``seed`` replace the file's.

    Raises ScenarioError with every fault, of the experiment and of the scenarios it names.
    """
    path = find(name)
    reading = Reading(path)
    given = {"members": members, "seed": seed}
    experiment = reading.experiment()
    experiment = experiment.model_copy(update={key: value for key, value in given.items() if value is not None})
    reading.metrics(experiment)
    bases = reading.scenarios(experiment)
    reading.stop_at_faults()
    theories, levers = reading.theories(experiment), reading.levers(experiment)
    settings = tuple(reading.settings(experiment, bases, theories, levers))
    varied = reading.factors(experiment, bases, [*theories, *(value for values in levers for _, *value in values)])
    reading.stop_at_faults()
    study = Study(
        name=path.stem,
        title=experiment.title,
        settings=settings,
        metrics=tuple(experiment.metrics),
        factors=varied,
        designs=experiment.design,
        members=experiment.members,
        seed=experiment.seed,
        batch=experiment.batch,
        stop=experiment.stop,
        evaluate=EVALUATE,
        shared={"metrics": experiment.metrics, "weeks": experiment.weeks},
        inputs={
            "experiment": experiment.model_dump(mode="json", exclude={"discover"}),
            "scenarios": {name: loaded.scenario.model_dump(mode="json") for name, loaded in bases.items()},
            "code": fingerprint(),
        },
        info={**_info(experiment, path, bases), "given": given},
    )
    reading.bounded(study)
    return study.run_by(engine)


def _info(experiment: Experiment, path: Path, bases: Mapping[str, load.Loaded]) -> dict[str, Any]:
    """What a reader of the results must know, beside what decides them."""
    first = next(iter(bases.values())).scenario
    return {
        "title": experiment.title,
        "question": experiment.question,
        "file": path.stem if names().get(path.stem) == path else places.shown(path),
        "metric_texts": experiment.metrics,
        "discover": list(experiment.discover),
        "lever_labels": {name: lever.label or name for name, lever in experiment.levers.items()},
        "theory_labels": {name: theory.label or name for name, theory in experiment.theories.items()},
        "theory_weights": {name: theory.weight for name, theory in experiment.theories.items()},
        "scenario_titles": {name: loaded.scenario.title for name, loaded in bases.items()},
        "scenario_hashes": {name: loaded.hash for name, loaded in bases.items()},
        "key_labels": {**dyad_labels(first), **{name: actor.label for name, actor in first.actors.items()}},
        "footnotes": first.footnotes,
        "start": first.calendar.start.isoformat(),
        "rulers": _rulers(experiment, bases),
        "weeks": experiment.weeks or max(weeks_of(loaded.scenario) for loaded in bases.values()),
    }


def _rulers(experiment: Experiment, bases: Mapping[str, load.Loaded]) -> list[str]:
    """Levers, theories and scenarios that build the index otherwise, as a reader calls them."""
    first, *_ = (loaded.scenario for loaded in bases.values())
    paths: dict[str, list[str]] = {}
    for name, lever in experiment.levers.items():
        paths[lever.label or name] = [*lever.path, *(path for changes in lever.settings.values() for path in changes)]
    paths |= {theory.label or name: [*theory.changes] for name, theory in experiment.theories.items()}
    built = [name for name, touched in paths.items() if any(map(construction.counts, touched))]
    return built + [one.scenario.title for one in bases.values() if construction.changes(first, one.scenario)]


class Reading:
    """The state of one reading: the file as a tree with places, and the faults found so far."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.texts = Texts()
        self.root = Node({}, Mark("", 0, 0))

    def stop_at_faults(self) -> None:
        """Raise what was found so far."""
        if self.texts.faults:
            raise ScenarioError(self.texts.faults)

    def experiment(self) -> Experiment:
        """The validated file. Raises ScenarioError."""
        tree = read_file(self.path, places.shown(self.path), self.texts)
        self.stop_at_faults()
        assert tree is not None
        self.root = tree
        try:
            return Experiment.model_validate(tree.plain())
        except ValidationError as error:
            for detail in error.errors(include_url=False):
                self.report(detail)
            raise ScenarioError(self.texts.faults) from None

    def report(self, detail: ErrorDetails) -> None:
        """One complaint of pydantic as a fault in the file."""
        kind, path, node = detail["type"], detail["loc"], self.root
        for step in path:  # the deepest node there is: what the schema counts as a list may stand alone in the file
            below = node.child(step)
            if below is None and not isinstance(step, int):
                break
            node = below or node
        mark = node.place if kind == "extra_forbidden" or isinstance(node.data, dict | list) else node.mark
        words = [str(step) for step in path if isinstance(step, str)]
        where, last = ".".join(words[:-1]), words[-1] if words else ""
        code = CODES.get(kind, "E123" if kind in BOUNDS else "E125" if kind.startswith("detente_") else "E121")
        if kind == "extra_forbidden":
            known = _keys(Experiment, path[:-1])
            self.texts.report(code, mark, f'unknown key "{last}"', did_you_mean(last, known, f"known: {listed(known)}"))
        elif kind == "missing":
            self.texts.report(code, mark, f'missing key "{last}"' + (f" in {where}" if where else ""), "add it")
        else:
            reason = str(detail.get("ctx", {}).get("message") or detail["msg"])
            reason = reason.removeprefix("Value error, ").removeprefix("Input ")
            self.texts.report(code, mark, f"{last}: {reason}" if last else reason)

    def metrics(self, experiment: Experiment) -> None:
        """Every metric can be read."""
        for name, text in experiment.metrics.items():
            try:
                parse(text)
            except ValueError as error:
                self.texts.report("E126", self.place("metrics", name, text), str(error))
        known = [*experiment.metrics, *experiment.metrics.values()]
        for condition in experiment.discover:
            metric = re.split("[<>]", condition)[0].strip()
            if metric not in known:
                self.texts.report("E126", self.place("discover", condition), f'discover: no metric "{metric}" here',
                                  did_you_mean(metric, known, f"its metrics are {listed(known)}"))  # fmt: skip

    def place(self, *path: str) -> Mark:
        """Where something stands: under a key, or as an item of a list."""
        node, covered = self.root.nearest(path)
        return next((item.mark for item in node.items if str(item.data) in path[covered:]), node.mark)

    def scenarios(self, experiment: Experiment) -> dict[str, load.Loaded]:
        """The scenarios named; a missing one is a fault here, faults inside one are its own."""
        found = {}
        for name in experiment.scenarios:
            beside = places.in_folder(self.path.parent, name)
            try:
                loaded = load.load(beside if beside and beside.resolve() != self.path.resolve() else name)
                found[loaded.scenario.name or name] = loaded
            except ScenarioMissing as error:
                fault = error.faults[0]
                self.texts.report("E101", self.place("scenarios", name), fault.message, fault.hint)
        return found

    def theories(self, experiment: Experiment) -> list[tuple[str, list[Change]]]:
        """Theories with their changes; one without a name where none are given."""
        named = [(name, changes_at(self.root, ("theories", name, "changes"))) for name in experiment.theories]
        return named or [("", [])]

    def levers(self, experiment: Experiment) -> list[list[tuple[str, str, list[Change]]]]:
        """For each lever its values: (lever, value, changes)."""
        found = []
        for name, lever in experiment.levers.items():
            node = self.root.find(("levers", name))
            assert node is not None
            if lever.settings:
                there = [(value, ("levers", name, "settings", value)) for value in lever.settings]
                found.append([(name, value, changes_at(self.root, path)) for value, path in there])
                continue
            paths, values = node.child("path"), node.child("values")
            written = [(str(path.data), path.mark) for path in (paths.items if paths else [])]
            nodes = (list(values.mapping.values()) or values.items) if values else []
            found.append([
                (name, value, [Change(path, one, mark, ("levers", name), lever.relative) for path, mark in written])
                for value, one in zip(lever.values, nodes, strict=True)
            ])  # fmt: skip
        return found

    def settings(
        self, experiment: Experiment, bases: Mapping[str, load.Loaded], theories: list[tuple[str, list[Change]]],
        levers: list[list[tuple[str, str, list[Change]]]],
    ) -> Iterator[Setting]:  # fmt: skip
        """Every combination of scenario, theory and lever values, each with its whole scenario as a document.

        Where one goes at a time: the first value of each lever, and single departures from them.
        """
        number = len(bases) * len(theories) * prod(map(len, levers))
        if number > MOST_SETTINGS:
            text = f"{number} settings: more than {MOST_SETTINGS}"
            self.texts.report("E107", self.place("levers"), text, "fewer values, or one_at_a_time")
            return
        chosen = list(product(*levers))
        if experiment.design[0].kind == "one_at_a_time":
            first = tuple(values[0] for values in levers)
            steps = ((*first[:n], value, *first[n + 1 :]) for n, values in enumerate(levers) for value in values[1:])
            chosen = [first, *steps]
        for name, loaded in bases.items():
            overlay = Overlay(loaded, self.texts)
            for (theory, changed), values in product(theories, chosen):
                changes = [*changes_at(self.root, GIVEN), *changed, *(change for *_, part in values for change in part)]
                scenario = overlay.scenario(changes)
                if scenario is None:
                    continue
                shared: dict[str, Any] = {"document": scenario.model_dump_json()}
                if in_use := scenario.in_use():
                    shared["extensions"] = extensions.fingerprint(in_use)
                plain = tuple((change.path, change.node.plain()) for change in changes)
                yield Setting(name, theory, tuple((lever, value) for lever, value, _ in values), plain, shared)

    def factors(
        self, experiment: Experiment, bases: Mapping[str, load.Loaded], chosen: Sequence[Sequence[Any]]
    ) -> tuple[Factor, ...]:
        """The uncertain factors; none is also set by what is ``chosen``, by lever or theory: (name, changes)."""
        given = changes_at(self.root, GIVEN)
        laid = {name: Overlay(loaded, self.texts).scenario(given) if given else loaded.scenario
                for name, loaded in bases.items()}  # fmt: skip
        whole = {name: scenario for name, scenario in laid.items() if scenario is not None}
        taken = [change.path for _, changes in chosen for change in changes]
        place = partial(self.place, "uncertainties", "parameters")
        return factors(experiment.uncertainties, whole, taken, place, self.texts)

    def bounded(self, study: Study) -> None:
        """Refuse what no machine finishes, and a sampled design with nothing to sample: its points would be one."""
        runs, weeks, points = study.runs, int(study.info["weeks"]), study.designs[0].points
        hint = "fewer points, settings, members or weeks"
        if points and not study.factors:
            text = f"points: {points} samples of nothing: no parameter is uncertain here"
            hint = "state uncertainties, such as uncertainties: {parameters: all}, or take kind: factorial"
            self.texts.report("E125", self.place("design", "points"), text, hint)
        elif runs > MOST_RUNS:
            text = f"{runs:,} runs: more than {MOST_RUNS:,}"
            self.texts.report("E107", self.place("design"), text, hint.replace(", members or weeks", " or members"))
        elif runs * weeks > MOST_WEEKS:
            text = f"{runs:,} runs of {weeks:,} weeks: more than {MOST_WEEKS:,} weeks in all"
            self.texts.report("E107", self.place("weeks"), text, hint)
        self.stop_at_faults()


def _keys(record: type[BaseModel], path: Sequence[str | int]) -> list[str]:
    """The keys known at ``path`` below a record."""
    for step in path:
        info = record.model_fields.get(str(step))
        inner = _records(info.annotation) if info else [record]
        if not inner:
            break
        record = inner[0]
    return list(record.model_fields)


def _records(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for part in getattr(annotation, "__args__", ()) for found in _records(part)]
