"""What a notebook shows of a value: a title, a line that says what it is, tables, footnotes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from detente.prose.table import Table
from detente.prose.wording import marked


@dataclass(frozen=True)
class Card:
    """Words and tables; of the ``footnotes`` those are shown whose mark occurs in them.

    ``more`` is HTML that is folded away under the words ``unfold``.
    """

    title: str
    told: str = ""
    tables: Sequence[Table] = ()
    notes: Sequence[str] = ()
    footnotes: Iterable[str] = ()
    unfold: str = ""
    more: str = ""

    def html(self) -> str:
        """The card as a fragment of a page; all but ``more`` is text."""
        cells = [cell for table in self.tables for row in (table.head, *table.rows) for cell in row]
        small = [*self.notes, *marked(self.footnotes, [self.title, self.told, *cells])]
        parts = [f"<p><strong>{escape(self.title)}</strong>{_line(self.told)}</p>"]
        parts += [table.html() for table in self.tables if table.rows]
        parts += [f"<p><small>{escape(note)}</small></p>" for note in small]
        parts += [f"<details><summary>{escape(self.unfold)}</summary>{self.more}</details>"] if self.more else []
        return f"<div>{''.join(parts)}</div>"


def _line(text: str) -> str:
    return f"<br>{escape(text)}" if text else ""
