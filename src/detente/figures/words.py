"""What figures say in words, beyond ``prose.wording``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from detente.analysis.attributes import iso
from detente.analysis.difference import POINTS, Difference
from detente.prose.wording import changed, digits_for, fixed, in_100, listed, ratio, the

if TYPE_CHECKING:
    import xarray as xr

    from detente.analysis.chances import Change

#: no-break space: a number and its unit stay on one line
NB = "\N{NO-BREAK SPACE}"


def chance(share: float, members: int) -> str:
    """A natural frequency that stays on one line: "26 in 100"."""
    return in_100(share, members).replace(" in ", f"{NB}in{NB}").replace(" of ", f"{NB}of{NB}")


def reaching(share: float, members: int, level: str) -> str:
    """How many runs reach a level: "26 in 100 runs reach crisis", of one run that it does or stays below."""
    if members == 1:
        return f"the one run {'reaches' if share else 'stays below'} {level}"
    return f"{chance(share, members)}{NB}runs reach {level}"


def change(difference: Difference) -> str:
    """ "+4.6 [+4.4, +4.7]", on one line."""
    return changed(difference.change, difference.ci_low, difference.ci_high).replace(" ", NB)


def size(difference: Difference) -> str:
    """How large a told difference is, without its sign: "4.6"."""
    return fixed(abs(difference.change), digits_for(difference.half_width))


def against(difference: Difference, base: str, when: str) -> str:
    """Where the tension of a run lies against ``base``, as far as the interval supports it."""
    if difference.verdict == "identical":
        return f"tension exactly that of {the(base)} in {when}"
    if not difference.is_significant:
        return f"no detectable difference from {the(base)} in {when}"
    side = "above" if difference.verdict == "higher" else "below"
    return f"tension {size(difference)} points {side} {the(base)} in {when}"


#: a title may name scenarios as long as it stays readable
_LONGEST = 105
#: what is said of a difference that has no direction, by its ``way``
STILL = {
    "tiny": "less than 0.05 points apart",
    "cannot tell": "no detectable difference",
    "identical": "no difference at all",
}


def way(difference: Difference) -> str:
    """The verdict, but "tiny" of what prints as nothing: without a number beside it no direction is claimed of that."""
    return "tiny" if difference.is_significant and not difference.direction(POINTS) else difference.verdict


def outcome(changes: Sequence[tuple[str, Difference]], base: str) -> str:
    """One sentence on where scenarios (label, change) end against ``base``; names them while that stays short."""
    groups: dict[str, list[str]] = {}
    for label, difference in changes:
        groups.setdefault(way(difference), []).append(label)
    named = _ending({key: listed(labels) for key, labels in groups.items()}, base)
    if len(named) <= _LONGEST:
        return named
    counts = {key: f"{len(groups[key])}" for key in ("higher", "lower", *STILL) if key in groups}
    counts[next(iter(counts))] += f" of {len(changes)} scenarios"
    return _ending(counts, base)


def _ending(groups: Mapping[str, str], base: str) -> str:
    moved = [f"{key} than in {the(base)} under {groups[key]}" for key in ("higher", "lower") if key in groups]
    if len(moved) == 2:
        moved[1] = f"lower under {groups['lower']}"
    still = "; ".join(f"{words} under {groups[key]}" for key, words in STILL.items() if key in groups)
    if not moved:
        return f"Tension: {still}"
    return "; ".join(filter(None, [f"Tension ends {', '.join(moved)}", still]))


_SPRING = ("January", "February", "March", "April", "May", "June")
_AUTUMN = ("July", "August", "September", "October", "November", "December")


def month(time: np.datetime64) -> str:
    """ "December 2029" """
    year, number = iso(time).split("-")[:2]
    return f"{(*_SPRING, *_AUTUMN)[int(number) - 1]}{NB}{year}"


def likelier(pair: str, changes: Mapping[str, Change], base: str, when: str) -> str:
    """The told change of the chance of war that is largest, as a ratio: that is what the model says.

    ``changes`` are those of one pair against ``base``, by the label of their scenario.
    """
    clear = {name: one for name, one in changes.items() if one.armed.is_significant and one.ratio}
    if not clear:
        between = f" of {next(iter(changes))}" if len(changes) == 1 else ""
        return f"War in {pair} by {when}: no detectable difference{between} from {the(base)}"
    name = max(clear, key=lambda one: abs(clear[one].armed.change))
    return f"War in {pair} by {when} is {ratio(clear[name].ratio or 0)} times as likely under {name} as in {the(base)}"


def months(first: np.datetime64, last: np.datetime64) -> str:
    """ "July–December 2029"; one month is named once."""
    start, end = month(first), month(last)
    if start == end:
        return end
    same = start.split(NB)[1] == end.split(NB)[1]
    return f"{start.split(NB)[0] if same else start}–{end}"


def window(ds: xr.Dataset, weeks: int = 26) -> str:
    """The months of the last ``weeks`` weeks of a run, over which levels and changes are averaged."""
    times = ds["time"].values[-weeks:]
    return months(times[0], times[-1])
