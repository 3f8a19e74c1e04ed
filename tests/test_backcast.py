"""Back-cast: the index formula on reports, what it leaves out, its ranks, its figure; the theatre of 1989-2003."""

from __future__ import annotations

import csv
import gzip
import json
import os
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from click.testing import CliRunner
from worlds import act, village

from detente.cli.main import main
from detente.evidence.past import backcast as told
from detente.evidence.past.backcast_ranks import contrast, documented, quarters, ranked, record, silence
from detente.experiment.run import run
from detente.figures import backcast as figure
from detente.figures.lint import lint
from detente.figures.sheet import sheet
from detente.index import formula
from detente.observations import ObservationError, Observations, Series
from detente.observations.series import weeks
from detente.scenario.load import load
from detente.scenario.schema import Scenario

ROOT = Path(__file__).resolve().parent.parent
KEDS = (
    Path(os.environ.get("DETENTE_OBSERVATIONS", ROOT.parent / "shared" / "observations"))
    / "keds_dyad_week_1989_2000.csv"
)
LEVELS = KEDS.with_name("mission_force_levels.csv")
needs_events = pytest.mark.skipif(not KEDS.is_file(), reason=f"needs {KEDS.name} in DETENTE_OBSERVATIONS")
COUNT = 104
#: weeks of the made-up war
WAR = slice(40, 60)


def series(key: str, count: np.ndarray, severity: float = 6.0, other: float = 1.0) -> Series:
    dates = weeks(np.datetime64("2024-01-01"), np.datetime64("2024-01-01") + np.timedelta64(7 * (COUNT - 1), "D"))
    given = np.asarray(count, dtype=float)
    return Series(key, "week", dates, severity * given, given, np.full(COUNT, other), np.ones(COUNT), counted=True)


