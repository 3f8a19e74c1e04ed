"""The what-if page over HTTP: who is let in, what is refused, and that its numbers are those of the command line."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from scenario_data import write

from detente.cli.main import main
from detente.scenario.load import load

pytest.importorskip("starlette", reason="the extra serve is not installed")
pytest.importorskip("httpx2", reason="httpx2 is not installed")

from starlette.testclient import TestClient

from detente.serve.application import LONGEST, application
from detente.serve.crew import Crew
from detente.serve.engine import Engine, Question
from detente.serve.files import page_files
from detente.serve.guard import POLICY
from detente.serve.levers import LeverError, changes, levers
from detente.serve.offer import Offer

PORT = 8321
HERE = f"http://127.0.0.1:{PORT}"
SIZES = (8, 16)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("serve")
    write(folder)
    visit = "{kind: visit, date: 2024-07-15, title: A visit, by: POW, to: ALF, size: 5}"
    (folder / "tea.yaml").write_text(f"extends: small\ntitle: Tea\nacts:\n  tea: {visit}\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def client(place: Path) -> Iterator[TestClient]:
    """The application, with one worker, in the folder of the small theatre."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        app = application(Offer(["small", "tea"]), lambda: Engine(Crew(1), 1, SIZES, brakes=8), PORT)
        with TestClient(app, base_url=HERE) as found:
            yield found


@pytest.fixture(autouse=True)
def here(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place)


NUMBER = iter(range(10**6))


def asked(settings: dict[str, Any] | None = None, scenario: str = "small", **more: Any) -> dict[str, Any]:
    return {"scenario": scenario, "settings": settings or {}, "window": "w", "sequence": next(NUMBER), **more}


def pieces(client: TestClient, *of: Any, **more: Any) -> list[dict[str, Any]]:
    answer = client.post("/answers", json=asked(*of, **more))
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


def a_number(client: TestClient) -> dict[str, Any]:
    groups = client.get("/scenarios/small").json()["groups"]
    return next(lever for group in groups for lever in group["levers"] if lever["kind"] == "number")


def test_the_page_and_its_files(client: TestClient) -> None:
    page = client.get("/")
    assert page.status_code == 200
    assert page.headers["content-security-policy"] == POLICY
    assert "unsafe" not in POLICY
    for name in page_files():
        assert client.get(f"/{name}").status_code == 200
    text = b"".join(page_files().values()).decode()
    assert "http://" not in text.replace("http://www.w3.org/2000/svg", "")
    assert "https://" not in text
    assert "eval(" not in text
    assert "innerHTML" not in text


