"""How numbers are written: signs, thousands, natural frequencies, dates, words for probabilities."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

MINUS = "\N{MINUS SIGN}"
#: between groups of three digits, so that a number never breaks over two lines
GROUP = "\N{NO-BREAK SPACE}"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

#: the unit of what lies between 0 and 1, printed in hundredths
SHARE, HUNDRED = "share", 100.0
#: a share below which two decimals are printed
SMALL = 0.01

#: the calibrated language of the IPCC guidance note (Mastrandrea et al. 2010, table 1), most demanding first
LIKELIHOOD = (
    (0.99, "virtually certain"),
    (0.90, "very likely"),
    (0.66, "likely"),
    (0.33, "about as likely as not"),
    (0.10, "unlikely"),
    (0.01, "very unlikely"),
    (0.0, "exceptionally unlikely"),
)


def likelihood(share: float) -> str:
    """The fixed word for a probability: the narrowest class of the IPCC scale that holds ``share``, 0 to 1."""
    return next(word for edge, word in LIKELIHOOD if share >= edge)


#: how large a change is beside a yardstick: the multiple of it from which on a word holds, most demanding first
#: (assumption: a change as large as the yardstick itself is called large)
SIZES = ((2.0, "very large"), (1.0, "large"), (0.5, "moderate"), (0.1, "small"), (0.0, "very small"))


def beside(ratio: float) -> str:
    """The fixed word for a change that is ``ratio`` times as large as what it is held against."""
    return next(word for edge, word in SIZES if abs(ratio) >= edge)


def fixed(number: float, digits: int = 1) -> str:
    """``number`` with ``digits`` decimals, groups of three and a true minus; what rounds to zero has no sign."""
    text = f"{abs(number):,.{digits}f}".replace(",", GROUP)
    return MINUS + text if number < 0 and float(f"{number:.{digits}f}") else text


def signed(number: float, digits: int = 1) -> str:
    """As ``fixed``, with a plus before what is above zero."""
    text = fixed(number, digits)
    return "+" + text if float(f"{number:.{digits}f}") > 0 else text


def size(number: float, digits: int = 1) -> str:
    """As ``fixed``, without a sign."""
    return fixed(abs(number), digits)


def compact(number: float) -> str:
    """``number`` to three digits, as an analyst writes it: 4500 -> "4 500", 0.25 -> "0.25"."""
    if number == 0 or not math.isfinite(number):
        return "0" if number == 0 else "?"
    decimals = max(0, 2 - math.floor(math.log10(abs(number))))
    text = fixed(number, min(decimals, 6))
    return text.rstrip("0").rstrip(".") if "." in text else text


def whole(number: float) -> str:
    """A count: 1 000."""
    return fixed(number, 0)


def counted(count: int, noun: str) -> str:
    """A count with its noun: "1 member", "1 000 members"."""
    return f"{whole(count)} {noun}{'' if count == 1 else 's'}"


def interval(low: float, high: float, digits: int = 1) -> str:
    """A 95 % interval in brackets; a question mark where it is not known."""
    return "[?]" if math.isnan(low) else f"[{signed(low, digits)}, {signed(high, digits)}]"


def changed(change: float, low: float, high: float, digits: int | None = None) -> str:
    """A change with its interval: "+4.6 [+4.4, +4.7]"; decimals by the interval where none are asked for."""
    digits = digits_for((high - low) / 2) if digits is None else digits
    return f"{signed(change, digits)} {interval(low, high, digits)}"


def spanned(value: float, low: float, high: float, digits: int | None = None) -> str:
    """A size with its interval, as ``changed`` without plus signs: "4.6 [4.4, 4.7]"."""
    return changed(value, low, high, digits).replace("+", "")


def changed_in(unit: str, change: float, low: float, high: float) -> str:
    """As ``changed``, of what is held in ``unit``."""
    times = printed(unit)
    return changed(times * change, times * low, times * high)


def printed(unit: str) -> float:
    """How many times as large as it is held a number is printed: shares in hundredths, all else as it is."""
    return HUNDRED if unit == SHARE else 1.0


def unit_printed(unit: str) -> str:
    """The unit that stands where numbers of ``unit`` are printed."""
    return "in 100" if unit == SHARE else unit


def percent(share: float) -> str:
    """A share in hundredths: one decimal, two where it is small."""
    return "not known" if math.isnan(share) else fixed(HUNDRED * share, 1 if share >= SMALL else 2)


def per_hundred(share: float, low: float | None = None, high: float | None = None, *, signs: bool = False) -> str:
    """A chance with its interval: "4.7 [2.7, 6.6] in 100"; with ``signs`` a change of one: "+0.3 [+0.1, +0.5] in 100".

    As ``percent`` where there is no interval.
    """
    if low is None or high is None:
        return f"{percent(share)} in 100"
    return f"{(changed if signs else spanned)(HUNDRED * share, HUNDRED * low, HUNDRED * high)} in 100"


def ratio(times: float, low: float | None = None, high: float | None = None) -> str:
    """How many times as large, with its interval, to at least two decimals: "1.45 [1.20, 1.70]"."""
    if low is None or high is None:
        return fixed(times, 2)
    return spanned(times, low, high, max(2, digits_for((high - low) / 2)))


def times(change: float | None, low: float | None = None, high: float | None = None) -> str:
    """As ``ratio``, in a table: "×1.45 [1.20, 1.70]"; "–" of what was impossible before."""
    return "–" if change is None else f"×{ratio(change, low, high)}"


def told_size(change: Mapping[str, Any]) -> str:
    """The size of a told change with its interval, without sign, which the verb has; of a share "4.7 [3.1, 6.3] in
    100"."""
    middle, *ends = (printed(change["unit"]) * abs(change[key]) for key in ("change", "ci_low", "ci_high"))
    return spanned(middle, min(ends), max(ends)) + (" in 100" if change["unit"] == SHARE else "")


