"""What an experiment says, in plain sentences made from its findings by ``experiment.j2``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from detente.analysis.sensitivity import NEGLIGIBLE
from detente.prose.templates import said

Found = Mapping[str, Any]
TEMPLATE = "experiment.j2"


def choices(found: Found, what: str) -> list[str]:
    """What the options change, the lowest of them, what would turn the ranking."""
    rows, pairs = _changed(found)
    shown = rows[-1:] if "steps" in found else sorted(rows, key=lambda row: -abs(row["change"]["change"]))
    return said(TEMPLATE, "choices", found, what, shown, pairs)


def _changed(found: Found) -> tuple[list[dict[str, Any]], list[tuple[str, str]]]:
    """What was changed, as name and change, and the verdicts on what is told with those on behaviour."""
    if "effects" in found:
        rows = [{"name": f"“{e['lever']}: {e['value']}”", "change": e["change"]} for e in found["effects"]]
        twins = [effect["change"] for effect in found.get("behaviour_effects", [])]
    else:
        rows = [{"name": f"“{o['label']}”", "change": o["change"]} for o in found["options"][1:]]
        twins = [option["change"] for option in found.get("behaviour", [])[1:]]
    return rows, twinned([row["change"] for row in rows], twins)


def alike(found: Found) -> dict[str, float]:
    """Of how many changes that are told behaviour is told, too, and the share that goes the same way, and the other."""
    _, pairs = _changed(found)
    same = sum(mine == twin for mine, twin in pairs)
    against = sum(twin in ("higher", "lower") for _, twin in pairs) - same
    return {"of": len(pairs), "same": same / len(pairs), "against": against / len(pairs)} if pairs else {}


def twinned(changes: Iterable[Found], twins: Iterable[Found]) -> list[tuple[str, str]]:
    """Verdicts on changes that are told, each with that on behaviour alone."""
    pairs = [(mine["verdict"], twin["verdict"]) for mine, twin in zip(changes, twins, strict=False)]
    return [pair for pair in pairs if pair[0] in ("higher", "lower")]


def theories(found: Found, twin: Found | None, what: str) -> list[str]:
    """Which conclusions hold under every theory, for tension and for behaviour; the option with the least regret."""
    return said(TEMPLATE, "theories", found, twin, what)


def sensitivity(found: Found, what: str) -> list[str]:
    """Which parameters matter, by the design: how many move it, or who holds the variance; what is chance."""
    return said(TEMPLATE, found["design"], found, what, negligible=NEGLIGIBLE)


def limits(kinds: Sequence[str]) -> list[str]:
    """What must not be read out of it."""
    return said(TEMPLATE, "limits", kinds)
