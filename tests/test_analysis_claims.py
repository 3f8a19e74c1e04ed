"""Sentences: every number from the facts, no direction without an interval, fixed words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detente.analysis import claims
from detente.analysis.claims import Claim, faults
from detente.analysis.compare import Row, compare
from detente.analysis.doing import Doing
from detente.analysis.leaning import Leaning
from detente.analysis.numbers import unsupported
from detente.analysis.yardsticks import yardsticks
from detente.figures.words import window
from detente.prose.wording import (
    MINUS,
    digits_for,
    fixed,
    in_100,
    interval,
    likelihood,
    month,
    per_hundred,
    signed,
    whole,
)
from detente.report import lead, lead_facts, sentences
from tests.analysis_data import DEFINED, DOWN, UP, result

BASE = result()
FEW = result(members=8)
#: up in one pair, down in another: the sign is lost, the size is known to be small
WAVERING = {("A-B", "vacuum"): 0.0005, ("A-C", "diplomacy"): -0.00065}
CASES = {
    "higher": compare(BASE, {"high": result("high", push=UP)}),
    "lower": compare(BASE, {"low": result("low", push=DOWN)}),
    "definitional": compare(BASE, {"defined": result("defined", push=DEFINED)}),
    "identical": compare(BASE, {"copy": result("copy")}),
    "cannot tell": compare(FEW, {"high": result("high", push={("A-B", "hostility"): 0.001}, members=8, noise=0)}),
    "negligible": compare(BASE, {"speck": result("speck", push={("A-B", "vacuum"): 0.0003})}),
    "nothing": compare(BASE, {"speck": result("speck", push=WAVERING)}),
    "crisis": compare(BASE, {"high": result("high", push=UP)}, "crisis"),
    "max": compare(BASE, {"high": result("high", push=UP)}, "max"),
    "incidents": compare(BASE, {"high": result("high", push={("A-B", "incidents"): 0.3})}, "incidents"),
    "digits in names": compare(
        BASE, {"fk_3": result("fk_3", push=UP, attrs={"title": "FK-3 rises to 12 batteries <b>0.5</b>"})}
    ),
}


def facts(rows: Sequence[Row]) -> dict[str, Any]:
    """The facts of a report on these rows, as far as sentences read them, on nothing that was run."""
    hangs = {row.scenario: Leaning(0, row.difference.draws).as_dict() for row in rows}
    own = {row.scenario: Doing(row.title, "What if?").as_dict() for row in rows}
    asked = lead_facts.asked(BASE, rows, "Where does it go?")
    held = yardsticks(BASE, rows[0].metric)
    return {
        **claims.facts(rows),
        **sentences.counts(rows),
        "results": {rows[0].base: {"chances": []}},
        "uncertainty": {row.scenario: {"same_sign": None} for row in rows},
        "lead": {
            "asked": asked,
            "does": own,
            "order": [row.scenario for row in rows],
            "leaning": hangs,
            "spread": 0.9,
            "yardsticks": {one.kind: one.as_dict() for one in held},
            "sizes": lead_facts.sizes(held, rows),
            "tested": {"fixed": 0, "text": "Nothing was tested."},
            "cautions": ["What monitors do."],
            "among": {},
        },
    }


def told(rows: Sequence[Row]) -> list[Claim]:
    """Every clause that is made from these rows."""
    row, when = rows[0], window(BASE)
    single = [claims.headline(row), claims.title(rows), claims.claim(row, "divergence"), *sentences.unmoved(rows)]
    whole = (
        sentences.title(rows, when),
        *(one for answer in lead.answers(rows, when, facts(rows)) for one in answer.sentences),
    )
    return [*single, *filter(None, [claims.crisis(row)]), *(clause for one in whole for clause in one.clauses)]


@pytest.mark.parametrize("case", CASES)
def test_every_generated_sentence_is_supported(case: str) -> None:
    rows = CASES[case]
    said = told(rows)
    assert len(said) >= 4
    known = facts(rows)
    assert [fault for claim in said for fault in faults(claim, known)] == []


def test_the_cases_are_what_they_are_called() -> None:
    for case in ("higher", "lower", "identical", "cannot tell"):
        assert CASES[case][0].difference.verdict == case


@pytest.mark.parametrize(
    ("case", "sentence"),
    [
        ("higher", "High raises mean tension over the last 26 weeks by "),
        ("lower", "Low lowers mean tension over the last 26 weeks by "),
        ("identical", "Copy leaves mean tension over the last 26 weeks as it is in Base, run by run."),
        (
            "cannot tell",
            "No detectable difference in mean tension over the last 26 weeks between High and Base at N",
        ),
        ("negligible", "Speck raises mean tension over the last 26 weeks by 0.00"),
        ("crisis", "High raises the chance of reaching crisis at least once by 55.0 [34.3, 75.7] in 100"),
    ],
)
def test_headlines(case: str, sentence: str) -> None:
    assert claims.headline(CASES[case][0]).text.startswith(sentence)


def test_what_is_only_definition_is_said_to_be() -> None:
    *_, behaviour = lead.hangs(CASES["definitional"], facts(CASES["definitional"]))
    assert "the rest follows by definition" in behaviour.text
    assert "on the behaviour-only index “Defined” cannot be told from Base" in behaviour.text


def test_a_difference_that_is_told_but_tiny_is_said_to_be() -> None:
    (row,) = CASES["negligible"]
    assert row.difference.verdict == "higher"
    assert row.negligible
    assert "less than 0.05 points: too little to matter" in claims.headline(row).text
    assert not CASES["higher"][0].negligible
    nothing = CASES["nothing"][0]
    assert nothing.difference.verdict == "cannot tell"
    assert claims.headline(nothing).text.endswith("at N = 80, and none as large as 0.05 points.")


def with_interval(claim: Claim, low: float, high: float) -> Claim:
    return replace(claim, interval=(low, high))


def test_a_claim_whose_interval_spans_zero_is_a_fault() -> None:
    rows = CASES["higher"]
    claim = claims.headline(rows[0])
    assert claim.direction == "higher"
    assert faults(with_interval(claim, -0.1, 3.0), claims.facts(rows)) == [
        f"higher is claimed, but the interval is [{MINUS}0.10, +3.00]"
    ]
    assert faults(with_interval(claim, -2.0, -1.0), claims.facts(rows))


@pytest.mark.parametrize("word", ["raises", "Lowers", "more often", "rises"])
def test_a_word_of_direction_needs_an_interval(word: str) -> None:
    assert faults(Claim(f"This {word} tension."), {}) == [f'"{word}" is said without an interval']


def test_a_number_changed_in_a_sentence_is_found() -> None:
    rows = CASES["higher"]
    claim = claims.headline(rows[0])
    digits = rows[0].difference.change
    wrong = replace(claim, text=claim.text.replace(fixed(digits, 1), fixed(digits + 0.2, 1)))
    assert faults(wrong, claims.facts(rows)) == [f"no fact accounts for {fixed(digits + 0.2, 1)}"]


def test_a_sentence_whose_facts_are_not_the_reports_is_found() -> None:
    claim = claims.headline(CASES["higher"][0])
    assert any("is not" in fault for fault in faults(claim, claims.facts(CASES["lower"])))


FACTS = {"change": 4.58, "low": -3.46, "share": 0.26, "rare": 0.001, "n": 1000, "draws": 20, "confidence": 0.95} | {
    "few": 0.15,
    "date": "2029-12-31",
    "title": "Resolution 1244",
    "members": [1600],
}


@pytest.mark.parametrize(
    "sentence",
    [
        "up by 4.6 points",
        "+4.6 [−3.5, +4.58]",
        "26 in 100 runs; fewer than 1 in 100. Fewer than 1 in 100",
        "3 of 20 draws",
        "95% and 95 % intervals",
        "by Dec 2029, in 2029, on 2029-12-31",
        "at N = 1\N{NO-BREAK SPACE}000; try 1\N{NO-BREAK SPACE}600",
        "Resolution 1244 and FK-3 and CH-92A",
    ],
)
def test_numbers_from_the_facts_pass(sentence: str) -> None:
    assert unsupported(sentence, FACTS) == []


@pytest.mark.parametrize(
    ("sentence", "wrong"),
    [
        ("up by 4.7 points", ["4.7"]),
        (f"{MINUS}4.6", [f"{MINUS}4.6"]),
        ("+3.5", ["+3.5"]),
        ("27 in 100 runs", ["27 in 100"]),
        ("more than 99 in 100", ["more than 99 in 100"]),
        ("3 of 21 draws", ["3 of 21"]),
        ("90%", ["90%"]),
        ("in Nov 2029 and 2028", ["Nov 2029", "2028"]),
        ("on 2029-12-30", ["2029-12-30"]),
        ("N = 1\N{NO-BREAK SPACE}001", ["1\N{NO-BREAK SPACE}001"]),
        ("Resolution 1245", ["1245"]),
        ("a 4.58-point rise over 7 weeks", ["7"]),
    ],
)
def test_other_numbers_are_found(sentence: str, wrong: list[str]) -> None:
    assert unsupported(sentence, FACTS) == wrong


@given(st.floats(-500, 500), st.integers(0, 3))
def test_what_is_printed_from_a_fact_is_accounted_for(number: float, digits: int) -> None:
    facts = {"x": number}
    for text in (signed(number, digits), fixed(abs(number), digits), f"[{signed(number, digits)}, 0]"):
        assert unsupported(text.replace(", 0]", "]"), facts) == []


@given(st.floats(0, 1), st.integers(1, 2000))
def test_natural_frequencies_are_accounted_for(share: float, of: int) -> None:
    assert unsupported(in_100(share, of, "runs"), {"share": share, "of": of}) == []


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_chances_in_hundredths_are_accounted_for(share: float, low: float, high: float) -> None:
    low, high = sorted((low, high))
    facts = {"x": share, "low": low, "high": high}
    for text in (per_hundred(share, low, high), per_hundred(share, low, high, signs=True), per_hundred(share)):
        assert unsupported(text, facts) == []
        assert unsupported(text.replace(" in ", " of "), facts) == []
    assert unsupported(per_hundred(share, None, float("nan")), facts) == []


@pytest.mark.parametrize("text", ["5.3 in 100", "5.2 [2.8, 7.7] in 100", "+5.2 [+2.7, +7.8] in 100", "−5.2 [?] in 100"])
def test_another_chance_in_hundredths_is_found(text: str) -> None:
    assert unsupported(text, {"x": 0.052, "low": 0.027, "high": 0.077}) == [text]


@given(st.floats(-99, 99), st.floats(0.06, 5))
def test_a_number_that_is_off_is_found(number: float, off: float) -> None:
    text = fixed(abs(number) + off, 1)
    if text != fixed(abs(number), 1):
        assert unsupported(text, {"x": number}) == [text]


def test_a_fact_of_six_digits_on_an_edge_of_rounding_accounts_for_both_sides() -> None:
    assert unsupported("by +53.2 and 53.1", {"steps": 53.15}) == []
    assert unsupported("by +53.2", {"steps": 53.149}) == ["+53.2"]


def test_numbers_are_written_the_same_way_everywhere() -> None:
    assert [signed(4.56), signed(-4.56), signed(0.04), signed(-0.04)] == ["+4.6", "−4.6", "0.0", "0.0"]
    assert whole(12345) == "12\N{NO-BREAK SPACE}345"
    assert interval(-1, 2.25, 2) == "[−1.00, +2.25]"
    assert [digits_for(w) for w in (0.0, 3.0, 0.15, 0.02, 0.0001)] == [1, 1, 1, 2, 3]
    assert month("2029-12-31") == "Dec 2029"
    said = [in_100(s, n, "runs") for s, n in ((0.26, 1000), (0.0, 1000), (0.996, 1000), (1.0, 1000), (0.15, 20))]
    assert said == [
        *("26 in 100 runs", "fewer than 1 in 100 runs", "more than 99 in 100 runs"),
        *("100 in 100 runs", "3 of 20 runs"),
    ]


def test_probabilities_have_fixed_words() -> None:
    shares = (1.0, 0.99, 0.93, 0.7, 0.5, 0.2, 0.05, 0.0)
    assert [likelihood(share) for share in shares] == [
        *("virtually certain", "virtually certain", "very likely", "likely", "about as likely as not"),
        *("unlikely", "very unlikely", "exceptionally unlikely"),
    ]


def test_few_draws_earn_no_word() -> None:
    few, many = (lead.sure([row], facts([row]))[0] for row in (CASES["higher"][0], MANY))
    assert "certain" not in few.text
    assert "virtually certain" in many.text


MANY = compare(result(members=400, weeks=26), {"high": result("high", push=UP, members=400, weeks=26)})[0]


def test_the_title_is_that_of_the_largest_told_change() -> None:
    rows = [CASES["identical"][0], CASES["lower"][0], CASES["higher"][0]]
    assert claims.title(rows).text == claims.headline(CASES["higher"][0]).text
    assert claims.title([CASES["identical"][0]] * 2).text.startswith("No detectable difference from Base")
