"""Machine code: compiled once for this processor, then kept in the user's cache folder.

The name of a kept file is the hash of everything that the code depends on: the text compiled, or what decides the text,
LLVM and its binding, the processor and its features. It cannot go stale; a file that is damaged counts as not there.
What cannot be kept (no room, no permission) is compiled anew every time.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import llvmlite
import llvmlite.binding as llvm

from detente import storage
from detente.errors import DetenteError

#: of files kept, together; beyond it those go that were used longest ago
MOST_BYTES = 64 * 2**20
#: how hard LLVM tries: 0 to 3
EFFORT = 2
#: bytes of the hash in front of what is kept
SEAL = hashlib.sha256().digest_size
SUFFIX = ".code"
#: names a folder that is used in place of the system's
VARIABLE = "DETENTE_CACHE"


@dataclass(frozen=True)
class Code:
    """Machine code in memory, as long as this is."""

    engine: Any
    object_bytes: int

    def address(self, name: str) -> int:
        """Where a function starts. Raises DetenteError where there is none of that name."""
        found = int(self.engine.get_function_address(name))
        if not found:
            raise DetenteError(f"the compiled code has no function {name}")
        return found


@lru_cache(maxsize=16)
def compiled(text: str) -> Code:
    """Machine code of a module in LLVM's assembly language: kept, or compiled and kept."""
    return made(text, lambda: text)


def made(told: str, text: Callable[[], str]) -> Code:
    """Machine code that ``told`` decides: kept, or compiled from the text that is made only then, and kept."""
    place = folder() / f"{key(told)}{SUFFIX}"
    machine_code = read(place)
    if machine_code is None:
        machine_code = translated(text())
        keep(place, machine_code)
    return loaded(machine_code)


def key(text: str) -> str:
    """Hash of all that the machine code of ``text`` depends on."""
    parts = (text, llvmlite.__version__, llvm_version(), processor(), features(), EFFORT)
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()


def translated(text: str) -> bytes:
    """Compile for this processor: an object file. Raises DetenteError where LLVM refuses the text."""
    try:
        module = llvm.parse_assembly(text)
        module.verify()
    except RuntimeError as error:
        raise DetenteError(f"LLVM refuses the code: {error}") from error
    machine = _machine()
    tuning = llvm.create_pipeline_tuning_options(speed_level=EFFORT)
    # what comes here is written in vectors, its loops long: to unroll them doubles the work and gains nothing
    tuning.loop_unrolling = tuning.loop_vectorization = tuning.slp_vectorization = False
    builder = llvm.create_pass_builder(machine, tuning)
    builder.getModulePassManager().run(module, builder)
    return bytes(machine.emit_object(module))


def loaded(machine_code: bytes) -> Code:
    """Bring an object file into memory, ready to be called."""
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), _machine())
    engine.add_object_file(llvm.ObjectFileRef.from_data(machine_code))
    engine.finalize_object()
    return Code(engine, len(machine_code))


def read(place: Path) -> bytes | None:
    """What is kept; None where nothing is, where it is damaged, or where others could have written it."""
    try:
        if not _ours(place.parent):
            return None
        content = place.read_bytes()
        os.utime(place)
    except OSError:
        return None
    seal, machine_code = content[:SEAL], content[SEAL:]
    return machine_code if hashlib.sha256(machine_code).digest() == seal else None


def keep(place: Path, machine_code: bytes) -> None:
    """Keep it for the next process, if that can be; what was used longest ago makes room."""
    with suppress(OSError, storage.StorageError):
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if _ours(place.parent):
            storage.write_bytes(place, hashlib.sha256(machine_code).digest() + machine_code)
            make_room(place.parent)


def make_room(place: Path, most: int = MOST_BYTES) -> None:
    """Take away what was used longest ago until ``most`` bytes are left. Raises OSError."""
    size = 0
    for path, status in sorted(kept(place), key=lambda one: -one[1].st_mtime):
        size += status.st_size
        if size > most:
            path.unlink(missing_ok=True)


def kept(place: Path) -> list[tuple[Path, os.stat_result]]:
    """Files that are kept, and what the system knows of them."""
    found = []
    with suppress(OSError):
        for path in place.glob(f"*{SUFFIX}"):
            with suppress(FileNotFoundError):  # another process made room
                found.append((path, path.stat()))
    return found


def folder() -> Path:
    """Where machine code is kept: in the folder named in DETENTE_CACHE, or where the system has such things."""
    if named := os.environ.get(VARIABLE):
        return Path(named) / "code"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", tempfile.gettempdir())) / "detente" / "cache" / "code"
    if sys.platform != "darwin" and (named := os.environ.get("XDG_CACHE_HOME")):
        return Path(named) / "detente" / "code"
    try:
        home = Path.home()
    except RuntimeError:  # a user without a home
        return Path(tempfile.gettempdir()) / f"detente-{os.getuid()}" / "code"
    return home / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "detente" / "code"


def doubles() -> int:
    """Doubles that one instruction of this processor works on."""
    known = set(features().split(","))
    return 8 if "+avx512f" in known else 4 if "+avx" in known else 2


def llvm_version() -> str:
    """The version of LLVM."""
    return ".".join(map(str, llvm.llvm_version_info))


@cache
def processor() -> str:
    """Name of this processor, as LLVM has it."""
    return str(llvm.get_host_cpu_name())


@cache
def features() -> str:
    """What this processor can and cannot do, as LLVM has it, with commas."""
    return str(llvm.get_host_cpu_features().flatten())


def _machine() -> Any:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    target = llvm.Target.from_default_triple()
    return target.create_target_machine(
        cpu=processor(), features=features(), opt=EFFORT, reloc="pic", codemodel="jitdefault"
    )


def _ours(place: Path) -> bool:
    """Whether nobody else writes there: code from there is run. Raises OSError."""
    if not hasattr(os, "getuid"):
        return True
    status = place.stat()
    return status.st_uid == os.getuid() and not status.st_mode & 0o022
