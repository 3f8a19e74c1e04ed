"""From an experiment file to a study: faults placed in the file; then settings, factors, documents."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from detente.experiment import overlay
from detente.experiment.dataset import dyad_labels
from detente.experiment.factors import factors
from detente.experiment.fingerprint import fingerprint
from detente.experiment.metrics import parse
from detente.experiment.schema import MOST_RUNS, MOST_WEEKS, Experiment, Lever
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


def folders() -> list[Path]:
    """Folders searched for the name of an experiment: as for scenarios, but called ``experiments``."""
    *added, shipped = places.folders()
    return [Path("experiments"), *added, shipped.parent / "experiments"]


def names() -> dict[str, Path]:
    """Bare names of experiments with their files: in the working folder's ``experiments``, then shipped."""
    own, *_, shipped = folders()
    files = (path for folder in (shipped, own) for suffix in places.SUFFIXES for path in folder.glob(f"*{suffix}"))
    return dict(sorted((path.stem, path) for path in sorted(files, key=lambda path: path.parent == own)))


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
    keys = _keys(path)
    return keys >= MUST and not keys & ONLY_SCENARIO


def is_scenario(path: Path) -> bool:
    """Whether a file has something that only a scenario has, and nothing that an experiment must have."""
    keys = _keys(path)
    return bool(keys & ONLY_SCENARIO) and not keys & MUST


def _keys(path: Path) -> set[str]:
    tree = read_file(path, places.shown(path), Texts()) if path.is_file() else None
    return set(tree.mapping) if tree else set()


def read(name: str, members: int | None = None, seed: int | None = None) -> Study:
    """The study of an experiment file; ``members`` and ``seed`` replace the file's.

    Raises ScenarioError with every fault, of the experiment and of the scenarios it names.
    """
    path = find(name)
    reading = Reading(path)
    experiment = reading.experiment()
    reading.stop_at_faults()
    assert experiment is not None
    given = {"members": members, "seed": seed}
    experiment = experiment.model_copy(update={key: value for key, value in given.items() if value is not None})
    reading.metrics(experiment)
    bases = reading.scenarios(experiment)
    reading.stop_at_faults()
    settings = list(reading.settings(experiment, bases))
    varied = reading.factors(experiment, bases)
    reading.stop_at_faults()
    study = _study(experiment, path, settings, varied, bases)
    study = replace(study, info={**study.info, "given": given})
    reading.ignored(study)
    reading.bounded(study)
    return study


def _study(
    experiment: Experiment,
    path: Path,
    settings: list[Setting],
    varied: tuple[Factor, ...],
    bases: Mapping[str, load.Loaded],
) -> Study:
    return Study(
        name=path.stem,
        title=experiment.title,
        settings=tuple(settings),
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
        info=_info(experiment, path, bases),
    )


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
        "rulers": _rulers(experiment, {name: loaded.scenario for name, loaded in bases.items()}),
        "weeks": experiment.weeks or max(weeks_of(loaded.scenario) for loaded in bases.values()),
    }


def _rulers(experiment: Experiment, bases: Mapping[str, Scenario]) -> list[str]:
    """Levers, theories and scenarios that build the index otherwise, as a reader calls them."""
    first = next(iter(bases.values()))
    paths = {lever.label or name: _touched(lever) for name, lever in experiment.levers.items()}
    paths |= {theory.label or name: [*theory.changes] for name, theory in experiment.theories.items()}
    built = [name for name, touched in paths.items() if any(map(construction.counts, touched))]
    return [*built, *(scenario.title for scenario in bases.values() if construction.changes(first, scenario))]


def _touched(lever: Lever) -> list[str]:
    return [*lever.path, *(path for setting in lever.settings.values() for path in setting)]