@pytest.mark.parametrize(
    "path", ["/../pyproject.toml", "/files/index.html", "/scenarios/../small", "/scenarios/%2Fetc", "/x"]
)
def test_nothing_else_is_read(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_scenarios_and_levers(client: TestClient) -> None:
    listed = client.get("/scenarios").json()
    assert [one["name"] for one in listed["scenarios"]] == ["small", "tea"]
    assert listed["first"] == "small"
    told = client.get("/scenarios/tea").json()
    assert told["base"] == client.get("/scenarios/small").json()["title"]
    assert not told["own_base"]
    assert len(told["dates"]) > 1
    keys = [lever["key"] for group in told["groups"] for lever in group["levers"]]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1:1", "localhost", "127.0.0.1.evil.example:8321", ""])
def test_a_foreign_host_is_refused(client: TestClient, host: str) -> None:
    assert client.get("/", headers={"host": host}).status_code == 403
    assert client.get("/", headers={"host": f"localhost:{PORT}"}).status_code == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1", f"https://127.0.0.1:{PORT}"])
def test_a_foreign_origin_is_refused(client: TestClient, origin: str) -> None:
    for ask in (client.get, client.post):
        assert ask("/answers", headers={"origin": origin}).status_code == 403
    assert client.post("/answers", json={}, headers={"sec-fetch-site": "cross-site"}).status_code == 403


def test_what_is_no_question_is_refused(client: TestClient) -> None:
    wrong: list[Any] = [
        {}, [], "x", asked(scenario="nowhere"), asked(scenario="../small"), asked({"nothing.here": 1}), asked(more=1),
        asked() | {"window": "../x"}, asked() | {"window": "a" * 41}, asked() | {"sequence": -1},
        asked() | {"sequence": "1"}, asked({str(n): 1 for n in range(400)}), asked({"a" * 300: 1}),
    ]  # fmt: skip
    for one in wrong:
        answer = client.post("/answers", json=one)
        assert answer.status_code in (404, 422), one
        assert answer.json()["error"]
    assert client.post("/answers", content=b"{}", headers={"content-type": "text/plain"}).status_code == 422
    assert client.post("/answers", content=b"\xff{", headers={"content-type": "application/json"}).status_code == 422
    assert client.post("/answers", content=b"[" * 9000, headers={"content-type": "application/json"}).status_code == 422
    assert client.get("/answers").status_code == 405


@pytest.mark.parametrize(
    "text", ["NaN", "Infinity", "-Infinity", "1e308", "-1e308", "1e999", "9" * 5000, "true", '"x"', "null", "[]"]
)
def test_a_lever_is_held_to_its_range(client: TestClient, text: str) -> None:
    key = a_number(client)["key"]
    body = json.dumps(asked()).replace('"settings": {}', f'"settings": {{"{key}": {text}}}')
    answer = client.post("/answers", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["error"]


def test_a_long_body_is_refused(client: TestClient) -> None:
    body = b"x" * 10_000_000
    assert client.post("/answers", content=body, headers={"content-type": "application/json"}).status_code == 413
    slowly = (b"x" * LONGEST for _ in range(600))
    assert client.post("/answers", content=slowly, headers={"content-type": "application/json"}).status_code == 413


def told(*words: str) -> Any:
    done = CliRunner().invoke(main, [*words, "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_numbers_are_those_of_the_command(client: TestClient) -> None:
    lever = a_number(client)
    found = pieces(client, {lever["key"]: lever["high"]})
    answers = [piece for piece in found if piece["kind"] == "answer"]
    assert [one["members"] for one in answers] == list(SIZES)
    assert [one["finest"] for one in answers] == [False, True]
    command = found[0]["commands"]["16"].split()
    assert command[0] == "detente"
    printed = told(*command[1:], "--out", "ran")
    assert {name: printed[name] for name in answers[-1]["summary"]} == answers[-1]["summary"]


def test_a_difference_is_that_of_compare(client: TestClient) -> None:
    answer = [piece for piece in pieces(client, scenario="tea") if piece["kind"] == "answer"][-1]
    printed = told("compare", "small", "tea", "--members", "16")["rows"][0]
    for name in ("change", "ci_low", "ci_high", "verdict", "base_value", "value", "armed_change"):
        assert answer["row"][name] == printed[name]
    assert answer["sentences"]


def test_what_rests_is_compared_with_nothing(client: TestClient) -> None:
    found = pieces(client)
    assert all(piece["row"] is None for piece in found if piece["kind"] == "answer")
    brakes = [piece for piece in found if piece["kind"] == "brake"]
    assert len(brakes) == brakes[0]["of"]
    assert pieces(client)[1:] == [*[p for p in found if p["kind"] == "answer"][-1:], *brakes]


def test_a_glance_gives_the_first_answer_only(client: TestClient) -> None:
    lever = a_number(client)
    found = pieces(client, {lever["key"]: lever["low"]}, glance=True)
    assert [(piece["kind"], piece.get("members")) for piece in found] == [("asked", None), ("answer", SIZES[0])]


def test_a_saved_file_is_valid_and_is_what_was_shown(client: TestClient, place: Path) -> None:
    groups = client.get("/scenarios/small").json()["groups"]
    settings: dict[str, Any] = {}
    for lever in (lever for group in groups for lever in group["levers"]):
        moved = {"switch": lambda one: not one["value"], "choice": lambda one: one["options"][1]["value"],
                 "date": lambda one: one["value"]}  # fmt: skip
        settings[lever["key"]] = moved.get(lever["kind"], lambda one: one["high"])(lever)
    assert settings
    text = pieces(client, settings, glance=True)[0]["file"]
    (place / "saved.yaml").write_text(text, encoding="utf-8")
    checked = told("check", "saved.yaml")
    assert checked["ok"] if isinstance(checked, dict) else checked[0]["ok"]
    known = load("small")
    assert load("saved.yaml").hash == load("small", changes(levers(known), settings)).hash


def test_an_older_question_is_not_answered(client: TestClient) -> None:
    first, second = asked(), asked()
    assert client.post("/answers", json=second).status_code == 200
    late = client.post("/answers", json=first)
    assert late.status_code == 409
    assert late.json()["error"]


def test_two_hundred_at_once(client: TestClient) -> None:
    lever = a_number(client)
    values = [lever["low"] + (lever["high"] - lever["low"]) * n / 200 for n in range(200)]

    def ask(n: int) -> int:
        question = asked({lever["key"]: values[n]}, glance=True) | {"window": f"w{n}", "sequence": 0}
        return client.post("/answers", json=question).status_code

    with ThreadPoolExecutor(40) as pool:
        found = list(pool.map(ask, range(200)))
    assert set(found) <= {200, 429}
    assert 200 in found
    assert pieces(client, {lever["key"]: values[3]}, glance=True)[-1]["kind"] == "answer"


@pytest.mark.parametrize("name", ["baseline", "aegean_baseline", "kfor_drawdown"])
def test_levers_of_shipped_scenarios(name: str) -> None:
    known = load(name)
    found = levers(known)
    assert found
    for lever in found.values():
        if lever.kind in ("number", "factor"):
            assert lever.low <= lever.value <= lever.high, lever
            assert 20 <= (lever.high - lever.low) / lever.step <= 400, lever
    for end in ("low", "high"):
        ends = {lever.key: getattr(lever, end) for lever in found.values() if lever.kind in ("number", "factor")}
        ends |= {lever.key: lever.day(getattr(lever, end)) for lever in found.values() if lever.kind == "date"}
        assert load(name, changes(found, ends)).hash != known.hash
    everything = {lever.key: lever.value for lever in found.values() if lever.kind in ("switch", "choice")}
    assert load(name, changes(found, everything)).hash == known.hash
    with pytest.raises(LeverError, match="no lever"):
        changes(found, {"parameters.hostility.inertia": 0.5})


@pytest.mark.parametrize("name", ["kfor_drawdown", "aegean_baseline", "south_caucasus_monitors_leave"])
def test_the_page_says_what_its_theatre_cautions_against(name: str) -> None:
    told = Offer([name]).open(name).as_dict()["cautions"]
    assert told == list(load(name).scenario.cautions())
    assert told or not load(name).scenario.missions


def test_a_newer_question_ends_the_work_on_an_older_one(place: Path) -> None:
    """The older one is told that it is superseded; it never gets so far as an answer of so many members."""

    async def both() -> tuple[list[str], list[str]]:
        engine = Engine(Crew(1), 1, (20_000,), brakes=8)
        offered = Offer(["small"]).open("small")
        key = next(lever.key for lever in offered.levers.values() if lever.kind == "number")
        ask = [engine.answers(Question("w", n, offered, {key: float(n)})) for n in range(2)]
        older = [await anext(ask[0])]
        waiting = asyncio.ensure_future(_rest(ask[0]))
        newer = [await anext(ask[1])]
        older += await waiting
        assert [job.question.sequence for job in engine.jobs] == [1]
        await ask[1].aclose()
        assert engine.jobs == []
        engine.close()
        return [piece["kind"] for piece in older], [piece["kind"] for piece in newer]

    assert asyncio.run(both()) == (["asked", "superseded"], ["asked"])


async def _rest(pieces: AsyncIterator[dict[str, Any]]) -> list[dict[str, Any]]:
    return [piece async for piece in pieces]
