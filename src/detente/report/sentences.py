"""What a report says in sentences: title, bottom line, what did not move. Every clause is a claim to be checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from detente.analysis import claims
from detente.analysis.claims import ENOUGH_DRAWS, Claim, Teller
from detente.analysis.compare import Part, Row
from detente.analysis.difference import POINTS, SHARES
from detente.analysis.metrics import Metric
from detente.figures.reading import cut
from detente.figures.words import listed, the
from detente.prose.wording import digits_for, likelihood, whole

#: pairs that are named one by one in a sentence; beyond these they are counted
NAMED = 5
#: share of draws that must move at all before the share that moves one way is put into a word
ALL_MOVE = 0.995
#: letters of a scenario's title beyond which it is cut in a sentence
LABEL = 48


@dataclass(frozen=True)
class Sentence:
    """Clauses that make one sentence; what is ``strong`` is printed bold."""

    clauses: tuple[Claim, ...]
    strong: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The whole sentence, with its full stop."""
        return "".join(claim.text for claim in self.clauses).rstrip(".") + "."

    @property
    def runs(self) -> list[tuple[str, bool]]:
        """The sentence in pieces, each bold or not."""
        out, rest = [], self.text
        for word in self.strong:
            before, found, after = rest.partition(word)
            if found:
                out += [(before, False), (found, True)]
                rest = after
        return [*out, (rest, False)]


def order(rows: Sequence[Row]) -> list[Row]:
    """Rows with the largest told change first."""
    return sorted(rows, key=lambda row: (not row.difference.told, -abs(row.difference.change)))


def leading(rows: Sequence[Row]) -> list[Row]:
    """What opens a report: the largest told rise and fall, else the two largest of one direction; none too small."""
    told = [row for row in order(rows) if row.difference.told and not row.negligible]
    first = {row.difference.verdict: row for row in reversed(told)}
    return order(first.values()) if len(first) > 1 else told[:2]  # type: ignore[arg-type]


def title(rows: Sequence[Row], window: str) -> Sentence:
    """One sentence over the report. ``window``: the months over which the default metric is a mean."""
    found = leading(rows)
    if not found or not _default(found[0]):
        return Sentence((claims.title(rows),))
    clauses = [_apart(row, f"Tension in {window} is " if row is found[0] else ", ") for row in found]
    if len(found) == 1:
        clauses[0] = Claim(f"{clauses[0].text} than in {the(found[0].base_title)}", *_rest(clauses[0]))
    return Sentence(tuple(clauses))


def _rest(claim: Claim) -> tuple[Any, ...]:
    return claim.facts, claim.direction, claim.interval


def _default(row: Row) -> bool:
    return row.metric == Metric()


def _apart(row: Row, before: str, interval: str = "") -> Claim:
    tell, d = Teller(row), row.difference
    digits = digits_for(d.half_width)
    tell.note("date")
    unit = "" if before in (", ", " and ") else " points"
    told = f" ({interval}{tell.interval('', digits)})" if interval or before.startswith(" and") else ""
    side = "higher" if d.verdict == "higher" else "lower"
    return tell.claim(f"{before}{tell.size('change', digits)}{unit} {side} under {_named(tell)}{told}", d)


def bottom_line(rows: Sequence[Row], window: str) -> tuple[Sentence, ...]:
    """What another ruler adds, if one is used; what changes, how sure its direction is, how much is behaviour."""
    found, rulers = leading(rows), tuple(Sentence((claims.ruler(row),)) for row in rows if row.construction)
    if not found:
        first = order(rows)[0]
        rules = (claims.headline, claims.crisis, claims.divergence)
        return rulers + tuple(Sentence((claim,)) for rule in rules if (claim := rule(first)) is not None)
    effect = _effect(found, window) if _default(found[0]) else _told(found)
    third = _behaviour(found) or Sentence((claims.divergence(found[0]),))
    return (*rulers, effect, _certainty(found), third)


def _effect(found: Sequence[Row], window: str) -> Sentence:
    first = found[0]
    tell = Teller(first)
    level = f"Mean tension in {window} is {tell.size('base_value', 1)} in {the(first.base_title)}: "
    opening = _apart(first, level, "95% interval ")
    facts = {**opening.facts, **tell.used}
    clauses = [Claim(opening.text, facts, opening.direction, opening.interval)]
    return Sentence(
        (*clauses, *(_apart(row, " and ") for row in found[1:])), tuple(_size(row, row is first) for row in found)
    )


def _size(row: Row, first: bool) -> str:
    d = row.difference
    return f"{Teller(row).size('change', digits_for(d.half_width))}{' points' if first else ''} {d.verdict}"


