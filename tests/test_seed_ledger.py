"""The seed ledger: each of the article's 33 facts is a mechanism, with what carries it and what switches it off."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from click.testing import CliRunner

from detente.analysis import difference
from detente.analysis.chances import STANDING
from detente.analysis.compare import NEGLIGIBLE
from detente.analysis.grounds import CHANCES, ONE_RUN, TWENTIETH, Effect, grounds
from detente.api.brakes import declared
from detente.cli.facts import command, words
from detente.experiment.run import run
from detente.scenario import difference as changes_of
from detente.scenario.load import Loaded, load
from detente.scenario.schema import Claim

if TYPE_CHECKING:
    import xarray as xr

ROOT = Path(__file__).resolve().parent.parent
BASELINE = ROOT / "scenarios" / "baseline.yaml"
STORED = ROOT / "reports" / "seed_ledger.json"
PAGE = ROOT / "reports" / "seed_ledger.md"
IDS = [f"seed.{n:02d}" for n in range(1, 34)]
WITHOUT = "seed.33"
NUMBERS = ("effect", "ci_low", "ci_high")
#: words of the article that the statement of a fact must hold on to
NAMED = {
    "seed.03": ("Ruge", "Belgrade"),
    "seed.04": ("Rutte", "Pristina"),
    "seed.05": ("Montenegro",),
    "seed.08": ("Dayton",),
    "seed.11": ("KFOR", "longest"),
    "seed.14": ("Rafale",),
    "seed.15": ("Russia", "China"),
    "seed.17": ("Hungary–Serbia", "Croatia–Albania–Kosovo*"),
    "seed.19": ("spin",),
    "seed.25": ("Bondsteel",),
    "seed.26": ("Kogălniceanu",),
    "seed.27": ("naval base", "Albania"),
    "seed.29": ("accountability",),
    "seed.31": ("flexibility", "compromise"),
    "seed.32": ("safe and secure", "coordination"),
}


@pytest.fixture(scope="module")
def baseline() -> Loaded:
    return load(BASELINE)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("ledger") / "ledger.md"


#: as long as the acts on record and half a year; the whole length is run where effects are compared with stored ones
WEEKS = 104


@pytest.fixture(scope="module")
def content(page: Path) -> dict[str, Any]:
    """What ``detente scenarios facts --json`` prints, with few members and weeks; it writes the page, too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("detente.api.facts.run", partial(run, weeks=WEEKS))
        done = CliRunner().invoke(command, [str(BASELINE), "--members", "16", "--json", "--out", str(page)])
    assert done.exit_code == 0, done.output
    return dict(json.loads(done.stdout))


@pytest.fixture(scope="module")
def rows(content: dict[str, Any]) -> list[dict[str, Any]]:
    return list(content["facts"])


def claims(baseline: Loaded) -> dict[str, Claim]:
    return baseline.scenario.claims


def test_every_fact_of_the_article_is_a_claim(baseline: Loaded) -> None:
    found = claims(baseline)
    assert list(found) == IDS
    for key, claim in found.items():
        assert claim.source == (key,)
        assert claim.statement
        assert claim.mechanism
        assert claim.carried_by
        assert (key == WITHOUT) == (not claim.ablation)
        for word in NAMED.get(key, ()):
            assert word in claim.statement, key


@pytest.mark.parametrize("key", [k for k in IDS if k != WITHOUT])
def test_an_ablation_takes_away_something_and_can_be_run(key: str, baseline: Loaded) -> None:
    changes = {path: "null" if value is None else str(value) for path, value in claims(baseline)[key].ablation.items()}
    without = load(BASELINE, changes).scenario
    changed = changes_of.rows(baseline.scenario, without), changes_of.acts(baseline.scenario, without)
    assert any(changed)


@pytest.mark.parametrize("key", [k for k in IDS if k != WITHOUT])
def test_an_ablation_touches_only_what_carries_its_claim(key: str, baseline: Loaded) -> None:
    """Directly, or by an act on a mission that carries it."""
    claim, scenario = claims(baseline)[key], baseline.scenario
    carriers = set(claim.carried_by)
    records = {".".join(path.split(".")[:2]) for path in carriers}
    kin = {".".join(path.split(".")[:3]) for path in carriers}
    for path in claim.ablation:
        steps = path.split(".")
        near = any(c == path or c.startswith(f"{path}.") or path.startswith(f"{c}.") for c in carriers)
        act = scenario.acts.get(steps[1]) if steps[0] == "acts" else None
        by_mission = act is not None and f"missions.{getattr(act, 'mission', '')}" in records
        # the same field of other actors: the aversion to war is every public's
        alike = any(c.split(".")[0] == steps[0] and c.split(".")[-1] == steps[-1] for c in kin)
        assert near or by_mission or alike, path


