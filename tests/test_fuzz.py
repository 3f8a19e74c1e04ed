"""What fuzzing found once is not found again; and some new mutations of everything."""

import pytest

from tests import fuzz, fuzz_kinds, mutations

KEPT = sorted(path for path in fuzz.CASES.glob("*/*") if path.is_file())


@pytest.mark.parametrize("path", KEPT, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_was_found_stays_mended(path):
    verdict = fuzz.judged(fuzz.Case(path.parent.name, path.name, path.read_bytes()))
    assert verdict.verdict not in fuzz.FINDINGS, f"{verdict.verdict}: {verdict.told}"


@pytest.mark.parametrize("kind", fuzz.KINDS)
def test_mutations_end_as_an_answer_or_in_words(kind):
    counts, found = fuzz.batch(kind, seed=0, first=0, count=12)
    assert [f"{case.name}: {verdict.verdict}: {verdict.told}" for case, verdict in found] == []
    assert sum(counts.values()) == 12


@pytest.mark.parametrize("kind", [kind for kind in fuzz.KINDS if kind != "observation"])
def test_the_same_number_makes_the_same_case(kind):
    first, again = (list(fuzz.cases(kind, 5, range(8))) for _ in range(2))
    assert first == again
    assert len({case.content for case in first}) > 4


@pytest.mark.parametrize("kind", ["scenario", "part", "experiment", "record"])
def test_what_is_mutated_is_sound(kind):
    told = [fuzz.judged(fuzz.Case(kind, "sound", text.encode())) for text in dict.fromkeys(fuzz.sound(kind))]
    assert [str(verdict) for verdict in told if verdict.verdict != "ok"] == []


def test_what_cannot_be_made_is_no_refusal(monkeypatch, tmp_path):
    monkeypatch.setattr(fuzz_kinds.sys, "executable", str(tmp_path / "nowhere"))
    fuzz_kinds._stored.cache_clear()
    assert fuzz.judged(fuzz.Case("result", "x", b"0.1")).verdict == "crash"


def test_a_planted_crash_is_found(monkeypatch):
    def broken(content, folder):
        return str([][0])

    monkeypatch.setitem(fuzz.KINDS, "part", broken)
    assert fuzz.judged(fuzz.Case("part", "x", b"")).verdict == "crash"


def test_a_wrong_answer_and_a_fault_without_place_are_found(monkeypatch):
    from detente.scenario.diagnostics import Fault, ScenarioError

    def raising(error):
        def case(content, folder):
            raise error

        return case

    for error, verdict in (
        (fuzz.WrongAnswer("not finite"), "wrong"),
        (ScenarioError([Fault("E106", "x", 0, 0, "m")], {}), "no place"),
        (ScenarioError([Fault("E106", "x", 1, 1, "m")], {}), "fault"),
    ):
        monkeypatch.setitem(fuzz.KINDS, "part", raising(error))
        assert fuzz.judged(fuzz.Case("part", "x", b"")).verdict == verdict


def test_what_is_written_bare_is_read_as_yaml():
    assert mutations.written({"a": "\x01~", "b": '\x01"\\x41"'}) == '{\n "a": ~,\n "b": "\\x41"\n}'
    assert mutations.tree_of(mutations.written({"a": ["\x01.inf", "x"]})) == {"a": [float("inf"), "x"]}