def quiet_and_war() -> np.ndarray:
    count = np.tile([0.0, 1.0, 0.0, 0.0], COUNT // 4)
    count[WAR] = 12.0
    return count


@pytest.fixture
def observed(tmp_path: Path) -> Observations:
    path = tmp_path / "reports.csv"
    path.write_text("made up", encoding="utf-8")
    calm = np.tile([0.0, 0.0, 1.0, 0.0], COUNT // 4)
    return Observations(path, "dyad_week", {"A-B": series("A-B", quiet_and_war()), "A-C": series("A-C", calm)})


@pytest.fixture
def theatre() -> Scenario:
    war = act("rhetoric", WAR.start + 1, lasting=WAR.stop - WAR.start, mark=True, title="War")
    return village({"acts": {"war": war, "clash": act("incident", 70, mark=True)}}, weeks=COUNT)


def test_the_index_rises_with_a_war_and_falls_after_it(theatre: Scenario, observed: Observations) -> None:
    found = told.backcast(theatre, observed)
    for path in (found.raw, found.normalised):
        assert path.region[WAR].mean() > 1.5 * path.region[20:40].mean()
        assert path.region[90:].mean() < 1.25 * path.region[20:40].mean()


def test_it_is_the_formula_of_the_index(theatre: Scenario, observed: Observations) -> None:
    found = told.backcast(theatre, observed)
    c = told.construction(theatre, found.keys)
    hostility, incidents = told.indicators(theatre, told.seen(theatre, observed), np.ones(COUNT))
    index = theatre.parameters.index
    scaled = [np.clip(x / (post.clash.value - post.calm.value), 0, 1) for x, post in
              ((hostility, index.hostility), (incidents, index.incidents))]  # fmt: skip
    weights = np.array([index.hostility.weight.value, index.incidents.weight.value])
    dyads = 100 * np.tensordot(weights / weights.sum(), np.stack(scaled), 1)
    np.testing.assert_allclose(found.raw.dyads, dyads)
    np.testing.assert_allclose(found.raw.region, formula.power_mean(dyads, c.dyads, c.exponent))
    np.testing.assert_allclose(found.raw.contribution.sum(axis=0), found.raw.region, atol=1e-9)
    assert (
        c.weights[[formula.PILLARS.index(p) for p in ("militarisation", "alignment", "vacuum", "diplomacy")]].sum() == 0
    )


def test_memories_are_those_of_the_laws(theatre: Scenario) -> None:
    tone = np.zeros((1, 30))
    tone[0, 0] = 10.0
    rho = theatre.parameters.hostility.inertia.value
    np.testing.assert_allclose(told.felt(theatre, tone)[0], 10 * (1 - rho) * rho ** np.arange(30))
    one = series("A-B", np.eye(1, COUNT)[0])
    memory = theatre.parameters.index.incident_memory.value
    recent = np.expm1(told.indicators(theatre, [one], np.ones(COUNT))[1][0])
    np.testing.assert_allclose(recent, 6 * -np.expm1(-1 / memory) * np.exp(-np.arange(COUNT) / memory))


def test_nothing_later_is_looked_at(theatre: Scenario, observed: Observations) -> None:
    """But for the mean volume, one number over the whole file, that the normalised back-cast is measured against."""
    other = {
        key: replace(s, value=np.where(np.arange(COUNT) < 50, s.value, 70.0)) for key, s in observed.series.items()
    }
    usual, changed = (told.backcast(theatre, o) for o in (observed, replace(observed, series=other)))
    for one, two in ((usual.raw, changed.raw), (usual.normalised, changed.normalised)):
        np.testing.assert_array_equal(one.region[:50], two.region[:50])
        assert (one.region[50:] != two.region[50:]).all()


def test_more_news_of_the_same_weighs_less_by_volume(theatre: Scenario, observed: Observations) -> None:
    """From the second year on every report twice, conflict or not: by volume that is seen through in a year."""
    louder = np.where(np.arange(COUNT) < 52, 1.0, 2.0)
    double = {
        k: replace(s, value=louder * s.value, count=louder * s.count, other=louder * s.other)
        for k, s in observed.series.items()
    }
    usual, twice = (told.backcast(theatre, o) for o in (observed, replace(observed, series=double)))
    raw, normalised = (
        float((getattr(twice, part).region[90:] / getattr(usual, part).region[90:]).mean()) - 1
        for part in ("raw", "normalised")
    )
    assert raw > 0.05
    assert abs(normalised) < 0.85 * raw


def test_a_quiet_time_is_enlarged_no_more_than_stated(theatre: Scenario, observed: Observations) -> None:
    faint = {
        key: replace(s, other=np.r_[np.zeros(80), np.full(COUNT - 80, 500.0)]) for key, s in observed.series.items()
    }
    found = told.backcast(theatre, replace(observed, series=faint))
    assert found.volume.mean() / found.volume.min() > told.MOST
    recent = [
        np.expm1(told.indicators(theatre, told.seen(theatre, found.observations), np.full(COUNT, s))[1])
        for s in (1, told.MOST)
    ]
    np.testing.assert_allclose(recent[1], told.MOST * recent[0])


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda s: {"X-Y": replace(s, key="X-Y")}, "none of the pairs"),
        (lambda s: {"A-B": replace(s, step="month")}, "weekly counts"),
        (lambda s: {"A-B": replace(s, counted=False)}, "weekly counts"),
    ],
)
def test_what_cannot_be_back_cast_is_refused(change, what: str, theatre: Scenario, observed: Observations) -> None:
    with pytest.raises(ObservationError, match=what):
        told.backcast(theatre, replace(observed, series=change(observed.series["A-B"])))


def test_spells_are_the_marked_campaigns_that_last(theatre: Scenario, observed: Observations) -> None:
    found = told.backcast(theatre, observed)
    (war,) = documented(found.scenario, found.dates)
    assert (war.name, war.first, war.last) == ("war", WAR.start, WAR.stop)
    assert ranked(found.raw.region, [war]) == {"war": 1}
    late = theatre.model_copy(update={"acts": {"war": theatre.acts["war"].model_copy(update={"mark": False})}})
    assert documented(late, found.dates) == []