@dataclass
class Reading:
    """The state of one reading."""

    path: Path
    texts: Texts = field(default_factory=Texts)
    root: Node = field(default_factory=lambda: Node({}, Mark("", 0, 0)))

    def stop_at_faults(self) -> None:
        """Raise what was found so far."""
        if self.texts.faults:
            raise ScenarioError(self.texts.faults)

    def experiment(self) -> Experiment | None:
        """The validated file; None where there are faults."""
        tree = read_file(self.path, places.shown(self.path), self.texts)
        if tree is None or self.texts.faults:
            return None
        self.root = tree
        try:
            return Experiment.model_validate(tree.plain())
        except ValidationError as error:
            for detail in error.errors(include_url=False):
                self.report(detail["type"], tuple(detail["loc"]), detail["msg"], detail.get("ctx", {}))
            return None

    def report(self, kind: str, path: tuple[str | int, ...], text: str, ctx: Mapping[str, Any]) -> None:
        """One complaint of pydantic as a fault in the file."""
        node = self.located(path)
        on_key = kind == "extra_forbidden" or isinstance(node.data, dict | list)
        mark = node.key or node.mark if on_key else node.mark
        words = [str(step) for step in path if isinstance(step, str)]
        where, last = ".".join(words[:-1]), words[-1] if words else ""
        code = CODES.get(kind, "E123" if kind in BOUNDS else "E125" if kind.startswith("detente_") else "E121")
        if kind == "extra_forbidden":
            known = overlay.keys(Experiment, path[:-1])
            self.texts.report(code, mark, f'unknown key "{last}"', did_you_mean(last, known, f"known: {listed(known)}"))
        elif kind == "missing":
            self.texts.report(code, mark, f'missing key "{last}"' + (f" in {where}" if where else ""), "add it")
        else:
            reason = str(ctx.get("message") or text).removeprefix("Value error, ").removeprefix("Input ")
            self.texts.report(code, mark, f"{last}: {reason}" if last else reason)

    def located(self, path: tuple[str | int, ...]) -> Node:
        """The deepest node on a path; what the schema counts as a list may stand alone in the file."""
        node = self.root
        for step in path:
            below = node.child(step)
            if below is None and not isinstance(step, int):
                break
            node = below or node
        return node

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
        for item in node.items if covered < len(path) else []:
            if str(item.data) in path[covered:]:
                return item.mark
        return node.mark

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

    def settings(self, experiment: Experiment, bases: Mapping[str, load.Loaded]) -> Iterator[Setting]:
        """Every combination of scenario, theory and lever values, each with its whole scenario as a document."""
        levers = self.choices(experiment.levers)
        theories = self.theories(experiment)
        given = overlay.changes_at(self.root, overlay.GIVEN)
        number = len(bases) * len(theories) * _product(levers)
        if number > MOST_SETTINGS:
            text = f"{number} settings: more than {MOST_SETTINGS}"
            self.texts.report("E107", self.place("levers"), text, "fewer values, or one_at_a_time")
            return
        for name, loaded in bases.items():
            checked = overlay.Overlay(loaded, self.texts)
            for (theory, changed), chosen in product(theories, self.combinations(experiment, levers)):
                changes = [*given, *changed, *(change for _, _, part in chosen for change in part)]
                scenario = checked.scenario(changes)
                if scenario is not None:
                    picked = tuple((lever, value) for lever, value, _ in chosen)
                    yield _setting(name, theory, picked, changes, scenario)

    def theories(self, experiment: Experiment) -> list[tuple[str, list[overlay.Change]]]:
        """Theories with their changes; one without a name where none are given."""
        named = [(name, overlay.changes_at(self.root, ("theories", name, "changes"))) for name in experiment.theories]
        return named or [("", [])]

    def choices(self, levers: Mapping[str, Lever]) -> list[list[tuple[str, str, list[overlay.Change]]]]:
        """For each lever its values: (lever, value, changes)."""
        found = []
        for name, lever in levers.items():
            if lever.settings:
                paths = [(value, ("levers", name, "settings", value)) for value in lever.settings]
                found.append([(name, value, overlay.changes_at(self.root, path)) for value, path in paths])
            else:
                values = overlay.values_at(self.root, ("levers", name, "values"), list(lever.values))
                path = ("levers", name, "path")
                found.append([(name, v, overlay.moved(self.root, path, node, lever.relative)) for v, node in values])
        return found

    def combinations(
        self, experiment: Experiment, levers: list[list[tuple[str, str, list[overlay.Change]]]]
    ) -> list[tuple[tuple[str, str, list[overlay.Change]], ...]]:
        """All combinations of lever values; where one goes at a time, the first of each and single departures."""
        if experiment.design[0].kind != "one_at_a_time":
            return list(product(*levers))
        first = tuple(values[0] for values in levers)
        steps = [(*first[:n], value, *first[n + 1 :]) for n, values in enumerate(levers) for value in values[1:]]
        return [first, *steps]

    def factors(self, experiment: Experiment, bases: Mapping[str, load.Loaded]) -> tuple[Factor, ...]:
        """The uncertain factors; none is also a lever's or a theory's."""
        given = overlay.changes_at(self.root, overlay.GIVEN)
        scenarios = {}
        for name, loaded in bases.items():
            scenarios[name] = overlay.Overlay(loaded, self.texts).scenario(given) if given else loaded.scenario
        taken = [path for changes in self.all_changes(experiment) for path in changes]
        whole = {name: scenario for name, scenario in scenarios.items() if scenario is not None}

        def place(pattern: str) -> Mark:
            return self.place("uncertainties", "parameters", pattern)

        return factors(experiment.uncertainties, whole, taken, place, self.texts)

    def all_changes(self, experiment: Experiment) -> Iterator[list[str]]:
        """Paths that levers and theories set."""
        for values in self.choices(experiment.levers):
            yield from ([change.path for change in changes] for _, _, changes in values)
        yield from ([change.path for change in changes] for _, changes in self.theories(experiment))

    def bounded(self, study: Study) -> None:
        """Refuse what no machine finishes."""
        runs, weeks = study.runs, int(study.info["weeks"])
        if runs > MOST_RUNS:
            hint = "fewer points, settings or members"
            self.texts.report("E107", self.place("design"), f"{runs:,} runs: more than {MOST_RUNS:,}", hint)
        elif runs * weeks > MOST_WEEKS:
            hint = "fewer points, settings, members or weeks"
            text = f"{runs:,} runs of {weeks:,} weeks: more than {MOST_WEEKS:,} weeks in all"
            self.texts.report("E107", self.place("weeks"), text, hint)
        self.stop_at_faults()

    def ignored(self, study: Study) -> None:
        """Refuse a sampled design with nothing to sample: its points would be one."""
        design = study.designs[0]
        if design.points and not study.factors:
            text = f"points: {design.points} samples of nothing: no parameter is uncertain here"
            hint = "state uncertainties, such as uncertainties: {parameters: all}, or take kind: factorial"
            self.texts.report("E125", self.place("design", "points"), text, hint)
            self.stop_at_faults()


def _product(levers: list[list[Any]]) -> int:
    number = 1
    for values in levers:
        number *= len(values)
    return number


def _setting(
    name: str, theory: str, picked: tuple[tuple[str, str], ...], changes: list[overlay.Change], scenario: Scenario
) -> Setting:
    plain = tuple((change.path, change.node.plain()) for change in changes)
    shared: dict[str, Any] = {"document": scenario.model_dump_json()}
    if in_use := scenario.in_use():
        shared["extensions"] = extensions.fingerprint(in_use)
    return Setting(name, theory, picked, plain, shared)
