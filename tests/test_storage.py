"""Whatever is written is whole or not there: files, folders, locks, and words for what cannot be written."""

import ast
import errno
import os
import resource
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from detente import storage
from detente.experiment.whole import files_of, seal

SRC = Path(__file__).resolve().parent.parent / "src"


@contextmanager
def process(code: str, *words: str) -> "Iterator[subprocess.Popen[str]]":
    """Another Python with the storage module, the folder to work on in ``sys.argv[1]``."""
    text = "import sys, time\nfrom pathlib import Path\nfrom detente import storage\n" + textwrap.dedent(code)
    environment = os.environ | {"PYTHONPATH": str(SRC)}
    command = [sys.executable, "-c", text, *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as running:
        try:
            yield running
        finally:
            running.kill()


def said(running: "subprocess.Popen[str]") -> str:
    assert running.stdout is not None
    return running.stdout.readline().strip()


def reason(path: Path) -> str:
    with pytest.raises(storage.StorageError) as caught:
        storage.write_text(path, "text")
    return str(caught.value)


def listed(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def test_a_file_is_replaced_whole_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    storage.write_json(path, {"a": "é"})
    storage.write_json(path, {"a": 2})
    assert path.read_text() == '{\n "a": 2\n}\n'
    assert listed(tmp_path) == ["a.json"]


def test_a_failing_writer_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    storage.write_bytes(path, b"old")

    def draw() -> None:
        with storage.file(path) as beside:
            assert (beside.parent, beside.suffix) == (path.parent, ".png")
            beside.write_bytes(b"half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        draw()
    assert path.read_bytes() == b"old"
    assert listed(tmp_path) == ["a.png"]


def test_two_writers_of_one_file_do_not_meet(tmp_path: Path) -> None:
    path = tmp_path / "a"
    with storage.file(path) as mine, storage.file(path) as yours:
        mine.write_text("mine")
        yours.write_text("yours")
    assert path.read_text() == "mine"
    assert listed(tmp_path) == ["a"]


def test_a_mode_and_a_link_are_kept(tmp_path: Path) -> None:
    path, link = tmp_path / "a", tmp_path / "link"
    path.write_text("old")
    path.chmod(0o600)
    link.symlink_to(path)
    storage.write_text(link, "new")
    assert link.is_symlink()
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("new", 0o600)


def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with process("print(Path(sys.argv[1]).read_text())", str(pipe)) as running:
        storage.write_text(pipe, "through")
        assert said(running) == "through"
    assert pipe.is_fifo()


def test_a_folder_is_swapped_whole(tmp_path: Path) -> None:
    place = tmp_path / "new" / "K"
    for text in ("one", "two"):
        with storage.folder(place) as beside:
            (beside / text).write_text(text)
            assert text not in listed(place) if place.exists() else True
    assert listed(tmp_path / "new") == ["K", "K/two"]


def test_a_failing_folder_leaves_the_old_one(tmp_path: Path) -> None:
    place = tmp_path / "K"
    with storage.folder(place) as beside:
        (beside / "old").touch()

    def fill() -> None:
        with storage.folder(place) as beside:
            (beside / "half").touch()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fill()
    assert listed(tmp_path) == ["K", "K/old"]


def test_a_fault_inside_a_folder_is_told_of_the_folder_asked_for(tmp_path: Path) -> None:
    place = tmp_path / "K"
    with pytest.raises(storage.StorageError) as caught, storage.folder(place) as beside:
        storage.write_text(beside / "lost" / "a", "text")
    told = f"cannot write {place / 'lost' / 'a'}: there is no folder {place / 'lost'}. Make it first."
    assert str(caught.value) == told
    assert listed(tmp_path) == []


def test_what_others_put_there_is_taken_along(tmp_path: Path) -> None:
    place = tmp_path / "K"
    (place / "notes").mkdir(parents=True)
    for name in ("ours", "mine", "notes/mine"):
        (place / name).write_text("old")
    with storage.folder(place, ours=("ours", "fresh")) as beside:
        (beside / "fresh").write_text("new")
    assert listed(tmp_path) == ["K", "K/fresh", "K/mine", "K/notes", "K/notes/mine"]
    assert (place / "notes/mine").read_text() == "old"


def test_the_working_directory_is_filled_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "K"
    place.mkdir()
    (place / "DONE").touch()
    monkeypatch.chdir(place)
    before = place.stat().st_ino
    with storage.folder(Path(), "DONE") as beside:
        (beside / "data").mkdir()
        (beside / "DONE").write_text("2")
    assert place.stat().st_ino == before
    assert listed(tmp_path) == ["K", "K/DONE", "K/data"]
    assert (place / "DONE").read_text() == "2"


def test_the_second_of_two_is_told_who_is_at_work(tmp_path: Path) -> None:
    place = tmp_path / "K"
    code = """
        with storage.locked(Path(sys.argv[1])):
            print("held", flush=True)
            time.sleep(60)
    """
    with process(code, str(place)) as running:
        assert said(running) == "held"
        told = rf"K is being written by process {running.pid} on .* since \d{{4}}-.*\("
        with pytest.raises(storage.Busy, match=told), storage.locked(place):
            pass
    with storage.locked(place), storage.locked(place):
        assert str(os.getpid()) in (tmp_path / ".K.lock").read_text()
    assert listed(tmp_path) == []


@pytest.mark.parametrize("moved", [False, True])
def test_a_kill_leaves_the_old_folder_and_the_next_writer_clears_up(tmp_path: Path, moved: bool) -> None:
    """Killed while it fills the new folder, and between moving the old one away and the new one in."""
    place = tmp_path / "K"
    place.mkdir()
    (place / "old").touch()
    stop = "storage.os.rename = lambda a, b: (real(a, b), print('there', flush=True), time.sleep(60))"
    code = f"""
        import os
        real = os.rename
        with storage.folder(Path(sys.argv[1])) as beside:
            (beside / "new").touch()
            {stop if moved else "print('there', flush=True); time.sleep(60)"}
    """
    with process(code, str(place)) as running:
        assert said(running) == "there"
    assert place.exists() is not moved
    storage.clear(place)
    assert [name for name in listed(tmp_path) if not name.endswith(".lock")] == ["K", "K/old"]
    with storage.folder(place) as beside:
        (beside / "new").touch()
    assert listed(tmp_path) == ["K", "K/new"]


def test_temporaries_of_the_living_and_of_others_stay(tmp_path: Path) -> None:
    path = tmp_path / "a"
    mine = tmp_path / f".a.{storage.HOST}-{os.getpid()}-0123abcd.part"
    others = tmp_path / ".a.ffffff-1-0123abcd.part"
    mine.touch()
    others.touch()
    storage.write_text(path, "text")
    assert listed(tmp_path) == sorted([mine.name, others.name, "a"])


def test_a_race_of_writers_leaves_one_whole_folder(tmp_path: Path) -> None:
    code = """
        place, word = Path(sys.argv[1]), sys.argv[2]
        for _ in range(40):
            try:
                with storage.folder(place) as beside:
                    for name in "abc":
                        storage.write_text(beside / name, word)
            except storage.Busy:
                pass
        print("done")
    """
    place = tmp_path / "K"
    with process(code, str(place), "one") as one, process(code, str(place), "two") as two:
        assert [said(one), said(two)] == ["done"] * 2
    assert len({(place / name).read_text() for name in "abc"}) == 1
    assert listed(tmp_path) == ["K", "K/a", "K/b", "K/c"]


def test_a_name_of_the_longest_kind_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 255)
    storage.write_text(path, "text")
    with storage.locked(path):
        assert path.read_text() == "text"
    assert listed(tmp_path) == [path.name]


def test_what_is_in_the_way_is_said(tmp_path: Path) -> None:
    file, link, lost = tmp_path / "file", tmp_path / "link", tmp_path / "lost"
    file.touch()
    link.symlink_to("nowhere")
    is_file = f"{file} is a file, not a folder. Choose another place."
    is_link = f"{link} is a link to nowhere, which is not there. Make that, or remove the link."
    assert reason(tmp_path / ("n" * 256)).endswith("the name is too long. Choose a shorter one.")
    assert reason(tmp_path).endswith("it is a folder. Name a file in it.")
    assert reason(lost / "a") == f"cannot write {lost / 'a'}: there is no folder {lost}. Make it first."
    assert reason(file / "a").endswith(is_file)
    assert reason(link).endswith(is_link)
    for path, words in ((file, is_file), (file / "K", is_file), (link, is_link)):
        with pytest.raises(storage.StorageError) as caught, storage.folder(path):
            pass
        assert str(caught.value).endswith(words)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no full device")
def test_a_full_disk_is_said() -> None:
    advice = "no space is left on the disk. Make room, then give the same command again."
    assert reason(Path("/dev/full")) == f"cannot write /dev/full: {advice}"
    assert Path("/dev/full").is_char_device()


def test_a_limit_on_sizes_is_said_and_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        with pytest.raises(storage.StorageError, match="ulimit"):
            storage.write_bytes(path, bytes(2000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert path.read_text() == "old"
    assert listed(tmp_path) == ["a"]


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.EIO, errno.EBUSY])
def test_other_reasons_are_said(tmp_path: Path, number: int) -> None:
    told = str(storage.explained(tmp_path / "a", OSError(number, os.strerror(number))))
    assert told.startswith(f"cannot write {tmp_path / 'a'}: ")
    assert "Choose another" in told


def test_errors_of_other_files_and_of_readers_pass_through(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), storage.file(tmp_path / "a"):
        Path("/nonexistent/other").read_bytes()
    with pytest.raises(BrokenPipeError), storage.file(tmp_path / "a"):
        raise BrokenPipeError


def test_hashes_tell_what_is_lost_and_what_is_changed(tmp_path: Path) -> None:
    for name in ("a", "b/c", "b/d"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    seal(tmp_path, "record", {}, ["b"])
    expected = files_of(tmp_path, "record")
    assert list(expected) == ["b/c", "b/d"]
    assert storage.damage(tmp_path, expected) == {}
    (tmp_path / "b/c").unlink()
    (tmp_path / "b/d").write_text("other")
    assert storage.damage(tmp_path, expected) == {"b/c": "missing", "b/d": "damaged"}


#: calls that put something on a disk
WRITES = {"write_text", "write_bytes", "savefig", "to_zarr", "to_netcdf", "copyfile", "rename", "replace", "rmtree"}
#: modules that fill what ``storage`` gave them to fill, or memory; the journal, only ever appended to; standard streams
FILL = {
    *("analysis/tidy.py", "api/export.py", "cli/streams.py", "evidence/calibration/part.py", "experiment/journal.py"),
    *(
        "experiment/store.py",
        "figures/save.py",
        "figures/sheet.py",
        "report/experiment_page.py",
        "report/folder.py",
        "report/pdf.py",
    ),
}


def writes(call: ast.Call) -> bool:
    """Whether a call writes by itself: a known writer of something other than ``storage``, or an open to write."""
    if not isinstance(call.func, ast.Attribute):
        return isinstance(call.func, ast.Name) and call.func.id == "open"
    owner = call.func.value.id if isinstance(call.func.value, ast.Name) else ""
    if call.func.attr == "open":
        return any(isinstance(one, ast.Constant) and set(str(one.value)) & set("wax+") for one in call.args)
    if call.func.attr in ("rename", "replace", "rmtree"):  # words and dates are replaced too
        return owner in ("os", "shutil")
    return call.func.attr in WRITES and owner != "storage"


def test_nothing_is_written_by_another_way() -> None:
    package = SRC / "detente"
    found = set()
    for module in package.rglob("*.py"):
        tree = ast.parse(module.read_text(encoding="utf-8"))
        if any(isinstance(node, ast.Call) and writes(node) for node in ast.walk(tree)):
            found.add(module.relative_to(package).as_posix())
    assert found - {"storage.py"} <= FILL


def test_a_holder_that_has_not_said_its_name_yet_is_waited_for(tmp_path: Path) -> None:
    """Between taking a lock and writing who holds it there is a moment, in which another may look."""
    fcntl = pytest.importorskip("fcntl")
    place = tmp_path / ".out.lock"
    with place.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        later = threading.Timer(0.1, lambda: place.write_text("process 7 on elsewhere"))
        later.start()
        with pytest.raises(storage.Busy, match="by process 7 on elsewhere"), storage.locked(tmp_path / "out"):
            pass
        later.join()
