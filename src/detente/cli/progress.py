"""What is going on, on stderr: redrawn on a terminal; in a pipe told at the start, every ten seconds and at the end."""

from __future__ import annotations

import sys
import time

import click

#: seconds before anything is said, and between lines in a pipe
PATIENCE, PAUSE = 1.0, 10.0


class Progress:
    """What calls are given as ``tell``: words are printed, of counts it decides whether to speak."""

    def __init__(self) -> None:
        self.what = ""
        self.before = self.started = time.monotonic()
        self.spoke = 0.0
        self.terminal = sys.stderr.isatty()

    def __call__(self, what: str, done: int | None = None, total: int = 0, unit: str = "members") -> None:
        """``done`` of ``total`` are finished of ``what``; without, ``what`` is a remark."""
        if done is None:
            click.echo(what, err=True)
            return
        now = time.monotonic()
        if what != self.what or not done:
            self.what, self.started, self.spoke = what, self.before if done else now, 0.0
        self.before, spent = now, now - self.started
        if spent < PATIENCE:
            return
        left = f"about {spent * (total - done) / max(done, 1):.0f} s left" if done < total else f"{spent:.0f} s"
        text = f"{what}: {done} of {total} {unit}, {left}"
        if self.terminal:
            click.echo(f"\r\x1b[K{text}", nl=done >= total, err=True)
        elif not self.spoke or done >= total or now - self.spoke >= PAUSE:
            click.echo(text, err=True)
            self.spoke = now
