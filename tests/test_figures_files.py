"""What is written: files whose bytes repeat, provenance in picture and metadata, the map file, the house style."""

import gzip
import json
import os
import re
from pathlib import Path

import numpy as np
import pytest
from figures_data import result
from PIL import Image

from detente.figures import boundaries, style
from detente.figures.boundaries import area, world
from detente.figures.fan import collect, draw, write
from detente.figures.gallery import KINDS, compose
from detente.figures.measure import width, wrap
from detente.figures.provenance import provenance
from detente.figures.reading import FigureError
from detente.figures.save import save
from detente.figures.sheet import sheet
from detente.storage import StorageError

SHIPPED = ("arms_race", "dialogue_deal", "kfor_drawdown", "dayton_breach", "hungary_serbia_becomes_real")


@pytest.fixture(scope="module")
def piece():
    return compose("fan", [result(members=40), result("arms_race", lift=6, members=40)])


@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf"])
def test_the_same_numbers_give_the_same_bytes(piece, suffix, tmp_path):
    first = save(piece.figure(), tmp_path / f"a{suffix}", piece.provenance, title=piece.data.title)
    again = compose("fan", [result(members=40), result("arms_race", lift=6, members=40)])
    second = save(again.figure(), tmp_path / f"b{suffix}", again.provenance, title=again.data.title)
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("kind", ["dots", "map", "pairs", "waterfall"])
def test_svg_of_other_kinds_repeats_too(kind, tmp_path):
    results = [result(members=40), result("arms_race", lift=6, members=40)][: KINDS[kind].most]
    made = [compose(kind, results) for _ in range(2)]
    files = [save(m.figure(), tmp_path / f"{k}.svg", m.provenance) for k, m in enumerate(made)]
    assert files[0].read_bytes() == files[1].read_bytes()


def test_provenance_is_in_the_picture_and_in_the_metadata(piece, tmp_path):
    figure = piece.figure()
    printed = " ".join(text.get_text() for text in figure.texts).replace("\N{NO-BREAK SPACE}", " ")
    for part in ("Scenarios baseline", "arms_race", "seed 1", "40 runs × 287 weeks", "detente run SCENARIO"):
        assert part in printed
    save(figure, tmp_path / "f.png", piece.provenance, title=piece.data.title)
    with Image.open(tmp_path / "f.png") as image:
        held = image.text
        assert image.info["dpi"] == pytest.approx((style.DPI, style.DPI), abs=0.1)
        assert image.size[0] == round(style.WIDTH * style.DPI)
    assert held["Title"] == piece.data.title
    assert "sha256" in held["Description"]
    assert "detente run arms_race" in held["Description"]
    svg = save(figure, tmp_path / "f.svg", piece.provenance, title=piece.data.title).read_text()
    assert "sha256" in svg
    assert "dc:date" not in svg
    pdf = save(figure, tmp_path / "f.pdf", piece.provenance).read_bytes()
    assert b"CreationDate" not in pdf


def test_svg_keeps_text_as_text_and_refers_to_nothing_outside(piece, tmp_path):
    svg = save(piece.figure(), tmp_path / "f.svg", piece.provenance).read_text()
    assert ">Arms race" in svg
    outside = [link for link in re.findall(r'(?:href|src)="([^"]*)"', svg) if not link.startswith("#")]
    assert outside == []


def test_svg_text_keeps_its_length_in_a_viewer_without_the_font(piece, tmp_path):
    svg = save(piece.figure(), tmp_path / "f.svg", piece.provenance, title=piece.data.title).read_text()
    texts = re.findall(r"<text [^>]*>", svg)
    assert len(texts) > 20
    assert all('textLength="' in text and "sans-serif" in text for text in texts)
    length, line = re.search(r'textLength="([0-9.]+)"[^>]*>(Arms race: tension[^<]*)<', svg).groups()
    assert float(length) == pytest.approx(72 * width(line, style.TITLE, style.STRONG), abs=0.01)


def test_nothing_is_overwritten_unless_forced(piece, tmp_path):
    target = tmp_path / "f.svg"
    target.write_text("mine")
    with pytest.raises(FigureError, match="--force"):
        save(piece.figure(), target, piece.provenance)
    assert target.read_text() == "mine"
    assert save(piece.figure(), target, piece.provenance, force=True).read_text() != "mine"
    assert os.listdir(tmp_path) == ["f.svg"]  # no half-written file beside it