def told_change(change: Mapping[str, Any]) -> str:
    """A paired difference in a table: "+0.5 [+0.4, +0.6]", with "cannot tell" behind it, or "identical"."""
    if change["verdict"] == "identical":
        return "identical"
    text = changed_in(change["unit"], change["change"], change["ci_low"], change["ci_high"])
    return text + (" cannot tell" if change["verdict"] == "cannot tell" else "")


def digits_for(half_width: float, most: int = 3) -> int:
    """Decimals that show the first significant digit of a half-width: 1 to ``most``."""
    if not half_width > 0 or math.isinf(half_width):
        return 1
    return min(most, max(1, math.ceil(-math.log10(2 * half_width))))


def in_100(share: float, of: int, noun: str = "") -> str:
    """A natural frequency: ``share`` of ``of`` cases, as "26 in 100 runs".

    Below a hundred cases the cases themselves are counted ("3 of 20 runs"): a per cent would claim more
    than was seen. What rounds to none or all is "fewer than 1 in 100", "more than 99 in 100"; all is all.
    """
    tail = f" {noun}" if noun else ""
    if of < 100:
        return f"{round(share * of)} of {of}{tail.removesuffix('s') if of == 1 else tail}"
    if share >= 1:
        return f"100 in 100{tail}"
    if share < 0.005:
        return f"fewer than 1 in 100{tail}"
    return f"more than 99 in 100{tail}" if share >= 0.995 else f"{_half_up(share * 100)} in 100{tail}"


def _half_up(number: float) -> int:
    # away from binary noise: 0.285 * 100 is 28.499…; what a reader computes from the facts must agree
    return math.floor(round(number, 9) + 0.5)


def month(iso_date: str) -> str:
    """ "Dec 2029" for "2029-12-31", in no locale but English."""
    year, number = iso_date.split("-")[:2]
    return f"{MONTHS[int(number) - 1]} {year}"


def listed(names: Iterable[str]) -> str:
    """ "a", "a and b", "a, b and c" """
    *first, last = list(names) or [""]
    return f"{', '.join(first)} and {last}" if first else last


def the(label: str) -> str:
    """A scenario inside a sentence: "the baseline", else its own name."""
    return "the baseline" if label.lower() == "baseline" else label


def sentence(text: str) -> str:
    """The first letter as a sentence begins; the rest as it is."""
    return text[:1].upper() + text[1:]


#: marks of footnotes
MARKS = "*†‡§"


def marked(notes: Iterable[str], texts: Iterable[str], *, unmarked: bool = False) -> list[str]:
    """Footnotes whose mark occurs in ``texts``, each once; those without one on request (maps)."""
    shown = " ".join(texts)
    return [note for note in dict.fromkeys(notes) if (note[:1] in shown if note[:1] in MARKS else unmarked)]
