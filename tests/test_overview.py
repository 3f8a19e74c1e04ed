"""Evidence of record: the code it was made with, page and figures of the hindcasts, the script that makes them."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from detente.evidence import code
from detente.evidence.documentation import card, card_words, documents, fixed_beforehand, overview
from detente.experiment import fingerprint
from detente.figures import skill as figure
from detente.figures.lint import lint
from detente.figures.sheet import sheet
from detente.report import evidence as reported

ROOT = Path(__file__).resolve().parent.parent
NOTE = "* A note."


def scored(method: str, horizon: int, crps: float, skill: tuple[float, float, float]) -> dict[str, Any]:
    """A row as a hindcast prints it."""
    value, low, high = skill
    return {
        "method": method,
        "horizon": horizon,
        "n": 100,
        "crps": crps,
        "skill_vs_smoothing": value,
        "skill_low": low,
        "skill_high": high,
        "coverage90": 0.9,
        "pit": [0.1] * 10,
        "reliability": [(0.05, 0.06, 80), (0.5, 0.4, 20)],
    }


def record(label: str = "One pair*", horizons: tuple[int, ...] = (1, 4), **given: Any) -> dict[str, Any]:
    """A hindcast's record, made up."""
    rows = []
    for h in horizons:
        rows.append(scored("model", h, 0.5, (0.1, 0.02, 0.2)))
        rows.append(scored("laws_off", h, 0.52, (0.08, -0.01, 0.15)))
        rows += [scored(m, h, c, (1 - c / 0.6, -0.1, 0.1)) for m, c in
                 (("persistence", 0.7), ("climatology", 0.65), ("ar1", 0.55), ("smoothing", 0.6))]  # fmt: skip
    best = [
        {"horizon": h, "best_baseline": "ar1", "skill": 0.09, "skill_low": -0.02, "skill_high": 0.2} for h in horizons
    ]
    about = {
        "file": "f.csv",
        "sha256": "ab" * 32,
        "dyad": "A-B",
        "every": "week",
        "train": ":1997",
        "test": "1998:2000",
    }
    more = {"seed": 1, "members": 64, "conventions": {"target": "log1p"}, "footnotes": [NOTE], "label": label}
    return {**about, **more, "rows": rows, "model_against_best": best, **given}


def test_the_page_holds_every_target_and_horizon() -> None:
    page = overview.page([record(), record("Other", (1,))], "make evidence")
    assert page.count("| One pair\\* |") == 3  # two horizons and what was asked
    assert "**0.500**" in page
    assert "One pair\\*, 4 weeks ahead: better than exponential smoothing (+10 % [+2, +20])" in page
    assert "not told apart from the best naive forecast, ar1 (+9 % [−2, +20])" in page
    assert page.count("\\* A note.") == 1


@pytest.mark.parametrize(("value", "off"), [(0.6, False), (0.61, False), (0.62, True), (0.58, True)])
def test_baselines_are_held_against_published_values(value: float, off: bool) -> None:
    page = overview.page([record(published={"1": {"smoothing": value}})], "x")
    assert ("Off by more" in page) == off
    assert f"{0 if off else 1} of 1 values" in page


def test_the_figures_are_fit_to_be_saved() -> None:
    records = [record(), record("Another pair of states", (1,))]
    source = figure.provenance(records, "make evidence")
    data = figure.collect(records)
    assert data.title.startswith("Against exponential smoothing the model forecasts clearly better in 3 of 3 cases")
    assert [s.name for s in data.series] == ["model", "laws off", "best naive forecast"]
    assert NOTE in data.notes
    assert lint(sheet(figure.draw, data, source)) == []
    for kind in ("pit", "reliability"):
        small = figure.multiples(records, kind)
        assert len(small.panels) == 3
        assert lint(sheet(figure.draw_multiples, small, source)) == []


def test_forecasting_code_is_all_hashed() -> None:
    """What a hindcast imports from evidence and from the laws is in the hash of its code."""
    ask = (
        "import sys, detente.evidence.forecasts.hindcast; print(*[m for m in sys.modules if m.startswith('detente.')])"
    )
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    loaded = [m.split(".")[1:] for m in done.stdout.split()]
    files = {"/".join(m) for m in loaded if m[0] in ("evidence", "laws", "observations") and len(m) > 1}
    hashed = {part.removesuffix(".py") for part in code.FORECASTS}
    missing = {f for f in files if not any(f == h or f.startswith(f"{h}/") for h in hashed)}
    assert missing == set(), "add them to FORECASTS in evidence/code.py"


def test_every_listed_file_is_there() -> None:
    for part in (*code.FORECASTS, *code.HISTORY):
        assert (code.HOME / part).exists(), part


