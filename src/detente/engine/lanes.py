"""Lanes: a value of LLVM's intermediate representation that is written with like a number.

A value is a scalar or a vector of float, double or 64-bit integers; whatever is written holds for every lane. Nothing
is contracted and nothing reordered: what a formula says is what is computed, on every processor; a multiplication and
an addition are rounded once only where ``fused`` is written.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Union

import numpy as np
from llvmlite import ir

Number = Union[int, float, "Lanes"]

WORD = ir.IntType(64)


@dataclass(frozen=True)
class Lanes:
    """A value and the builder that goes on from it; numbers beside it are taken to its type."""

    builder: Any
    value: Any

    @property
    def type(self) -> Any:
        """The LLVM type, of a scalar or a vector."""
        return self.value.type

    @property
    def lanes(self) -> int:
        """How many numbers it holds."""
        return self.type.count if isinstance(self.type, ir.VectorType) else 1

    @property
    def bits(self) -> int:
        """Width of one lane."""
        element = getattr(self.type, "element", self.type)
        return element.width if isinstance(element, ir.IntType) else 32 if isinstance(element, ir.FloatType) else 64

    @property
    def whole(self) -> bool:
        """Whether the lanes are integers."""
        return isinstance(getattr(self.type, "element", self.type), ir.IntType)

    def like(self, number: Number) -> Lanes:
        """A number in every lane; lanes as they are."""
        return number if isinstance(number, Lanes) else Lanes(self.builder, constant(self.type, number))

    def _both(self, real: str, integer: str, other: Number) -> Lanes:
        name = integer if self.whole else real
        return Lanes(self.builder, getattr(self.builder, name)(self.value, self.like(other).value))

    def __add__(self, other: Number) -> Lanes:
        return self._both("fadd", "add", other)

    def __sub__(self, other: Number) -> Lanes:
        return self._both("fsub", "sub", other)

    def __mul__(self, other: Number) -> Lanes:
        return self._both("fmul", "mul", other)

    def __truediv__(self, other: Number) -> Lanes:
        return self._both("fdiv", "", other)

    def __radd__(self, other: float) -> Lanes:
        return self.like(other) + self

    def __rsub__(self, other: float) -> Lanes:
        return self.like(other) - self

    def __rmul__(self, other: float) -> Lanes:
        return self.like(other) * self

    def __rtruediv__(self, other: float) -> Lanes:
        return self.like(other) / self

    def __neg__(self) -> Lanes:
        return Lanes(self.builder, self.builder.fneg(self.value))

    def __and__(self, other: Number) -> Lanes:
        return self._both("", "and_", other)

    def __or__(self, other: Number) -> Lanes:
        return self._both("", "or_", other)

    def __xor__(self, other: Number) -> Lanes:
        return self._both("", "xor", other)

    def __lshift__(self, other: int) -> Lanes:
        return self._both("", "shl", other)

    def __rshift__(self, other: int) -> Lanes:
        """The shift that brings zeros."""
        return self._both("", "lshr", other)

    def signed_shift(self, places: int) -> Lanes:
        """The shift to the right that keeps the sign."""
        return self._both("", "ashr", places)

    def is_(self, how: str, other: Number) -> Lanes:
        """Comparison: ``<``, ``==`` and so on, false wherever one side is no number; ``!=`` is true there."""
        other = self.like(other)
        if self.whole:
            compared = self.builder.icmp_unsigned(how, self.value, other.value)
        elif how == "!=":
            compared = self.builder.fcmp_unordered(how, self.value, other.value)
        else:
            compared = self.builder.fcmp_ordered(how, self.value, other.value)
        return Lanes(self.builder, compared)

    def no_number(self) -> Lanes:
        """Where it is no number."""
        return Lanes(self.builder, self.builder.fcmp_unordered("uno", self.value, self.value))

    def where(self, yes: Number, no: Lanes) -> Lanes:
        """``yes`` in lanes in which this comparison holds, ``no`` elsewhere."""
        return Lanes(self.builder, self.builder.select(self.value, no.like(yes).value, no.value))

    def any(self) -> Any:
        """One truth: whether the comparison holds in some lane."""
        if self.lanes == 1:
            return self.value
        joined = self.builder.bitcast(self.value, ir.IntType(self.lanes))
        return self.builder.icmp_unsigned("!=", joined, ir.Constant(joined.type, 0))

    def as_words(self) -> Lanes:
        """The same bits as integers of the same width."""
        return Lanes(self.builder, self.builder.bitcast(self.value, retyped(self.type, ir.IntType(self.bits))))

    def as_real(self) -> Lanes:
        """The same bits as floating-point numbers of the same width."""
        return Lanes(self.builder, self.builder.bitcast(self.value, retyped(self.type, real(self.bits))))

    def widened(self) -> Lanes:
        """The same numbers as doubles."""
        if self.bits == 64:
            return self
        return Lanes(self.builder, self.builder.fpext(self.value, retyped(self.type, real(64))))

    def narrowed(self, bits: int) -> Lanes:
        """The same numbers rounded to ``bits``, of floats or of integers."""
        if self.bits == bits:
            return self
        if self.whole:
            return Lanes(self.builder, self.builder.trunc(self.value, retyped(self.type, ir.IntType(bits))))
        return Lanes(self.builder, self.builder.fptrunc(self.value, retyped(self.type, real(bits))))

    def fused(self, factor: Number, summand: Number) -> Lanes:
        """self * factor + summand, rounded once."""
        return self.intrinsic("llvm.fma", self.like(factor), self.like(summand))

    def intrinsic(self, name: str, *others: Lanes) -> Lanes:
        """LLVM's own function of one type, such as ``llvm.sqrt``: one instruction on processors of today."""
        full = f"{name}.{suffix(self.type)}"
        given = [self.value, *(other.value for other in others)]
        function = self.builder.module.globals.get(full)
        if function is None:
            function = ir.Function(self.builder.module, ir.FunctionType(self.type, [self.type] * len(given)), full)
        return Lanes(self.builder, self.builder.call(function, given))


def real(bits: int) -> Any:
    """float or double."""
    return ir.FloatType() if bits == 32 else ir.DoubleType()


def retyped(like: Any, element: Any) -> Any:
    """The type with as many lanes and another element."""
    return ir.VectorType(element, like.count) if isinstance(like, ir.VectorType) else element


def suffix(kind: Any) -> str:
    """Name of a floating-point type as LLVM's intrinsics have it, such as v8f64."""
    lanes = f"v{kind.count}" if isinstance(kind, ir.VectorType) else ""
    return lanes + ("f32" if isinstance(getattr(kind, "element", kind), ir.FloatType) else "f64")


def constant(kind: Any, number: float) -> Any:
    """A number in every lane of a type."""
    if not isinstance(kind, ir.VectorType):
        return ir.Constant(kind, _rounded(kind, number))
    return ir.Constant(kind, [ir.Constant(kind.element, _rounded(kind.element, number))] * kind.count)


def _rounded(kind: Any, number: float) -> Any:
    return float(np.float32(number)) if isinstance(kind, ir.FloatType) else number
