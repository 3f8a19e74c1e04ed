"""The merged tree against the schema: every complaint of pydantic becomes a fault with a place and advice."""

from __future__ import annotations

import re
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from detente.laws.extensions import IN_FORCE
from detente.scenario.diagnostics import did_you_mean, listed, turned
from detente.scenario.quantity import NUMBERS, Measure, written
from detente.scenario.schema import Scenario, scenario_with
from detente.scenario.shape import keys_at, shape_at
from detente.scenario.tree import BROKEN, Node, Path, Texts

#: what pydantic calls it -> code
CODES = {
    "extra_forbidden": "E104",
    "missing": "E120",
    "union_tag_not_found": "E120",
    "literal_error": "E126",
    "union_tag_invalid": "E126",
    "detente_unit": "E122",
    "detente_impossible": "E123",
    "finite_number": "E123",
    "less_than_equal": "E123",
    "greater_than_equal": "E123",
    "detente_day": "E124",
    "detente_range": "E125",
}

#: something is not there
ABSENT = ("missing", "union_tag_not_found")
#: a default that depends on a field at fault: no fault of its own
FOLLOWS = "default_factory_not_called"

#: pydantic's word for what belongs there -> ours
EXPECTED = {
    "string_type": "text",
    "float_type": "a number",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "dict_type": "a mapping: lines of the form name: value",
    "model_type": "a mapping: lines of the form key: value",
    "tuple_type": "a list: [A, B]",
    "model_attributes_type": "a mapping: lines of the form key: value",
}


def validate(tree: Node, texts: Texts, part: bool = False) -> Scenario | None:
    """The scenario in a merged tree; None where there are faults. In a ``part`` nothing is missed."""
    data = tree.plain()
    assert isinstance(data, dict)
    try:
        return scenario_with(IN_FORCE.get()).model_validate(data)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            if detail["type"] != FOLLOWS:
                _report(detail, tree, texts, part)
    return None


def _report(detail: ErrorDetails, tree: Node, texts: Texts, part: bool) -> None:
    path = _path(detail, tree)
    node, covered = tree.nearest(path)
    if node.data is BROKEN or (part and detail["type"] in ABSENT and covered < len(path)):
        return
    code = CODES.get(detail["type"], "E121")
    message, hint = _words(detail, path, tree)
    # the caret goes to the key where the key is at fault, otherwise to the value
    on_key = detail["type"] in ("extra_forbidden", *ABSENT) or isinstance(node.data, dict | list)
    texts.report(code, node.place if on_key else node.mark, message, hint)


def _path(detail: ErrorDetails, tree: Node) -> Path:
    """The path in the file: without the kind that pydantic puts after an act's name."""
    loc: Path = tuple(detail["loc"])
    if loc[:1] == ("acts",) and len(loc) > 2:
        loc = (*loc[:2], *loc[3:])
    if detail["type"].startswith("union_tag"):
        loc = (*loc, "kind")
    at = detail.get("ctx", {}).get("at", "")
    below = (*loc, at)
    return below if at and tree.find(below) else loc


def _words(detail: ErrorDetails, path: Path, tree: Node) -> tuple[str, str]:
    kind, last = detail["type"], str(path[-1]) if path else ""
    where, dotted = ".".join(map(str, path[:-1])), ".".join(map(str, path))
    if kind == "extra_forbidden":
        known = keys_at(path[:-1], tree)
        added = "; a mechanism of your own: --with module:Name" if path[:-1] == ("parameters",) else ""
        return f'unknown key "{last}"', did_you_mean(last, known, f"known here: {listed(known)}") + added
    if kind in ABSENT:
        return f'missing key "{last}"' + (f" in {where}" if where else ""), _wanted(path, tree)
    if kind in ("literal_error", "union_tag_invalid"):
        return _choice(detail, last)
    if kind.startswith("detente_"):
        at, message = detail["ctx"]["at"], detail["ctx"]["message"]
        return f"{where if at and at == last else dotted}: {message}", detail["ctx"]["hint"]
    if kind in EXPECTED:
        shape = shape_at(path, tree)
        wanted = "a number, or a mapping with value and unit" if shape and shape.quantity else EXPECTED[kind]
        wanted = "one name" if kind == "string_type" and isinstance(detail["input"], list) else wanted
        return f"{dotted}: expected {wanted}, found {_called(detail['input'])}", _rewritten(detail, path, tree)
    if kind == "string_pattern_mismatch":
        return f'{dotted}: "{detail["input"]}" cannot be a name', "letters, digits, _ - and . only"
    return f"{dotted}: {detail['msg'][:1].lower()}{detail['msg'][1:]}", ""


def _rewritten(detail: ErrorDetails, path: Path, tree: Node) -> str:
    """How to write what stands there, where that can be told."""
    kind, value = detail["type"], detail["input"]
    if kind == "string_type":
        return (
            one_name(next(str(step) for step in reversed(path) if isinstance(step, str)), value)
            if isinstance(value, list)
            else "put it in quotes"
        )
    if isinstance(value, str) and kind in ("float_type", "model_type", "model_attributes_type"):
        shape = shape_at(path[:-1] if path[-1] in NUMBERS else path, tree)
        return as_number(value, shape.measure if shape else None)
    return ""


def _called(value: Any) -> str:
    """What a value is, for a sentence."""
    if value is None:
        return "null"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, bool):
        return "true" if value else "false"
    return f'the text "{value[:40]}"' if isinstance(value, str) else f"the number {value:g}"


def _wanted(path: Path, tree: Node) -> str:
    section = tree.find(path[:1]) if len(path) > 2 and path[0] == "dyads" else None
    pair = turned(str(path[1]), [name for name in section.mapping if name != path[1]]) if section else None
    if pair:
        return f'this pair is written "{pair}"'
    shape = shape_at(path, tree)
    if shape and shape.measure:
        return f"add it, in {shape.measure.unit or '1'}"
    return "add it"


def _choice(detail: ErrorDetails, last: str) -> tuple[str, str]:
    ctx = detail.get("ctx", {})
    allowed = str(ctx.get("expected") or ctx.get("expected_tags", "")).replace(" or ", ", ")
    words = [w.strip(" '") for w in allowed.split(",")]
    found = str(ctx.get("tag") or detail["input"])
    return f'{last}: "{found}" is none of the words allowed here', did_you_mean(
        found, words, f"one of {listed(words, 20)}"
    )


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