def test_the_hash_follows_the_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, words = tmp_path / "evidence" / "past" / "limits.py", tmp_path / "evidence" / "documentation" / "card.py"
    for path in (one, words):
        path.parent.mkdir(parents=True)
    one.write_text("a = 1\n", encoding="utf-8")
    words.write_text("words\n", encoding="utf-8")
    for module in (code, fingerprint):
        monkeypatch.setattr(module, "HOME", tmp_path)
    monkeypatch.setattr(code, "DECIDING", ())
    code.code.cache_clear()
    before = code.evidence()
    code.code.cache_clear()
    words.write_text("other words\n", encoding="utf-8")
    assert code.evidence() == before, "what only tells of evidence does not make it stale"
    code.code.cache_clear()
    one.write_text("a = 2\n", encoding="utf-8")
    assert code.evidence() != before
    code.code.cache_clear()


def test_evidence_rests_on_what_decides_a_run() -> None:
    assert {"laws", "model", "index"} <= set(fingerprint.DECIDING)
    scenario = Path(fingerprint.__file__).resolve().parents[1] / "scenario"
    computing = {f"scenario/{p.name}" for p in scenario.glob("*.py") if "import numpy" in p.read_text(encoding="utf-8")}
    assert computing <= set(fingerprint.DECIDING)
    assert set(fingerprint.DECIDING) <= set(code.HISTORY)


def test_a_report_says_that_its_evidence_is_stale() -> None:
    fresh = {"date": "2020-01-01", "code": {"fingerprint": code.evidence()}, "sentences": ["All is well."]}

    def told(content: dict[str, Any]) -> tuple[str, ...]:
        return reported.Evidence("Nowhere", "case", content, {}).sentences

    assert told(fresh) == ("All is well.",)
    old = {**fresh, "code": {"fingerprint": "0" * 64}}
    assert told(old)[0].startswith("This evidence is stale: it was made on 2020-01-01")
    assert told({}) == (reported.MISSING,)


def test_the_card_marks_forecasts_of_other_code() -> None:
    (same,) = card.hindcasts([record(horizons=(1,), code=code.code(code.FORECASTS))])["rows"]
    (other,) = card.hindcasts([record(horizons=(1,), code="0" * 64)])["rows"]
    assert (same["other_code"], other["other_code"]) == (False, True)
    text = " ".join(card_words.write("forecasts", card_words.forecast([same, other])))
    assert "1 of these 2 forecasts were made with other forecasting code." in text


def test_the_card_takes_up_calibrations_whatever_else_they_hold() -> None:
    parameters = [
        {"path": "a", "verdict": "inferred", "sbc_p": 0.4},
        {"path": "b", "verdict": "uneven", "sbc_p": 0.001},
        {"path": "c"},
    ]
    told = card.calibrations(
        [{"scenario": "x", "file": "f.csv", "checks": 240, "parameters": parameters}, {"other": 1}]
    )
    (row,) = told["rows"]
    assert (row["inferred"], row["sbc_lowest"], row["sbc_uneven"], row["sbc_checks"]) == (["a"], 0.001, ["b"], 240)
    (text,) = card_words.write("learnt", told)
    assert "1 of 3 uncertain parameters inferred" in text
    assert "uneven: b" in text
    assert card.calibrations([])["status"] == "not yet"


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "experiments" / "hindcasts"))
    return import_module("score")


