"""Progress on stderr: redrawn on a terminal; in a pipe a line at the start, every ten seconds and at the end."""

from __future__ import annotations

import sys
import time

import click

#: seconds before anything is said, and between lines in a pipe
PATIENCE, PAUSE = 1.0, 10.0


class Progress:
    """Call it with (done, total); it decides whether to speak."""

    def __init__(self, what: str, unit: str = "members") -> None:
        self.what, self.unit = what, unit
        self.started = time.monotonic()
        self.spoke = 0.0
        self.terminal = sys.stderr.isatty()

    def __call__(self, done: int, total: int) -> None:
        """``done`` of ``total`` are finished."""
        now = time.monotonic()
        spent = now - self.started
        if spent < PATIENCE:
            return
        text = f"{self.what}: {done} of {total} {self.unit}, {self._left(done, total, spent)}"
        if self.terminal:
            click.echo(f"\r\x1b[K{text}", nl=done >= total, err=True)
        elif not self.spoke or done >= total or now - self.spoke >= PAUSE:
            click.echo(text, err=True)
            self.spoke = now

    def _left(self, done: int, total: int, spent: float) -> str:
        if done >= total:
            return f"{spent:.0f} s"
        return f"about {spent * (total - done) / max(done, 1):.0f} s left"
