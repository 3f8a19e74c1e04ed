"""A finished experiment as a section: question, size, figures, tables, what it says and what it does not."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detente.analysis.findings import behavioural, findings, measured, rulers, sensitivity
from detente.analysis.happening import Explored, NothingToTell, explore, happening
from detente.analysis.worlds import NotThisDesign
from detente.experiment.results import finished, open_experiment
from detente.experiment.status import status, whole_inputs
from detente.figures import from_experiment
from detente.figures.gallery import Piece
from detente.prose.table import Table
from detente.prose.wording import marked, whole
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


@dataclass(frozen=True)
class Chapter:
    """One experiment, ready to be printed; no page computes anything."""

    name: str
    title: str
    question: str
    size: tuple[str, ...]
    command: str
    identity: Mapping[str, str]
    says: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()
    figures: tuple[Drawn, ...] = ()
    tables: tuple[Table, ...] = ()
    footnotes: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def record(self) -> dict[str, Any]:
        """All its numbers, with the words made from them."""
        return {
            "title": self.title,
            "question": self.question,
            "command": self.command,
            "says": list(self.says),
            "does_not_say": list(self.silent),
            "figures": {drawn.stem: drawn.piece.data.title for drawn in self.figures},
            **ledger.plain(self.facts),
        }


def chapter(folder: Path) -> Chapter:
    """The section of the experiment in ``folder``. Raises NoExperiment, ResultRefused, NotThisDesign."""
    now, content = status(folder), whole_inputs(folder)
    stages = [open_experiment(folder, number) for number in range(len(now.stages))]
    last = stages[-1]
    name = str(last.attrs["experiment"])
    begun = Chapter(
        name=name,
        title=str(last.attrs.get("title") or name),
        question=str(last.attrs.get("question", "")),
        size=tuple(_size(data) for data in stages),
        command=f"detente experiment run {last.attrs.get('file', name)}",
        identity={
            "digest of the results": now.digest,
            "digest of the inputs": str(content["digest"]),
            "code": str(content["asked"].get("code", "")),
            "seed": str(last.attrs["seed"]),
        },
    )
    found = list(_parts(begun, stages))
    kinds = [kind for part in found for kind in part.kinds]
    drawn = tuple(one for part in found for one in part.figures)
    return replace(
        begun,
        says=tuple(filter(None, [rulers(last), *(line for part in found for line in part.says)])),
        silent=tuple(words.limits(kinds)),
        figures=drawn,
        tables=tuple(replace(table, name=f"{name}-{table.name}") for part in found for table in part.tables),
        footnotes=_footnotes(last, found),
        facts={
            "size": list(begun.size),
            "identity": dict(begun.identity),
            "measures": [list(measured(last, metric)) for metric in json.loads(last.attrs["metrics"])],
            **{part.name: part.facts for part in found},
        },
    )


def chapters(experiments: Iterable[str | PathLike[str]]) -> list[Chapter]:
    """The sections on finished experiments, by folder or name. ReportError where a design allows none."""
    try:
        return [chapter(finished(one)) for one in experiments]
    except NotThisDesign as error:
        raise ReportError(f"{error}") from error


@dataclass(frozen=True)
class Part:
    """What one analysis adds to a section."""

    name: str
    kinds: tuple[str, ...]
    says: tuple[str, ...]
    figures: tuple[Drawn, ...]
    tables: tuple[Table, ...]
    facts: Any


def _size(data: xr.Dataset) -> str:
    """ "27 settings × 60 samples (Latin hypercube over 85 parameters) × 8 members = 12 960 runs" """
    settings, samples = len(json.loads(data.attrs["settings"])), len(set(data["sample"].values.tolist()))
    factors, points, members = data.sizes["factor"], data.sizes["point"], int(data.attrs["members"])
    design = DESIGNS[str(data.attrs["design"])]
    over = f" ({design} over {whole(factors)} parameters)" if factors else ""
    parts = [f"{whole(settings)} settings"] if settings > 1 else []
    parts += [f"{whole(samples)} samples{over}"] if samples > 1 else []
    return f"{' × '.join([*parts, f'{whole(members)} members'])} = {whole(points * members)} runs"


def _parts(about: Chapter, stages: list[xr.Dataset]) -> Iterator[Part]:
    for data in stages:
        if data.attrs["design"] in ("morris", "sobol") and data.sizes["factor"]:
            yield from (_sensitivity(about, data, metric) for metric in json.loads(data.attrs["metrics"]))
    last = stages[-1]
    if len(json.loads(last.attrs["settings"])) > 1:
        yield _choices(about, last)
    conditions = json.loads(last.attrs.get("discover", "[]"))
    if conditions:
        yield _discovery(about, last, conditions)


def _sensitivity(about: Chapter, data: xr.Dataset, metric: str) -> Part:
    found = sensitivity(data, metric)
    what, weeks = measured(data, metric)
    measure = f"{what} ({weeks})" if weeks else what
    first = metric == json.loads(data.attrs["metrics"])[0]
    drawn = first or found["design"] == "sobol"
    stem = f"{about.name}-{found['design']}-{metric}"
    figures = (Drawn(stem, from_experiment.piece("sensitivity", data, metric)),) if drawn else ()
    name, facts = f"{found['design']}: {metric}", {**found, "counts": _counts(found)}
    says, table = tuple(words.sensitivity(found, what)), tables.sensitivity(found, measure)
    return Part(name, ("sensitivity",), says, figures, (table,), facts)


def _counts(found: Found) -> dict[str, int]:
    """How many parameters there are, do nothing, are lost in chance, are known too little."""
    counts = {key: len(found[key]) for key in ("rows", "inert", "drowned", "wide") if key in found}
    moving = counts["rows"] - counts["inert"]
    return {**counts, "moving": moving, "clear": moving - counts.get("drowned", 0)}


def _choices(about: Chapter, data: xr.Dataset) -> Part:
    """Options, levers, theories, regret and flips of the first metric, with the others beside it."""
    first, *rest = json.loads(data.attrs["metrics"])
    found, twin = findings(data, first), behavioural(data, first)
    others = {_named(data, metric): findings(data, metric) for metric in rest if metric != twin}
    what, weeks = measured(data, first)
    if "rivals" in found:
        return _theories(about, data, found, findings(data, twin) if twin else None)
    made = [tables.effects(found, others)] if "effects" in found else []
    turned = tables.flips(found)
    made += [tables.options(found, what), *([turned] if turned else [])]
    if others and "effects" not in found:
        made.append(tables.measures(others))
    wanted = ["options", "regret"] if len(found["options"]) > 2 else ["options"]
    wanted += ["flip"] if "flips" in found else []
    figures = tuple(Drawn(f"{about.name}-{kind}", from_experiment.piece(kind, data, first)) for kind in wanted)
    says = words.choices(found, f"{what} ({weeks})" if weeks else what)
    facts = {"first": found, **{f"other: {name}": other for name, other in others.items()}}
    return Part("choices", tuple(wanted), tuple(says), figures, tuple(made), facts)


def _named(data: xr.Dataset, metric: str) -> str:
    what, weeks = measured(data, metric)
    return f"{what[:1].upper()}{what[1:]}, {weeks}" if weeks else f"{what[:1].upper()}{what[1:]}"


def _theories(about: Chapter, data: xr.Dataset, found: Found, twin: Found | None) -> Part:
    metrics = [str(found["metric"]), *([str(twin["metric"])] if twin else [])]
    figures = [
        Drawn(f"{about.name}-theories-{metric}", from_experiment.piece("theories", data, metric)) for metric in metrics
    ]
    figures.append(Drawn(f"{about.name}-regret", from_experiment.piece("regret", data, metrics[0])))
    made = [tables.theories(found, _named(data, metrics[0]).lower())]
    if twin:
        made.append(tables.theories(twin, _named(data, metrics[1]).lower()))
    what, _ = measured(data, metrics[0])
    says = words.theories(found, twin, what)
    facts = {"first": found, "behaviour": twin}
    return Part("theories", ("theories", "options"), tuple(says), tuple(figures), tuple(made), facts)


def _discovery(about: Chapter, data: xr.Dataset, conditions: list[str]) -> Part:
    tried = [_explored(data, text) for text in conditions]
    all_ = [one for one in tried if isinstance(one, Explored)]
    boxed = [(n, one) for n, one in enumerate(all_, 1) if one.found.limits]
    figures = tuple(Drawn(f"{about.name}-box-{n}", from_experiment.box(data, one)) for n, one in boxed)
    made = [tables.searched(all_), *(tables.limits_of(one, n) for n, one in boxed)]
    says = tuple(one.found.sentence if isinstance(one, Explored) else one for one in tried)
    facts = [*map(_found, all_), {"conditions": conditions, "cases": data.sizes["point"]}]
    return Part("discovery", ("discovery",), says, figures, tuple(made), facts)


def _explored(data: xr.Dataset, text: str) -> Explored | str:
    """What a search found; in words where there is nothing to search for."""
    try:
        return explore(data, happening(data, text))
    except NothingToTell as error:
        return f"{error}."


def _found(explored: Explored) -> dict[str, Any]:
    return {key: value for key, value in asdict(explored.found).items() if key != "trajectory"}


def _footnotes(data: xr.Dataset, parts: list[Part]) -> tuple[str, ...]:
    """The theatre's footnotes whose mark stands in the text."""
    tables = [table for part in parts for table in part.tables]
    cells = [cell for table in tables for row in (table.head, [table.caption], *table.rows) for cell in row]
    said = [line for part in parts for line in part.says]
    return tuple(marked(map(str, json.loads(data.attrs.get("footnotes", "{}")).values()), [*said, *cells]))
