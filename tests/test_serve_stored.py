"""Stored ensembles behind the what-if page as one file: exact where something was run, honest in between."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path

import numpy as np
import pytest
from scenario_data import write

from detente.analysis.compare import compare
from detente.errors import UsageError
from detente.experiment.run import run
from detente.experiment.source import Settings
from detente.scenario.load import load
from detente.serve.files import page_files
from detente.serve.levers import changes
from detente.serve.offer import Offer
from detente.serve.page import MODULES, assembled, bundled, page
from detente.serve.stored import Atlas, places

MEMBERS = 8


@pytest.fixture(scope="module")
def atlas(tmp_path_factory: pytest.TempPathFactory) -> Atlas:
    folder = tmp_path_factory.mktemp("stored")
    write(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr("detente.serve.stored.TRIED", 3)
        return Atlas(
            Offer(["small"]).open("small"), Settings(MEMBERS, 1, None, 1, lambda *told: None),
            lambda lever: lever.group in ("missions", "brakes"),
        )  # fmt: skip


@pytest.fixture(scope="module")
def content(atlas: Atlas, tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("again")
        write(folder)
        patch.chdir(folder)
        patch.setattr("detente.serve.stored.TRIED", 3)
        return atlas.as_dict()


def test_every_lever_is_run_to_its_ends(atlas: Atlas) -> None:
    for lever in atlas.levers.values():
        found = places(lever)
        assert lever.value not in found
        if lever.kind == "number":
            assert {lever.low, lever.high} - {lever.value} <= set(found)


def test_what_was_run_is_exact(atlas: Atlas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path)
    monkeypatch.chdir(tmp_path)
    place = next(one for one in atlas.places if atlas.levers[one.lever].kind == "number")
    sets = changes(atlas.levers, {place.lever: place.value})
    base, other = run(load("small").scenario, MEMBERS), run(load("small", sets).scenario, MEMBERS)
    difference = compare(base, {"x": other})[0].difference
    start = sum(size for name, size in list(atlas.fields.sizes.items())[: list(atlas.fields.sizes).index("headline")])
    assert atlas.predicted({place.lever: place.value})[start] == pytest.approx(difference.change, abs=1e-12)


def test_in_between_lies_between(atlas: Atlas) -> None:
    lever = next(one for one in atlas.levers.values() if one.kind == "number")
    stops = [lever.value, next(p.value for p in atlas.places if p.lever == lever.key and p.value > lever.value)]
    middle = (float(stops[0]) + float(stops[1])) / 2
    assert np.allclose(atlas.along(lever, middle), atlas.along(lever, stops[1]) / 2)
    assert not atlas.along(lever, lever.value).any()


def test_the_file_holds_it_and_says_how_far_it_is_off(content: dict[str, object]) -> None:
    text = assembled(content)
    assert len(text.encode()) < 1_000_000
    held = json.loads(re.search(r'id="stored">(.*?)</script>', text, re.DOTALL)[1])  # type: ignore[index]
    shape = len(held["places"]), len(held["origin"])
    assert np.frombuffer(base64.b64decode(held["shifts"]), "<i2").size == shape[0] * shape[1]
    assert held["errors"]["tried"] == 3
    assert "nine of ten" in text
    assert "http-equiv" in text
    assert not re.search(r"(?:src|href)=\"(?!data:|#)", text)


def test_the_program_of_the_file_imports_nothing() -> None:
    program = bundled({name: data.decode() for name, data in page_files().items()})
    assert not re.search(r"^(import|export) ", program, re.MULTILINE)
    assert all(f"const module_{name} " in program for name in MODULES)
    assert "fetch(" not in program


@pytest.mark.parametrize(("out", "groups", "words"), [("x.txt", (), "html"), ("x.html", ("nothing",), "no group")])
def test_what_cannot_be_written_is_refused_before_anything_is_run(
    out: str, groups: tuple[str, ...], words: str, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=words):
        page("baseline", tmp_path / out, groups=groups)
