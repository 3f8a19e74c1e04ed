"""What a user wrote is printed as written, in every figure and every place of it, whatever the letters."""

import json
import warnings
from xml.etree import ElementTree as ET

import numpy as np
import pytest
import test_figures_lint as made
from figures_data import ACTORS, EVENTS, LEVELS, result
from matplotlib.text import Text

from detente.figures import event_labels, glyphs, measure, style
from detente.figures.gallery import KINDS, Piece, compose
from detente.figures.lint import lint
from detente.figures.provenance import provenance
from detente.figures.reading import cut, label
from detente.figures.save import save

MONEY = "From $5m to $9m of aid"
NASTY = {
    "money": MONEY,
    "maths": r"$$ \$ $\frac{1}{2}$ \alpha _x_ ^{y} #let *b* <i> & @ `c` %",
    "wide": "科索沃与塞尔维亚 한국 देवनागरी 🕊️",
    "leftward": "العربية עברית with words",
    "broken": "two\nlines,\ta tab\r\nand\x1b[31m \ud800 \u202ebell\x07",
    "endless": "W" * 4000,
}


def nasty_results(text):
    """A base and a scenario with ``text`` in every place where a user writes."""
    actors = {key: f"{text} {name}" for key, name in ACTORS.items()}
    names = ("id", "date", "title", "kind", "plan", "mark", "actors")
    acts = [dict(zip(names, act, strict=True)) | {"title": f"{text} {act[2]}"} for act in EVENTS]
    levels = [{**level, "label": f"{level['label']} {text}"} for level in LEVELS]
    notes = {"status": f"* {text}", "other": text}
    attrs = {
        "events": json.dumps(acts), "levels": json.dumps(levels), "footnotes": json.dumps(notes),
        "command": f"detente run x --set 'title={text[:40]}'",
    }  # fmt: skip
    given = {"actors": actors, "members": 12, "weeks": 287, "attrs": attrs}
    return [result(title=text, **given), result("other", title=f"{text} 2", lift=5.0, **given)]


def drawn(kind, text, monkeypatch):
    if kind in made.STUDIES:
        monkeypatch.setattr(made, "LONG", glyphs.plain(text))
        return Piece(kind, made.STUDIES[kind]("long"), provenance(made.results("plain")[0]))
    return compose(kind, nasty_results(text)[: min(KINDS[kind].most, 2)])


def faults(figure):
    """What the lint finds but overlaps: of labels thousands of letters long there may be no room for all."""
    return [str(fault) for fault in lint(figure) if fault.rule != "overlap"]


#: every kind with two of the texts, and these kinds with all of them; the rest is left to the slow suite
QUICK_TEXTS, QUICK_KINDS = ("maths", "broken"), ("fan", "map", "discovery")
EVERY = [
    pytest.param(kind, name, marks=() if name in QUICK_TEXTS or kind in QUICK_KINDS else pytest.mark.slow)
    for kind in KINDS
    for name in NASTY
]


@pytest.mark.parametrize(("kind", "name"), EVERY)
def test_every_figure_prints_any_text(kind, name, monkeypatch):
    figure = drawn(kind, NASTY[name], monkeypatch).figure()
    assert faults(figure) == []
    texts = figure.findobj(Text)
    assert not any(text.get_parse_math() for text in texts)
    printed = "".join(text.get_text() for text in texts)
    assert not glyphs._CONTROL.search(printed.replace("\n", ""))


@pytest.mark.parametrize("name", ["maths", "endless"])
@pytest.mark.parametrize("kind", ["fan", "pairs", "options"])
def test_slides_too(kind, name, monkeypatch):
    assert faults(drawn(kind, NASTY[name], monkeypatch).figure(slide=True)) == []


@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf"])
@pytest.mark.parametrize("name", NASTY)
def test_files_of_any_text_are_written(name, suffix, tmp_path):
    piece = compose("timeline", nasty_results(NASTY[name])[:1])
    path = save(piece.figure(), tmp_path / f"x{suffix}", piece.provenance, title=piece.data.title)
    if suffix == ".svg":
        told = "".join(ET.parse(path).getroot().itertext())
        assert glyphs.plain(NASTY[name])[:12] in told


