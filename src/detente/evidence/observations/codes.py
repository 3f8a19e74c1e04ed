"""Which code of a publisher stands for which actor: data beside the theatre, never in the code.

A codes file is YAML, one section per layout::

    keds:
      actors: {A: [AAA, AAAMIL], B: [BBB]}
      dyads: [A-B]                     # without it, every pair that occurs
    acled:
      actors: {A: ["Military Forces of A*"]}   # a star matches the rest of a name
      severity: {Battles: 10}          # Goldstein magnitude by event type or sub-type
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import Any

from detente.evidence.observations.series import ObservationError, ObservationMissing


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
        """Actor by code, for codes without a star."""
        return {code: actor for actor, codes in self.actors.items() for code in codes if "*" not in code}

    @cached_property
    def patterns(self) -> list[tuple[str, str]]:
        """(pattern, actor) in the file's order; the first that fits counts."""
        return [(code, actor) for actor, codes in self.actors.items() for code in codes if "*" in code]

    def actor(self, code: str) -> str | None:
        """The actor a code stands for, or None."""
        if code in self.exact:
            return self.exact[code]
        return next((actor for pattern, actor in self.patterns if fnmatchcase(code, pattern)), None)

    def dyad(self, one: str, other: str) -> str | None:
        """The undirected dyad of two actors in the spelling of the codes file; None where it is not read."""
        if one == other:
            return None
        names = (f"{one}-{other}", f"{other}-{one}")
        if self.dyads:
            return next((name for name in names if name in self.dyads), None)
        return min(names)


def read(path: Path) -> dict[str, Any]:
    """The codes file as plain mappings."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError

    if not path.is_file():
        raise ObservationMissing(f"{path}: no such codes file")
    try:
        data = YAML(typ="safe").load(path)
    except MarkedYAMLError as error:
        line = (error.problem_mark.line + 1) if error.problem_mark else 1
        raise ObservationError(f"{path.name}:{line}: {error.problem}") from None
    if not isinstance(data, dict):
        raise ObservationError(f"{path.name}:1: expected sections such as keds, cameo, acled, ai_gpr")
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
    return Codes(
        path=path,
        section=name,
        actors={str(k): [str(c) for c in v] for k, v in _mapping(path, name, data, "actors").items()},
        dyads=tuple(str(d) for d in data.get("dyads") or ()),
        severity={str(k): float(v) for k, v in _mapping(path, name, data, "severity").items()},
        sums={str(k): [str(c) for c in v] for k, v in _mapping(path, name, data, "sums").items()},
    )


def _mapping(path: Path, name: str, data: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = data.get(key) or {}
    if not isinstance(value, dict):
        raise ObservationError(f"{path.name}: {name}.{key} must be a mapping")
    return value
