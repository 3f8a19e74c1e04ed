"""Facts into sentences: rules that claim only what the paired interval supports.

A ``Claim`` is a sentence with the facts it uses; where it claims a direction it also carries the interval that
must leave out zero. ``faults`` checks a claim: every number in it comes from its facts, its facts are those of
the report, and no word of direction stands without an interval that supports it.

Vocabulary: probabilities in words are those of ``wording.LIKELIHOOD`` and always follow the number they mean,
over parameter draws *of the model*; "no detectable difference at N = …" where the interval spans zero, "depends
on the parameters" where the draws disagree. No sentence adds up effects of scenarios that were not run together.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from detente.analysis.compare import NEGLIGIBLE, Part, Row
from detente.analysis.difference import CONFIDENCE, SHARES, Difference, Direction
from detente.analysis.numbers import unsupported
from detente.analysis.wording import digits_for, fixed, in_100, interval, likelihood, signed, whole

#: parameter draws from which on a word for a probability may stand beside the number
ENOUGH_DRAWS = 100
#: a variance ratio above this is not printed as a number
MUCH = 1000

#: words that claim a direction; a sentence with one of them needs an interval
DIRECTED = re.compile(
    r"\b(raises?|lowers?|lifts?|rises?|falls?|increases?|decreases?|higher|lower|more often|less often|reduces?)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Claim:
    """One sentence. ``facts`` maps dotted paths in the report's facts to the values the sentence uses."""

    text: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    direction: Direction = ""
    interval: tuple[float, float] | None = None

    def __str__(self) -> str:
        return self.text


def facts(rows: Sequence[Row]) -> dict[str, Any]:
    """The facts that claims about ``rows`` draw on: every row by its scenario, and the confidence of intervals."""
    return {
        "confidence": CONFIDENCE,
        "negligible": NEGLIGIBLE,
        "comparisons": {row.scenario: row.as_dict() for row in rows},
    }


class Teller:
    """Prints facts and keeps note of each, so that a sentence cannot hold a number that is no fact."""

    def __init__(self, row: Row, name: str = "") -> None:
        self.row, self.name = row, name or row.title
        self.told = row.as_dict()
        self.used: dict[str, Any] = {}

    def note(self, path: str) -> Any:
        """The fact at a dotted path of the row."""
        value: Any = self.told
        for key in path.split("."):
            value = value[int(key)] if isinstance(value, list) else value[key]
        self.used[f"comparisons.{self.row.scenario}.{path}"] = value
        return value

    def size(self, path: str, digits: int) -> str:
        """A fact without its sign."""
        return fixed(abs(self.note(path)), digits)

    def signed(self, path: str, digits: int) -> str:
        """A fact with its sign."""
        return signed(self.note(path), digits)

    def interval(self, prefix: str, digits: int) -> str:
        """The 95 % interval stored as prefix + ci_low, ci_high."""
        self.used["confidence"] = CONFIDENCE
        return interval(self.note(f"{prefix}ci_low"), self.note(f"{prefix}ci_high"), digits)

    def in_100(self, share: str, of: str, noun: str) -> str:
        """A natural frequency."""
        return in_100(self.note(share), int(self.note(of)), noun)

    def claim(self, text: str, about: Difference | None = None) -> Claim:
        """The sentence, with the facts it used; ``about`` is the difference whose direction it claims."""
        for key in ("measure", "base_title", "title"):
            self.note(key)
        if about is None or not about.told:
            return Claim(text, dict(self.used))
        direction: Direction = "higher" if about.verdict == "higher" else "lower"
        return Claim(text, dict(self.used), direction, (about.ci_low, about.ci_high))


def _measured(row: Row) -> str:
    # "tension" goes without an article, a superlative or a chance does not
    single = row.measure.startswith(("highest", "chance", "share", "contribution"))
    return f"the {row.measure}" if single else row.measure


def _unit(row: Row) -> str:
    return {"points": " points", "share": "", "incidents per week": ""}[row.metric.unit]


