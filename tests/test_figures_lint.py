"""Every kind of figure, also from awkward results, is fit to be saved: nothing cut, overlapping or too small."""

from functools import lru_cache

import numpy as np
import pytest
from figures_data import ACTORS, EVENTS, result
from matplotlib.figure import Figure

from detente.analysis.discovery import Discovery, Limit
from detente.analysis.robustness import Option
from detente.analysis.sensitivity import Range
from detente.evidence.forecasts.scores import Bin
from detente.figures import calibration, discovery, flip, intervals, posterior, regret, style, tornado
from detente.figures.gallery import KINDS, Piece, compose
from detente.figures.lint import lint
from detente.figures.provenance import provenance

LONG = "An arms build-up that nobody announced, with new suppliers and a second front of rhetoric"
CROWD = [
    (f"act{k}", f"2025-{1 + k % 12:02d}-{1 + 2 * (k // 12):02d}", f"The {k}th act of a crowded year has a long title",
     ("visit", "incident", "election")[k % 3], k > 20, k % 2 == 0, [list(ACTORS)[k % 9]])
    for k in range(40)
]  # fmt: skip
TWENTY = {f"A{k:02d}": f"The Federated Territories of Region {k}" for k in range(20)}
OTHERS = (
    ("arms_race", 6.0),
    ("dialogue_deal", -4.0),
    ("kfor_drawdown", 4.0),
    ("dayton_breach", 0.5),
    ("hungary_serbia_becomes_real", 1.0),
)
#: name -> what is awkward about all results of that case
CASES = {
    "plain": {},
    "long": {"title": LONG, "actors": {k: f"{v} and its Associated Districts" for k, v in ACTORS.items()}},
    "twenty": {"actors": TWENTY, "weeks": 12},
    "still": {"noise": 0.0, "weeks": 60},
    "high": {"level": 96.0, "weeks": 60},
    "low": {"level": 0.4, "noise": 0.2, "weeks": 60},
    "short": {"weeks": 3, "members": 5},
    "single": {"members": 1, "weeks": 30},
    "crowded": {"crowd": True},
}


@lru_cache(maxsize=32)
def results(case):
    """The base and five scenarios; with ``crowd`` a calendar full of acts."""
    import json

    given = {"members": 24, "weeks": 287, **CASES[case]}
    crowd = given.pop("crowd", False)
    names = ("id", "date", "title", "kind", "plan", "mark", "actors")
    acts = [dict(zip(names, act, strict=True)) for act in (CROWD if crowd else EVENTS)]
    attrs = {"events": json.dumps(acts)}
    title = given.pop("title", None)
    base = result(attrs=attrs, title=title, **given)
    return [base] + [result(n, lift=lift, attrs=attrs, title=title and f"{title} {n}", **given) for n, lift in OTHERS]


def made(kind, case):
    """A figure's data of ``kind`` from the results of ``case``."""
    everything = results(case)
    if kind in STUDIES:
        return Piece(kind, STUDIES[kind](case), provenance(everything[0]))
    most = KINDS[kind].most
    return compose(kind, everything[: min(most, 6)])


def study_tornado(case):
    label = LONG if case == "long" else "dialogue: settle"
    count = {"twenty": 40, "short": 1}.get(case, 9)
    size = {"high": 90.0, "low": 0.004, "still": 0.0}.get(case, 5.0)
    rows = [
        Range(
            path=f"p{k}",
            label=f"{label} {k}",
            low_value=0.05 * k,
            high_value=1234.5 * k + 1,
            low_change=-size / (k + 1),
            high_change=size / (k + 2) * (-1 if k % 4 == 3 else 1),
            low_half=0.2 * size,
            high_half=0.1 * size,
            inert=False,
        )
        for k in range(count)
    ]
    return tornado.of_ranges(rows, label=LONG if case == "long" else "Arms race", units={"p1": "thousand persons"})


def study_discovery(case):
    rng = np.random.default_rng(3)
    x = rng.uniform(size=(200, 3)) * [1.5, 5000, 1]
    y = ((x[:, 0] > 1) & (x[:, 1] < 3000)).astype(float)
    named = [LONG if case == "long" else "acquisition rate", "troops of the mission", "coalition share"]
    limits = (
        Limit("a", named[0], 1.0, None, 0.001, 0.9),
        Limit("b", named[1], None, 3000.0, 0.002, 0.95),
    )
    if case in ("still", "single"):
        limits = ()
    sentence = f"When {named[0]} is at least 1 and {named[1]} at most 3 000, 90 in 100 cases see crisis; outside, 2 do."
    found = Discovery("crisis", 200, 0.2, 20, 0.9, limits, 0.9, 0.9, 0.2, 0.02, 0.85, (), sentence)
    return discovery.collect(found, x, y, ["a", "b", "c"], named, label="Arms race")


