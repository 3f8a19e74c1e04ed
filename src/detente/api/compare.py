"""Scenarios and results against a base, member by member: rows, what is uncertain, why they differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from detente.analysis import attributes, constructions, metrics
from detente.analysis.attribution import Attribution, attribute
from detente.analysis.changes import Change, Record, why_changed
from detente.analysis.compare import Rebuilt, Row, unpaired
from detente.analysis.compare import compare as rows_of
from detente.analysis.constructions import HeadlineUncertainty
from detente.analysis.lever_files import by_file
from detente.analysis.levers import NoMixture, Parts
from detente.analysis.pairing import NotComparable, pair
from detente.api import Tell, shown, silent
from detente.api.apart import tell_apart
from detente.errors import UsageError
from detente.experiment.provenance import commit
from detente.experiment.source import Given, Settings, Source, each_run, ensemble, ready, resolve, settings
from detente.experiment.store import RUN, SCENARIO, read_json
from detente.prose.wording import printed, unit_printed
from detente.scenario.schema import Scenario

if TYPE_CHECKING:
    import xarray as xr

#: members at most under ``precision``, and members of the ensembles run for ``why``, unless told otherwise
MOST, FOR_WHY = 20_000, 200
#: what a difference is split over
Split: TypeAlias = Literal["files", "acts"]
#: a growing ensemble grows by at least this factor, so that few rounds are needed
GROWTH, MARGIN = 1.25, 1.05


@dataclass(repr=False)
class Comparison:
    """Everything that is told about one base and its others; ``rows`` in the order of the others.

    Two stored runs of one scenario also tell what ``changed`` between them, by name; where they cannot be paired,
    ``unpaired`` holds their difference. ``uncertain`` says where the variance of each row comes from, ``why`` how its
    difference splits over the files or the changes of the scenario, ``unsplit`` why it does not split over files.
    ``data`` is the base's dataset.
    """

    base: Source
    others: list[Source]
    rows: list[Row]
    changed: dict[str, list[Change]]
    unpaired: list[dict[str, Any]]
    uncertain: dict[str, HeadlineUncertainty]
    why: dict[str, Attribution]
    data: xr.Dataset
    unsplit: dict[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        table = shown.scenarios(self.rows).text() if self.rows else "not paired"
        return f"Comparison against {self.base.name}\n{table}"

    def _repr_html_(self) -> str:
        return shown.comparison(self).html()

    def results(self) -> list[xr.Dataset]:
        """The datasets that were compared, the base first."""
        members = int(self.data.sizes["member"])
        return [source.result(members) for source in (self.base, *self.others)]

    def as_dict(self, weekly: bool = False) -> dict[str, Any]:
        """All numbers by name; with ``weekly`` also chances of levels in every week, and of war by every quarter."""
        attrs = self.data.attrs
        members = self.rows[0].difference.members if self.rows else int(self.data.sizes["member"])
        head = {"base": self.base.name, "title": attrs["title"], "members": members}
        head |= {"seed": int(attrs["seed"]), "weeks": int(attrs["weeks"]), "engine": attributes.engine(self.data)}
        rows = [row.as_dict(weekly) | self._extra(row.scenario) for row in self.rows] + self.unpaired
        listed = [{"scenario": k, **vars(change)} for k, found in self.changed.items() for change in found]
        split = [{"scenario": k, **found.as_dict()} for k, found in self.why.items()]
        axes = {"dates": "time", "quarters": "quarter"} if weekly else {}
        held = {name: axis for name, axis in axes.items() if axis in self.data.coords}
        dates = {k: [str(day) for day in self.data[v].values.astype("datetime64[D]")] for k, v in held.items()}
        told = {**head, **dates, "rows": rows, "changes": listed, "attributions": split}
        return told | ({"unsplit": self.unsplit} if self.unsplit else {})

    def _extra(self, name: str) -> dict[str, Any]:
        return {"uncertainty": self.uncertain[name].as_dict()} if name in self.uncertain else {}


def compare(
    base: Given,
    *others: Given,
    metric: str = "mean",
    members: int | None = None,
    seed: int | None = None,
    weeks: int | None = None,
    workers: int = 1,
    sets: Mapping[str, object] | None = None,
    precision: float | None = None,
    most: int = MOST,
    why: bool = False,
    why_by: Split | None = None,
    why_members: int = FOR_WHY,
    tell: Tell = silent,
) -> Comparison:
    """Every other against ``base`` under the same random shocks.

    Each is a scenario (a name, a file or a value), which is run, or a result (its folder or dataset). What is run has
    the members, seed and weeks asked for, else those of the first result, else 1 000 members under seed 1; of results
    the first ``members`` are taken. With ``precision`` members are added until the half-width of the interval is at
    most that (in the metric's unit, a share from 0 to 1), or there are ``most``. ``metric`` is written as in
    :mod:`detente.analysis.metrics`. ``why`` splits each difference over the scenario's files, ``why_by``
    "acts" over its changes.
    Raises MetricError, NotComparable, ScenarioError, ResultError, UsageError.
    """
    metrics.parse(metric)
    found = resolve([base, *others], sets)
    tell_apart(found)
    how = settings(found, members, seed, weeks, workers, tell)
    ready(found, how)
    if precision is not None and any(source.stored is not None for source in found):
        raise UsageError("--precision adds members, and stored results cannot grow: name scenarios instead")
    first, rest = found[0], found[1:]
    try:
        rows, data = _precise(found, metric, how, how.members if members else None, precision, most)
    except NotComparable as error:
        if len(rest) != 1 or not _same_scenario(first, rest[0]):
            raise
        tell(str(error))
        apart = unpaired(first.result(), rest[0].result(), metric)
        return Comparison(first, rest, [], _changed(first, rest), [apart], {}, {}, first.result())
    told = Comparison(first, rest, rows, _changed(first, rest), [], uncertain(first, rest, rows, data), {}, data)
    if why or why_by:
        told.why, told.unsplit = split(first, rest, metric, how, why_members, by=why_by or "files")
    return told


def split(
    base: Source, others: Sequence[Source], metric: str, how: Settings, members: int, *, by: Split, known: bool = False
) -> tuple[dict[str, Attribution], dict[str, str]]:
    """Every difference split over its scenario's files or changes; and of those that do not split over files, why."""
    found: dict[str, Attribution] = {}
    whole: dict[str, str] = {}
    for other in others:
        try:
            found[other.name] = attributed(base, other, metric, how, members, by=by, known=known)
        except NoMixture as error:
            if by == "acts":
                raise
            whole[other.name] = str(error)
    return found, whole


def _precise(
    found: Sequence[Source], metric: str, how: Settings, members: int | None, precision: float | None, most: int
) -> tuple[list[Row], xr.Dataset]:
    """Rows at the members asked for, or at those that give the precision asked for."""
    while True:
        rows, data = compared(found, metric, members)
        have = rows[0].difference.members
        widths = [row.difference.half_width for row in rows]
        width = max(one if one == one else float("inf") for one in widths)
        if precision is None or have >= most or width <= precision:
            break
        members = more(have, width, precision, most)
        how.tell(f"{_within(rows, width)} at {have} members; going on to {members}")
    if precision is not None and width > precision:
        how.tell(f"{_within(rows, width)} is what {have} members give; allow more with --most")
    return rows, data


def _within(rows: Sequence[Row], width: float) -> str:
    unit = rows[0].metric.unit
    return f"± {printed(unit) * width:.3g} {unit_printed(unit)}"


def compared(found: Sequence[Source], metric: str, members: int | None) -> tuple[list[Row], xr.Dataset]:
    """A row for every source but the first, and the base's dataset."""
    data = found[0].result(members)
    rebuilt = {
        one.name: Rebuilt(one.own.result(members or one.members), one.rebuilt)
        for one in found[1:]
        if one.own is not None
    }
    rows = rows_of(data, {other.name: other.result(members) for other in found[1:]}, metric, rebuilt)
    return [_named(row, other) for row, other in zip(rows, found[1:], strict=True)], data


def _named(row: Row, source: Source) -> Row:
    """The row, which says what it is where its title is that of another."""
    return replace(row, notes=(*row.notes, f"this is “{row.title}”")) if "title" in source.told else row


def more(members: int, width: float, precision: float, most: int) -> int:
    """Members for the next round: what the width found asks for, whole parameter draws, no more than ``most``."""
    asked = members * min((width / precision) ** 2 * MARGIN, 100.0)
    return min(most, 4 * round(max(asked, members * GROWTH, members + 4) / 4 + 0.5))


def _same_scenario(base: Source, other: Source) -> bool:
    kept = [one.stored.attrs["scenario"] for one in (base, other) if one.stored is not None and one.folder]
    return len(kept) == 2 and kept[0] == kept[1]


def _changed(base: Source, others: Sequence[Source]) -> dict[str, list[Change]]:
    """Why the number changed between two stored runs of one scenario."""
    return {one.name: why_changed(_record(base), _record(one)) for one in others if _same_scenario(base, one)}


def _record(source: Source) -> Record:
    assert source.folder is not None
    assert source.stored is not None
    scenario = read_json(source.folder, SCENARIO).get("scenario", {})
    return Record(source.stored.attrs, read_json(source.folder, RUN), scenario)


def uncertain(
    base: Source, others: Sequence[Source], rows: Sequence[Row], data: xr.Dataset
) -> dict[str, HeadlineUncertainty]:
    """Where the variance of each row's difference comes from, by name."""
    weights, concentration = constructions.weights_of(base.known_scenario())
    found = {}
    for other, row in zip(others, rows, strict=True):
        mine, yours = pair(data, other.result(int(data.sizes["member"])))
        found[row.scenario] = constructions.headline(mine, yours, row.metric, weights, concentration)
    return found


def attributed(
    base: Source, other: Source, metric: str, how: Settings, members: int, *, by: Split = "acts", known: bool = False
) -> Attribution:
    """The difference split over the scenario's files or changes, from ensembles of so many members. Raises NoMixture.

    With ``known`` base and other are not run again where this code ran them: their first members are what a smaller
    ensemble would be, bit for bit; what needs a whole ensemble is then left out.
    """
    present = {id(one.measured_scenario()): one for one in (base, other) if known and _present(one, members)}

    def simulate(scenario: Scenario) -> xr.Dataset:
        if id(scenario) in present:
            return present[id(scenario)].result().isel(member=slice(members))
        return ensemble(scenario, how).result(members)

    def many(scenarios: Sequence[Scenario]) -> Iterator[xr.Dataset]:
        return each_run(scenarios, how, members, f"Why {other.name} differs")

    parts = _files(base, other, members) if by == "files" else None
    return attribute(base.known_scenario(), other.measured_scenario(), simulate, metric, parts=parts, many=many)


def _files(base: Source, other: Source, members: int) -> Parts:
    """The lever files of a scenario. NoMixture where it does not split, with what it would take where they are many."""
    mine, yours = base.files(), other.files()
    if mine is None or yours is None:
        raise NoMixture("its files are not at hand: name the scenarios instead of results or values")
    return by_file(mine, yours, members)


def _present(source: Source, members: int) -> bool:
    ds = source.result()
    return bool(ds.sizes["member"] >= members and ds.attrs.get("commit", "") == commit())
