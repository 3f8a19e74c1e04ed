"""The expression of ``--fail-if``: comparisons of a row's numbers, joined by ``and``, ``or``, ``not``. Nothing else.

The expression is parsed, never evaluated as a program: what is not on the list below is refused.
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
        return _holds(self.tree, row)


def parse(text: str, columns: Iterable[str]) -> Condition:
    """Read an expression over ``columns``.

    Raises ConditionError where it is anything but comparisons of columns and constants.
    """
    if len(text) > LONGEST:
        raise ConditionError(f"--fail-if is longer than {LONGEST} characters: {ADVICE}")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ConditionError(f"--fail-if {text!r} cannot be read: {ADVICE}") from error
    _check(tree, text, list(columns))
    return Condition(text, tree)


def _check(node: ast.expr, text: str, columns: list[str]) -> None:
    if isinstance(node, ast.BoolOp):
        for part in node.values:
            _check(part, text, columns)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        _check(node.operand, text, columns)
    elif isinstance(node, ast.Compare) and all(type(op) in COMPARISONS for op in node.ops):
        for part in (node.left, *node.comparators):
            _check_term(part, text, columns)
    else:
        raise ConditionError(f"--fail-if {text!r} is no comparison: {ADVICE}")


def _check_term(node: ast.expr, text: str, columns: list[str]) -> None:
    if isinstance(node, ast.Name):
        if node.id not in columns:
            from detente.scenario.diagnostics import did_you_mean

            hint = did_you_mean(node.id, columns, f"there are {', '.join(columns)}")
            raise ConditionError(f'--fail-if: rows have no "{node.id}": {hint}')
    elif not _is_constant(node):
        raise ConditionError(f"--fail-if {text!r} is no comparison: {ADVICE}")


def _is_constant(node: ast.expr) -> bool:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        node = node.operand
        return isinstance(node, ast.Constant) and type(node.value) in (int, float)
    return isinstance(node, ast.Constant) and type(node.value) in (int, float, str, bool)


def _holds(node: ast.expr, row: Mapping[str, Any]) -> bool:
    if isinstance(node, ast.BoolOp):
        join = all if isinstance(node.op, ast.And) else any
        return join(_holds(part, row) for part in node.values)
    if isinstance(node, ast.UnaryOp):
        return not _holds(node.operand, row)
    assert isinstance(node, ast.Compare)
    terms = [_value(part, row) for part in (node.left, *node.comparators)]
    pairs = zip(node.ops, terms, terms[1:], strict=False)
    return all(_compared(COMPARISONS[type(op)], a, b) for op, a, b in pairs)


def _compared(compare: Callable[[Any, Any], bool], a: Any, b: Any) -> bool:
    if a is None or b is None:
        return False
    try:
        return bool(compare(a, b))
    except TypeError as error:
        raise ConditionError(f"--fail-if compares {a!r} with {b!r}: a number with a word") from error


def _value(node: ast.expr, row: Mapping[str, Any]) -> Any:
    if isinstance(node, ast.Name):
        return row[node.id]
    if isinstance(node, ast.UnaryOp):
        assert isinstance(node.operand, ast.Constant)
        number: Any = node.operand.value
        return -number if isinstance(node.op, ast.USub) else number
    assert isinstance(node, ast.Constant)
    return node.value
