"""Timing in turns: what is compared takes turns in every round, so that a busy machine is busy for all of it."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

#: a row of a table
Row = Sequence[object]


def spent(call: Callable[[], object]) -> float:
    """CPU seconds of this process for a call."""
    begun = time.process_time()
    call()
    return time.process_time() - begun


def in_turns(jobs: Mapping[str, Callable[[], float]], rounds: int, *, warm: bool = True) -> dict[str, list[float]]:
    """What each job returns (its seconds, or seconds per unit) round by round; with ``warm`` a round before them fills
    the caches."""
    found = [{name: job() for name, job in jobs.items()} for _ in range(rounds + warm)]
    return {name: [one[name] for one in found[warm:]] for name in jobs}


def ratios(over: Sequence[float], under: Sequence[float]) -> list[float]:
    """Ratios round by round, least first."""
    return sorted(one / other for one, other in zip(over, under, strict=True))


def ratio(over: Sequence[float], under: Sequence[float]) -> str:
    """The median of the ratios round by round, with the least and the greatest."""
    return shown(ratios(over, under))


def shown(found: Sequence[float]) -> str:
    """Median, least and greatest of ratios, to three digits or so."""
    middle = statistics.median(found)
    digits = 2 if middle < 10 else 1 if middle < 100 else 0
    return f"{middle:,.{digits}f} ({min(found):,.{digits}f}–{max(found):,.{digits}f})"


def table(head: Sequence[str], rows: Sequence[Row]) -> str:
    """A Markdown table, numbers to the right."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines) + "\n"


def processor() -> str:
    """What the processor is called."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown processor"
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown")


def vectors() -> str:
    """The widest vectors that the processor has, as far as it says so."""
    try:
        flags = set(Path("/proc/cpuinfo").read_text(encoding="utf-8").split())
    except OSError:
        return "vectors unknown"
    return next((name for name in ("avx512f", "avx2", "asimd") if name in flags), "sse2")


def versions(*packages: str) -> str:
    """Versions of Python and of packages, those that are there."""
    found = [f"Python {platform.python_version()}"]
    for package in packages:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            found.append(f"no {package}")
    return ", ".join(found)


def busy() -> str:
    """How much else the machine had to do: load averages of one and of five minutes, and its cores."""
    one, five, _ = os.getloadavg()
    return f"load {one:.1f} (one minute), {five:.1f} (five) on {os.cpu_count()} cores"
