"""The what-if page in a browser: levers by mouse and keyboard, numbers, addresses, files, small and dark screens."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from pathlib import Path
from typing import Any

import pytest
from browser import Page, browsing, chromium
from click.testing import CliRunner
from scenario_data import write

from detente.cli.main import main

pytest.importorskip("starlette", reason="the extra serve is not installed")
pytest.importorskip("websockets", reason="websockets is not installed")
if chromium() is None:
    pytest.skip("no Chromium: install the package chromium", allow_module_level=True)

MEMBERS = 24
WIDE, NARROW = (1280, 800), (480, 900)
#: the first slider of the page
SLIDER = "#groups .slide input"
#: the text that stands out least from its ground, as (contrast, where)
LEAST_CONTRAST = """(() => {
  const linear = v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
  const light = colour => {
    const [r, g, b] = colour.match(/[\\d.]+/g).map(v => linear(Number(v) / 255));
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const clear = colour => /, 0\\)$/.test(colour);
  const ground = e => { while (clear(getComputedStyle(e).backgroundColor)) e = e.parentElement; return e; };
  const looked = 'h1, h2, p, dt, dd, small, summary, output, td, th, caption, figcaption, .hint, .name, button';
  return [...document.querySelectorAll(looked)].filter(e => e.textContent.trim() && e.offsetParent && !e.disabled)
    .map(e => {
      const two = [getComputedStyle(e).color, getComputedStyle(ground(e)).backgroundColor].map(light);
      return [(Math.max(...two) + .05) / (Math.min(...two) + .05), `${e.tagName}.${e.className} ${e.textContent}`];
    }).sort((a, b) => a[0] - b[0])[0];
})()"""
#: contrast of text that everybody can read (WCAG 2.2, AA)
CONTRAST = 4.5


def detente(*words: str) -> list[str]:
    return [sys.executable, "-m", "detente", *words]


@contextmanager
def served(folder: Path, *scenarios: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    command = detente("serve", *scenarios, "--port", "0", "--members", str(MEMBERS), "--workers", "1")
    server = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert server.stdout
    try:
        yield next(word for word in server.stdout.readline().split() if word.startswith("http")), server
    finally:
        server.send_signal(signal.SIGINT)
        assert server.wait(20) == 0
        server.stdout.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("page")
    write(found)
    visit = "{kind: visit, date: 2024-07-15, title: A visit, by: POW, to: ALF, size: 5}"
    (found / "tea.yaml").write_text(f"extends: small\ntitle: Tea\nacts:\n  tea: {visit}\n", encoding="utf-8")
    return found


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    with served(folder, "small", "tea") as (found, _):
        yield found


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with browsing(tmp_path_factory.mktemp("browser")) as page:
        yield page


@pytest.fixture
def page(browser: Page, address: str) -> Iterator[Page]:
    """The page as it opens, answered; at the end nothing was wrong in it and nothing was asked of anybody else."""
    browser.wrong.clear()
    browser.asked.clear()
    browser.size(*WIDE)
    browser.open(address)
    answered(browser)
    yield browser
    assert browser.wrong == []
    assert [one for one in browser.asked if not one.startswith((address, "data:", "blob:", "about:"))] == []


def answered(page: Page) -> None:
    """Wait for the finest answer to where the levers stand."""
    page.until(f"document.querySelector('#status').textContent.startsWith('{MEMBERS} runs')"
               " && document.querySelector('#answer').getAttribute('aria-busy') === 'false'")  # fmt: skip


def text(page: Page, selector: str) -> str:
    return str(page.ask(f"document.querySelector({json.dumps(selector)}).textContent"))


def told(folder: Path, *words: str) -> Any:
    with chdir(folder):
        done = CliRunner().invoke(main, [*words, "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def numbers(page: Page) -> dict[str, str]:
    """The large numbers, by what they are."""
    cell = "[one.children[0].textContent, one.children[1].firstChild.data]"
    return {
        what: v.strip() for what, v in page.ask(f"[...document.querySelectorAll('#figures div')].map(one => {cell})")
    }


def dragged(page: Page, selector: str, share: float) -> None:
    """The thumb of a slider, drawn to a share of its way."""
    at, now = (
        page.box(selector),
        page.ask(f"(e => (e.value - e.min) / (e.max - e.min))(document.querySelector('{selector}'))"),
    )
    x, y = (lambda part: at["x"] + 8 + part * (at["width"] - 16)), at["y"] + at["height"] / 2
    page.mouse("mousePressed", x(now), y)
    for step in range(1, 6):
        page.mouse("mouseMoved", x(now + (share - now) * step / 5), y)
    page.mouse("mouseReleased", x(share), y)


def test_it_opens_at_rest(page: Page) -> None:
    assert text(page, "#sentence").startswith("Median tension")
    assert page.ask("document.querySelectorAll('#fan svg .band').length") == 3
    assert page.ask("document.querySelector('#reset').disabled")
    unnamed = "e => !e.labels?.length && !e.textContent.trim() && !e.ariaLabel"
    assert page.ask(f"[...document.querySelectorAll('input, select, button')].filter({unnamed}).length") == 0
    assert page.ask("document.querySelectorAll('[role=img]:not([aria-label])').length") == 0


def test_a_lever_moved_by_mouse_gives_the_numbers_of_the_command(page: Page, folder: Path) -> None:
    before = text(page, "#command")
    dragged(page, SLIDER, 0.9)
    page.until("document.querySelector('#groups .lever').classList.contains('moved')")
    answered(page)
    command = text(page, "#command").split()
    assert text(page, "#command") != before
    assert "--set" in command
    printed = told(folder, *command[1:])
    shown = numbers(page)
    assert next(v for k, v in shown.items() if k.startswith("median")) == f"{printed['tension']['median']:.1f}"
    war = next(v for k, v in shown.items() if k.startswith("chance of war"))
    share = printed["chances"][0]["armed"]
    assert war == f"{100 * share:.{1 if share >= 0.01 else 2}f} in 100"


def test_a_lever_moved_by_keyboard(page: Page) -> None:
    page.ask(f"document.querySelector({json.dumps(SLIDER)}).focus()")
    before = page.ask(f"document.querySelector({json.dumps(SLIDER)}).ariaValueText")
    for _ in range(3):
        page.key("ArrowRight")
    answered(page)
    after = page.ask(f"document.querySelector({json.dumps(SLIDER)}).ariaValueText")
    assert after != before
    assert "at rest" in after
    assert "moved" in text(page, "#reset")
    page.click("#reset")
    answered(page)
    assert page.ask(f"document.querySelector({json.dumps(SLIDER)}).ariaValueText") == before
    assert "--set" not in text(page, "#command")


def test_the_address_holds_everything(page: Page, address: str) -> None:
    page.ask("document.querySelector('#scenario').value = 'tea'")
    page.ask("document.querySelector('#scenario').dispatchEvent(new Event('change'))")
    page.until("location.hash.includes('scenario=tea')")
    answered(page)
    page.ask("document.querySelectorAll('details').forEach(e => e.open = true)")
    page.click("#groups .switch input")
    page.until("location.hash.includes('off') || location.hash.includes('on&') || /=on$/.test(location.hash)")
    answered(page)
    where, shown = page.ask("location.href"), [text(page, one) for one in ("#sentence", "#command", "#figures")]
    page.open(where)
    answered(page)
    assert [text(page, one) for one in ("#sentence", "#command", "#figures")] == shown
    page.open(f"{address}#scenario=small&nothing.here=1")
    answered(page)
    assert "nothing.here" in text(page, "#trouble")


def test_what_is_taken_away(page: Page, folder: Path) -> None:
    dragged(page, SLIDER, 0.2)
    answered(page)
    page.click("#save-scenario")
    saved = page.downloaded("what_if.yaml")
    (folder / "what_if.yaml").write_text(saved.read_text("utf-8"), encoding="utf-8")
    assert told(folder, "check", "what_if")["ok"]
    words = text(page, "#command").split()
    direct = told(folder, *words[1:])
    mine = told(folder, "run", "what_if", *words[3 : words.index("--set")])
    assert mine["digest"] == direct["digest"]
    page.click("#save-svg")
    tree = ET.fromstring(page.downloaded("what_if.svg").read_text("utf-8"))
    assert "class" not in {key for element in tree.iter() for key in element.attrib}
    page.click("#save-png")
    assert page.downloaded("what_if.png").read_bytes().startswith(b"\x89PNG")
    page.click("#save-csv")
    head, *rows = page.downloaded("what_if.csv").read_text("utf-8").splitlines()
    assert head.startswith("date,yours median")
    assert len(rows) == direct["weeks"] + 1


def test_a_stale_answer_never_overtakes(page: Page) -> None:
    slider = json.dumps(SLIDER)
    for share in (0.1, 0.9, 0.3, 0.7, 0.6):
        page.ask(
            f"(e => {{ e.value = Number(e.min) + {share} * (e.max - e.min); e.dispatchEvent(new Event('input'));"
            f" e.dispatchEvent(new Event('change')); }})(document.querySelector({slider}))"
        )
    value = page.ask(f"document.querySelector({slider}).value")
    page.until(f"document.querySelector('#command').textContent.endsWith('={value}')")
    answered(page)
    page.ask("new Promise(done => setTimeout(done, 300))")
    assert text(page, "#command").endswith(f"={value}")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_it_reads_on_small_and_dark_screens(page: Page, dark: bool) -> None:
    page.size(*NARROW, dark=dark, mobile=True)
    page.until("document.querySelector('#fan svg').getAttribute('width') < 480")
    assert page.ask("document.documentElement.scrollWidth") <= NARROW[0]
    worst, where = page.ask(LEAST_CONTRAST)
    assert worst >= CONTRAST, where


def test_one_screen_holds_it(page: Page) -> None:
    dragged(page, SLIDER, 0.8)
    answered(page)
    page.ask("scrollTo(0, 0)")
    for selector in ("#sentence", "#fan svg", "#difference svg", SLIDER):
        assert page.ask(f"document.querySelector({json.dumps(selector)}).getBoundingClientRect().bottom") <= WIDE[1], (
            selector
        )


def test_a_server_that_is_gone_is_said_in_words(browser: Page, folder: Path) -> None:
    with served(folder, "small") as (address, _):
        browser.open(address)
        answered(browser)
    browser.ask(f"document.querySelector({json.dumps(SLIDER)}).focus()")
    browser.key("Home")
    browser.until("!document.querySelector('#trouble').hidden")
    assert "does not answer" in text(browser, "#trouble")


def test_the_port_of_another_is_refused_in_words(address: str, folder: Path) -> None:
    port = address.rstrip("/").rpartition(":")[2]
    done = subprocess.run(
        detente("serve", "small", "--port", port), cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 3
    assert f"port {port}" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture(scope="module")
def file(folder: Path) -> tuple[str, dict[str, Any]]:
    """The page of the small theatre as one file, and what was said of it."""
    said = told(
        folder, "page", "small", "-o", "small.html", "--members", "8", "--levers", "missions", "--levers", "brakes"
    )
    return (folder / "small.html").as_uri(), said


def test_a_page_of_its_own_holds_what_was_run(browser: Page, file: tuple[str, dict[str, Any]], folder: Path) -> None:
    where, said = file
    assert said["bytes"] < 1_000_000
    assert said["errors"]["tried"] > 0
    browser.wrong.clear()
    browser.asked.clear()
    browser.size(*WIDE)
    browser.open(where)
    browser.until("document.querySelector('#fan svg')")
    assert text(browser, "#status") == "8 runs, stored"
    browser.ask(f"document.querySelector({json.dumps(SLIDER)}).focus()")
    browser.key("End")
    browser.until("document.querySelector('#command').textContent.includes('--set')")
    assert text(browser, "#status") == "8 runs, stored"
    command = text(browser, "#command").split()
    end = told(folder, *command[1:])
    shown = next(v for k, v in numbers(browser).items() if k.startswith("median"))
    assert shown == f"{end['tension']['median']:.1f}"
    browser.key("ArrowLeft")
    browser.until("document.querySelector('#status').textContent.startsWith('Interpolated')")
    assert "interpolates between them" in text(browser, "footer")
    (browser.folder / "what_if.yaml").unlink(missing_ok=True)
    browser.click("#save-scenario")
    saved = browser.downloaded("what_if.yaml")
    (folder / "kept.yaml").write_text(saved.read_text("utf-8"), encoding="utf-8")
    assert told(folder, "check", "kept")["ok"]
    assert browser.wrong == []
    assert [one for one in browser.asked if not one.startswith(("file:", "data:", "blob:", "about:"))] == []


def test_a_name_that_is_cut_keeps_what_qualifies_it(page: Page, address: str) -> None:
    cut = f"import('{address}words.js').then(m => m.cut({{}}, {{}}))"
    long = "Blast on the Ibar-Lepenc canal (authorship disputed)"
    assert page.ask(cut.format(json.dumps(long), 40)) == "Blast on the… (authorship disputed)"
    assert page.ask(cut.format(json.dumps(long), 60)) == long
    assert page.ask(cut.format(json.dumps("South Caucasus baseline"), 13)) == "South…"
    tagged = f"import('{address}words.js').then(m => m.tagged('Republika Srpska', 'Republika Srpska (entity)'))"
    assert page.ask(tagged) == "Republika Srpska (entity)"
