"""The report: one folder, every number accounted for, nothing claimed beyond its interval, nothing from outside."""

from __future__ import annotations

import html
import json
import re
import shutil
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace as Namespace
from typing import cast
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import pytest
import scenario_data
from click.testing import CliRunner

import detente
from detente.analysis import claims, numbers
from detente.analysis.chances import STANDING
from detente.analysis.compare import Row, compare
from detente.api import among
from detente.api.report import Asked, again, made, why
from detente.cli.main import main
from detente.experiment.source import Settings, resolve
from detente.experiment.store import open_result
from detente.figures import style
from detente.prose.templates import said
from detente.prose.wording import MINUS, beside, per_hundred, times
from detente.report import evidence, folder, page
from detente.report.assemble import footnotes
from detente.report.chances import most
from detente.report.content import OPENING, OUTBREAKS, Report
from detente.report.sentences import Sentence
from detente.scenario.load import load

MEMBERS = 48
NAMES = ("baseline", "kfor_drawdown", "dialogue_deal", "placebo")


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    place = tmp_path_factory.mktemp("results")
    for name in NAMES:
        done = CliRunner().invoke(main, ["run", name, "--members", str(MEMBERS), "--out", str(place / name)])
        assert done.exit_code == 0, done.output
    return [str(place / name) for name in NAMES]


@pytest.fixture(scope="module")
def report(stored: list[str]) -> Report:
    return made(resolve(stored, {}), Asked(pdf=True))