def test_a_title_about_money_is_printed_as_written():
    base = result(title=MONEY, members=4, weeks=30)
    figure = compose("fan", [base]).figure()
    printed = " ".join(text.get_text() for text in figure.findobj(Text))
    assert MONEY in printed


def test_a_letter_no_font_has_is_measured_and_not_missed():
    assert measure.width("科", 10) == pytest.approx(10 * glyphs._BOX / 72)
    assert glyphs.missing("Zoë 科 ‹ł›") == ["科"]
    with style.house():
        warnings.warn("Glyph 31185 (\\N{CJK}) missing from font(s) DejaVu Sans.", UserWarning, stacklevel=1)


@pytest.mark.parametrize("letters", [40, 4000])
@pytest.mark.parametrize("cutting", [measure.wrap, lambda *given: measure.shorten(*given, rows=2)])
def test_a_long_word_is_measured_once(cutting, letters, monkeypatch):
    counted = []

    def advance(letter, weight):
        counted.append(letter)
        return glyphs.advance(letter, weight)

    monkeypatch.setattr(measure, "advance", advance)
    lines = cutting("W" * letters, 8.0, 1.1)
    # once to find the cuts, and each line again as words are set beside each other
    assert len(counted) < 4 * letters + 100
    assert all(measure.width(line, 8.0) <= 1.1 for line in lines)


def test_wrapping_loses_no_letter():
    text = "A pact of Bosnia-and-Herzegovina with " + "x" * 90 + "\nand 4\N{NO-BREAK SPACE}500 troops"
    lines = measure.wrap(text, 8.8, 0.9)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "").replace("\n", "")
    assert all(measure.width(line, 8.8) <= 0.9 for line in lines)


def test_a_title_of_one_word_is_cut_and_not_lost():
    assert cut("科" * 60, 48) == "科" * 47 + "…"
    assert cut("one " * 20, 48).endswith("one…")
    assert label(result(title="W" * 4000, members=2, weeks=2)).startswith("WWW")


def test_what_cannot_be_printed_is_shown_as_such():
    assert glyphs.plain(" two\nlines,\t\ta\x1b[0m \ud800\u202eb ") == "two lines, a\ufffd[0m \ufffd\ufffdb"
    assert glyphs.printable({"a\n": ["b\tc", 1, None]}) == {"a": ["b c", 1, None]}
    assert glyphs.plain("4\N{NO-BREAK SPACE}500") == "4\N{NO-BREAK SPACE}500"
    assert np.isfinite(measure.width("\x00\ud800\U0010ffff", 8.0))


@pytest.mark.parametrize("lines", [1, 2, 3])
def test_a_name_that_is_cut_keeps_what_it_is(lines):
    name = "A very long name of a land beside another one, a third, a fourth and yet another one (entity)"
    text = measure.shorten(name, 8.0, 1.4, lines)
    assert len(text) == lines
    assert text[-1].endswith("(entity)")
    assert "…" in " ".join(text)
    assert all(measure.width(line, 8.0) <= 1.4 for line in text)
    assert measure.shorten("Republika Srpska (entity)", 8.0, 1.45, 1) == ["Republika Srpska (entity)"]
    assert cut(f"{'one ' * 20}(authorship disputed)", 48).endswith("one… (authorship disputed)")
    assert len(cut(f"{'one ' * 20}(authorship disputed)", 48)) <= 48
    assert cut("one (" + "very " * 20 + "early)", 48).endswith("…")


@pytest.mark.parametrize("lines", [1, 2])
def test_a_label_keeps_the_words_that_make_it_fair(lines):
    title = "Blast on the canal that waters half of the valley (authorship disputed)"
    with style.house():
        text = event_labels.fair(title, 7.6, 2.7 / lines, lines)
        assert len(text) == lines
        assert " ".join(text).endswith("… (authorship disputed)")
        assert " ".join(text).startswith("Blast on")
        assert event_labels.fair("A short one (disputed)", 7.6, 2.7, 1) == ["A short one (disputed)"]
        long = "An election that nobody has heard of in any of the valleys (" + "very " * 30 + "early)"
        assert event_labels.fair(long, 7.6, 2.0, lines)[-1].endswith("…")
