"""A browser to test pages in: Chromium without a window, spoken to over its DevTools protocol."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

#: names that Chromium goes by
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
#: seconds after which what has not happened will not
PATIENCE = 60.0
KEYS = {"ArrowRight": 39, "ArrowLeft": 37, "PageUp": 33, "Home": 36, "End": 35, "Tab": 9, " ": 32, "Enter": 13}


def chromium() -> str | None:
    """Where Chromium is; None where there is none."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


class Page:
    """One page of a browser, with all that it asked for and everything that went wrong in it."""

    def __init__(self, socket: Any, folder: Path) -> None:
        self.socket, self.folder, self.count = socket, folder, 0
        self.asked: list[str] = []
        self.wrong: list[str] = []
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.do(f"{domain}.enable")
        self.do("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(folder))

    def do(self, method: str, **given: Any) -> dict[str, Any]:
        """The result of a command; what happens meanwhile is noted."""
        self.count += 1
        self.socket.send(json.dumps({"id": self.count, "method": method, "params": given}))
        while True:
            told = json.loads(self.socket.recv(timeout=PATIENCE))
            if told.get("id") == self.count:
                assert "error" not in told, (method, told["error"])
                found: dict[str, Any] = told["result"]
                return found
            self.note(told)

    def note(self, told: dict[str, Any]) -> None:
        what, about = told.get("method"), told.get("params", {})
        if what == "Network.requestWillBeSent":
            self.asked.append(about["request"]["url"])
        elif what == "Runtime.exceptionThrown":
            self.wrong.append(str(about["exceptionDetails"]))
        elif what == "Log.entryAdded" and about["entry"]["level"] == "error":
            self.wrong.append(str(about["entry"]))
        elif what == "Runtime.consoleAPICalled" and about["type"] in ("error", "warning", "assert"):
            self.wrong.append(str(about["args"]))

    def open(self, address: str) -> None:
        """Load an address anew, not only another place of the same page."""
        self.do("Page.navigate", url="about:blank")
        self.do("Page.navigate", url=address)
        self.until("location.href !== 'about:blank' && document.readyState === 'complete'")

    def ask(self, expression: str) -> Any:
        """The value of an expression in the page; a promise is waited for."""
        told = self.do("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in told, (expression, told["exceptionDetails"])
        return told["result"].get("value")

    def until(self, expression: str, patience: float = PATIENCE) -> None:
        """Wait until an expression is true."""
        begun = time.monotonic()
        while not self.ask(f"(() => {{ try {{ return !!({expression}) }} catch {{ return false }} }})()"):
            if time.monotonic() - begun > patience:
                raise AssertionError(
                    f"never true: {expression}; {self.wrong}; {self.ask('document.body.innerText')[:2000]}"
                )
            time.sleep(0.02)

    def size(self, width: int, height: int, dark: bool = False, mobile: bool = False) -> None:
        """The window's size, and whether its user likes it dark."""
        self.do("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=mobile)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.do("Emulation.setEmulatedMedia", features=[scheme])

    def box(self, selector: str) -> dict[str, float]:
        """Where an element is, in the middle of the window."""
        quoted = json.dumps(selector)
        self.ask(f"document.querySelector({quoted}).scrollIntoView({{block: 'center'}})")
        found: dict[str, float] = self.ask(f"document.querySelector({quoted}).getBoundingClientRect().toJSON()")
        return found

    def mouse(self, kind: str, x: float, y: float) -> None:
        """A press, a move or a release of the left button."""
        self.do(
            "Input.dispatchMouseEvent",
            type=kind,
            x=x,
            y=y,
            button="left",
            buttons=int(kind != "mouseReleased"),
            clickCount=1,
        )

    def click(self, selector: str) -> None:
        """A click on the middle of an element."""
        at = self.box(selector)
        for kind in ("mousePressed", "mouseReleased"):
            self.mouse(kind, at["x"] + at["width"] / 2, at["y"] + at["height"] / 2)

    def key(self, name: str) -> None:
        """A key, pressed and let go."""
        code = KEYS[name]
        for kind in ("rawKeyDown", "keyUp"):
            self.do("Input.dispatchKeyEvent", type=kind, key=name, code=name, windowsVirtualKeyCode=code)

    def picture(self, path: Path, whole: bool = False) -> None:
        """What is seen, as PNG; with ``whole`` all of the page."""
        told = self.do("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(told["data"]))

    def downloaded(self, name: str) -> Path:
        """A file that the page saved, when it is there."""
        begun = time.monotonic()
        while not (self.folder / name).exists():
            assert time.monotonic() - begun < PATIENCE, f"never saved: {name}"
            self.ask("0")
            time.sleep(0.02)
        return self.folder / name


@contextmanager
def browsing(folder: Path) -> Iterator[Page]:
    """A page of a browser of its own, whose files and downloads lie in ``folder``."""
    from websockets.sync.client import connect

    program = chromium()
    assert program
    told = [
        "--headless=new", "--remote-debugging-port=0", f"--user-data-dir={folder / 'profile'}", "--no-first-run",
        "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
        "--disable-dev-shm-usage", "--no-default-browser-check", "--hide-scrollbars",
        *(["--no-sandbox"] if os.name == "posix" and os.geteuid() == 0 else []), "about:blank",
    ]  # fmt: skip
    process = subprocess.Popen([program, *told], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        port = _port(process, folder / "profile" / "DevToolsActivePort")
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list", timeout=PATIENCE) as answer:
            pages = [one for one in json.load(answer) if one["type"] == "page"]
        with connect(pages[0]["webSocketDebuggerUrl"], max_size=None) as socket:
            yield Page(socket, folder)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _port(process: subprocess.Popen[bytes], file: Path) -> int:
    begun = time.monotonic()
    while not (file.exists() and file.read_text().strip()):
        assert process.poll() is None, "Chromium ended at once"
        assert time.monotonic() - begun < PATIENCE, "Chromium does not start"
        time.sleep(0.05)
    return int(file.read_text().split()[0])
