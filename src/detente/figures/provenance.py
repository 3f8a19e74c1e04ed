"""Where a figure comes from: printed under it, and written into the file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from detente.analysis.wording import whole
from detente.figures.words import NB, listed

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True)
class Provenance:
    """What is needed to make the numbers again. ``line`` is one sentence for the foot of a figure."""

    scenarios: tuple[str, ...]
    hashes: tuple[str, ...]
    seeds: tuple[str, ...]
    members: tuple[int, ...]
    weeks: tuple[int, ...]
    version: str
    commands: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        """ "Scenario arms_race (9f2c61d4) · seed 1 · 1 000 runs × 287 weeks · detente 0.1.0 · detente run …" """
        named = [
            f"{name}{NB}({digest[:8]})" if digest else name
            for name, digest in zip(self.scenarios, self.hashes, strict=True)
        ]
        parts = [
            f"Scenario{'s' * (len(named) > 1)}{NB}{listed(named)}",
            f"seed{NB}{'/'.join(dict.fromkeys(self.seeds))}",
            f"{_span(self.members)}{NB}runs{NB}×{NB}{_span(self.weeks)}{NB}weeks",
            f"detente{NB}{self.version}",
            *self._commands(),
        ]
        return " · ".join(parts) + "."

    def _commands(self) -> tuple[str, ...]:
        """The commands, folded into one where they differ by the scenario's name alone."""
        if len(self.commands) != len(self.scenarios) or len(self.commands) == 1:
            return self.commands
        folded = {c.replace(name, "SCENARIO") for c, name in zip(self.commands, self.scenarios, strict=True)}
        return tuple(folded) if len(folded) == 1 else self.commands

    @property
    def source(self) -> str:
        """The whole of it, for a file's metadata: full hashes and every command."""
        hashes = "; ".join(f"{n} sha256 {h}" for n, h in zip(self.scenarios, self.hashes, strict=True))
        return " | ".join([self.line.replace(NB, " "), hashes, *self.commands])


def _span(values: tuple[int, ...]) -> str:
    low, high = min(values), max(values)
    return whole(low) if low == high else f"{whole(low)}–{whole(high)}"


def provenance(*results: xr.Dataset) -> Provenance:
    """The provenance of a figure drawn from ``results``."""
    attrs = [ds.attrs for ds in results]
    return Provenance(
        scenarios=tuple(str(a.get("scenario", "?")) for a in attrs),
        hashes=tuple(str(a.get("scenario_hash", "")) for a in attrs),
        seeds=tuple(str(a.get("seed", "?")) for a in attrs),
        members=tuple(int(ds.sizes["member"]) for ds in results),
        weeks=tuple(int(ds.sizes["time"]) - 1 for ds in results),
        version=str(attrs[0].get("detente_version", "?")),
        commands=tuple(dict.fromkeys(str(a["command"]) for a in attrs if a.get("command"))),
    )
