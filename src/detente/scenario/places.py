"""Where scenario files are found: beside the file that names them, then in the folders of shipped scenarios."""

from __future__ import annotations

import os
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

from detente.scenario.words import plain, printed

SUFFIXES = (".yaml", ".yml")
#: folders whose files are parts, to be named by ``extends``; they do not run by themselves
PARTS = ("theatres",)
#: letters a name or a path may have
LONGEST = 1000


def shipped() -> Path:
    """The folder of shipped scenarios: package data, or the repository's when running from a checkout."""
    package = Path(str(files("detente")))
    packed = package / "shipped" / "scenarios"
    return packed if packed.is_dir() else package.parents[1] / "scenarios"


def folders() -> list[Path]:
    """Folders searched for a bare name, in order: DETENTE_SCENARIOS (may list several), then the shipped ones."""
    added = [Path(p) for p in os.environ.get("DETENTE_SCENARIOS", "").split(os.pathsep) if p]
    return [*added, shipped()]


def in_folder(folder: Path, name: str) -> Path | None:
    """The file called ``name``, with or without its suffix, in ``folder``."""
    exact = [folder / name] if name.endswith(SUFFIXES) else []
    written = [*exact, *(folder / (name + s) for s in SUFFIXES)]
    found = next((p for p in written if p.is_file()), None)
    return found or (None if name.isascii() else _otherwise_written(written))


def _otherwise_written(paths: list[Path]) -> Path | None:
    """The file whose name is one of these in another form of Unicode: a disk may store it composed or decomposed."""
    wanted = {plain(path.name) for path in paths}
    folder = paths[0].parent
    there = sorted(folder.iterdir()) if folder.is_dir() else []
    return next((path for path in there if plain(path.name) in wanted and path.is_file()), None)


def named(name: str) -> Path | None:
    """The file a user means: a path, or a bare name in the working folder, its ``scenarios``, or the shipped ones."""
    return sought(name, (Path("scenarios"), *folders()))


def sought(name: str, among: Iterable[Path]) -> Path | None:
    """The file a user means: a path, or a bare name in the working folder or in one of ``among``."""
    if not name.strip() or "\0" in name or len(name) >= LONGEST:
        return None
    if name.endswith(SUFFIXES) or os.sep in name:
        found = Path(name) if Path(name).exists() else None
    else:
        found = in_folder(Path(), name)
    known = (in_folder(folder, name) for folder in among)
    return found or next((p for p in known if p), None) or (Path(name) if Path(name).exists() else None)


def names(parts: bool = False) -> dict[str, Path]:
    """Bare names that can be run, with their files; with ``parts`` also what only ``extends`` can name."""
    found: dict[str, Path] = {}
    for folder in (Path("scenarios"), *folders()):
        for path in sorted(p for s in SUFFIXES for p in folder.glob(f"**/*{s}" if parts else f"*{s}")):
            found.setdefault(plain(path.relative_to(folder).with_suffix("").as_posix()), path)
    return dict(sorted(found.items()))


def is_part(path: Path) -> bool:
    """Whether a file is a part: it lies in a folder of parts."""
    return path.resolve().parent.name in PARTS


def shown(path: Path) -> str:
    """A file's name for people: relative to the working folder, or as shipped."""
    full = Path(os.path.abspath(path))
    for base, prefix in ((Path.cwd(), ""), (shipped(), "scenarios/")):
        if full.is_relative_to(base):
            return printed(prefix + full.relative_to(base).as_posix())
    return printed(str(full))
