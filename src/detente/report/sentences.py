"""What a report says in sentences: its title, and what did not move. Every clause is a claim to be checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from detente.analysis import claims
from detente.analysis.claims import Claim, claim, stated
from detente.analysis.compare import Part, Row
from detente.analysis.difference import Difference
from detente.analysis.metrics import Metric
from detente.figures.reading import cut
from detente.prose.wording import listed, whole

if TYPE_CHECKING:
    from detente.analysis.attribution import Attribution

#: pairs that are named one by one in a sentence; beyond these they are counted
NAMED = 5
#: share of draws that must move at all before the share that moves one way is put into a word
ALL_MOVE = 0.995
#: parameter draws from which on a word for a probability may stand beside the number: 20 of 20 make nothing certain
ENOUGH_DRAWS = 100
#: letters of a scenario's title beyond which it is cut in a sentence
LABEL = 48


@dataclass(frozen=True)
class Sentence:
    """Clauses that make one sentence."""

    clauses: tuple[Claim, ...]

    @property
    def text(self) -> str:
        """The whole sentence, with its full stop; what ends otherwise than in a word keeps its end."""
        whole = "".join(claim.text for claim in self.clauses).rstrip(". ")
        return whole if whole.endswith("?") else f"{whole}."

    @property
    def runs(self) -> list[tuple[str, bool]]:
        """The sentence in pieces, each bold or not."""
        out, rest = [], self.text
        for word in (word for clause in self.clauses for word in clause.strong):
            before, found, after = rest.partition(word)
            if found:
                out += [(before, False), (found, True)]
                rest = after
        return [*out, (rest, False)]


def order(rows: Sequence[Row]) -> list[Row]:
    """Rows with the largest told change first."""
    return sorted(rows, key=lambda row: (not row.difference.is_significant, -abs(row.difference.change)))


def leading(rows: Sequence[Row]) -> list[Row]:
    """What opens a report: the largest told rise and fall, else the two largest of one direction; none too small."""
    told = [row for row in order(rows) if row.difference.is_significant and not row.negligible]
    first = {row.difference.verdict: row for row in reversed(told)}
    return order(first.values()) if len(first) > 1 else told[:2]  # type: ignore[arg-type]


def title(rows: Sequence[Row], window: str) -> Sentence:
    """One sentence over the report. ``window``: the months over which the default metric is a mean."""
    found = leading(rows)
    if not found or found[0].metric != Metric():
        return Sentence((claims.title(rows),))
    return Sentence(tuple(clause(row, "title", window, row is found[0], len(found) == 1, up=True) for row in found))


def clause(
    row: Row,
    name: str,
    *told: Any,
    up: bool = False,
    about: Difference | None = None,
    known: Mapping[str, Any] | None = None,
) -> Claim:
    """A clause on a row by the name that figures print; ``up`` where it says which way the row goes."""
    about = row.difference if up else about
    return claim(row, name, *told, about=about, **{"labels": {row.scenario: short(row)}, **(known or {})})


def split(why: Mapping[str, Attribution], known: Mapping[str, Any]) -> tuple[Claim, ...]:
    """What the parts of a scenario do together beyond what each does alone; and why what was not split was not."""
    together = [name for name, one in why.items() if one.together is not None and len(one.shares) > 1]
    told = [*(("together", name) for name in together), *(("unsplit", name) for name in known.get("unsplit", ()))]
    return tuple(stated(name, about, template="lead.j2", known=known) for name, about in told)


def short(row: Row) -> str:
    """A scenario's title, cut to what fits into a sentence."""
    return cut(row.title, LABEL)


def unmoved(rows: Sequence[Row]) -> tuple[Claim, ...]:
    """What did not move the index: scenarios of which nothing is told or too little, pairs that no scenario moves."""
    flat = [claims.headline(row) for row in rows if not row.difference.is_significant or row.negligible]
    return (*flat, *_untouched(rows))


def same(row: Row) -> list[Part]:
    """The pairs that are what they are in the base, in every run."""
    return [part for part in row.dyads if part.difference.verdict == "identical"]


def counts(rows: Sequence[Row]) -> dict[str, Any]:
    """How many pairs each scenario leaves as they are, and those that none moves; facts."""
    every = untouched(rows)
    moved = {row.scenario: {"pairs": len(row.dyads), "same": len(same(row))} for row in rows}
    labels = {row.scenario: short(row) for row in rows}
    return {
        "labels": labels,
        "moved": moved,
        "untouched": {"pairs": every, "count": len(every), "more": max(0, len(every) - NAMED)},
    }


def untouched(rows: Sequence[Row]) -> list[str]:
    """Labels of the pairs that are the same in every run of every scenario."""
    labels = [{part.label: None for part in same(row)} for row in rows]
    return [label for label in labels[0] if all(label in other for other in labels)] if labels else []


def _untouched(rows: Sequence[Row]) -> Iterator[Claim]:
    every = counts(rows)["untouched"]
    if not every["count"] or every["count"] == len(rows[0].dyads):
        return
    shown: list[str] = every["pairs"][:NAMED]
    more = [f"{whole(every['more'])} more"] if every["more"] else []
    of: Mapping[str, Any] = {f"untouched.{key}": every[key] for key in every}
    yield Claim(f"No scenario moves {listed([*shown, *more])}: the same in every run.", of)