def test_a_war_lasts_until_an_act_ends_it() -> None:
    acts = {
        "war": act("war", 10, pairs=["A-E"], mark=True),
        "truce": act("ceasefire", 20, pairs=["A-E"]),
        "again": act("war", 40, pairs=["A-E"], mark=True),
    }
    scenario = village({"acts": acts}, weeks=60)
    weeks = np.datetime64(scenario.calendar.start) + 7 * np.arange(60) * np.timedelta64(1, "D")
    war, again = documented(scenario, weeks)
    assert (war.name, war.first, war.last) == ("war", 9, 19)
    assert (again.name, again.first) == ("again", 39)
    assert again.last >= 58


def test_contrast_is_the_chance_that_a_week_inside_stands_above(theatre: Scenario, observed: Observations) -> None:
    found = told.backcast(theatre, observed)
    some = documented(found.scenario, found.dates)
    region = np.zeros(COUNT)
    assert contrast(region, some)["above"] == 0.5
    region[some[0].first : some[0].last + 1] = 1.0
    assert contrast(region, some) == {"inside": 1.0, "outside": 0.0, "above": 1.0}
    assert contrast(region, []) == {}


def test_quarters_and_silence(theatre: Scenario, observed: Observations) -> None:
    found = told.backcast(theatre, observed)
    rows = quarters(found.dates, np.arange(COUNT, dtype=float))
    assert rows[0][0] == "2025-Q4"
    assert rows[-1][0] == "2024-Q1"
    assert [mean for _, mean in rows] == sorted((mean for _, mean in rows), reverse=True)
    mute = replace(observed.series["A-B"], other=np.zeros(COUNT), count=np.eye(1, COUNT, 30)[0])
    assert silence(replace(found, series=(mute,))) == {"A-B": 73}


def test_the_figure_is_fit_to_be_saved(theatre: Scenario, observed: Observations) -> None:
    found = told.backcast(theatre, observed)
    data = figure.collect(found)
    assert lint(sheet(figure.draw, data, figure.provenance(found))) == []
    assert "Event-borne pillars only" in data.subtitle
    assert "levels of the full index do not carry over" in data.notes
    inside, outside = (f"{data.numbers[k]:.0f}" for k in ("inside", "outside"))
    assert f"at {inside} in the documented spells and at {outside} outside" in data.title
    assert [bar.label for bar in data.bars] == ["War (1/1)"]
    assert [event.title for event in data.events] == ["Incident"]


@pytest.mark.parametrize("more", [["--backcast", "out.png"], ["--observations", "reports.csv"]])
def test_a_back_cast_needs_both_files(more: list[str]) -> None:
    done = CliRunner().invoke(main, ["verify", "placebo", *more])
    assert done.exit_code == 2
    assert "go together" in done.output


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    files = ["--backcast", str(tmp_path / "out.png"), "--observations", str(tmp_path / "nothing.csv")]
    done = CliRunner().invoke(main, ["verify", "history_1989_2003", *files])
    assert (done.exit_code, "nothing.csv: no such file" in done.output) == (3, True)


@needs_events
def test_the_committed_back_cast_is_repeated(tmp_path: Path) -> None:
    files = ["--backcast", str(tmp_path / "backcast.svg"), "--observations", str(KEDS)]
    done = CliRunner().invoke(main, ["verify", "history_1989_2003", *files, "--json"])
    assert done.exit_code == 0, done.output
    now, committed = (
        json.loads(done.stdout),
        json.loads((ROOT / "reports" / "backcast.json").read_text(encoding="utf-8")),
    )
    assert now == committed


@needs_events
def test_reported_wars_stand_above_peace() -> None:
    """Not that one war wins: that weeks of war stand above weeks of peace, as reported and by volume."""
    from detente.observations import load as observations

    found = told.backcast(load("history_1989_2003").scenario, observations(KEDS))
    content = record(found)
    assert len(content["raw"]["spells"]) == 5
    for part in ("raw", "normalised"):
        assert content[part]["contrast"]["above"] > 0.8
        means = {spell["name"]: spell["mean"] for spell in content[part]["spells"]}
        assert min(means.values()) > content[part]["contrast"]["outside"]
    years = found.dates.astype("datetime64[Y]").astype(int) + 1970
    by_year = {year: float(found.raw.region[years == year].mean()) for year in range(1989, 2001)}
    assert min(by_year[y] for y in (1992, 1993, 1994, 1995)) > max(by_year[y] for y in (1990, 1997, 1998))
    assert by_year[1999] > by_year[1998] > by_year[1997]


