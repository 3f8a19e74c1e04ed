"""Rows of dots with their intervals: the numbers apart from the drawing, the words, the lint."""

from typing import Any

import pytest

from detente.figures import intervals, rows, style
from detente.figures.lint import lint
from detente.figures.reading import FigureError
from detente.figures.sheet import sheet

MEASURE = ("tension", "mean of the last 26 weeks")


def change(value: float, half: float = 0.2, verdict: str = "") -> dict[str, Any]:
    said = verdict or ("higher" if value > half else "lower" if value < -half else "cannot tell")
    return {"change": value, "ci_low": value - half, "ci_high": value + half, "verdict": said}


def options(*changes: float) -> dict[str, Any]:
    rows = [{"label": "as now", "change": None}]
    return {"options": rows + [{"label": f"step {n}", "change": change(c)} for n, c in enumerate(changes, 1)]}


def rivals() -> dict[str, Any]:
    def rival(name: str, *changes: float) -> dict[str, Any]:
        rows = [{"label": f"theory {n}", "difference": change(c)} for n, c in enumerate(changes)]
        verdicts = {row["difference"]["verdict"] for row in rows}
        verdict = verdicts.pop() if len(verdicts) == 1 else "depends on the theory"
        return {"option": name, "average": change(sum(changes) / len(changes)), "rows": rows, "verdict": verdict}

    return {"options": [{"label": "Baseline"}], "rivals": [rival("Deal", -1, -2, -1.5), rival("Race", 1, -1, 2)]}


def shares() -> dict[str, Any]:
    def row(n: int) -> dict[str, Any]:
        total = 0.6 / (n + 1)
        ends = {"first_low": total / 2 - 0.02, "first_high": total / 2 + 0.02, "total_low": total - 0.02}
        return {
            "label": f"number {n}",
            "inert": n == 29,
            "first": total / 2,
            "total": total,
            "total_high": total + 0.02,
            **ends,
        }

    return {"rows": [row(n) for n in range(30)], "chance": 0.4, "inert": ["number 29"]}


def screened() -> dict[str, Any]:
    def row(n: int) -> dict[str, Any]:
        size = 1.0 / (n + 1)
        return {
            "label": f"number {n}",
            "inert": n >= 8,
            "mu_star": size,
            "low": size / 2,
            "high": 2 * size,
            "noise": 0.1,
        }

    return {"rows": [row(n) for n in range(10)], "inert": ["number 8", "number 9"]}


def test_marks_are_the_changes_and_their_intervals() -> None:
    found = intervals.of_options(options(1.0, 0.1), label="Ladder", measure=MEASURE)
    assert found.rows == ("step 1", "step 2")
    assert found.series[0].marks == [
        rows.Mark(1.0, 0.8, 1.2, False),
        rows.Mark(0.1, -0.1, 0.30000000000000004, True),
    ]


@pytest.mark.parametrize(
    ("changes", "title"),
    [
        ((1.0, 3.0), "Ladder: “step 2” raises tension most, by 3.0"),
        ((-1.0,), "Ladder: “step 1” lowers tension by 1.0"),
        ((1.0, -3.0), "Ladder: “step 1” raises tension by 1.0, “step 2” lowers it by 3.0"),
        ((0.1, 0.0), "Ladder: no detectable difference between the options in tension"),
        ((0.1, 2.0), "Ladder: “step 2” raises tension by 2.0"),
    ],
)
def test_the_title_claims_what_can_be_told(changes: tuple[float, ...], title: str) -> None:
    assert intervals.of_options(options(*changes), label="Ladder", measure=MEASURE).title == title


def test_the_title_says_the_unit_of_a_share() -> None:
    data = {**options(1.0, -3.0), "unit": "share"}
    found = intervals.of_options(data, label="Ladder", measure=("chance of crisis", ""))
    assert found.title == "Ladder: “step 1” raises chance of crisis by 1.0 in 100, “step 2” lowers it by 3.0 in 100"


def test_theories_that_agree_are_told_apart_from_those_that_do_not() -> None:
    found = intervals.of_rivals(rivals(), {"Deal": "#111111", "Race": "#222222"}, label="Rivals", measure=MEASURE)
    assert found.title == "Rivals: under every theory tension is lower with “Deal”; “Race” cannot be told under all"
    assert found.rows == ("average", "theory 0", "theory 1", "theory 2")
    assert [mark.value for mark in found.series[1].marks if mark] == pytest.approx([2 / 3, 1, -1, 2])


def test_who_leads_is_said_only_where_the_intervals_keep_them_apart() -> None:
    found = intervals.of_sobol(shares(), label="Shares", measure=MEASURE)
    assert found.title == "Shares: number 0 matters most for tension"
    assert len(found.rows) == intervals.MOST
    assert "14 more parameters are not drawn" in found.notes


def test_screening_counts_what_is_clear_and_what_does_nothing() -> None:
    found = intervals.of_morris(screened(), label="Screening", measure=MEASURE)
    assert found.title == "Screening: 4 of 10 parameters move tension clearly, 2 not at all"


def test_one_option_is_no_figure() -> None:
    with pytest.raises(FigureError, match="one setting"):
        intervals.of_options(options(), label="Alone", measure=MEASURE)


@pytest.mark.parametrize("slide", [False, True])
@pytest.mark.parametrize(
    "data",
    [
        intervals.of_options(options(0.5, 1.4, 2.3, 3.3), label="Ladder", measure=MEASURE),
        intervals.of_options(
            {
                "options": [
                    {"label": "first" * 8, "change": None},
                    {"label": "a long name of an option " * 4, "change": change(-2)},
                ]
            },
            label="A long title of an experiment that goes on",
            measure=MEASURE,
        ),
        intervals.of_rivals(rivals(), style.palette(["Deal", "Race"]), label="Rivals", measure=MEASURE),
        intervals.of_sobol(shares(), label="Shares", measure=MEASURE),
        intervals.of_morris(screened(), label="Screening", measure=MEASURE),
    ],
    ids=["options", "long", "rivals", "sobol", "morris"],
)
def test_lint(data: rows.Rows, slide: bool) -> None:
    assert lint(sheet(intervals.draw, data, slide=slide)) == []