@pytest.mark.parametrize(("name", "said"), [("f.gif", ".png, .svg or .pdf"), ("none/f.png", "no folder"), ("f", "end")])
def test_impossible_targets_are_refused(piece, tmp_path, name, said):
    with pytest.raises((FigureError, StorageError), match=said):
        save(piece.figure(), tmp_path / name, piece.provenance)


def test_run_writes_png_and_svg(tmp_path):
    png, svg = write(result(members=20), tmp_path / "fan")
    assert (png.name, svg.name) == ("fan.png", "fan.svg")
    assert png.read_bytes()[:4] == b"\x89PNG"
    assert svg.read_text().startswith("<?xml")


def test_drawing_leaves_the_settings_of_others_alone():
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    sheet(draw, collect(result(members=20)))
    assert dict(mpl.rcParams) == before


def test_commands_that_differ_by_name_alone_are_folded():
    one, two = result(members=4), result("arms_race", members=4)
    assert provenance(one).line.endswith("detente run baseline --members 4 --seed 1.")
    assert provenance(one, two).line.endswith("detente run SCENARIO --members 4 --seed 1.")


def test_a_scenario_keeps_its_colour_whatever_stands_beside_it():
    together = style.palette(SHIPPED)
    assert len(set(together.values())) == len(SHIPPED)
    assert all(style.palette([name])[name] == colour for name, colour in together.items())
    assert style.palette(["baseline", "arms_race"])["baseline"] == style.BASELINE
    assert style.palette(["x", "arms_race"], base="x")["x"] == style.BASELINE


def contrast(colour):
    """WCAG contrast with white."""
    linear = [(c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4) for c in style.tint(colour, 1)]
    return 1.05 / (0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05)


def test_text_colours_read_on_white():
    for colour in (*style.SCENARIOS, style.BASELINE, style.INK, style.GREY, style.PALE, style.UP, style.DOWN):
        assert contrast(colour) >= 4.5


def test_wrapped_lines_fit_and_lose_no_word():
    text = "A title with Serbia–Kosovo* and averyverylongwordthatdoesnotfitanywhereatall in it"
    lines = wrap(text, 9, 1.2)
    assert all(width(line, 9) <= 1.2 for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_map_file_is_small_and_names_no_place():
    file = Path(boundaries.__file__).parent / "boundaries.json.gz"
    assert file.stat().st_size <= 95_000
    held = json.loads(gzip.decompress(file.read_bytes()))
    assert all(re.fullmatch("[A-Z]{3}", code) for code in held["countries"])
    assert "public domain" in held["source"]


def test_outlines_are_closed_and_cover_the_world():
    outlines = world()
    assert len(outlines) > 230
    for outline in outlines.values():
        for ring in outline.rings:
            assert (ring[0] == ring[-1]).all()


def shapes():
    """Country -> rings of the reference file; skipped where there is none."""
    folder = Path(os.environ.get("DETENTE_BOUNDARIES", Path(__file__).parents[2] / "shared" / "boundaries"))
    file = folder / "ne_50m_balkans.geojson"
    if not file.exists():
        pytest.skip("no reference outlines: set DETENTE_BOUNDARIES to the folder that holds them")
    codes = {"KOS": "XKX"}
    for feature in json.loads(file.read_text())["features"]:
        kind, parts = feature["geometry"]["type"], feature["geometry"]["coordinates"]
        polygons = [parts] if kind == "Polygon" else parts
        code = feature["properties"]["ADM0_A3"]
        yield codes.get(code, code), [np.array(ring)[:, :2] for polygon in polygons for ring in polygon[:1]]


def distance(points, ring):
    """Greatest distance of ``points`` from the line of ``ring``, in degrees."""
    start, along = ring[:-1], np.diff(ring, axis=0)
    square = np.maximum((along**2).sum(axis=1), 1e-18)
    share = np.clip(((points[:, None] - start) * along).sum(axis=2) / square, 0, 1)
    foot = start + share[..., None] * along
    return np.sqrt(((points[:, None] - foot) ** 2).sum(axis=2)).min(axis=1).max()


def test_outlines_follow_natural_earth():
    outlines, seen = world(), 0
    for code, reference in shapes():
        largest = max(reference, key=area)
        ours = outlines[code].rings[0]
        if largest[:, 0].min() < 8 or largest[:, 0].max() > 31:
            continue  # cut off at the edge of the reference file
        assert area(ours) == pytest.approx(area(largest), rel=0.02)
        assert distance(ours, largest) < 0.04
        assert distance(largest, ours) < 0.05
        seen += 1
    assert seen >= 12
