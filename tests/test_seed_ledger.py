"""The seed ledger: each of the article's 33 facts is a mechanism, with what carries it and what switches it off."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from detente.analysis.compare import NEGLIGIBLE
from detente.cli.facts import command
from detente.scenario import difference
from detente.scenario.load import Loaded, load
from detente.scenario.schema import Claim

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
def rows() -> list[dict[str, Any]]:
    """What ``detente scenarios facts --json`` prints, with few members."""
    done = CliRunner().invoke(command, [str(BASELINE), "--members", "16", "--json"])
    assert done.exit_code == 0, done.output
    return list(json.loads(done.stdout)["facts"])


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
    changed = difference.rows(baseline.scenario, without), difference.acts(baseline.scenario, without)
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


def test_the_verdict_says_what_the_interval_says(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        if row["id"] == WITHOUT:
            continue
        low, high, verdict = row["ci_low"], row["ci_high"], row["verdict"]
        assert ("higher without it" in verdict.split(";")[0]) == (low > 0), row["id"]
        assert ("lower without it" in verdict.split(";")[0]) == (high < 0), row["id"]
        small = max(abs(low), abs(high)) < NEGLIGIBLE
        if low > 0 or high < 0:
            assert ("by less than" in verdict) == small, row["id"]


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


def test_the_stored_effects_are_those_of_the_model(rows: list[dict[str, Any]]) -> None:
    """A few members cannot be far from a thousand: the strong effects have the same sign, the size agrees roughly."""
    stored = {row["id"]: row for row in json.loads(STORED.read_text(encoding="utf-8"))["facts"]}
    strong = [row for row in rows if row["effect"] is not None and abs(stored[row["id"]]["effect"]) > 0.3]
    assert len(strong) >= 6
    for row in strong:
        told = stored[row["id"]]["effect"]
        assert row["effect"] * told > 0, row["id"]
        assert abs(row["effect"]) < 3 * abs(told) < 9 * abs(row["effect"]), row["id"]