@pytest.fixture(scope="module")
def written(report: Report, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("report") / "folder"
    folder.write(report, out, pdf=True)
    return out


def test_every_sentence_may_be_printed(report: Report) -> None:
    known = json.loads(json.dumps(report.facts))
    assert report.claims()
    assert {claim.text: claims.faults(claim, known) for claim in report.claims() if claims.faults(claim, known)} == {}


def test_every_number_in_a_title_is_a_fact(report: Report) -> None:
    facts = json.loads(json.dumps(report.facts))
    for kind, told in facts["figures"].items():
        assert numbers.unsupported(told["title"], {kind: told["numbers"], **facts}) == [], kind
    assert numbers.unsupported(report.title, facts) == []


def test_a_claim_whose_interval_spans_zero_is_refused(report: Report) -> None:
    headline = report.headline.clauses[0]
    assert claims.faults(headline, report.facts) == []
    wrong = replace(headline, interval=(-0.1, 0.3))
    assert any("is claimed, but the interval" in fault for fault in claims.faults(wrong, report.facts))


def test_a_number_that_is_no_fact_is_refused(report: Report) -> None:
    clause = report.headline.clauses[0]
    wrong = replace(clause, text=clause.text.replace("2029", "2031"))
    assert wrong.text != clause.text
    assert claims.faults(wrong, report.facts)


def test_a_placebo_is_told_as_one(report: Report) -> None:
    told = [claim.text for claim in report.unmoved]
    assert any(text.startswith("Placebo") and "as it is" in text for text in told)


def test_the_folder_holds_what_it_should(written: Path) -> None:
    assert {path.name for path in written.iterdir()} == {"facts.json", "report.html", "report.pdf", "figures", "tables"}
    drawn = {path.name for path in (written / "figures").iterdir()}
    kinds = ("fan", "difference", "map", "waterfall", "pairs", "chances", "icons", "timeline")
    assert {f"{kind}.svg" for kind in kinds} <= drawn
    inputs = (written / "tables" / "inputs.csv").read_text(encoding="utf-8").splitlines()
    assert len(inputs) > 500


def test_the_page_asks_for_nothing_from_outside(written: Path) -> None:
    text = (written / "report.html").read_text(encoding="utf-8")
    assert "default-src 'none'" in text
    assert re.findall(r'(?:src|href)="(?!data:|#)[^"]*"', text) == []
    assert re.findall(r'<img (?![^>]*alt="[^"]+")', text) == []
    assert "@import" not in text
    assert "<script" not in text


class Images(HTMLParser):
    """The pictures of a page, as a browser reads their addresses."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            self.found.append(unquote(dict(attrs)["src"] or ""))


def test_every_picture_on_the_page_is_a_whole_svg(report: Report, written: Path, tmp_path: Path) -> None:
    shutil.copytree(written / "figures", tmp_path / "figures")
    first = tmp_path / "figures" / f"{report.figures[0].kind}.svg"
    first.write_text(
        first.read_text("utf-8").replace("</title>", " &lt;b&gt; &amp; 'c' \"d\" 5% #1</title>", 1), "utf-8"
    )
    (tmp_path / "narrow").mkdir()
    for piece in report.figures:
        folder.save(piece, tmp_path / "narrow", narrow=True)
    found = Images(page.render(report, tmp_path / "figures", tmp_path / "narrow")).found
    assert len(found) == 2 * len(report.figures)
    for small in found[1::2]:
        assert f'width="{style.NARROW * 72:g}pt"' in small
    for address in found:
        root = ET.fromstring(address.removeprefix("data:image/svg+xml,"))
        assert root.tag.endswith("svg")
    assert "&lt;b&gt; &amp; 'c' \"d\" 5% #1" in found[0]


def test_a_title_with_markup_is_text(report: Report, written: Path) -> None:
    marked = replace(report, title='<img src=x onerror="alert(1)"> & more')
    text = page.render(marked, written / "figures")
    assert "<img src=x" not in text
    assert "&lt;img src=x" in text


def test_the_same_report_gives_the_same_bytes(report: Report, written: Path, tmp_path: Path) -> None:
    folder.write(report, tmp_path / "again", pdf=True)
    for name in ("facts.json", "report.html", "report.pdf", "figures/fan.svg", "tables/scenarios.csv"):
        assert (tmp_path / "again" / name).read_bytes() == (written / name).read_bytes(), name


def test_nothing_is_overwritten_unasked(written: Path, stored: list[str], tmp_path: Path) -> None:
    refused = CliRunner().invoke(main, ["report", *stored[:2], "--out", str(written)])
    assert refused.exit_code == 3
    assert "--force" in refused.output
    (tmp_path / "letters.txt").write_text("mine", encoding="utf-8")
    kept = CliRunner().invoke(main, ["report", *stored[:2], "--out", str(tmp_path), "--force"])
    assert kept.exit_code == 3
    assert (tmp_path / "letters.txt").exists()


def test_half_written_and_missing_results_are_refused(stored: list[str], tmp_path: Path) -> None:
    missing = CliRunner().invoke(main, ["report", stored[0], str(tmp_path / "nowhere/")])
    assert missing.exit_code in (2, 3)
    assert "Traceback" not in missing.output
    (tmp_path / "half" / "data.zarr").mkdir(parents=True)
    half = CliRunner().invoke(main, ["report", stored[0], str(tmp_path / "half")])
    assert half.exit_code == 3
    assert "half-written" in half.output


def test_rows_of_the_table_are_the_comparison(report: Report, stored: list[str]) -> None:
    base, other, *_ = (one.result() for one in resolve(stored, {}))
    row = compare(base, {"kfor_drawdown": other})[0]
    line = next(cells for cells in report.table.rows if cells[0] == row.title)
    assert line[2].startswith(f"{row.difference.change:+.1f}".replace("-", MINUS))


def test_a_level_is_the_same_mean_in_text_table_and_figures(report: Report, stored: list[str]) -> None:
    base = resolve(stored[:1], {})[0].result()
    mean = float(base["tension"].isel(time=slice(-26, None)).mean())
    assert report.table.rows[0][1] == f"{mean:.1f}"
    assert f"is {mean:.1f} in the baseline" in answer(report, "What changes; is it much?")
    told = {piece.kind: piece.data for piece in report.figures}
    assert told["waterfall"].numbers["start"] == pytest.approx(mean)
    assert {line.end for line in told["fan"].panels[0].lines if line.end} == {"Baseline", "A deal in the dialogue"}
    pair, tension = report.table.rows[0][-1].rsplit(" ", 1)
    assert f"{pair}\N{NO-BREAK SPACE}({tension})" in told["map"].title
    by_pair = base["tension_dyad"].isel(time=slice(-26, None)).mean(("member", "time"))
    assert tension == f"{float(by_pair.max()):.0f}"


def test_every_number_in_a_table_is_a_fact(report: Report) -> None:
    facts = numbers.Known.of(json.loads(json.dumps(report.facts)))
    cells = {cell for table in report.tables() for row in table.rows for cell in row}
    assert len(cells) > 30
    assert {cell: numbers.unsupported(cell, facts) for cell in cells if numbers.unsupported(cell, facts)} == {}


def test_every_number_in_the_subtitle_and_the_inputs_sentence_is_a_fact(report: Report) -> None:
    facts = json.loads(json.dumps(report.facts))
    counted = {**facts, "scenarios": len(NAMES)}
    assert numbers.unsupported(report.subtitle.partition(" · detente")[0], counted) == []
    assert numbers.unsupported(report.inputs.told, facts) == []


QUESTIONS = (
    "Asked",
    "What each does",
    "What changes; is it much?",
    "How sure",
    "What it hangs on",
    "What it cannot say",
)


def answer(report: Report, question: str) -> str:
    (found,) = (one for one in report.lead if one.question == question)
    return " ".join(sentence.text for sentence in found.sentences)


def test_the_first_half_page_answers_six_questions(report: Report) -> None:
    assert tuple(one.question for one in report.lead) == QUESTIONS
    assert "to Dec 2029: what do 3 scenarios change against the baseline? 48 runs of each" in answer(report, "Asked")
    does = answer(report, "What each does")
    assert "KFOR drawdown: KFOR cut to half its strength (Jan 2027)." in does
    assert "Placebo: Does a copy of the baseline differ from it?" in does
    sure = answer(report, "How sure")
    assert "parameter draws" in sure
    assert "95% interval [" in sure
    assert "passed 3 of 6 tests fixed beforehand" in sure
    assert "hostility and incidents" in answer(report, "What it hangs on")
    assert "this is no forecast" in answer(report, "What it cannot say")
    assert "How peace missions work here in particular." in answer(report, "What it cannot say")


def test_every_change_is_held_against_three_yardsticks_in_one_scale_of_words(report: Report) -> None:
    much, known = answer(report, "What changes; is it much?"), report.facts["lead"]
    assert list(known["yardsticks"]) == ["year", "record", "chance"]
    for name, words in known["sizes"].items():
        change = report.facts["comparisons"][name]["change"]
        assert words == {kind: beside(change / one["length"]) for kind, one in known["yardsticks"].items()}
    assert all(word in much for row in leading_of(report) for word in known["sizes"][row].values())
    assert "from Jul 2024 to Dec 2025" in much
    assert "“Placebo” none in any run" in much


def leading_of(report: Report) -> list[str]:
    return [name for name, row in report.facts["comparisons"].items() if row["verdict"] in ("higher", "lower")]


def test_two_scenarios_are_each_told_in_their_own_words(stored: list[str]) -> None:
    told = made(resolve(stored[:3], {}), Asked())
    does = answer(told, "What each does")
    assert "What if KFOR shrinks to half its strength in the first half of 2027?" in does
    assert "Agreement in the dialogue (Jun 2027); Belgrade and Pristina sign (Jun 2027)." in does
    assert "what do “KFOR drawdown” and “A deal in the dialogue” change" in answer(told, "Asked")
    assert "Where does tension in the Western Balkans go" in answer(told, "Asked")


def test_one_scenario_alone_is_asked_about_by_its_name(stored: list[str]) -> None:
    told = made(resolve(stored[:2], {}), Asked())
    assert told.lead[1].question == "What it does"
    assert "what does “KFOR drawdown” change against the baseline?" in answer(told, "Asked")
    assert "All, by their change" not in answer(told, "What changes; is it much?")
    known = json.loads(json.dumps(told.facts))
    assert [fault for claim in told.claims() for fault in claims.faults(claim, known)] == []


@pytest.mark.parametrize("metric", ["crisis", "max", "war", "dyad:SRB-XKX"])
def test_every_metric_is_answered_for(stored: list[str], metric: str) -> None:
    told = made(resolve(stored, {}), Asked(metric=metric))
    assert tuple(one.question for one in told.lead) == QUESTIONS
    assert "“Placebo” none in any run" in answer(told, "What changes; is it much?")
    known = json.loads(json.dumps(told.facts))
    assert {c.text: claims.faults(c, known) for c in told.claims() if claims.faults(c, known)} == {}


def test_a_change_is_ranked_among_the_shipped_scenarios_where_asked(
    stored: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    few = [load(name).scenario for name in ("kfor_drawdown", "dialogue_deal", "placebo")]
    every = [one.name for one in among.scenarios(load("baseline"))]
    assert {"kfor_drawdown", "dialogue_deal", "arms_restraint"} < set(every)
    assert not {"baseline", "placebo", "aegean_baseline", "replay_2025_dayton"} & set(every)
    monkeypatch.setattr(among, "scenarios", lambda _: few)
    told = made(resolve(stored[:2], {}), Asked(among=Settings(MEMBERS, 1, None, 1, lambda *_: None)))
    known = told.facts["lead"]["among"]
    for name in ("kfor_drawdown", "dialogue_deal"):
        changes = [one.result() for one in resolve([stored[0], stored[NAMES.index(name)]], {})]
        apart = compare(changes[0], {name: changes[1]})[0].difference.change
        assert known["changes"][name] == pytest.approx(apart)
    assert (known["count"], known["members"], known["more"]) == (3, MEMBERS, {"kfor_drawdown": 1})
    text = answer(told, "What changes; is it much?")
    assert "Of 3 shipped scenarios, which change it by " in text
    assert "(48 runs of each), 1 changes it more than “KFOR drawdown”." in text
    facts = json.loads(json.dumps(told.facts))
    assert [fault for claim in told.claims() for fault in claims.faults(claim, facts)] == []


def test_few_draws_name_no_single_number(report: Report) -> None:
    assert "Which uncertain number carries it, 12 parameter draws cannot tell." in answer(report, "What it hangs on")


def test_the_chance_of_war_is_told_with_what_its_level_is_worth(report: Report) -> None:
    known = report.facts["results"]["baseline"]["chances"][0]
    level, change, standing = report.lead[-1].sentences[0].clauses
    assert per_hundred(known["armed"], known["armed_low"], known["armed_high"]) in level.text
    assert standing.text == f": {STANDING}"
    assert " times as likely" in change.text
    assert any(key.endswith("armed_ratio") for key in change.facts)
    wrong = replace(level, text=level.text.replace(f"{100 * known['armed']:.1f} [", "99.9 ["))
    assert claims.faults(wrong, json.loads(json.dumps(report.facts)))


def test_the_scenario_named_changes_the_chance_most_and_one_that_is_told_goes_first() -> None:
    def row(name: str, *changes: tuple[float, bool]) -> Row:
        parts = [Namespace(armed=Namespace(change=size, is_significant=told)) for size, told in changes]
        return cast("Row", Namespace(scenario=name, outbreaks=parts))

    told, wide = row("told", (0.01, True), (0.02, True)), row("wide", (0.05, False), (0.09, True))
    flat = row("flat", (0.03, False), (0.04, False))
    assert most([flat, told, wide]) == (told, 0)
    assert most([flat, wide]) == (wide, 1)
    assert most([row("old"), wide, told])[0] is told
    assert most([flat, row("less", (0.02, False))]) == (flat, 0)


def test_the_table_of_chances_holds_level_change_ratio_and_count(report: Report) -> None:
    assert report.chances is not None
    lines, known = report.chances.table.rows, report.facts
    titles = [cells[0] for cells in report.table.rows]
    assert [cells[1] for cells in lines if cells[0] == "Any pair"] == titles
    assert next(cells for cells in lines if cells[1] == "Placebo")[4:6] == ("identical in every run", "–")
    for name in ("kfor_drawdown", "dialogue_deal"):
        change, title = known["comparisons"][name]["chances"][1], known["provenance"][name]["title"]
        assert change["pair"] == known["comparisons"][name]["armed_pair"]
        cells = next(cells for cells in lines if cells[:2] == (change["label"], title))
        size = per_hundred(change["armed_change"], change["armed_low"], change["armed_high"], signs=True)
        assert cells[4].startswith(size.removesuffix(" in 100"))
        assert cells[4].endswith("cannot tell") == (change["armed_verdict"] == "cannot tell")
        assert cells[5] == times(change["armed_ratio"], change["armed_ratio_low"], change["armed_ratio_high"])
    assert len(report.chances.every.rows) == len(NAMES) * len(known["results"]["baseline"]["chances"])


def test_wherever_a_level_is_printed_it_says_what_it_is_worth(report: Report, written: Path) -> None:
    assert report.chances is not None
    assert report.chances.says[0].rstrip(".").lower() == STANDING.lower()
    assert any(line.startswith("Verification, not a finding") for line in report.chances.says)
    assert [piece.kind for piece in report.shown(*OUTBREAKS)] == ["chances", "icons"]
    assert all(STANDING[4:] in piece.data.notes for piece in report.shown(*OUTBREAKS))
    text = (written / "report.html").read_text(encoding="utf-8")
    assert text.index("What moved the index") < text.index("Chances of crisis and war") < text.index("What went in")


@pytest.mark.parametrize("lacking", [(0, 1, 2), (1,)])
def test_results_from_before_there_were_chances_are_reported_without(
    stored: list[str], tmp_path: Path, lacking: tuple[int, ...]
) -> None:
    results = [open_result(path) for path in stored[:3]]
    old = [ds.drop_vars("regime").drop_dims("quarter") if k in lacking else ds for k, ds in enumerate(results)]
    told = detente.report(*old, out=tmp_path / "told")
    text = (tmp_path / "told" / "report.html").read_text(encoding="utf-8")
    if 0 in lacking:
        assert told.chances is None
        assert "Chances of crisis and war" not in text
        assert not told.shown(*OUTBREAKS)
        assert "Whether war comes" not in answer(told, "What it cannot say")
    else:
        assert told.chances is not None
        assert next(cells for cells in told.chances.table.rows if cells[1] == "KFOR drawdown")[2:] == ("–",) * 5
        assert "Whether war comes" in answer(told, "What it cannot say")


def test_bold_pieces_leave_the_sentence_as_it_is(report: Report) -> None:
    for sentence in (*report.sentences(), Sentence((claims.Claim("a 5 b 5 c", strong=("5", "5", "7")),))):
        assert "".join(text for text, _ in sentence.runs) == sentence.text


def test_no_list_is_longer_than_a_reader_reads(report: Report) -> None:
    assert all(len(claim.text) < 300 for claim in report.unmoved)
    assert all(len(cell) < 90 for table in report.tables() for row in table.rows for cell in row)


def test_a_report_on_a_placebo_alone_claims_nothing(stored: list[str]) -> None:
    told = made(resolve([stored[0], stored[3]], {}), Asked())
    assert all(clause.direction == "" for clause in told.claims())
    assert "as it is" in told.title
    assert "identical in every run" in {cell for row in told.table.rows for cell in row}


def test_the_page_can_be_read_aloud(report: Report, written: Path) -> None:
    text = (written / "report.html").read_text(encoding="utf-8")
    assert '<html lang="en">' in text
    assert text.count('<th scope="row">') >= len(NAMES)
    assert re.findall(r"<th(?![^>]*scope=)[ >]", text) == []
    assert [int(level) for level in re.findall(r"<h([1-6])", text)][:2] == [1, 2]
    assert html.unescape(re.findall(r'<img [^>]*alt="([^"]*)"', text)[0]) == report.figures[0].alt


def test_text_on_the_page_stands_out_from_what_is_behind_it_by_day_and_by_night(written: Path) -> None:
    style = (written / "report.html").read_text(encoding="utf-8").partition("</style>")[0]
    schemes = [dict(re.findall(r"--(\w+): (#\w{6})", rule)) for rule in re.findall(r":root \{([^}]*)\}", style)]
    assert len(schemes) == 2
    for named in schemes:
        for name in ("ink", "grey", "accent", "link"):
            for behind in (named["page"], named["soft"]):
                assert contrast(named[name], behind) >= 4.5, (name, behind)


def contrast(a: str, b: str) -> float:
    """The ratio of WCAG 2."""

    def light(colour: str) -> float:
        parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((light(a), light(b)))
    return (high + 0.05) / (low + 0.05)


def test_the_pdf_says_what_the_page_says(report: Report, written: Path) -> None:
    from detente.report import pdf

    told = pdf.layout(report)
    box = told.partition("TENSION REPORT")[2].partition("grid_of")[0]
    said = [re.findall(r'"((?:[^"\\]|\\.)*)"', line) for line in re.findall(r"^ *par\((.+)\)$", box, flags=re.M)]
    lines = [line for answer in report.lead for line in answer.lines]
    assert ["".join(runs) for runs in said] == [" ".join(s.text for s in line) for line in lines]
    alts = [piece.alt for piece in report.shown(*OPENING)]
    assert sorted(alts, key=told.index) == alts
    data = (written / "report.pdf").read_bytes()
    assert b"/StructTreeRoot" in data
    assert b"pdfuaid" in data


def test_every_number_on_a_pdf_page_is_on_the_page_too(report: Report, written: Path) -> None:
    import subprocess

    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext reads the PDF: install poppler-utils")
    done = subprocess.run(["pdftotext", "-l", "1", str(written / "report.pdf"), "-"], capture_output=True, check=True)
    printed = re.sub(r"\s+", " ", done.stdout.decode("utf-8").replace("\u00a0", " "))
    for sentence in report.sentences():
        digits = re.findall(r"\d+(?:\.\d+)?", sentence.text.replace("\u00a0", " "))
        assert all(number in printed for number in digits)
    assert report.title.split("“")[0].replace("\u00a0", " ").strip() in printed


def test_causes_add_up_to_the_change(stored: list[str]) -> None:
    base, other = resolve([stored[0], stored[2]], {})
    found, whole = why(base, [other], Asked(why=Settings(MEMBERS, 1, None, 1, print), by="acts"), MEMBERS)
    (split,) = found.values()
    assert (len(split.shares), whole) == (2, {})
    assert sum(share.difference.change for share in split.shares) == pytest.approx(split.total.change, abs=1e-9)


def test_a_combined_scenario_is_split_over_its_files_with_a_waterfall(
    stored: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    both = "extends: [kfor_drawdown, dialogue_deal]\ntitle: Both\nquestion: What if both happen?\n"
    (tmp_path / "both.yaml").write_text(both, encoding="utf-8")
    told = detente.report("baseline", "both", "kfor_drawdown", why=True, members=16, out=tmp_path / "out", pdf=True)
    assert told.causes is not None
    assert [cells[:2] for cells in told.causes.rows] == [("Both", "A deal in the dialogue"), ("Both", "KFOR drawdown")]
    together, alone = (claim.text for claim in told.split)
    assert together.startswith("“Both”: together its parts do ")
    assert alone == "“KFOR drawdown” is not split: it lays one file over baseline."
    assert (tmp_path / "out" / "figures" / "files-1.svg").exists()
    assert told.waterfalls["files-1"].alt in html.unescape((tmp_path / "out" / "report.html").read_text("utf-8"))
    known = json.loads(json.dumps(told.facts))
    assert [fault for claim in told.claims() for fault in claims.faults(claim, known)] == []
    cells = [cell for row in told.causes.rows for cell in row]
    held = numbers.Known.of(known)
    assert [cell for cell in cells if numbers.unsupported(cell, held)] == []
    assert "--why" in told.again[-1]


def test_the_command_that_makes_it_again_names_no_folder(stored: list[str]) -> None:
    told = again(resolve(stored[:2], {}), Asked(pdf=True, title="Two words"))
    assert told == f"detente report baseline kfor_drawdown --members {MEMBERS} --title 'Two words' --pdf"


def test_results_that_do_not_pair_are_refused(stored: list[str], tmp_path: Path) -> None:
    for name, options in {"short": ["--weeks", "40"], "luck": ["--seed", "7"]}.items():
        CliRunner().invoke(main, ["run", "kfor_drawdown", "-n", "8", *options, "--out", str(tmp_path / name)])
        done = CliRunner().invoke(main, ["report", stored[0], str(tmp_path / name), "--out", str(tmp_path / "out")])
        assert done.exit_code == 2, done.output
        assert not (tmp_path / "out").exists()


def test_an_unknown_metric_is_refused_before_anything_is_run() -> None:
    done = CliRunner().invoke(main, ["report", "baseline", "kfor_drawdown", "--metric", "meen"])
    assert done.exit_code == 2
    assert "did you mean" in done.output


def test_a_missing_typesetter_is_told_before_anything_is_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    done = CliRunner().invoke(main, ["report", "baseline", "kfor_drawdown", "--pdf", "--out", str(tmp_path / "out")])
    assert done.exit_code == 3
    assert 'needs the extra "pdf"' in done.output


def test_letters_without_a_font_stop_no_pdf(report: Report, tmp_path: Path) -> None:
    foreign = replace(report, title="科索沃 한국 देव 🕊 العربية $5m to $9m")
    folder.write(foreign, tmp_path / "out", pdf=True)
    assert (tmp_path / "out/report.pdf").stat().st_size > 10_000


def test_a_hostile_title_reaches_neither_page_nor_pdf_as_code(report: Report, tmp_path: Path) -> None:
    marked = replace(report, title='#eval("1") $x$ </title><script>alert(1)</script>')
    folder.write(marked, tmp_path / "out", pdf=True)
    assert "<script" not in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert (tmp_path / "out" / "report.pdf").stat().st_size > 10_000


EXAMPLE = Path(__file__).resolve().parents[1] / "reports" / "example"


def test_the_example_is_small_whole_and_true_to_its_facts() -> None:
    sizes = {path.name: path.stat().st_size for path in EXAMPLE.rglob("*") if path.is_file()}
    assert {"facts.json", "report.html", "report.pdf", "fan.svg", "scenarios.csv"} <= set(sizes)
    assert sum(sizes.values()) < 5_000_000
    assert max(sizes.values()) < 1_200_000
    facts = json.loads((EXAMPLE / "facts.json").read_text(encoding="utf-8"))
    text = (EXAMPLE / "report.html").read_text(encoding="utf-8")
    title, *bottom = re.findall(r"<h1>(.*?)</h1>|(?<=\n)<p>(.*?)</p>", text.partition("<table")[0])
    for sentence in (title, *bottom):
        assert numbers.unsupported(html.unescape(re.sub(r"<[^>]+>", "", "".join(sentence))), facts) == []
    assert len(bottom) >= 4


def test_evidence_belongs_to_a_theatre(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    own, other = evidence.evidence("Western Balkans 1989-2003", "x"), evidence.evidence("Aegean", "aegean_baseline")
    assert any("37 of 37 verification checks hold on baseline" in line for line in own.sentences)
    text = " ".join(other.sentences)
    assert other.sentences[0].startswith("Nothing has been tested for this theatre (Aegean)")
    assert "tested on another (Western Balkans, " in text
    assert "detente verify aegean_baseline --card reports/evidence_card_aegean.json" in text
    assert "Kosovo" not in text
    assert evidence.forecasts(other.card) is None
    assert "hindcast" not in other.facts
    (tmp_path / "reports").mkdir()
    card = {"theatre": "Aegean", "verification": {}, "sentences": ["1 of 1 hold."], "code": {}}
    (tmp_path / "reports" / "evidence_card_aegean.json").write_text(json.dumps(card), encoding="utf-8")
    assert evidence.evidence("Aegean", "aegean_baseline").sentences[-1] == "1 of 1 hold."
    (tmp_path / "reports" / "evidence_card_aegean.json").write_text("[", encoding="utf-8")
    with pytest.raises(evidence.NoCard, match="Make it again"):
        evidence.evidence("Aegean", "aegean_baseline")


def test_the_caveats_of_what_is_compared_are_limits_and_are_printed_once(report: Report) -> None:
    general = said("limits.j2", "limits", ())
    (only,) = [line for line in report.limits if line not in general]
    assert only.startswith("How peace missions work here")
    assert only in load("baseline").scenario.cautions()
    assert only not in report.trust


def test_a_footnote_is_printed_where_its_mark_is(stored: list[str]) -> None:
    ds = open_result(stored[0])
    assert any("UNSCR 1244" in note for note in footnotes(ds, [ds], mapped=True))
    bare = {key: value.replace("*", "") if isinstance(value, str) else value for key, value in ds.attrs.items()}
    other = ds.assign_attrs(bare | {"footnotes": ds.attrs["footnotes"]})
    assert not any("UNSCR 1244" in note for note in footnotes(other, [other], mapped=True))
    unmarked = [note for note in footnotes(ds, [ds], mapped=True) if note not in footnotes(ds, [ds], mapped=False)]
    assert all(note[:1] not in "*†‡§" for note in unmarked)


def test_a_theatre_that_no_map_can_show_has_a_report_without_one(tmp_path: Path) -> None:
    small = scenario_data.write(tmp_path)
    (tmp_path / "louder.yaml").write_text("extends: small\ntitle: Louder\nmissions: {watch: {troops: 100}}\n", "utf-8")
    words = ["report", str(small), str(tmp_path / "louder.yaml"), "--members", "12", "--out", str(tmp_path / "told")]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.output
    figures = {path.stem for path in (tmp_path / "told" / "figures").iterdir()}
    assert "map" not in figures
    assert {"fan", "difference", "pairs"} <= figures
    assert 'alt=""' not in (tmp_path / "told" / "report.html").read_text(encoding="utf-8")
