"""Where a figure comes from: printed under it, and written into the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from detente.figures.words import NB
from detente.prose.wording import counted, listed, whole

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True)
class Provenance:
    """What is needed to make the numbers again: names with their SHA-256, seeds, size of the run, commands."""

    names: tuple[str, ...]
    hashes: tuple[str, ...]
    seeds: tuple[str, ...]
    size: str
    version: str
    commands: tuple[str, ...] = ()
    kind: str = "Scenario"
    engine: str = ""

    @property
    def line(self) -> str:
        """ "Scenario arms_race (9f2c61d4) · seed 1 · 1 000 runs × 287 weeks · engine numpy · detente 0.1.0 · …" """
        pairs = zip(self.names, self.hashes, strict=True)
        named = [f"{name}{NB}({digest[:8]})" if digest else name for name, digest in pairs]
        parts = [
            f"{self.kind}{'s' * (len(named) > 1)}{NB}{listed(named)}",
            f"seed{NB}{'/'.join(dict.fromkeys(self.seeds))}",
            self.size.replace(" ", NB),
            *([f"engine{NB}{self.engine}"] if self.engine else []),
            f"detente{NB}{self.version}",
            *self._commands(),
        ]
        return " · ".join(parts) + "."

    def _commands(self) -> tuple[str, ...]:
        """The commands, folded into one where they differ by the scenario's name alone."""
        if len(self.commands) != len(self.names) or len(self.commands) == 1:
            return self.commands
        folded = {c.replace(name, "SCENARIO") for c, name in zip(self.commands, self.names, strict=True)}
        return tuple(folded) if len(folded) == 1 else self.commands

    @property
    def source(self) -> str:
        """The whole of it, for a file's metadata: full hashes and every command."""
        hashes = "; ".join(f"{n} sha256 {h}" for n, h in zip(self.names, self.hashes, strict=True) if h)
        return " | ".join(filter(None, [self.line.replace(NB, " "), hashes, *self.commands]))


def _span(values: Sequence[int], noun: str) -> str:
    low, high = min(values), max(values)
    return counted(low, noun) if low == high else f"{whole(low)}–{counted(high, noun)}"


def provenance(*results: xr.Dataset) -> Provenance:
    """The provenance of a figure drawn from ``results``."""
    attrs = [ds.attrs for ds in results]
    runs = _span([ds.sizes["member"] for ds in results], "run")
    weeks = _span([ds.sizes["time"] - 1 for ds in results], "week")
    return Provenance(
        names=tuple(str(a.get("scenario", "?")) for a in attrs),
        hashes=tuple(str(a.get("scenario_hash", "")) for a in attrs),
        seeds=tuple(str(a.get("seed", "?")) for a in attrs),
        size=f"{runs} × {weeks}",
        version=str(attrs[0].get("detente_version", "?")),
        commands=tuple(dict.fromkeys(str(a["command"]) for a in attrs if a.get("command"))),
        engine="/".join(dict.fromkeys(str(a["engine"]) for a in attrs if a.get("engine"))),
    )


def of_experiment(data: xr.Dataset) -> Provenance:
    """The provenance of a figure drawn from a finished experiment."""
    attrs, points, members = data.attrs, data.sizes["point"], data.sizes["member"]
    engine = str(attrs.get("engine", ""))
    other = f" --engine {engine}" if engine not in ("", "numpy") else ""
    made = of_file(
        str(attrs.get("experiment", "?")),
        str(attrs.get("inputs_digest", "")),
        attrs.get("seed", "?"),
        f"{counted(points, 'case')} × {counted(members, 'run')}",
        f"detente experiment run {attrs['file']}{other}" if attrs.get("file") else "",
        "Experiment",
    )
    return replace(made, engine=engine)


def of_file(
    name: str, digest: str, seed: object, size: str, command: str = "", kind: str = "Observations"
) -> Provenance:
    """The provenance of a figure drawn from one file, known by its SHA-256 ``digest``."""
    commands = (command,) if command else ()
    return Provenance((name,), (digest,), (str(seed),), size, version("detente"), commands, kind)


def of_record(record: Mapping[str, Any], command: str = "") -> Provenance:
    """The provenance of a figure drawn from a hindcast's record."""
    name, digest, seed = (
        str(record.get(key, default)) for key, default in (("file", "?"), ("sha256", ""), ("seed", "?"))
    )
    return of_file(name, digest, seed, counted(int(record.get("members", 0)), "member"), command)


def of_calibration(record: Mapping[str, Any]) -> Provenance:
    """The provenance of a figure drawn from a calibration's record."""
    return Provenance(
        names=(str(record.get("scenario", "?")), str(record.get("file", "?"))),
        hashes=(str(record.get("scenario_hash", "")), str(record.get("sha256", ""))),
        seeds=(str(record.get("seed", "?")),),
        size=f"{whole(int(record.get('draws', 0)))} simulations × {whole(int(record.get('weeks', 0)))} weeks",
        version=str(record.get("detente_version", "?")),
        commands=(str(record["command"]),) if record.get("command") else (),
        kind="Input",
    )