def test_a_finished_target_is_not_made_again(
    script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, made = script.TARGETS["srb_kos_risk_month"], []
    (tmp_path / target.file).write_text("made up", encoding="utf-8")
    monkeypatch.setattr(script, "FOLDER", tmp_path)

    def make(target: Any, folder: Path, tell: Any) -> dict[str, Any]:
        made.append(target.dyad)
        tell("model", 1, 7)
        return {**record("x", (1,)), **target.key(folder), "seconds": 1}

    monkeypatch.setattr(script, "make", make)
    for fresh, times in ((False, 1), (False, 1), (True, 2)):
        script.one("srb_kos_risk_month", "1 of 1", tmp_path, fresh)
        assert len(made) == times
    held = tmp_path / "srb_kos_risk_month.json"
    held.write_text(json.dumps({**json.loads(held.read_text()), "code": "0"}), encoding="utf-8")
    assert not script.current(held, target, tmp_path)


def test_targets_are_those_of_the_task(script: ModuleType) -> None:
    asked = {(t.file[:4], t.dyad, t.every, h) for t in script.TARGETS.values() for h in t.ahead}
    keds = {("SRB-KOS", "week", 1), ("SRB-KOS", "week", 4), ("SRB-KOS", "month", 1), ("SRB-KOS", "month", 3),
            ("BIH_GOV-BIH_SRB", "week", 1), ("BIH_GOV-BIH_SRB", "month", 1),
            ("all", "week", 1), ("all", "week", 4)}  # fmt: skip
    risk = {("WB_core", "month", 1), ("WB_core", "month", 3), ("WB_core", "month", 12), ("SRB_KOS", "month", 1)}
    assert asked == {("keds", *one) for one in keds} | {("ai_g", *one) for one in risk}
    for train, test in (both for target in script.TARGETS.values() for both in target.windows):
        assert train[1:] < test[:10], "tested after what was fitted"


def test_the_committed_page_is_made_from_the_committed_records(script: ModuleType) -> None:
    there = [script.FOLDER / f"{name}.json" for name in script.TARGETS if (script.FOLDER / f"{name}.json").is_file()]
    if not there:
        pytest.skip("no hindcast is committed yet: make evidence")
    records = [json.loads(path.read_text(encoding="utf-8")) for path in there]
    page = (script.FOLDER / overview.FILE).read_text(encoding="utf-8")
    assert page == overview.page(records, script.COMMAND)


def pooled_row(method: str, horizon: int, low: float, covers: float = 0.9) -> dict[str, Any]:
    """A row of all pairs together; the lower end of both gains is ``low``."""
    gains = {f"{stem}{end}": low + add for stem in ("vs_off", "vs_best") for end, add in
             (("", 0.02), ("_low", 0.0), ("_high", 0.04))}  # fmt: skip
    skill = {"skill_vs_smoothing": low + 0.02, "skill_low": low, "skill_high": low + 0.04}
    about = {"method": method, "horizon": horizon, "pairs": 3, "n": 90, "crps": 0.4, "coverage90": covers}
    return {**about, **skill, **gains, "best": "ar1"}


def event_row(onset: bool, low: float) -> dict[str, Any]:
    skill = {"skill_vs_smoothing": low + 0.02, "skill_low": low, "skill_high": low + 0.04}
    scores = {"n": 80, "share": 0.2, "brier": 0.1, "auc": None if onset else 0.9}
    return {"method": "model", "horizon": 12, "onset_only": onset, **scores, **skill}


def together(low: float = 0.08, event: float = 0.01, covers: float = 0.9) -> dict[str, Any]:
    """A record of all pairs together, made up."""
    windows = [{"train": ":1994", "test": "1995:1997", "pairs": ["A-B", "A-C"]},
               {"train": ":1997", "test": "1998:2000", "pairs": ["A-B", "A-C", "B-C"]}]  # fmt: skip
    about = {"file": "f.csv", "sha256": "ab" * 32, "dyad": "all", "every": "week", "seed": 1, "members": 400}
    rows = [pooled_row("model", h, low, covers) for h in (1, 4)]
    told = {"pooled": rows, "events": [event_row(False, event), event_row(True, -0.2)], "windows": windows}
    more = {"label": "All pairs", "looked_at": ["1995 to 2000: twice."], "conventions": {"events": "sums"}}
    return {**about, **told, **more}


def risk(**given: Any) -> dict[str, Any]:
    return record("Index", (1, 3, 12), dyad=fixed_beforehand.INDEX, **given)


def words(*records: dict[str, Any]) -> list[str]:
    """What is said of each that was fixed beforehand."""
    return [one.word for one in fixed_beforehand.judged(*records)]


def test_what_was_fixed_beforehand_passes_and_fails_by_its_figures() -> None:
    assert words(together(), risk()) == ["passed"] * 6
    assert words(together(low=0.069), risk()) == ["failed", *["passed"] * 5]
    assert words(together(low=-0.01), risk())[:2] == ["failed", "failed"]
    assert words(together(event=0.0), risk())[2] == "failed"
    assert words(together(covers=0.96), risk())[3] == "failed"
    assert words({}, {}) == ["not scored"] * 6
    assert words(together(), record("Index", (1, 3)))[4:] == ["not scored"] * 2
    worse = [{"horizon": h, "best_baseline": "ar1", "skill": -0.1, "skill_low": -0.2, "skill_high": -0.01} for h in
             (1, 3, 12)]  # fmt: skip
    assert words(together(), risk(model_against_best=worse))[5] == "failed"


def test_what_is_undefined_does_not_pass() -> None:
    none = together()
    none["pooled"][1] |= dict.fromkeys(("skill_vs_smoothing", "skill_low", "skill_high"))
    assert words(none, risk())[0] == "failed"


def test_all_pairs_together_stand_on_the_page_and_the_card() -> None:
    page = overview.page([risk(), together(event=-0.1)], "make evidence")
    for part in (
        "Fitted on :1994, tested on 1995:1997: 2 pairs",
        "H1: the model over exponential smoothing",
        "−18.0 % [−20.0, −16.0] before an onset | failed |",
        "- 1995 to 2000: twice.",
        ":1994; :1997",
    ):
        assert part in page
    assert overview.page([risk()], "x").count("All pairs") == 0
    content = card.together([together(low=0.01), risk()])
    text = " ".join(card_words.write("together", content))
    assert "H1: the model over exponential smoothing failed (+3.0 % [+1.0, +5.0]; +3.0 % [+1.0, +5.0])" in text
    assert "H2: the model over the law switched off passed" in text
    assert "had been looked at: 1995 to 2000: twice." in text
    (entry,) = documents.scored({"hindcast": {"rows": ()}, "together": content})
    assert entry["title"] == "What was fixed beforehand failed: 1 of 6"
    assert card.together([risk()])["status"] == "not yet"