def test_dated_acts_of_the_article_are_in_the_calendar(baseline: Loaded) -> None:
    acts = baseline.scenario.acts
    days = {name: acts[name].date.isoformat()[:7] for name in ("ruge_visit", "montenegro_meeting", "rutte_visit")}
    assert days == {"ruge_visit": "2024-08", "montenegro_meeting": "2024-12", "rutte_visit": "2025-03"}
    assert acts["nato_reaffirms_2024"].date >= acts["ruge_visit"].date
    signed = [acts[name].date for name in ("trilateral_signed", "hungary_serbia_signed")]
    assert signed == sorted(signed)


def test_the_command_prints_a_row_for_every_fact(rows: list[dict[str, Any]]) -> None:
    assert [row["id"] for row in rows] == IDS
    for row in rows:
        assert {"id", "mechanism", "carried_by", "ablation", *NUMBERS, "verdict"} <= set(row)
        assert row["verdict"]
        if row["id"] == WITHOUT:
            assert [row[name] for name in NUMBERS] == [None] * 3
            continue
        assert row["ci_low"] <= row["effect"] <= row["ci_high"]
        assert row["dyad_ci_low"] <= row["dyad_effect"] <= row["dyad_ci_high"]
        assert row["behavioural"] + row["definitional"] == pytest.approx(row["effect"], abs=1e-9)


