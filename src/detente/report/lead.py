"""The first half page: six questions of a reader, each with the sentences that answer it. Every clause is a claim."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from detente.analysis import claims
from detente.analysis.chances import STANDING
from detente.analysis.claims import Claim, claim, stated
from detente.analysis.compare import Row
from detente.analysis.difference import POINTS, SHARES
from detente.analysis.metrics import Metric
from detente.report.chances import alike, most
from detente.report.sentences import ALL_MOVE, ENOUGH_DRAWS, Sentence, clause, leading, order

#: scenarios up to which each is told in full
FEW = 2

Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Answer:
    """A question of a reader, and the sentences that answer it, each in a line where they are ``listed``."""

    question: str
    sentences: tuple[Sentence, ...]
    listed: bool = False

    @property
    def lines(self) -> tuple[tuple[Sentence, ...], ...]:
        """The sentences that stand in one line after another."""
        return tuple((one,) for one in self.sentences) if self.listed else (self.sentences,)


def answers(rows: Sequence[Row], window: str, known: Facts) -> tuple[Answer, ...]:
    """All six. ``window``: the months over which the default metric is a mean; ``known``: the report's facts."""
    found = (
        Answer("Asked", asked(rows, known)),
        Answer("What each does" if len(rows) > 1 else "What it does", does(rows, known), listed=True),
        Answer("What changes; is it much?", changes(rows, window, known)),
        Answer("How sure", sure(rows, known)),
        Answer("What it hangs on", hangs(rows, known)),
        Answer("What it cannot say", silent(rows, known)),
    )
    return tuple(answer for answer in found if answer.sentences)


def _said(macro: str, *told: Any, known: Facts) -> Sentence:
    return Sentence((stated(macro, *told, template="lead.j2", known=known),))


def asked(rows: Sequence[Row], known: Facts) -> tuple[Sentence, ...]:
    """Which scenarios against which, until when, in how many runs."""
    return (_said("asked", len(rows) <= FEW, known=known),)


def does(rows: Sequence[Row], known: Facts) -> tuple[Sentence, ...]:
    """Every scenario in its own words, with its acts or the numbers it changes."""
    return tuple(_said("does", row.scenario, len(rows) <= FEW, known=known) for row in rows)


def changes(rows: Sequence[Row], window: str, known: Facts) -> tuple[Sentence, ...]:
    """What another ruler adds, what changes and how much that is, the others in their order, who reaches crisis."""
    rulers, found = [Sentence((claims.ruler(row),)) for row in rows if row.construction], leading(rows)
    ranked = [_said("ranked", known=known)] if len(rows) > max(len(found), 1) else []
    if not found:
        first = order(rows)[0]
        told = (claims.headline(first), claims.crisis(first))
        return (*rulers, *(Sentence((one,)) for one in told if one is not None), *ranked)
    names, unit = [row.scenario for row in found], found[0].metric.unit
    beside = [_said("among", names, unit, known=known)] if known["lead"]["among"] else []
    much = [_said("much", names, known=known)] if known["lead"]["yardsticks"] else []
    return (
        *rulers,
        Sentence(_effects(found, window)),
        *much,
        *beside,
        *ranked,
        *(_crises(found) if len(rows) <= FEW else ()),
    )


def _effects(found: Sequence[Row], window: str) -> tuple[Claim, ...]:
    if found[0].metric == Metric():
        return tuple(clause(row, "effect", window, row is found[0], up=True) for row in found)
    each = [claims.headline(row) for row in found]
    return tuple(replace(one, text=f"{'; ' if k else ''}{one.text.rstrip('.')}") for k, one in enumerate(each))


def _crises(found: Sequence[Row]) -> list[Sentence]:
    """The chance of crisis where it is told to differ."""
    told = [row for row in found if row.crisis and row.crisis.ever.direction(SHARES)]
    return [Sentence(tuple(clause(row, "reaching", row is told[0]) for row in told))] if told else []


def sure(rows: Sequence[Row], known: Facts) -> tuple[Sentence, ...]:
    """In how many parameter draws and constructions the direction holds, and how the model did where it was tested."""
    found, tested = leading(rows), [_said("tested", known=known)] if known["lead"]["tested"] else []
    if not found:
        return (Sentence((claim(order(rows)[0], "divergence"),)), *tested)
    moving = [row.difference.share_up + row.difference.share_down >= ALL_MOVE for row in found]
    holds = [
        clause(row, "holds", row is found[0], all_move, row.difference.draws >= ENOUGH_DRAWS)
        for row, all_move in zip(found, moving, strict=True)
    ]
    still = [] if all(moving) else [Claim("; the other draws do not move")]
    built = [row.scenario for row in found if known["uncertainty"][row.scenario]["same_sign"] is not None]
    return (
        Sentence((*holds, *still)),
        *([_said("constructions", built, known=known)] if built else []),
        *tested,
    )


def hangs(rows: Sequence[Row], known: Facts) -> tuple[Sentence, ...]:
    """The uncertain numbers that carry or turn the answer, and how much of it is behaviour and not definition."""
    found, leaning = leading(rows), known["lead"]["leaning"]
    if not found:
        return (_said("unhung", known=known),)
    carried = [row for row in found if leaning[row.scenario]["leans"]]
    rest = [row.scenario for row in found if row not in carried]
    numbers = [Sentence((clause(row, "hangs", known=known),)) for row in carried]
    return (*numbers, *([_said("carried", rest, known=known)] if rest else []), _behaviour(found))


def _behaviour(found: Sequence[Row]) -> Sentence:
    able = [row for row in found if row.behavioural is not None]
    if not able:
        return Sentence((claim(found[0], "divergence"),))
    weak = {row.scenario: row.title for row in able if not row.holds_on_behaviour}
    rest = any(row.definitional is not None and row.definitional.direction(POINTS) for row in able)
    clauses = [clause(row, "responding", row is able[0]) for row in able]
    return Sentence((*clauses, claim(able[0], "definition", len(able), rest, list(weak), labels=weak)))


def silent(rows: Sequence[Row], known: Facts) -> tuple[Sentence, ...]:
    """Chances of war, whose level is an assumption; what will be decided; the caveats of the theatre."""
    told = known["results"][rows[0].base]["chances"] and any(row.outbreaks for row in rows)
    war = [_war(rows, known)] if told else []
    return (*war, _said("silent", known=known))


def _war(rows: Sequence[Row], known: Facts) -> Sentence:
    row, place = most(rows)
    level, one = claim(row, "outbreaks", results=known["results"]), row.outbreaks[place]
    change = clause(row, "outbreak", place, alike(one), len(rows) == 1, about=one.armed)
    return Sentence((level, change, Claim(f": {STANDING}")))