def study_calibration(case):
    counts = np.array({"still": [0.0] * 9 + [180.0]}.get(case, [12, 16, 21, 16, 10, 22, 15, 28, 19, 21.0]))
    points = [Bin(0.05 + 0.1 * k, min(1.0, 0.1 + 0.08 * k), 60) for k in range(10)]
    if case == "single":
        points = points[:1]
    if case == "short":
        counts = np.zeros(10)
    return calibration.collect(counts, () if case == "low" else points, score=0.19, label=LONG[:40])


def study_posterior(case):
    count = {"twenty": 20, "short": 1}.get(case, 7)
    size = {"high": 9e4, "low": 4e-4}.get(case, 1.0)
    name = "a_rather_long_name" if case == "long" else "name"
    narrow = 0.0 if case == "still" else 0.4
    rows = [
        {
            "path": f"parameters.{'missions' if k % 2 else 'acts'}.{name}_{k}",
            "unit": ("1", "share", "per 1000 persons", "weeks")[k % 4],
            "prior": [size * q for q in (0.1, 0.3, 0.5, 0.8, 1.5)],
            "posterior": [size * (0.5 + (q - 0.5) * (1 - narrow)) for q in (0.1, 0.3, 0.5, 0.8, 1.5)],
            "shrinkage": narrow,
            "sbc_histogram": [20 + (k * n) % 9 - 4 for n in range(20)],
            "sbc_p": 0.42,
        }
        for k in range(count)
    ]
    base = {"not_used": [], "untold": dict.fromkeys("abcdef", 0.0), "dyads": [{}] * 15, "checks": 400, "draws": 12000}
    span = {"file": "events.csv", "window": ["1989-04-03", "1997-12-28"]}
    return posterior.from_record({**base, **span, "parameters": rows, "fits": case != "single", "as_far_out": 0.4})


def named(case, k):
    return f"{LONG if case == 'long' else 'Lever'}: {'; '.join(['value'] * (1 + 4 * (case == 'long')))} {k}"


def study_intervals(case, series=2):
    count = {"twenty": 40, "short": 1}.get(case, 6)
    size = {"high": 900.0, "low": 0.004, "still": 0.0}.get(case, 3.0)
    rows = [
        {"lever": named(case, k), "value": "on", "change": stated(size * (k - 2) / 3, 0.1 * size)} for k in range(count)
    ]
    found = {"options": [{"label": "a", "change": None}, {"label": "b", "change": stated(1, 0.1)}], "effects": rows}
    return intervals.of_options(
        {**found, "behaviour_effects": rows} if series > 1 else found, label="Levers", measure=("tension", "last week")
    )


def stated(value, half):
    verdict = "higher" if value > half else "lower" if value < -half else "cannot tell"
    return {"change": value, "ci_low": value - half, "ci_high": value + half, "verdict": verdict}


def study_theories(case):
    count = {"twenty": 40, "short": 1}.get(case, 6)
    verdicts = {"still": "cannot tell", "high": "depends on the theory"}
    rivals = [
        {
            "option": name,
            "average": stated(sign, 0.2),
            "verdict": verdicts.get(case, "higher" if sign > 0 else "lower"),
            "rows": [{"label": named(case, k), "difference": stated(sign * (1 + k / 9), 0.2)} for k in range(count)],
        }
        for name, sign in (("Deal", -1), ("Race", 1), (LONG if case == "long" else "Drawdown", 2))
    ]
    found = {"options": [{"label": "Baseline"}], "rivals": rivals}
    colours = style.palette([rival["option"] for rival in rivals])
    return intervals.of_rivals(found, colours, label="Rivals", measure=("tension", "last week"))


def study_regret(case):
    count = {"twenty": 40, "short": 2}.get(case, 6)
    size = {"high": 900.0, "low": 0.004, "still": 0.0}.get(case, 3.0)
    rows = [
        Option(named(case, k), 30 + k, 33, None, size * k, 0.9 * size * k, 1.1 * size * k, 1.7 * size * k,
               3 * size * k, 0.9 * (k == 0), None)
        for k in range(count)
    ]  # fmt: skip
    return regret.of_options(rows, 12_000, label="Levers", measure=("tension", "last week"))


