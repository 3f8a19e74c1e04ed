"""Two runs of one title: a reader tells them apart by what differs."""

from __future__ import annotations

from collections.abc import Sequence

from detente.analysis.levers import NoMixture, changes
from detente.experiment.source import Source
from detente.experiment.store import ResultError
from detente.prose.wording import counted

#: changes that a title names; of more their number is told
MOST = 2


def tell_apart(found: Sequence[Source]) -> None:
    """Put what differs from the first of the same title behind the title of every other one."""
    first: dict[str, Source] = {}
    for source in found:
        title = source.title
        if first.setdefault(title, source) is source:
            continue
        taken = {other.title for other in found}
        options = (
            f"{title} ({told})" for told in (_differing(first[title], source), *_named(source, len(found))) if told
        )
        source.told["title"] = next(option for option in options if option not in taken)


def _differing(first: Source, other: Source) -> str:
    """What was changed, in few words; empty where nothing was, or where that cannot be known."""
    try:
        told = changes(first.known_scenario(), other.known_scenario())
    except (NoMixture, ResultError):
        return ""
    more = [f"{counted(len(told) - MOST, 'more change')}"] if len(told) > MOST else []
    return "; ".join([*told[:MOST], *more])


def _named(source: Source, most: int) -> list[str]:
    """Its folder, else a number: for two of one scenario, run with other settings or by other code."""
    return [*([source.folder.name] if source.folder else []), *(str(number) for number in range(2, most + 2))]
