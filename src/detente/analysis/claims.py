"""Facts into sentences: what a template says of a row, with the facts it reads and the interval it rests on.

A ``Claim`` is a sentence with the facts it uses; where it claims a direction it also carries the interval that
must leave out zero. ``faults`` checks a claim: every number in it comes from its facts, its facts are those of
the report, and no word of direction stands without an interval that supports it. Sentences stand in ``claims.j2``.

Vocabulary: probabilities in words are those of ``wording.LIKELIHOOD`` and always follow the number they mean,
over parameter draws *of the model*; "no detectable difference at N = …" where the interval spans zero, "depends
on the parameters" where the draws disagree. No sentence adds up effects of scenarios that were not run together.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from detente.analysis.compare import NEGLIGIBLE, Row
from detente.analysis.difference import CONFIDENCE, SHARES, Difference, Direction
from detente.analysis.numbers import unsupported
from detente.prose.templates import said
from detente.prose.wording import interval

#: changes of the construction that are named one by one; beyond these they are counted
NAMED = 3
#: beside what is printed bold
BOLD = "\x02"

#: words that claim a direction; a sentence with one of them needs an interval
DIRECTED = re.compile(
    r"\b(raises?|lowers?|lifts?|rises?|falls?|increases?|decreases?|higher|lower|more often|less often|reduces?)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Claim:
    """One sentence. ``facts`` maps dotted paths in the report's facts to the values it uses; ``strong``: bold."""

    text: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    direction: Direction = ""
    interval: tuple[float, float] | None = None
    strong: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.text


def facts(rows: Sequence[Row]) -> dict[str, Any]:
    """The facts that claims about ``rows`` draw on: every row by its scenario, and the confidence of intervals."""
    more = {row.scenario: len(row.rebuilt) - NAMED for row in rows if len(row.rebuilt) > NAMED}
    return {
        "confidence": CONFIDENCE,
        "negligible": NEGLIGIBLE,
        "comparisons": {row.scenario: row.as_dict() for row in rows},
        **({"more": more} if more else {}),
    }


class Read:
    """Facts as a template reads them; every value that it reads is kept in ``kept`` under its dotted path."""

    def __init__(self, facts: Any, path: str, kept: dict[str, Any]) -> None:
        self._facts, self._path, self._kept = facts, path, kept

    def __getitem__(self, key: str | int) -> Any:
        value, path = self._facts[key], f"{self._path}.{key}".lstrip(".")
        if isinstance(value, Mapping | list):
            return Read(value, path, self._kept)
        self._kept[path] = value
        return value

    def __len__(self) -> int:
        return len(self._facts)

    def __contains__(self, key: str) -> bool:
        return key in self._facts

    def __iter__(self) -> Iterator[Any]:
        """The keys of a mapping, the entries of a list."""
        keys = isinstance(self._facts, Mapping)
        return iter(self._facts if keys else [self[place] for place in range(len(self._facts))])


def claim(row: Row, clause: str, *told: Any, about: Difference | None = None, **known: Any) -> Claim:
    """A clause of ``claims.j2`` on a row, given what it is ``told`` beside the row.

    ``about`` is the difference whose direction it claims; ``known`` are facts beside those of the row.
    """
    way = row.crisis.ever.direction(SHARES) if row.crisis else ""
    at_hand = {"row": row, "d": row.difference, "way": way, "named_most": NAMED}

    def own(of: Read) -> dict[str, Any]:
        mine = of["comparisons"][row.scenario]
        for key in ("measure", "base_title", "title", "date"):
            mine[key]
        return {**at_hand, "f": mine}

    return _filled("claims.j2", clause, told, facts([row]) | known, own, about)


def stated(clause: str, *told: Any, template: str, known: Mapping[str, Any]) -> Claim:
    """A clause of a template that is on no single row and claims no direction, given the facts that are ``known``."""
    return _filled(template, clause, told, known, lambda of: {})


def _filled(
    template: str,
    clause: str,
    told: Sequence[Any],
    known: Mapping[str, Any],
    own: Callable[[Read], Mapping[str, Any]],
    about: Difference | None = None,
) -> Claim:
    """A filled clause with the facts it has read; ``own`` is what it is given beside all of them."""
    kept: dict[str, Any] = {}
    of = Read(known, "", kept)
    at_hand = {"known": of, "b": BOLD, "first": lambda entries, most: list(islice(entries, most))}
    (text,) = said(template, clause, *told, **at_hand, **own(of))
    plain, strong = text.replace(BOLD, ""), tuple(text.split(BOLD)[1::2])
    if about is None or not about.is_significant:
        return Claim(plain, kept, strong=strong)
    direction: Direction = "higher" if about.verdict == "higher" else "lower"
    return Claim(plain, kept, direction, (about.ci_low, about.ci_high), strong)


def headline(row: Row) -> Claim:
    """What the scenario does to the metric, as far as the verdict goes."""
    return claim(row, "headline", about=row.difference)


def ruler(row: Row) -> Claim:
    """What an index that is built otherwise adds on the same paths, apart from all that anybody does."""
    return claim(row, "ruler")


def crisis(row: Row) -> Claim | None:
    """The chance of reaching the crisis level at least once, in both; None where no level counts as one."""
    if row.crisis is None:
        return None
    return claim(row, "crisis", about=row.crisis.ever if row.crisis.ever.direction(SHARES) else None)


def title(rows: Sequence[Row]) -> Claim:
    """One sentence over a comparison: the scenario with the largest told change, or that none can be told."""
    told = [row for row in rows if row.difference.is_significant]
    if told or len(rows) == 1:
        return headline(max(told or rows, key=lambda row: abs(row.difference.change)))
    return claim(min(rows, key=lambda row: row.difference.members), "none_told")


def faults(claim: Claim, known: Mapping[str, Any]) -> list[str]:
    """What is wrong with a claim, in words; empty when it may be printed.

    ``known`` are the report's facts, in which the claim's paths are looked up.
    """
    found = [f"no fact accounts for {number}" for number in unsupported(claim.text, claim.facts)]
    found += [
        f"{path} is not {value!r} in the facts" for path, value in claim.facts.items() if _at(known, path) != value
    ]
    return [*found, *_overclaims(claim)]


def _overclaims(claim: Claim) -> list[str]:
    if claim.interval is None:
        word = DIRECTED.search(_unquoted(claim))
        return [f'"{word[0]}" is said without an interval'] if word else []
    low, high = claim.interval
    if not (low > 0 if claim.direction == "higher" else high < 0):
        return [f"{claim.direction} is claimed, but the interval is {interval(low, high, 2)}"]
    return []


def _unquoted(claim: Claim) -> str:
    # a title may say "rises"; it is somebody's name, not a claim
    text = claim.text
    for value in sorted((v for v in claim.facts.values() if isinstance(v, str)), key=len, reverse=True):
        text = text.replace(value, " ")
    return text


def _at(known: Any, path: str) -> Any:
    """The value at a dotted path; keys may hold dots themselves, the longest that fits is taken."""
    if not path:
        return known
    if isinstance(known, Sequence) and not isinstance(known, str):
        head, _, rest = path.partition(".")
        return _at(known[int(head)], rest) if head.isdigit() and int(head) < len(known) else None
    if not isinstance(known, Mapping):
        return None
    fits = [key for key in known if path == key or path.startswith(f"{key}.")]
    return _at(known[max(fits, key=len)], path[len(max(fits, key=len)) + 1 :]) if fits else None
