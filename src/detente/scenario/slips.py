"""How to write what stands in the wrong form: 1.4bn, 5m, 1,000 or 12% as a number; a list for a name."""

from __future__ import annotations

import re
from typing import Any

from detente.scenario.quantity import Measure, written

#: words behind a number -> its factor
FACTORS = {"": 1.0, "k": 1e3, "thousand": 1e3, "m": 1e6, "mn": 1e6, "mio": 1e6, "million": 1e6}
FACTORS |= {"b": 1e9, "bn": 1e9, "bln": 1e9, "billion": 1e9, "tn": 1e12, "trillion": 1e12}
CURRENCIES = {"$": "USD", "€": "EUR", "usd": "USD", "eur": "EUR", "": "USD"}
NUMBER = re.compile(
    r"(?P<before>[$€]|USD|EUR)?\s*(?P<digits>[-+]?\d[\d.,'_\s]*)\s*(?P<word>%|[a-z]*?)\s*(?P<after>[$€]|USD|EUR|persons)?",
    re.IGNORECASE,
)


def as_number(text: str, measure: Measure | None = None) -> str:
    """Advice on a text that stands where a number is expected; empty where no number can be seen in it."""
    found = NUMBER.fullmatch(text.strip())
    number = _plain(found["digits"]) if found else None
    if found is None or number is None:
        return ""
    word, currency = found["word"].lower(), (found["before"] or found["after"] or "").lower()
    if word == "%":
        fits = measure is not None and measure.unit == "share"
        unit = measure.unit if measure else "another unit"
        return f'write {{value: {_told(number)}, unit: "%"}}' if fits else f"write a number in {unit}"
    if word not in FACTORS:
        return f"write {{value: {_told(number)}, unit: {word}}}" if measure else ""
    return "write " + _scaled(number, FACTORS[word], CURRENCIES.get(currency, "USD"), measure)


def one_name(name: str, value: Any) -> str:
    """Advice on a list that stands where one name is expected."""
    only = value[0] if isinstance(value, list | tuple) and len(value) == 1 else "NAME"
    return f"write one name: {name}: {only}"


def _plain(digits: str) -> float | None:
    """The number in digits with separators: 1,000 and 1.000,5 and 1 000.5 and 1,5."""
    bare = re.sub(r"['_\s]", "", digits)
    last = max(bare.rfind(","), bare.rfind("."))
    mark = bare[last] if last >= 0 else ""
    grouped = bool(mark) and (bare.count(mark) > 1 or (mark == "," and len(bare) - last == 4))
    whole, part = (bare, "") if grouped or not mark else (bare[:last], bare[last + 1 :])
    try:
        return float(re.sub(r"[.,]", "", whole) + (f".{part}" if part else ""))
    except ValueError:
        return None


def _scaled(number: float, factor: float, currency: str, measure: Measure | None) -> str:
    """The number with its factor, in a unit of the measure."""
    unit = measure.unit if measure else ""
    if measure and unit == "USD m" and f"{currency} m" not in (unit, *measure.also):
        return "it in USD: {value: …, unit: USD bn}"
    if unit == "USD m" and factor > 1:
        small = factor < 1e9
        amount = number * factor / (1e6 if small else 1e9)
        return f"{{value: {_told(amount)}, unit: {currency} {'m' if small else 'bn'}}}"
    if unit == "persons" and factor == 1e3:
        return f"{{value: {_told(number)}, unit: thousand persons}}"
    return _told(number * factor)


def _told(number: float) -> str:
    """A number as YAML reads it."""
    return written(number).replace(",", "")
