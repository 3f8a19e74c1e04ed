"""Does every number in a sentence come from the facts?

A number is accounted for when some fact, printed with as many decimals, reads the same:

- ``+4.6`` and ``−3.5`` need a fact of that sign; ``4.6`` without a sign needs one of that size;
- ``26 in 100`` needs a share that rounds to it, ``fewer than 1 in 100`` a share below 0.005, ``more than 99 in
  100`` one of at least 0.995, and ``3 of 20`` both the share and the 20;
- ``4.7 in 100`` and ``+0.3 [+0.1, +0.5] in 100`` need shares that read so in hundredths;
- ``95 %`` needs 0.95 or 95;
- ``Dec 2029``, ``2029`` and ``2029-12-31`` need a date among the facts;
- digits inside a text that is itself a fact (a title, a label), or inside a name (``FK-3``), are not numbers.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from detente.prose.wording import GROUP, MINUS, MONTHS, fixed, signed

_SPACE = f"[ {GROUP}\N{NARROW NO-BREAK SPACE}]"
_NAME_BEFORE = r"(?<![A-Za-z_\d.])(?<![A-Za-z]-)"
_PLAIN = rf"(?:\d{{1,3}}(?:[{GROUP}\N{{NARROW NO-BREAK SPACE}}]\d{{3}})+|\d+)(?:\.\d+)?"
ISO = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
MONTH = re.compile(rf"\b({'|'.join(MONTHS)})[a-z]*{_SPACE}(\d{{4}})\b")
FREQUENCY = re.compile(
    rf"(?:([Ff]ewer than|[Mm]ore than){_SPACE})?{_NAME_BEFORE}({_PLAIN}){_SPACE}(?:in|of){_SPACE}({_PLAIN})"
)
#: half a unit of the last of six digits, against the number
SIX_DIGITS = 5e-6
_SIGNED = rf"([+{MINUS}-]?)({_PLAIN})"
HUNDREDTHS = re.compile(
    rf"{_NAME_BEFORE}(?:{_SIGNED}{_SPACE}\[{_SIGNED},{_SPACE}{_SIGNED}\]|([+{MINUS}-]?)(\d+\.\d+)(?:{_SPACE}\[\?\])?)"
    rf"{_SPACE}(?:in|of){_SPACE}100\b"
)
PERCENT = re.compile(rf"{_NAME_BEFORE}([+{MINUS}-]?)({_PLAIN}){_SPACE}?%")
NUMBER = re.compile(rf"{_NAME_BEFORE}([+{MINUS}-]?)({_PLAIN})")


@dataclass(frozen=True)
class Known:
    """Facts as numbers and as texts."""

    numbers: tuple[float, ...]
    texts: tuple[str, ...]

    @classmethod
    def of(cls, facts: Any) -> Known:
        """All leaves of nested mappings and lists."""
        leaves = list(_leaves(facts))
        numbers = [float(x) for x in leaves if isinstance(x, int | float) and not isinstance(x, bool)]
        return cls(tuple(n for n in numbers if math.isfinite(n)), tuple(x for x in leaves if isinstance(x, str)))


def _leaves(facts: Any) -> Iterator[Any]:
    if isinstance(facts, Mapping):
        for inner in facts.values():
            yield from _leaves(inner)
    elif isinstance(facts, Sequence) and not isinstance(facts, str):
        for inner in facts:
            yield from _leaves(inner)
    else:
        yield facts


def unsupported(sentence: str, facts: Mapping[str, Any] | Known) -> list[str]:
    """The numbers of a sentence that no fact accounts for, as they are printed; empty when all is well.

    Facts against which many sentences are held are gathered once, as ``Known``.
    """
    known = facts if isinstance(facts, Known) else Known.of(facts)
    rest = _without_texts(sentence, known.texts)
    wrong: list[str] = []
    for pattern, holds in _CHECKS:
        wrong += [found[0].strip() for found in pattern.finditer(rest) if not holds(found, known)]
        rest = pattern.sub(lambda found: " " * len(found[0]), rest)
    return wrong


def _without_texts(sentence: str, texts: Sequence[str]) -> str:
    """The sentence with every text that is a fact and holds a digit blotted out, longest first."""
    named = {text for text in texts if re.search(r"\d", text) and re.search(r"[^\W\d]", text)}
    for text in sorted(named, key=len, reverse=True):
        sentence = re.sub(rf"(?<!\w){re.escape(text)}(?!\w)", lambda found: " " * len(found[0]), sentence)
    return sentence


def _iso(found: re.Match[str], known: Known) -> bool:
    return found[0] in known.texts


def _month(found: re.Match[str], known: Known) -> bool:
    start = f"{found[2]}-{MONTHS.index(found[1]) + 1:02d}"
    return any(ISO.fullmatch(text) and text.startswith(start) for text in known.texts)


def _hundredths(found: re.Match[str], known: Known) -> bool:
    scaled, groups = [100 * n for n in known.numbers if abs(n) <= 1], found.groups()
    return all(_printed(sign, digits, scaled) for sign, digits in zip(groups[::2], groups[1::2], strict=True) if digits)


def _frequency(found: re.Match[str], known: Known) -> bool:
    bound, count, of = (found[1] or "").lower(), _read(found[2]), _read(found[3])
    shares = [n for n in known.numbers if 0 <= n <= 1]
    if bound == "fewer than":
        return (count, of) == (1, 100) and any(share < 0.005 for share in shares)
    if bound == "more than":
        return (count, of) == (99, 100) and any(0.995 <= share < 1 for share in shares)
    if "of" in found[0] and {count, of} <= {*known.numbers}:  # both are counts themselves
        return True
    if of != 100 and of not in known.numbers:
        return False
    return any(math.floor(round(share * of, 9) + 0.5) == count or round(share * of) == count for share in shares)


def _percent(found: re.Match[str], known: Known) -> bool:
    scaled = [n * 100 for n in known.numbers if abs(n) <= 1]
    return _printed(found[1], found[2], [*known.numbers, *scaled])


def _number(found: re.Match[str], known: Known) -> bool:
    years = {text[:4] for text in known.texts if ISO.fullmatch(text)}
    return found[0] in years or _printed(found[1], found[2], known.numbers)


def _printed(sign: str, digits: str, numbers: Sequence[float]) -> bool:
    decimals = len(digits.partition(".")[2])
    if sign:
        wanted = ("+" if sign == "+" else MINUS) + _grouped(digits)
        return any(signed(n, decimals) == wanted for n in _meant(numbers))
    wanted = _grouped(digits)
    return any(_grouped(fixed(abs(n), decimals)) == wanted for n in _meant(numbers))


def _meant(numbers: Sequence[float]) -> Iterator[float]:
    """What facts of six digits may stand for: what lies on an edge of rounding was printed from either side of it."""
    for n in numbers:
        yield from (n, n * (1 - SIX_DIGITS), n * (1 + SIX_DIGITS))


def _grouped(digits: str) -> str:
    return fixed(_read(digits), len(digits.partition(".")[2]))


def _read(digits: str) -> float:
    return float(re.sub(rf"[{GROUP}\N{{NARROW NO-BREAK SPACE}}]", "", digits))


_CHECKS = (
    (ISO, _iso), (MONTH, _month), (HUNDREDTHS, _hundredths),
    (FREQUENCY, _frequency), (PERCENT, _percent), (NUMBER, _number),
)  # fmt: skip
