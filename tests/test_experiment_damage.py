"""Every file of an experiment's folder, damaged in every way: the same numbers after resume, or words that name it."""

import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from detente.errors import DetenteError
from detente.experiment.execute import execute
from detente.experiment.pools import Local
from detente.experiment.results import ResultRefused, open_experiment
from detente.experiment.status import NoExperiment, Status, status, whole_inputs
from tests.experiment_functions import study

WHAT = study("with_path", factors=1, points=2, members=8, batch=8)


def flip(path: Path, bit: int) -> None:
    """Turn one bit of a file."""
    content = bytearray(path.read_bytes())
    content[bit // 8] ^= 1 << bit % 8
    path.write_bytes(content)


def turned(path: Path) -> None:
    """Turn one bit, another one for every file and size."""
    flip(path, random.Random(f"{path.name} {path.stat().st_size}").randrange(8 * path.stat().st_size))


def became_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


DAMAGE: dict[str, Callable[[Path], object]] = {
    "deleted": Path.unlink,
    "emptied": lambda path: path.write_bytes(b""),
    "truncated": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "turned": turned,
    "garbage": lambda path: path.write_bytes(random.Random(1).randbytes(200)),
    "other": lambda path: path.write_text('{"sha256": [], "batch": 1}\n[]\n', encoding="utf-8"),
    "folder": became_folder,
}


def go(folder: Path, resume: bool = True) -> Status:
    return execute(WHAT, folder, Local(1), resume=resume)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Status]:
    """A finished folder that is left alone, and its status."""
    folder = tmp_path_factory.mktemp("sound") / "out"
    return folder, go(folder, resume=False)


def files(folder: Path) -> Iterator[str]:
    return (path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")) if path.is_file())


@pytest.mark.parametrize(
    ("kind", "finished"),
    [
        *((kind, True) for kind in DAMAGE),
        *(pytest.param(kind, False, marks=[] if kind == "turned" else pytest.mark.slow) for kind in DAMAGE),
    ],
)
def test_every_damaged_file(tmp_path: Path, sound: tuple[Path, Status], kind: str, finished: bool) -> None:
    whole, before = sound
    numbers = open_experiment(whole)
    names = list(files(whole))
    assert len(names) >= 20
    for name in names if finished else [name for name in names if "/" in name]:
        folder = tmp_path / name.replace("/", "_")
        shutil.copytree(whole, folder)
        if not finished:
            (folder / "DONE").unlink()
        DAMAGE[kind](folder / name)
        with pytest.raises((ResultRefused, NoExperiment)) as refused:
            open_experiment(folder)
        assert str(folder) in str(refused.value)
        if kind == "folder" and ".zarr" not in name:
            with pytest.raises(DetenteError, match=f"{folder / name} is a folder where a file belongs"):
                go(folder)
            continue
        now = go(folder)
        assert (now.complete, now.digest) == (True, before.digest), name
        assert open_experiment(folder).drop_attrs().identical(numbers.drop_attrs()), name
        assert sorted(files(folder)) == sorted(names)


def test_single_flips_are_found(tmp_path: Path, sound: tuple[Path, Status]) -> None:
    """150 turned bits, spread over all chunks by their size: none is read."""
    whole, before = sound
    folder, chance = tmp_path / "out", random.Random(7)
    shutil.copytree(whole, folder)
    chunks = [path for path in sorted(folder.rglob("c/**/*")) if path.is_file()]
    sizes = [path.stat().st_size for path in chunks]
    for path in chance.choices(chunks, sizes, k=150):
        bit = chance.randrange(8 * path.stat().st_size)
        flip(path, bit)
        with pytest.raises(ResultRefused, match=rf"is damaged: {path.relative_to(folder)} is damaged"):
            open_experiment(folder)
        flip(path, bit)
    assert status(folder).digest == before.digest


def test_inputs_that_are_lost_are_said_and_written_again_for_their_experiment(
    tmp_path: Path, sound: tuple[Path, Status]
) -> None:
    folder = tmp_path / "out"
    shutil.copytree(sound[0], folder)
    (folder / "inputs.json").unlink()
    for read in (status, whole_inputs, open_experiment):
        with pytest.raises(NoExperiment, match=rf"{folder}/inputs.json is missing.*run FILE --resume --out {folder}"):
            read(folder)
    other = study("with_path", factors=1, points=2, members=8, batch=8, seed=2)
    with pytest.raises(DetenteError, match="no batch there is of this experiment"):
        execute(other, folder, Local(1), resume=True)
    with pytest.raises(DetenteError, match="is missing"):
        go(folder, resume=False)
    assert not (folder / "inputs.json").exists()
    assert go(folder).digest == sound[1].digest


def test_lines_of_another_run_do_not_count(tmp_path: Path, sound: tuple[Path, Status]) -> None:
    folder = tmp_path / "out"
    other = study("with_path", factors=1, points=2, members=8, batch=8, seed=2)
    execute(other, folder, Local(1))
    shutil.copy(sound[0] / "stage-1/journal.jsonl", folder / "stage-1/journal.jsonl")
    assert status(folder).done == 0