def _told(found: Sequence[Row]) -> Sentence:
    told = [claims.headline(row) for row in found]
    joined = [Claim(f"{'; ' if k else ''}{c.text.rstrip('.')}", *_rest(c)) for k, c in enumerate(told)]
    return Sentence(tuple(joined))


def _certainty(found: Sequence[Row]) -> Sentence:
    clauses = [_holds(row, row is found[0]) for row in found]
    if not all(map(_all_move, found)):
        clauses.append(Claim("; the other draws do not move"))
    return Sentence((*clauses, *_crises(found)), tuple(_share(Teller(row)) for row in found))


def _share(tell: Teller, noun: str = "") -> str:
    key = "share_up" if tell.row.difference.verdict == "higher" else "share_down"
    return tell.in_100(key, "draws", noun)


def _holds(row: Row, first: bool) -> Claim:
    tell = Teller(row)
    opening = "The direction holds in " if first else " and in "
    share = _share(tell, "parameter draws" if first else "")
    word, d = "", row.difference
    if not _all_move(row):
        reverse = tell.in_100("share_down" if d.verdict == "higher" else "share_up", "draws", "")
        word = f", the reverse in {reverse}"
    elif d.draws >= ENOUGH_DRAWS:
        share_of = tell.note("share_up" if d.verdict == "higher" else "share_down")
        word = f" ({'in this model: ' if first else ''}{likelihood(share_of)})"
    return tell.claim(f"{opening}{share} under {_named(tell)}{word}")


def _all_move(row: Row) -> bool:
    return row.difference.share_up + row.difference.share_down >= ALL_MOVE


def _named(tell: Teller) -> str:
    """A scenario inside a sentence, as long as figures print it."""
    label = short(tell.row)
    tell.used[f"labels.{tell.row.scenario}"] = label
    return f"“{label}”"


def short(row: Row) -> str:
    """A scenario's title, cut to what fits into a sentence."""
    return cut(row.title, LABEL)


def _crises(found: Sequence[Row]) -> list[Claim]:
    """The chance of reaching the crisis level in the base and under each scenario in which it is told to differ."""
    told = [(row, row.crisis) for row in found if row.crisis is not None and row.crisis.ever.direction(SHARES)]
    if not told:
        return []
    row, chance = told[0]
    tell = Teller(row)
    base = tell.in_100("base_crisis_share", "members", "")
    opening = f"; runs that reach “{chance.level.label.lower()}” at least once: {base} in {the(row.base_title)}"
    return [tell.claim(opening), *(_reaching(row) for row, _ in told)]


def _reaching(row: Row) -> Claim:
    tell = Teller(row)
    return tell.claim(f", {tell.in_100('crisis_share', 'members', '')} under {_named(tell)}")


def _behaviour(found: Sequence[Row]) -> Sentence | None:
    able = [row for row in found if row.behavioural is not None]
    if not able:
        return None
    clauses = [_responding(row, row is able[0]) for row in able]
    return Sentence((*clauses, _definition(able)), tuple(_behaving(Teller(row)) for row in able))


def _behaving(tell: Teller) -> str:
    assert tell.row.behavioural is not None
    return tell.signed("behavioural_change", digits_for(tell.row.behavioural.half_width))


def _responding(row: Row, first: bool) -> Claim:
    tell = Teller(row)
    assert row.behavioural is not None
    digits = digits_for(row.behavioural.half_width)
    size = f"{_behaving(tell)}{' points' if first else ''} {tell.interval('behavioural_', digits)}"
    opening = "Behaviour, that is hostility and incidents, accounts for " if first else " and "
    of = f"of the {tell.signed('change', digits_for(row.difference.half_width))} "
    return tell.claim(f"{opening}{size} {of}under {_named(tell)}")


def _definition(rows: Sequence[Row]) -> Claim:
    tell = Teller(rows[0])
    weak = [_named(Teller(row)) for row in rows if not row.holds_on_behaviour]
    setting = "the scenario sets" if len(rows) == 1 else "the scenarios set"
    rest = any(row.definitional is not None and row.definitional.direction(POINTS) for row in rows)
    told = f"; the rest follows by definition from what {setting}" if rest else "; no rest follows by definition"
    if weak:
        named = listed(weak)
        return tell.claim(
            f"{told}, and on the behaviour-only index {named} cannot be told from {the(rows[0].base_title)}"
        )
    return tell.claim(f"{told}, {'yet' if rest else 'and'} the direction is the same on the behaviour-only index")


def unmoved(rows: Sequence[Row]) -> tuple[Claim, ...]:
    """What did not move the index: scenarios of which nothing is told or too little, pairs that no scenario moves."""
    flat = [claims.headline(row) for row in rows if not row.difference.told or row.negligible]
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