def test_chances_are_paired_and_lie_between_none_and_all(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        if row["id"] == WITHOUT:
            assert row["dyad_armed_with"] is None
            continue
        for name in CHANCES:
            without, with_it, change = (row[f"{name}_{part}"] for part in ("without", "with", "change"))
            assert 0 <= without <= 1
            assert 0 <= with_it <= 1
            assert row[f"{name}_low"] <= change <= row[f"{name}_high"]
            if 0 < without < 1 and 0 < with_it < 1:
                assert change == pytest.approx(without - with_it, abs=1e-6), (row["id"], name)
        if row["dyad_armed_ratio"]:
            assert row["dyad_armed_ratio"] == pytest.approx(row["dyad_armed_without"] / row["dyad_armed_with"])
    with_it = {row["any_armed_with"] for row in rows if row["id"] != WITHOUT}
    assert len(with_it) == 1


def test_a_row_counts_as_its_numbers_say(rows: list[dict[str, Any]]) -> None:
    """Recounted from what is printed: a row of which nothing is clear of zero, or all is negligible, does not count."""
    for row in rows:
        kept = row["moves"]
        assert row["counts"] == bool(kept)
        for name, prefix in (("index", ""), ("dyad", "dyad_")):
            if name in kept:
                assert abs(row[f"{prefix}effect"]) >= NEGLIGIBLE
                assert row[f"{prefix}ci_low"] * row[f"{prefix}ci_high"] > 0
        for name in set(CHANCES) & set(kept):
            assert row[f"{name}_low"] * row[f"{name}_high"] > 0
            assert abs(row[f"{name}_change"]) >= ONE_RUN
            low, high = sorted((row[f"{name}_without"], row[f"{name}_with"]))
            assert high >= (1 + TWENTIETH) * low
        words = [word for word in ("higher", "lower", "likelier", "less likely") if word in row["verdict"]]
        assert bool(words) == (row["counts"] or row["verdict"].startswith("faint")), row["id"]


@pytest.mark.parametrize(
    ("change", "before", "after", "counts"),
    [
        ("points", 30.0, 30.04, False),
        ("points", 30.0, 30.06, True),
        ("share", 0.05, 0.0505, False),  # less than a twentieth of the chance
        ("share", 0.0001, 0.0003, False),  # thrice as likely, and not seen in a thousand runs
        ("share", 0.05, 0.06, True),
        ("share", 0.06, 0.05, True),
    ],
)
def test_what_counts_is_clear_of_zero_and_not_negligible(
    change: str, before: float, after: float, counts: bool
) -> None:
    base, draw = np.full(100, before), np.arange(100)
    assert Effect("it", before, after, difference.difference(base, np.full(100, after), draw, change)).counts == counts
    unclear = after + np.where(np.arange(100) % 2, 1.0, -1.0)
    assert not Effect("it", before, after, difference.difference(base, unclear, draw, change)).counts


def test_a_sign_that_the_prior_leaves_open_is_called_open(baseline: Loaded) -> None:
    """A claim that only one parameter carries whose range holds both signs has no sign built in."""
    laws = baseline.scenario.parameters
    for key, claim in claims(baseline).items():
        off = {tuple(path.split(".")[1:]) for path in claim.ablation if path.startswith("parameters.")}
        for law, name in off:
            number = getattr(getattr(laws, law), name)
            if number.low is not None and number.low < 0 < number.high:
                assert claim.sign == "open", key


def test_the_brakes_of_the_law_are_the_articles(baseline: Loaded) -> None:
    """What the article says makes war unlikely switches off brakes that the law itself declares."""
    known = set(declared(baseline.scenario).values())
    found = claims(baseline)
    for key in ("seed.20", "seed.21", "seed.22"):
        assert set(found[key].ablation) <= known, key
    assert {"parameters.choice.deterrence", "parameters.missions.dose"} <= known & set(found["seed.23"].ablation)


def test_without_what_makes_war_unlikely_it_is_likelier() -> None:
    """Built in, and so a check that the ablations reach the choice of force: each raises the chance of every member."""
    base = run(load(BASELINE).scenario, 16, 1, weeks=WEEKS)
    for key in ("seed.20", "seed.21", "seed.22"):
        off = {path: str(value) for path, value in load(BASELINE).scenario.claims[key].ablation.items()}
        without = run(load(BASELINE, off).scenario, 16, 1, weeks=WEEKS)
        before, after = (float(ds["any_armed_chance"].isel(quarter=-1).mean()) for ds in (base, without))
        assert after > 1.05 * before, key


def test_page_and_terminal_say_what_counts_and_what_stays_faint(content: dict[str, Any], page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for said in (text, words(content)):
        assert STANDING in said
        assert f"{content['counting']} of 32 statements count" in said
        assert said.count("×") >= 31
    assert text.count("| seed.20 |") == 2
    faint = text.partition("## What stays faint, and why")[2]
    for row in content["facts"]:
        assert (f"- **{row['id']}**" in faint) == (row["id"] != WITHOUT and not row["counts"])
        assert row["reason"] in faint


def test_the_stored_ledger_is_of_these_claims() -> None:
    """`make ledger` writes it again."""
    stored, found = json.loads(STORED.read_text(encoding="utf-8")), load(BASELINE).scenario.claims
    assert (stored["scenario"], stored["members"]) == ("baseline", 1000)
    assert [row["id"] for row in stored["facts"]] == IDS
    page = PAGE.read_text(encoding="utf-8")
    for row in stored["facts"]:
        claim = found[row["id"]]
        assert row["statement"] == claim.statement
        assert row["mechanism"] == claim.mechanism
        assert row["carried_by"] == list(claim.carried_by)
        assert row["ablation"] == dict(claim.ablation)
        assert f"| {row['id']} | {claim.statement} |" in page
        assert row["verdict"] in page
        assert row["counts"] or row["reason"] or row["id"] == WITHOUT, f"{row['id']}: say why it stays faint"


#: the statements whose effects are recounted here; the slow suite recounts all
FEW = 3


@pytest.mark.parametrize("count", [FEW, pytest.param(len(IDS), marks=pytest.mark.slow)])
def test_the_stored_effects_are_those_of_the_model(count: int, baseline: Loaded) -> None:
    """A few members cannot be far from a thousand: the strong effects have the same sign, the size agrees roughly."""
    facts = json.loads(STORED.read_text(encoding="utf-8"))["facts"]
    stored = {row["id"]: row["effect"] for row in facts if row["effect"] is not None and abs(row["effect"]) > 0.3}
    assert len(stored) >= 6
    asked = sorted(stored, key=lambda key: -abs(stored[key]))[:count]
    scenario = baseline.scenario.model_copy(update={"claims": {key: claims(baseline)[key] for key in asked}})

    def ablated(changes: Mapping[str, str]) -> xr.Dataset:
        return run(load(BASELINE, changes).scenario, 16, 1)

    rows = [row.as_dict() for row in grounds(scenario, run(scenario, 16, 1), ablated)]
    assert [row["id"] for row in rows] == asked
    for row in rows:
        told = stored[row["id"]]
        assert row["effect"] * told > 0, row["id"]
        assert abs(row["effect"]) < 3 * abs(told) < 9 * abs(row["effect"]), row["id"]
