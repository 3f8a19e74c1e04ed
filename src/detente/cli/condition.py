"""``--fail-if``: comparisons of a row's columns with constants, joined by ``and``, ``or`` and ``not``. Nothing else.

The expression is parsed, never evaluated as a program: what is not named below is refused.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from detente.errors import DetenteError

LONGEST = 200
COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
ADVICE = 'write comparisons such as change>2, or verdict == "higher" and share_up >= 0.9'


class ConditionError(DetenteError, ValueError):
    """An expression that cannot be read, or names what no row has."""


@dataclass(frozen=True)
class Condition:
    """A parsed expression over a row."""

    text: str
    tree: ast.expr

    def __call__(self, row: Mapping[str, Any]) -> bool:
        """True where the row fulfils it. A comparison with what is not known (null) is false."""
        return self._holds(self.tree, row)

    def _holds(self, node: ast.expr, row: Mapping[str, Any]) -> bool:
        match node:
            case ast.BoolOp(op, values):
                parts = [self._holds(part, row) for part in values]
                return all(parts) if isinstance(op, ast.And) else any(parts)
            case ast.UnaryOp(ast.Not(), operand):
                return not self._holds(operand, row)
            case ast.Compare(left, ops, others) if all(type(op) in COMPARISONS for op in ops):
                terms = [self._term(part, row) for part in (left, *others)]
                return all(_compared(type(op), *pair) for op, *pair in zip(ops, terms, terms[1:], strict=False))
        raise ConditionError(f"--fail-if {self.text!r} is no comparison: {ADVICE}")

    def _term(self, node: ast.expr, row: Mapping[str, Any]) -> Any:
        match node:
            case ast.Name(name) if name in row:
                return row[name]
            case ast.Name(name):
                from detente.scenario.diagnostics import did_you_mean

                hint = did_you_mean(name, list(row), f"there are {', '.join(row)}")
                raise ConditionError(f'--fail-if: rows have no "{name}": {hint}')
            case ast.Constant(int() | float() | str() as value):
                return value
            case ast.UnaryOp(ast.USub() | ast.UAdd() as sign, ast.Constant(int() | float() as number)) if (
                type(number) is not bool
            ):
                return -number if isinstance(sign, ast.USub) else number
        raise ConditionError(f"--fail-if {self.text!r} is no comparison: {ADVICE}")


def parse(text: str, columns: Iterable[str]) -> Condition:
    """Read an expression over ``columns``.

    Raises ConditionError where it is anything but comparisons of columns and constants.
    """
    if len(text) > LONGEST:
        raise ConditionError(f"--fail-if is longer than {LONGEST} characters: {ADVICE}")
    try:
        found = Condition(text, ast.parse(text.strip(), mode="eval").body)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ConditionError(f"--fail-if {text!r} cannot be read: {ADVICE}") from error
    found(dict.fromkeys(columns))  # on a row of which nothing is known every part is looked at, and nothing compared
    return found


def _compared(kind: type[ast.cmpop], a: Any, b: Any) -> bool:
    if a is None or b is None:
        return False
    try:
        return bool(COMPARISONS[kind](a, b))
    except TypeError as error:
        raise ConditionError(f"--fail-if compares {a!r} with {b!r}: a number with a word") from error