def headline(row: Row, name: str = "") -> Claim:
    """What the scenario does to the metric, as far as the verdict goes."""
    tell, d = Teller(row, name), row.difference
    if d.verdict == "identical":
        return tell.claim(f"{tell.name} leaves {_measured(row)} as it is in {row.base_title}, run by run.")
    if not d.told:
        return _not_told(tell)
    digits = digits_for(d.half_width)
    verb = "raises" if d.verdict == "higher" else "lowers"
    size = f"{tell.size('change', digits)}{_unit(row)} (95% interval {tell.interval('', digits)})"
    if row.negligible:
        size += f", less than {_tiny(tell)}: too little to matter"
    return tell.claim(f"{tell.name} {verb} {_measured(row)} by {size}.", d)


#: changes of the construction that are named one by one; beyond these they are counted
NAMED = 3


def ruler(row: Row) -> Claim:
    """What an index that is built otherwise adds on the same paths, apart from all that anybody does."""
    assert row.construction is not None
    tell, d = Teller(row), row.construction
    named = [tell.note(f"rebuilt.{k}") for k in range(min(NAMED, len(row.rebuilt)))]
    more = len(row.rebuilt) - len(named)
    tell.used["more"] = more
    how = "; ".join([*named, *([f"{more} more"] if more else [])])
    digits = digits_for(d.half_width)
    size = f"{tell.signed('construction_change', digits)}{_unit(row)} {tell.interval('construction_', digits)}"
    return tell.claim(
        f"{tell.name} builds the index otherwise ({how}): that alone adds {size} to {_measured(row)} on the same paths,"
        f" and is no part of what follows, which is measured by the index of {row.base_title}."
    )


def _not_told(tell: Teller) -> Claim:
    row = tell.row
    if row.difference.reason == "draws disagree":
        share = tell.in_100("share_up", "draws", "parameter draws")
        return tell.claim(f"What {tell.name} does to {_measured(row)} depends on the parameters: up in {share}.")
    told = f"No detectable difference in {_measured(row)} between {tell.name} and {row.base_title}"
    return tell.claim(f"{told} at N = {whole(tell.note('members'))}{_advice(tell)}.")


def _tiny(tell: Teller) -> str:
    tell.used["negligible"] = NEGLIGIBLE
    return f"{fixed(NEGLIGIBLE, 2)} points"


def _advice(tell: Teller) -> str:
    if tell.row.negligible:
        return f", and none as large as {_tiny(tell)}"
    if tell.row.difference.reason == "prints as zero":
        return ": what there is rounds to zero"
    if tell.row.difference.reason == "few draws":
        return ": members of one parameter draw give no interval"
    needed = tell.note("members_needed")
    return f"; {whole(needed)} members would tell a difference of this size" if needed else ""


def certainty(row: Row) -> Claim | None:
    """In how many parameter draws the sign holds, with the fixed word for it; None where nothing is told.

    No word below ``ENOUGH_DRAWS``: 20 in 20 draws do not make a thing virtually certain.
    """
    if not row.difference.told:
        return None
    tell, up = Teller(row), row.difference.verdict == "higher"
    key, verb = ("share_up", "rises") if up else ("share_down", "falls")
    share = tell.in_100(key, "draws", "parameter draws")
    if row.difference.draws < ENOUGH_DRAWS:
        return tell.claim(f"It {verb} in {share}.", row.difference)
    word = likelihood(tell.note(key))
    return tell.claim(f"It {verb} in {share}: in this model a change of that sign is {word}.", row.difference)


def behaviour(row: Row) -> Claim | None:
    """How much of the change is behaviour, and whether the claim holds without the definitional pillars."""
    part, index = row.behavioural, row.behaviour_index
    if part is None or not row.difference.told:
        return None
    tell = Teller(row)
    digits, own = digits_for(part.half_width), digits_for(index.half_width)
    told = f"Hostility and incidents account for {tell.signed('behavioural_change', digits)} points of it"
    told = f"{told} (95% interval {tell.interval('behavioural_', digits)})"
    shift = f"{tell.signed('behaviour_index_change', own)} points {tell.interval('behaviour_index_', own)}"
    if index.verdict == "identical":
        return tell.claim(f"{told}; it leaves the behaviour-only index as it is: the change is definitional.")
    if row.holds_on_behaviour:
        return tell.claim(f"{told}; it holds on the behaviour-only index, {shift}.")
    return tell.claim(f"{told}; it does not hold on the behaviour-only index, {shift}: the rest is definitional.")


