"""A command in a process of its own that has all imported already: for tests in which its start is not what is tested.

The child is forked from the tests: modules that it imports, and what it registers, end with it. Where processes are not
forked safely, it is started.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import traceback
import warnings
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

#: systems whose own libraries stand a fork
SAFE = sys.platform == "linux"
#: what nearly every command imports, and a child then finds there
SHARED = ("detente.api.run", "detente.api.check", "detente.experiment.store", "detente.figures.fan", "xarray", "zarr")


def detente(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """``detente WORDS`` in a working folder."""
    command = [sys.executable, "-m", "detente", *words]
    if not SAFE:
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return forked(command, folder, lambda: _command(words))


def python(folder: Path, code: str) -> subprocess.CompletedProcess[str]:
    """A script in a working folder, which it may import from."""
    command = [sys.executable, "-c", code]
    if not SAFE:
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return forked(command, folder, lambda: exec(compile(code, "<string>", "exec"), {"__name__": "__main__"}))


def _command(words: tuple[str, ...]) -> None:
    from detente.cli.main import main

    main(list(words))  # not by sys.argv: what a process of its own leaves out is there already


def forked(command: list[str], folder: Path, call: Callable[[], None]) -> subprocess.CompletedProcess[str]:
    """What ``call`` prints in a child, and how it ends."""
    for name in SHARED:
        import_module(name)
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # the threads of pytest-xdist hold nothing of ours
            child = os.fork()
        if child == 0:
            _ended(folder, out.fileno(), err.fileno(), call)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        told = [_read(stream.fileno()) for stream in (out, err)]
    return subprocess.CompletedProcess(command, code, *told)


def _ended(folder: Path, out: int, err: int, call: Callable[[], None]) -> None:
    """The whole life of the child."""
    code = 1
    try:
        os.chdir(folder)
        sys.path.insert(0, str(folder))
        warnings.resetwarnings()  # those of a test are errors
        warnings.simplefilter("ignore")
        for stream, descriptor in ((sys.__stdout__, 1), (sys.__stderr__, 2)):
            assert stream is not None
            os.dup2(out if descriptor == 1 else err, descriptor)
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
        try:
            call()
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        except BaseException:
            traceback.print_exc()
        with contextlib.suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
    finally:
        os._exit(code)


def _read(descriptor: int) -> str:
    os.lseek(descriptor, 0, os.SEEK_SET)
    with open(descriptor, encoding="utf-8", closefd=False) as stream:
        return stream.read()
