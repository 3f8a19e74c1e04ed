"""Experiments' findings in a terminal: the tables and sentences of the report, one metric at a time."""

from __future__ import annotations

import json
from typing import Any

from detente.analysis.findings import measured, rulers
from detente.prose.wording import counted, whole
from detente.report import experiment_tables as tables
from detente.report import experiment_words as words
from detente.report.experiments import chances_told

INDENT = "  "


def described(data: Any, found: dict[str, Any]) -> str:
    """A heading, the tables of options and levers, and what they allow to be said."""
    settings, samples = len(json.loads(data.attrs["settings"])), len(set(data["sample"].values.tolist()))
    sizes = [f"{whole(settings)} settings" if settings > 1 else "", f"{whole(samples)} samples" if samples > 1 else ""]
    heading = [data.attrs.get("title") or data.attrs["experiment"], " × ".join(size for size in sizes if size)]
    heading += [counted(int(data.attrs["members"]), "member"), f"seed {data.attrs['seed']}"]
    parts = [" · ".join(word for word in heading if word), *(INDENT + line for line in [rulers(data)] if line)]
    if "options" in found:
        what, weeks = measured(data, found["metric"])
        made = [tables.options(found, what, 1000), *([tables.effects(found, {})] if "effects" in found else [])]
        made += chances_told(data, found)
        parts += [f"{table.text(INDENT)}\n{INDENT}{table.caption}" for table in made]
        measure = f"{what} ({weeks})" if weeks else what
        said = words.theories(found, None, measure) if "rivals" in found else words.choices(found, measure)
        parts.append("\n".join(INDENT + line for line in said))
    return "\n\n".join(parts)


def sensitivity(found: dict[str, Any], shown: int) -> str:
    """The table of one stage, and what it allows to be said; what does nothing is named."""
    table = tables.sensitivity(found, found["metric"], shown)
    said = words.sensitivity(found, found["metric"]) if found["design"] != "one_at_a_time" else []
    lines = [*([table.text(INDENT), INDENT + table.caption] if table.rows else []), *(INDENT + line for line in said)]
    lines += [f"{INDENT}Do nothing here: {', '.join(found['inert'])}"] if found["inert"] else []
    return "\n".join(lines)
