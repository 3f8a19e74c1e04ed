"""``detente serve`` under the hand of chaos: it writes nothing, so that what counts is who and what is left behind."""

from __future__ import annotations

import os
import random
import signal
import socket
import time
import urllib.request
from collections import Counter
from pathlib import Path

from tests.chaos import Command, ended, forked, of_files, orphans

#: seconds over which kills are spread, and after which a server that does not answer never will
USUAL, PATIENCE = 4.0, 60.0


class Serving:
    """Kills of a server and pairs on one port, with what was counted, as ``chaos.Trial``."""

    def __init__(self, folder: Path, chance: random.Random) -> None:
        self.folder, self.chance, self.port = folder, chance, free_port()
        self.command = Command("serve", self.words, "", of_files)
        self.counts: Counter[str] = Counter()
        self.wrong: list[str] = []

    def words(self, seed: int) -> list[str]:
        """The command."""
        return [
            "serve",
            "brief.yaml",
            "--members",
            "8",
            "--workers",
            "1",
            "--port",
            str(self.port),
            "--seed",
            str(seed),
        ]

    def kill(self) -> None:
        """One kill at a random moment; then it serves again on the same port, and gives way to nobody."""
        before, child = of_files(self.folder), forked(self.folder, self.words(1))
        time.sleep(self.chance.uniform(0.0, USUAL))
        os.kill(child, signal.SIGKILL)
        self.counts["tries"] += 1
        self.counts["killed"] += ended(self.folder, child).code == -signal.SIGKILL
        self.expect("alone", not orphans(child), "a worker outlives it")
        again = forked(self.folder, self.words(2))
        served = self.answers()
        second = ended(self.folder, forked(self.folder, self.words(1)))
        self.expect("whole", second.code == 3 and f"port {self.port}" in second.said, f"second on its port: {second}")
        os.kill(again, signal.SIGINT)
        end = ended(self.folder, again)
        self.expect("again", served and end.code == 0, f"again: {served}, {end}")
        self.expect("clean", of_files(self.folder) == before and not orphans(again), "something is left behind")

    def answers(self) -> bool:
        """Whether the page is served before patience ends."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=PATIENCE) as answer:
                    return bool(answer.status == 200)
            except OSError:
                time.sleep(0.05)
        return False

    def expect(self, what: str, holds: bool, otherwise: str) -> None:
        """Count what holds, keep what does not."""
        self.counts[what] += holds
        if not holds:
            self.wrong.append(f"serve: {otherwise}")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def served(folder: Path, times: int, chance: random.Random) -> Serving:
    """So many kills of a server."""
    trial = Serving(folder, chance)
    for _ in range(times):
        trial.kill()
    return trial
