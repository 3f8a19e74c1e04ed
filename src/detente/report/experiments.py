"""A finished experiment as a section: question, size, figures, tables, what it says and what it does not."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detente.analysis.findings import behavioural, findings, measured, rulers, sensitivity
from detente.analysis.happening import Explored, NothingToTell, explore, happening
from detente.analysis.outbreaks import chance_metrics
from detente.analysis.worlds import NotThisDesign, unit_of
from detente.experiment.results import finished, open_experiment
from detente.experiment.status import status, whole_inputs
from detente.figures import gallery
from detente.figures.gallery import Piece
from detente.prose.table import Table
from detente.prose.wording import marked, sentence, whole
from detente.report import experiment_tables as tables
from detente.report import experiment_words as words
from detente.report import facts as ledger
from detente.report.folder import ReportError

if TYPE_CHECKING:
    import xarray as xr

Found = Mapping[str, Any]
DESIGNS = {
    "one_at_a_time": "one at a time",
    "factorial": "all combinations",
    "latin_hypercube": "Latin hypercube",
    "sobol": "Sobol",
    "morris": "Morris",
}


@dataclass(frozen=True)
class Drawn:
    """A figure with the stem of its file's name."""

    stem: str
    piece: Piece


@dataclass
class Chapter:
    """One experiment, ready to be printed; no page computes anything. ``kinds``: what it is made of."""

    name: str
    title: str
    question: str
    size: list[str]
    command: str
    identity: dict[str, str]
    says: list[str]
    facts: dict[str, Any] = field(repr=False)
    figures: list[Drawn] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    footnotes: Sequence[str] = ()

    @property
    def silent(self) -> list[str]:
        """What must not be read out of it."""
        return words.limits(self.kinds)

    def record(self) -> dict[str, Any]:
        """All its numbers, with the words made from them."""
        told = {"title": self.title, "question": self.question, "command": self.command, "says": self.says}
        figures = {drawn.stem: drawn.piece.data.title for drawn in self.figures}
        return {**told, "does_not_say": self.silent, "figures": figures, **ledger.plain(self.facts)}

    def add(self, kind: str, piece: Piece, *more: str) -> None:
        """A figure, in a file that is named by what it draws."""
        self.figures.append(Drawn("-".join((self.name, kind, *more)), piece))


def chapter(folder: Path) -> Chapter:
    """The section of the experiment in ``folder``. Raises NoExperiment, ResultRefused, NotThisDesign."""
    now, content = status(folder), whole_inputs(folder)
    stages = [open_experiment(folder, number) for number in range(len(now.stages))]
    last = stages[-1]
    attrs, name = last.attrs, str(last.attrs["experiment"])
    digests = {"digest of the results": now.digest, "digest of the inputs": str(content["digest"])}
    engine = {"engine": str(attrs["engine"])} if attrs["engine"] != "numpy" else {}
    other = f" --engine {attrs['engine']}" if engine else ""
    identity = {**digests, **engine, "code": str(content["asked"].get("code", "")), "seed": str(attrs["seed"])}
    size = [_size(data) for data in stages]
    measures = [list(measured(last, metric)) for metric in json.loads(attrs["metrics"])]
    about = Chapter(
        name=name,
        title=str(attrs.get("title") or name),
        question=str(attrs.get("question", "")),
        size=size,
        command=f"detente experiment run {attrs.get('file', name)}{other}",
        identity=identity,
        says=[*filter(None, [rulers(last)])],
        facts={"size": size, "identity": identity, "measures": measures},
    )
    for data in stages:
        if data.attrs["design"] in ("morris", "sobol") and data.sizes["factor"]:
            for metric in json.loads(data.attrs["metrics"]):
                _sensitivity(about, data, metric)
    if len(json.loads(attrs["settings"])) > 1:
        _choices(about, last)
    if conditions := json.loads(attrs.get("discover", "[]")):
        _discovery(about, last, conditions)
    cells = [cell for table in about.tables for row in (table.head, [table.caption], *table.rows) for cell in row]
    notes = map(str, json.loads(attrs.get("footnotes", "{}")).values())
    about.footnotes = marked(notes, [*about.says, *cells])
    about.tables = [replace(table, name=f"{name}-{table.name}") for table in about.tables]
    return about


def chapters(experiments: Iterable[str | PathLike[str]]) -> list[Chapter]:
    """The sections on finished experiments, by folder or name. ReportError where a design allows none."""
    try:
        return [chapter(finished(one)) for one in experiments]
    except NotThisDesign as error:
        raise ReportError(f"{error}") from error


