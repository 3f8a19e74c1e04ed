"""Kept machine code: found again, never taken when damaged or foreign, bounded, safe between processes."""

import ctypes
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("llvmlite", reason="the extra fast is not installed")

from detente.engine import cache
from detente.errors import DetenteError

TEXT = "define i64 @twice(i64 %x) {{\n  %y = mul i64 %x, {factor}\n  ret i64 %y\n}}\n"
RACE = """
import ctypes, sys
from detente.engine import cache
sys.stdin.readline()
for factor in range(2, 12):
    code = cache.compiled(f"define i64 @twice(i64 %x) {{\\n %y = mul i64 %x, {factor}\\n ret i64 %y\\n}}\\n")
    assert ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_int64)(code.address("twice"))(21) == 21 * factor
"""


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path))
    cache.compiled.cache_clear()
    return tmp_path / "code"


def called(factor: int) -> int:
    """21 times a factor, by machine code that this process has not yet in memory."""
    cache.compiled.cache_clear()
    code = cache.compiled(TEXT.format(factor=factor))
    return int(ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_int64)(code.address("twice"))(21))


def files(place: Path) -> list[Path]:
    return sorted(path for path, _ in cache.kept(place))


def test_code_is_kept_and_found_again(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert called(2) == 42
    assert len(files(place)) == 1
    monkeypatch.setattr(cache, "translated", lambda text: pytest.fail("compiled again"))
    assert called(2) == 42


@pytest.mark.parametrize(
    "damage", [lambda b: b"", lambda b: b[:-1], lambda b: b[:50] + b"\0" + b[51:], lambda b: b"x" * 9]
)
def test_damaged_code_is_compiled_anew(place: Path, damage) -> None:
    called(2)
    (kept,) = files(place)
    whole = kept.read_bytes()
    kept.write_bytes(damage(whole))
    assert called(2) == 42
    assert kept.read_bytes() == whole


def test_code_that_others_could_have_written_is_not_run(place: Path) -> None:
    called(2)
    (kept,) = files(place)
    place.chmod(0o777)
    assert cache.read(kept) is None
    assert called(3) == 63
    assert files(place) == [kept]


def test_what_cannot_be_kept_is_compiled_every_time(place: Path) -> None:
    place.parent.rmdir()
    place.parent.write_text("a file where the folder should be")
    assert called(2) == 42


def test_what_was_used_longest_ago_makes_room(place: Path) -> None:
    for factor in (2, 3, 4):
        called(factor)
    by_use = {path: 1000.0 * n for n, path in enumerate(files(place), 1)}
    for path, time in by_use.items():
        os.utime(path, (time, time))
    size = next(iter(by_use)).stat().st_size
    cache.make_room(place, 2 * size + 10)
    assert files(place) == sorted(by_use, key=lambda path: by_use[path])[1:]


def test_processes_that_race_find_whole_code(place: Path) -> None:
    racers = [
        subprocess.Popen([sys.executable, "-c", RACE], stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    for racer in racers:
        assert racer.stdin
        racer.stdin.write("go\n")
        racer.stdin.flush()
    assert [racer.communicate()[1] for racer in racers] == [""] * 3
    assert [racer.returncode for racer in racers] == [0] * 3
    assert len(files(place)) == 10
    assert [path.suffix for path in place.iterdir()] == [cache.SUFFIX] * 10


def test_the_folder_is_the_systems(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("no home")

    monkeypatch.delenv(cache.VARIABLE)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", "/caches")
    assert cache.folder() == Path("/caches/detente/code")
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(Path, "home", lambda: Path("/me"))
    assert cache.folder() == Path("/me/.cache/detente/code")
    monkeypatch.setattr(sys, "platform", "darwin")
    assert cache.folder() == Path("/me/Library/Caches/detente/code")
    monkeypatch.setattr(Path, "home", homeless)
    assert cache.folder().parent.name == f"detente-{os.getuid()}"


def test_the_name_depends_on_text_and_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    here = cache.key("text")
    assert here != cache.key("another")
    monkeypatch.setattr(cache, "processor", lambda: "another")
    assert here != cache.key("text")


def test_refusals_say_why() -> None:
    with pytest.raises(DetenteError, match="LLVM refuses"):
        cache.compiled("define nonsense")
    with pytest.raises(DetenteError, match="no function"):
        cache.compiled(TEXT.format(factor=2)).address("thrice")