def test_the_laws_rise_and_fall_with_wars_they_are_told_of() -> None:
    scenario = load("history_1989_2003").scenario
    found = run(scenario, 32, seed=1)
    mean = found["tension"].mean("member")
    calm = [
        float(mean.sel(time=slice(*span)).mean())
        for span in (("1989-06", "1991-05"), ("1996-09", "1997-12"), ("2002", "2003"))
    ]
    war = [
        float(mean.sel(time=slice(*span)).mean())
        for span in (("1991-10", "1991-12"), ("1993", "1994"), ("1999-04", "1999-05"))
    ]
    assert min(war) > max(calm) + 4
    pairs = found["tension_dyad"].mean("member").sel(time=slice("1999-04", "1999-05")).mean("time").to_series()
    assert set(pairs.nlargest(2).index) == {"SRB-KOS", "SRB-NATO"}


@pytest.fixture
def history_1990s(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "experiments" / "estimates"))
    return import_module("history_1990s")


@needs_events
def test_the_theatres_estimates_are_what_the_script_gives(history_1990s: ModuleType) -> None:
    assert history_1990s.text_of(KEDS.parent) == history_1990s.TARGET.read_text(encoding="utf-8")


@needs_events
def test_later_events_change_no_estimate(history_1990s: ModuleType, tmp_path: Path) -> None:
    """Events after 1997 are thrown away before anything is worked out: without them the file is the same."""
    name = "keds_events_1989_2000.csv.gz"
    with gzip.open(KEDS.parent / name, "rt", encoding="utf-8") as whole:
        lines = [line for line in whole if not line[:4].isdigit() or line[:4] < "1998"]
    assert lines[-1][:4] == "1997"
    with gzip.open(tmp_path / name, "wt", encoding="utf-8") as cut:
        cut.writelines(lines)
    groups = "keds_actor_groups.csv"
    (tmp_path / groups).write_bytes((KEDS.parent / groups).read_bytes())
    assert history_1990s.text_of(tmp_path) == history_1990s.TARGET.read_text(encoding="utf-8")


@cache
def theatre_1990s() -> Scenario:
    return load("history_1989_2003").scenario


def troops(mission: str, day: date) -> float:
    """Troops of a mission on a day, by the calendar's acts and the weeks that they take."""
    acts = theatre_1990s().acts.values()
    changes = sorted((a for a in acts if a.kind == "mission" and a.mission == mission), key=lambda a: a.date)
    level = 0.0
    for change in changes:
        if change.troops is not None and change.date <= day:
            done = min((day - change.date).days / 7 / max(change.over.value, 1e-9), 1.0)
            level += done * (change.troops.value - level)
    return level


@pytest.mark.skipif(not LEVELS.is_file(), reason=f"needs {LEVELS.name} in DETENTE_OBSERVATIONS")
def test_missions_stand_at_their_recorded_levels() -> None:
    """Where a year alone is given the level was passed in that year; a planned arrival is reached within weeks."""
    with LEVELS.open(encoding="utf-8", newline="") as handle:
        rows = [
            row for row in csv.DictReader(handle) if row["date"] < "2004" and row["mission"] in ("IFOR", "SFOR", "KFOR")
        ]
    assert len(rows) == 7
    for row in rows:
        year, month = (int(part) for part in (row["date"] + "-01")[:7].split("-"))
        span = 8 if len(row["date"]) == 7 else 52
        days = [date(year, month, 1) + timedelta(weeks=k) for k in range(span + 5)]
        seen = [troops(row["mission"].lower(), day) for day in days]
        assert 0.98 * min(seen) <= float(row["troops"]) <= 1.02 * max(seen), row
