"""Faults in scenario files: where, what is wrong, what to do; all of them at once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import NamedTuple

from detente.errors import DetenteError
from detente.scenario.words import printed

#: fixed codes; a code never changes its meaning (docs/scenario-files.md prints this table)
CODES = {
    "E101": "file or scenario not found",
    "E102": "not a file that can be read (a directory, no permission)",
    "E103": "empty file",
    "E104": "unknown key",
    "E105": "duplicate key",
    "E106": "not YAML",
    "E107": "too large: file, text, number of faults, number of files",
    "E108": "not text in UTF-8",
    "E109": "anchor, alias or merge key",
    "E110": "tag",
    "E111": "nested too deeply",
    "E112": "key without a value",
    "E113": "null removes nothing",
    "E114": "extends: not found",
    "E115": "extends or overlay: makes a circle",
    "E116": "extends: leaves the folder",
    "E117": "extends: two files contradict each other",
    "E118": "extends: a file is listed twice",
    "E119": "character that hides, turns or controls what is shown",
    "E120": "missing key",
    "E121": "wrong type",
    "E122": "wrong unit",
    "E123": "impossible number",
    "E124": "impossible date",
    "E125": "value, low, high and spread do not fit together",
    "E126": "not one of the allowed words",
    "E127": "blank text",
    "E130": "unknown source",
    "E131": "unknown name",
    "E132": "the wrong actors",
    "E133": "outside the run",
    "E134": "dates in the wrong order",
    "E135": "levels of the index do not rise",
    "E136": "has no effect",
    "E137": "the same name or label twice",
    "E138": "a place that no map has",
    "E140": "--set that cannot be applied",
    "E150": "unstable or contradictory parameters",
}

#: of a scenario that can be run, and is perhaps not what it seems
WARNINGS = {
    "W201": "implausible for its unit",
    "W203": "takes no part",
    "W204": "a pair without strength on one side",
    "W205": "a goalpost that the opening has passed",
    "W206": "a level narrower than chance",
    "W207": "a default that decides",
}

#: what may join the two names of a pair
JOINT = r"\s*[-–—>/:&+_]+\s*|\s+"
#: a file with more faults than this is not read further
MOST = 100


class Mark(NamedTuple):
    """A place in a file: 1-based line and column, and how many characters are meant."""

    file: str
    line: int
    col: int
    width: int = 1


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault or warning: code, place, what is wrong (``message``), what to do (``hint``), the line (``text``)."""

    code: str
    file: str
    line: int
    col: int
    message: str
    hint: str = ""
    text: str = ""
    width: int = 1

    def __post_init__(self) -> None:
        """What a fault quotes cannot do anything to a terminal."""
        for name in ("file", "message", "hint"):
            object.__setattr__(self, name, printed(getattr(self, name)))

    def __str__(self) -> str:
        """The fault as printed: place, source line with a caret, advice."""
        head = f"{'warning' if self.code in WARNINGS else 'error'}[{self.code}]: {self.message}"
        if not self.line:
            return f"{head}\n --> {self.file}" + (f"\n  = {self.hint}" if self.hint else "")
        gutter = " " * len(str(self.line))
        caret = " " * (self.col - 1) + "^" * max(1, self.width)
        lines = [head, f"{gutter}--> {self.file}:{self.line}:{self.col}"]
        if self.text:
            text, caret = _window(self.text, caret)
            lines += [f"{gutter} |", f"{self.line} | {text}", f"{gutter} | {caret} {self.hint}".rstrip()]
        elif self.hint:
            lines.append(f"{gutter} = {self.hint}")
        return "\n".join(lines)

    def record(self) -> dict[str, str | int]:
        """The fault for ``--json``."""
        return {
            "code": self.code,
            "file": self.file,
            "line": self.line,
            "col": self.col,
            "message": self.message,
            "hint": self.hint,
        }


def _window(text: str, caret: str, most: int = 110) -> tuple[str, str]:
    """Source line and caret line, cut to a screen's width around the caret; control characters made harmless."""
    start = max(0, len(caret) - len(caret.lstrip()) - most // 2) if len(text) > most else 0
    clean = "".join(c if c.isprintable() else " " for c in text[start : start + most])
    return clean, caret[start : start + most].rstrip()


class ScenarioError(DetenteError):
    """A scenario cannot be used; ``faults`` says everything that is wrong with it, in the order of ``files``."""

    def __init__(self, faults: Iterable[Fault], files: Iterable[str] = ()) -> None:
        order = {file: position for position, file in enumerate(files)}
        self.faults = sorted(
            dict.fromkeys(faults), key=lambda f: (order.get(f.file, len(order)), f.file, f.line, f.col, f.code)
        )
        super().__init__(self.faults)

    def __str__(self) -> str:
        """The faults as printed, the first hundred of them, with a last line that counts all."""
        number = len(self.faults)
        count = "1 fault" if number == 1 else f"{number} faults" + f", the first {MOST} shown" * (number > MOST)
        return "\n\n".join([*map(str, self.faults[:MOST]), count])


class ScenarioMissing(ScenarioError):
    """The scenario asked for does not exist."""

    exit_code = 3


def did_you_mean(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """Advice with the nearest of the ``known`` words, or ``otherwise`` where none is near."""
    folded = {k.casefold(): k for k in known}
    pair = turned(word, folded.values())
    if pair:
        return f'this pair is written "{pair}"'
    near = get_close_matches(word.casefold(), folded, n=1, cutoff=0.6)
    return f'did you mean "{folded[near[0]]}"?' if near else otherwise


def turned(word: str, known: Iterable[str]) -> str | None:
    """Of the ``known`` names of pairs that which ``word`` means: the other way round, or with another joint."""
    ends = [part.casefold() for part in re.split(JOINT, word)]
    if len(ends) != 2 or not all(ends):
        return None
    pairs = ((name, [part.casefold() for part in re.split(JOINT, name)]) for name in known)
    return next((name for name, parts in pairs if sorted(parts) == sorted(ends)), None)


def listed(words: Iterable[str], most: int = 12) -> str:
    """Words for a sentence, cut after ``most``."""
    all_words = list(words)
    return ", ".join(all_words[:most]) + (", …" if len(all_words) > most else "")
