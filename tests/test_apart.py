"""Two runs of one title are told apart by what differs, in sentences, tables and figures."""

from __future__ import annotations

from pathlib import Path

import pytest
from scenario_data import write

import detente
from detente.api.apart import tell_apart
from detente.experiment.source import Source, resolve
from detente.figures import style

COMMON = {"members": 16, "weeks": 6}
MEMORY, CONDUCT = "parameters.incidents.memory", "parameters.hostility.conduct"
VISIT = "{kind: visit, date: 2024-07-15, title: A visit, by: POW, to: ALF, size: 5}"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("apart")
    write(folder)
    title = detente.load(folder / "small.yaml").title
    for name, more in {
        "same": "",
        "visit": f"acts:\n  tea: {VISIT}\n",
        "longer": "calendar: {end: 2026-12-28}\n",
    }.items():
        (folder / f"{name}.yaml").write_text(f"extends: small\ntitle: {title}\n{more}", encoding="utf-8")
    detente.run(folder / "small.yaml", **COMMON, out=folder / "stored")
    return folder


@pytest.fixture(autouse=True)
def here(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place)


def titles(*given: object) -> list[str]:
    found: list[Source] = resolve(given)  # type: ignore[arg-type]
    tell_apart(found)
    return [source.title for source in found]


def changed(**sets: float) -> object:
    return detente.run("small", **COMMON, sets={MEMORY if key == "memory" else CONDUCT: v for key, v in sets.items()})


def test_the_title_names_what_was_changed_to() -> None:
    title = detente.load("small").title
    told = titles("small", changed(memory=2), changed(memory=2, conduct=0), "visit")
    assert told[:2] == [title, f"{title} (parameters of incidents, memory 2 weeks)"]
    assert "parameters of hostility, conduct" in told[2]
    assert "adds “A visit”" in told[3]
    assert len(set(told)) == 4


def test_of_many_changes_the_number_is_told() -> None:
    known = [name for name in detente.load("small").parameters.hostility.model_dump() if name != "conduct"][:3]
    sets = {f"parameters.hostility.{name}": 0.01 for name in known}
    (_, told) = titles("small", detente.run("small", **COMMON, sets=sets))
    assert "1 more change" in told


def test_what_does_not_differ_is_told_by_its_folder_or_number() -> None:
    title = detente.load("small").title
    assert titles("small", "stored", "same") == [title, f"{title} (stored)", f"{title} (2)"]
    assert titles("small", "longer") == [title, f"{title} (2)"]
    assert titles("stored", "visit")[0] == title


def test_a_comparison_says_which_is_which() -> None:
    told = detente.compare("small", changed(memory=2), changed(memory=4), **COMMON)
    assert len({row.title for row in told.rows}) == 2
    assert all(f"this is “{row.title}”" in row.notes for row in told.rows)
    assert "memory 4 weeks" in told._repr_html_()
    assert detente.compare("small", "visit", **COMMON).rows[0].title.endswith("(adds “A visit” (2024-07-15))")


def test_report_and_figures_tell_them_apart(place: Path) -> None:
    given = ["small", changed(memory=2), changed(memory=4)]
    made = detente.report(*given, members=16, out=place / "report")
    for row in made.table.rows[1:]:
        assert "memory" in row[0]
    assert made.table.rows[1][0] != made.table.rows[2][0]
    detente.figure("difference", *given, outputs=place / "d.svg", **COMMON)
    text = (place / "d.svg").read_text(encoding="utf-8").lower()
    assert "memory 2" in text
    assert "memory 4" in text
    names = ["small (2)", "small (3)"]
    assert all(colour.lower() in text for colour in style.palette(names).values())
