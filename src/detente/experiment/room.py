"""What a run needs of memory and disk, said before it starts; blocks as small as a large theatre asks for."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from detente.engine.block import QUARTER
from detente.errors import DetenteError
from detente.experiment.excerpt import WINDOWS
from detente.experiment.histograms import BINS, FINE
from detente.index.formula import PILLARS
from detente.scenario.schema import Scenario
from detente.vocabulary import REPLICATES

#: bytes that a block of members may take: its measures week by week, and the world that it is played in
BLOCK_BYTES = 256_000_000
#: the same where workers pass blocks on to a summary: each is there several times, packed and unpacked
PASSED_BYTES = 32_000_000
#: bytes of a world's state for each pair and member (measured at 60 states fully connected: 960)
STATE = 1000
#: blocks as they come, and the arrays made of them
COPIES = 2.0
GIGABYTE, MEGABYTE = 1e9, 1e6
#: bytes up to which members are kept unless told otherwise: ten thousand of the baseline
WHOLE = 1_000_000_000
#: member weeks from which on the size is told: a run of a thousand members over the shipped years has 0.3 million
LARGE = 5_000_000


class TooLarge(DetenteError):
    """A run that this machine cannot hold; the message says how large it is and what to do."""

    exit_code = 3


def week_bytes(scenario: Scenario) -> int:
    """Bytes that are kept of one week of one member."""
    return 8 * (2 + len(PILLARS)) + 8 * len(scenario.dyads) + 4 * len(scenario.actors)


def fitting(scenario: Scenario, length: int, *, passed: bool = False) -> int:
    """Members that fit into a block of ``length`` weeks, which is ``passed`` on or not; no number depends on it."""
    each = (length + 1) * week_bytes(scenario) + STATE * len(scenario.dyads)
    return max(1, (PASSED_BYTES if passed else BLOCK_BYTES) // each)


def kept(scenario: Scenario, length: int, members: int) -> int:
    """Bytes of a whole ensemble."""
    return members * (length + 1) * week_bytes(scenario)


def told(scenario: Scenario, length: int, members: int) -> str:
    """The size of an ensemble in words; "" where it is of the usual kind."""
    if members * length < LARGE:
        return ""
    years = f"{length:,} weeks ({length / 52.18:.0f} years)"
    return f"{members:,} members × {years} × {len(scenario.dyads):,} pairs"


def summarised(scenario: Scenario, length: int, members: int) -> int:
    """Bytes of the summary of an ensemble."""
    dyads, states, quarters = len(scenario.dyads), len(scenario.actors), length // QUARTER + 2
    counts = 4 * (length + 1) * (FINE + BINS * (dyads + states + len(PILLARS)))
    windows = len(WINDOWS) * (8 * (2 + len(PILLARS)) + 4 * (dyads + states))
    chances = 8 * (dyads + 1) * (1 + quarters / REPLICATES)
    return int(counts + members * (windows + chances))


def chosen(scenario: Scenario, length: int, members: int, keep: str = "auto") -> str:
    """What is kept of an ensemble: as asked, else "index" up to ``WHOLE`` bytes and "summary" beyond."""
    if keep != "auto":
        return keep
    return "index" if kept(scenario, length, members) <= WHOLE else "summary"


def choice(scenario: Scenario, length: int, members: int) -> str:
    """In words that a summary is kept of so many members, and how to keep them all."""
    whole, summary = (written(size(scenario, length, members)) for size in (kept, summarised))
    limits = "every figure but difference, no compare"
    return f"Kept as a summary of {summary} ({limits}); --keep index keeps all {members:,} members, {whole}"


def require_memory(scenario: Scenario, length: int, members: int, keep: str = "index") -> None:
    """Raises TooLarge where the machine has not the memory for an ensemble with all its members, or its summary."""
    needed = COPIES * kept(scenario, length, members) if keep == "index" else summarised(scenario, length, members)
    there = memory()
    if needed > there:
        size = f"{members:,} members × {length:,} weeks × {len(scenario.dyads):,} pairs need {written(needed)}"
        advice = "Take fewer members or weeks" + (", or --keep summary" if keep == "index" else "")
        raise TooLarge(f"{size} of memory; there are {written(there)}. {advice}")


def require_disk(place: Path, needed: float, advice: str) -> None:
    """Raises TooLarge where the disk of ``place`` has not so many bytes left."""
    here = next(path for path in (place, *place.absolute().parents) if os.path.exists(path))
    free = shutil.disk_usage(here).free
    if needed > free:
        text = f"there is no space for {place}: it would take {written(needed)}, and its disk has {written(free)} left."
        raise TooLarge(f"{text} {advice}")


def written(size: float) -> str:
    """Bytes as a reader takes them: "1.2 GB", "3.4 MB"."""
    return f"{size / GIGABYTE:,.1f} GB" if size >= GIGABYTE else f"{size / MEGABYTE:.1f} MB"


def memory() -> float:
    """Bytes of memory that this process may have at most; no bound where the system does not say."""
    limits = [float("inf")]
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        limits.append(float(os.sysconf("SC_PAGE_SIZE")) * os.sysconf("SC_PHYS_PAGES"))
    group = Path("/sys/fs/cgroup/memory.max")
    if group.is_file() and (text := group.read_text(encoding="ascii").strip()).isdigit():
        limits.append(float(text))
    return min(limits)