def study_flip(case):
    rng = np.random.default_rng(4)
    size = {"high": 900.0, "low": 0.004, "still": 0.0}.get(case, 1.0)
    turns = f"turns after 3.8 SD: {LONG if case == 'long' else 'inertia (hostility)'} 0.353 → 0.723, alarm 0.8 → 0.4"
    rows = [
        flip.Rival(size * k, size * (k - 0.1), size * (k + 0.1), name=named(case, k), turns=turns,
                   gap=size * rng.normal(k, 1, 60 if case != "single" else 2))
        for k in range(1 if case == "short" else 3)
    ]  # fmt: skip
    return flip.of_rivals(named(case, 9), rows, label="Levers", measure=("tension", "last week"))


STUDIES = {
    "tornado": study_tornado,
    "discovery": study_discovery,
    "calibration": study_calibration,
    "posterior": study_posterior,
    "options": study_intervals,
    "sensitivity": lambda case: study_intervals(case, 1),
    "theories": study_theories,
    "regret": study_regret,
    "flip": study_flip,
}
#: cases that bear on some kinds only; elsewhere, and on slides, they are left to the slow suite
BEARS = {
    "twenty": {"pairs", "waterfall", "tornado"},
    "crowded": {"fan", "timeline"},
    "high": {"fan"},
    "low": {"fan", "map"},
    "single": {"calibration", "discovery"},
}


def sheets(cases, quick):
    """Every kind with every case; those that are not ``quick`` are marked slow."""
    both = [(kind, case) for kind in KINDS for case in cases if drawable(kind, case)]
    return [pytest.param(*one, marks=() if quick(*one) else pytest.mark.slow) for one in both]


def drawable(kind, case):
    """The theatre of twenty actors has no map; runs of a few weeks hold no dated act."""
    return (kind, case) not in {("map", "twenty"), ("timeline", "twenty"), ("timeline", "short")}


@pytest.mark.parametrize(("kind", "case"), sheets(CASES, lambda kind, case: kind in BEARS.get(case, KINDS)))
def test_pages_are_clean(kind, case):
    assert [str(f) for f in lint(made(kind, case).figure())] == []


@pytest.mark.parametrize(
    ("kind", "case"), sheets(("plain", "long", "twenty", "crowded"), lambda kind, case: case in ("plain", "long"))
)
def test_slides_are_clean(kind, case):
    figure = made(kind, case).figure(slide=True)
    assert tuple(figure.get_size_inches()) == style.SLIDE
    assert [str(f) for f in lint(figure)] == []


@pytest.mark.parametrize(
    ("kind", "case"), sheets(CASES, lambda kind, case: case == "plain" or (kind, case) == ("pairs", "twenty"))
)
def test_sheets_for_a_small_screen_are_clean(kind, case):
    piece = made(kind, case)
    before = lint(piece.figure())
    figure = piece.figure(narrow=True)
    assert figure.get_size_inches()[0] == style.NARROW
    assert [str(f) for f in lint(figure)] == []
    assert lint(piece.figure()) == before


def sketch(*texts):
    """A bare figure with texts at (x, y, text, size)."""
    figure = Figure(figsize=(3, 1), dpi=style.DPI)
    for x, y, text, size in texts:
        figure.text(x, y, text, fontsize=size)
    return figure


@pytest.mark.parametrize(
    ("texts", "rules"),
    [
        ([(0.1, 0.2, "fine", 9), (0.1, 0.6, "fine too", 9)], []),
        ([(0.9, 0.5, "beyond the edge", 9)], ["cut"]),
        ([(0.1, 0.5, "one text", 9), (0.12, 0.52, "another", 9)], ["overlap"]),
        ([(0.1, 0.5, "lines above\nlines below", 9), (0.12, 0.5, "another", 9)], ["overlap"]),
        ([(0.1, 0.5, "tiny", 6.2)], ["small"]),
        ([(0.1, 0.5, "   ", 2)], []),
    ],
)
def test_lint_finds_planted_faults(texts, rules):
    assert [finding.rule for finding in lint(sketch(*texts))] == rules


def test_lint_sees_only_what_is_printed():
    figure = Figure(figsize=(3, 2), dpi=style.DPI)
    ax = figure.add_axes((0.2, 0.2, 0.7, 0.7))
    ax.set(xlim=(0, 1), xticks=[-0.5, 0.5, 1.5])
    assert lint(figure) == []