def crisis(row: Row) -> Claim | None:
    """The chance of reaching the crisis level at least once, in both; None where no level counts as one."""
    chance = row.crisis
    if chance is None:
        return None
    tell = Teller(row)
    label = chance.level.label.lower()
    if row.difference.members == 1:
        done = "reaches" if tell.note("crisis_share") else "stays below"
        return tell.claim(f"The one run of {tell.name} {done} the level “{label}”.")
    mine, yours = (tell.in_100(key, "members", "runs") for key in ("crisis_share", "base_crisis_share"))
    reach = f"{mine[0].upper()}{mine[1:]} reach the level “{label}” at least once"
    if chance.ever.verdict == "identical":
        return tell.claim(f"{reach}, as in {row.base_title}.")
    told = f"{reach}, against {yours} in {row.base_title}"
    way = chance.ever.direction(SHARES)
    if not way or mine == yours:
        return tell.claim(f"{told}: no detectable difference.")
    return tell.claim(f"{told}: {'more often' if way == 'higher' else 'less often'}.", chance.ever)


def divergence(row: Row) -> Claim:
    """When the paths part."""
    tell = Teller(row)
    when = tell.note("first_divergence")
    return tell.claim(f"The paths part on {when}." if when else f"Every path is that of {row.base_title}, bit for bit.")


def pairing(row: Row) -> Claim | None:
    """What common random numbers bought; None where nothing differs."""
    tell = Teller(row)
    ratio = tell.note("variance_ratio")
    if ratio is None:
        return None
    if ratio > MUCH:
        return tell.claim("Pairing takes nearly all of the noise off this difference.")
    digits = 0 if ratio >= 10 else 1
    return tell.claim(f"Pairing is worth {fixed(ratio, digits)} times as many unpaired runs.")


def largest(row: Row, table: Literal["dyads", "pillars"]) -> Claim | None:
    """The pair or pillar with the largest change that is told; None where none is."""
    parts: tuple[Part, ...] = getattr(row, table)
    told = [(i, part) for i, part in enumerate(parts) if part.difference.told]
    if not told:
        return None
    at, part = max(told, key=lambda one: abs(one[1].difference.change))
    tell, digits = Teller(row), digits_for(part.difference.half_width)
    tell.note(f"{table}.{at}.label")
    size = f"{tell.signed(f'{table}.{at}.change', digits)} points {tell.interval(f'{table}.{at}.', digits)}"
    noun = "pair" if table == "dyads" else "pillar"
    return tell.claim(f"The largest measured change of a {noun} is that of {part.label}: {size}.", part.difference)


def unmoved(row: Row) -> Claim | None:
    """The pairs that are the same in every run; None where there are none, or where all are."""
    same = [part for part in row.dyads if part.difference.verdict == "identical"]
    if not same or len(same) == len(row.dyads):
        return None
    tell = Teller(row)
    for part in same:
        tell.note(f"dyads.{row.dyads.index(part)}.label")
    return tell.claim(f"Unmoved, run by run: {', '.join(part.label for part in same)}.")


RULES: tuple[Callable[[Row], Claim | None], ...] = (headline, certainty, behaviour, crisis)


def bottom_line(row: Row) -> list[Claim]:
    """The sentences on one scenario that open a report: effect, certainty, behaviour, chance of crisis."""
    return [claim for rule in RULES if (claim := rule(row)) is not None]


def title(rows: Sequence[Row]) -> Claim:
    """One sentence over a comparison: the scenario with the largest told change, or that none can be told."""
    told = [row for row in rows if row.difference.told]
    if told:
        return headline(max(told, key=lambda row: abs(row.difference.change)))
    if len(rows) == 1:
        return headline(rows[0])
    members = min(row.difference.members for row in rows)
    row = next(row for row in rows if row.difference.members == members)
    tell = Teller(row)
    none = f"No detectable difference from {row.base_title} in {_measured(row)}"
    return tell.claim(f"{none} at N = {whole(tell.note('members'))}.")


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