def _size(data: xr.Dataset) -> str:
    """ "27 settings × 60 samples (Latin hypercube over 85 parameters) × 8 members = 12 960 runs" """
    settings, samples = len(json.loads(data.attrs["settings"])), len(set(data["sample"].values.tolist()))
    factors, points, members = data.sizes["factor"], data.sizes["point"], int(data.attrs["members"])
    design = DESIGNS[str(data.attrs["design"])]
    over = f" ({design} over {whole(factors)} parameters)" if factors else ""
    parts = [f"{whole(settings)} settings"] if settings > 1 else []
    parts += [f"{whole(samples)} samples{over}"] if samples > 1 else []
    return f"{' × '.join([*parts, f'{whole(members)} members'])} = {whole(points * members)} runs"


def _sensitivity(about: Chapter, data: xr.Dataset, metric: str) -> None:
    found = sensitivity(data, metric)
    design, (what, weeks) = found["design"], measured(data, metric)
    counts: dict[str, int] = {key: len(found[key]) for key in ("rows", "inert", "drowned", "wide") if key in found}
    moving = counts["rows"] - counts["inert"]
    counts |= {"moving": moving, "clear": moving - counts.get("drowned", 0)}
    if design == "sobol" or metric == json.loads(data.attrs["metrics"])[0]:
        about.add(design, gallery.of_experiment("sensitivity", data, metric), metric)
    about.kinds.append("sensitivity")
    about.says += words.sensitivity(found, what)
    about.tables.append(tables.sensitivity(found, f"{what} ({weeks})" if weeks else what))
    about.facts[f"{design}: {metric}"] = {**found, "counts": counts}


def _choices(about: Chapter, data: xr.Dataset) -> None:
    """Options, levers, theories, regret and flips of the first metric, with the others beside it."""
    first, *rest = json.loads(data.attrs["metrics"])
    found, twin = findings(data, first), behavioural(data, first)
    if "rivals" in found:
        _theories(about, data, found, findings(data, twin) if twin else None)
        return
    others = {_named(data, metric): findings(data, metric) for metric in rest if metric != twin}
    what, weeks = measured(data, first)
    turned = tables.flips(found)
    about.tables += [tables.effects(found, others)] if "effects" in found else []
    about.tables += [tables.options(found, what), *([turned] if turned else [])]
    own = {_named(data, metric) for metric in chance_metrics(data)}  # these have tables of their own
    plain = {name: other for name, other in others.items() if name not in own}
    about.tables += [tables.measures(plain)] if plain and "effects" not in found else []
    about.tables += chances_told(data, found)
    wanted = ["options", "regret"] if len(found["options"]) > 2 else ["options"]
    wanted += ["flip"] if "flips" in found else []
    for kind in wanted:
        about.add(kind, gallery.of_experiment(kind, data, first))
    about.kinds += wanted
    about.says += words.choices(found, f"{what} ({weeks})" if weeks else what)
    about.facts["choices"] = {
        "first": found,
        "alike": words.alike(found),
        **{f"other: {name}": other for name, other in others.items()},
    }


def chances_told(data: xr.Dataset, found: Found) -> list[Table]:
    """A table for each metric of the experiment that is a chance of crisis or of war."""
    named = dict.fromkeys(row["metric"] for row in found.get("chances", ()))
    return [tables.chances(found, metric, measured(data, metric)[0]) for metric in named]


def _named(data: xr.Dataset, metric: str) -> str:
    return sentence(tables.measured_in(", ".join(filter(None, measured(data, metric))), unit_of(data, metric)))


def _theories(about: Chapter, data: xr.Dataset, found: Found, twin: Found | None) -> None:
    for one in filter(None, (found, twin)):
        metric = str(one["metric"])
        about.add("theories", gallery.of_experiment("theories", data, metric), metric)
        about.tables.append(tables.theories(one, _named(data, metric).lower()))
    about.tables += chances_told(data, found)
    about.add("regret", gallery.of_experiment("regret", data, str(found["metric"])))
    about.kinds += ["theories", "options"]
    about.says += words.theories(found, twin, measured(data, str(found["metric"]))[0])
    about.facts["theories"] = {"first": found, "behaviour": twin}


def _discovery(about: Chapter, data: xr.Dataset, conditions: list[str]) -> None:
    all_: list[Explored] = []
    for text in conditions:
        try:
            all_.append(explore(data, happening(data, text)))
            about.says.append(all_[-1].found.sentence)
        except NothingToTell as error:
            about.says.append(f"{error}.")
    about.kinds.append("discovery")
    about.tables.append(tables.searched(all_))
    for n, one in enumerate(all_, 1):
        if one.found.limits:
            about.add("box", gallery.of_box(data, one), str(n))
            about.tables.append(tables.limits_of(one, n))
    kept = [{key: value for key, value in asdict(one.found).items() if key != "trajectory"} for one in all_]
    about.facts["discovery"] = [*kept, {"conditions": conditions, "cases": data.sizes["point"]}]
