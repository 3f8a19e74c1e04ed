"""Which code of a publisher stands for which actor: data beside the theatre, never in the code.

A codes file is YAML, one section per layout::

    keds:
      actors: {A: [AAA, AAAMIL], B: [BBB]}
      dyads: [A-B]                     # without it, every pair that occurs
    acled:
      actors: {A: ["Military Forces of A*"]}   # a star matches the rest of a name
      severity: {Battles: 10}          # Goldstein magnitude by event type or sub-type
    dyad_week:
      sums: {A-B: [A-B, AMIL-B]}       # series under another name; likewise for ai_gpr
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import Any

from detente.observations.names import folded, on_disk, plain
from detente.observations.reading import ObservationError, ObservationMissing
from detente.scenario.diagnostics import did_you_mean, listed

#: one for each layout
SECTIONS = ("keds", "cameo", "acled", "dyad_week", "ai_gpr")
KEYS = ("actors", "dyads", "severity", "sums")


@dataclass(frozen=True)
class Codes:
    """One section of a codes file."""

    path: Path
    section: str
    actors: dict[str, list[str]]
    dyads: tuple[str, ...] = ()
    severity: dict[str, float] = field(default_factory=dict)
    sums: dict[str, list[str]] = field(default_factory=dict)

    @cached_property
    def exact(self) -> dict[str, str]:
        """Actor by folded code, for codes without a star. Raises ObservationError where one stands for two."""
        found: dict[str, str] = {}
        for actor, codes in self.actors.items():
            for code in codes:
                if "*" not in code and found.setdefault(folded(code), actor) != actor:
                    raise ObservationError(
                        f'{self.path.name}: {self.section}: "{code}" stands for {found[folded(code)]} and for {actor}'
                    )
        return found

    @cached_property
    def patterns(self) -> list[tuple[str, str]]:
        """(pattern, actor) in the file's order; the first that fits counts."""
        return [(plain(code).casefold(), who) for who, codes in self.actors.items() for code in codes if "*" in code]

    @cached_property
    def _known(self) -> dict[str, str | None]:
        """Actor by code as met so far: a file names few actors many times."""
        return {}

    def actor(self, code: str) -> str | None:
        """The actor a code stands for, or None; capitals and marks of footnotes at the end do not matter."""
        if code not in self._known:
            name = code.casefold()
            fits = (actor for pattern, actor in self.patterns if fnmatchcase(name, pattern))
            self._known[code] = self.exact.get(folded(code)) or next(fits, None) if code else None
        return self._known[code]

    def dyad(self, one: str, other: str) -> str | None:
        """The undirected dyad of two actors in the spelling of the codes file; None where it is not read."""
        if one == other:
            return None
        names = (f"{one}-{other}", f"{other}-{one}")
        return next((name for name in names if name in self.dyads), None) if self.dyads else min(names)

    def whole_sums(self, there: Container[str]) -> dict[str, list[str]]:
        """The sums of which every part is ``there``."""
        return {name: parts for name, parts in self.sums.items() if all(part in there for part in parts)}


def read(path: Path) -> dict[str, Any]:
    """The codes file as plain mappings."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    path = on_disk(path)
    if not path.is_file():
        raise ObservationMissing(f"{path}: no such codes file")
    try:
        data = YAML(typ="safe").load(path)
    except MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"{mark.line + 1}:{mark.column + 1}" if mark else "1:1"
        raise ObservationError(f"{path.name}:{place}: {error.problem}") from None
    except (YAMLError, UnicodeDecodeError, OSError) as error:
        raise ObservationError(f"{path.name}: not readable as YAML ({error})") from None
    if not isinstance(data, dict):
        raise ObservationError(f"{path.name}:1:1: expected sections such as {', '.join(SECTIONS)}")
    return data


def section(path: Path | None, name: str) -> Codes:
    """Section ``name`` of the codes file. Raises ObservationError when it is absent or not understood."""
    if path is None:
        raise ObservationError(
            f"these are single events with the publisher's actor codes ({name}): say with --codes FILE "
            "which code stands for which actor"
        )
    data = read(path).get(name)
    if not isinstance(data, dict):
        raise ObservationError(f'{path.name}: no section "{name}"')
    place = f"{path.name}: {name}"
    for strange in (str(key) for key in data if key not in KEYS):
        raise ObservationError(f'{place}: unknown key "{strange}": {did_you_mean(strange, KEYS, listed(KEYS))}')
    held = {key: data.get(key) or {} for key in KEYS if key != "dyads"}
    for key in (key for key, value in held.items() if not isinstance(value, dict)):
        raise ObservationError(f"{place}.{key} must be a mapping")
    lists = {
        key: {plain(str(k)): _names(f"{place}.{key}.{k}", v) for k, v in held[key].items()}
        for key in ("actors", "sums")
    }
    severity = {plain(str(k)): _magnitude(f"{place}.severity.{k}", v) for k, v in held["severity"].items()}
    return Codes(path, name, dyads=tuple(_names(f"{place}.dyads", data.get("dyads") or [])), severity=severity, **lists)


def optional(path: Path | None, name: str) -> Codes | None:
    """Section ``name`` of the codes file; None without a file or without the section."""
    return section(path, name) if path and name in read(path) else None


def of_names(name: str, actors: Mapping[str, list[str]]) -> Codes:
    """Codes of a table that calls the actors by their own names (actor -> names)."""
    return Codes(Path("the theatre"), name, {actor: list(names) for actor, names in actors.items()})


def _names(what: str, value: Any) -> list[str]:
    if isinstance(value, str):
        return [plain(value)]
    if not isinstance(value, list) or not all(isinstance(item, str | int) for item in value):
        raise ObservationError(f"{what} must be a list of names")
    return [plain(str(item)) for item in value]


def _magnitude(what: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 10:
        raise ObservationError(f"{what} must be a magnitude from 0 to 10")
    return float(value)
