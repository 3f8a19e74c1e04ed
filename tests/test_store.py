"""Result folders: whole or not opened, one writer at a time, every byte held against its hash, a fixed order."""

import json
import os
import random
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scenario_data
import xarray as xr
from click.testing import CliRunner, Result

from detente import storage
from detente.cli import main
from detente.experiment.digest import MEANING, digest
from detente.experiment.run import run
from detente.experiment.store import DONE, RUN, SUMMARY, ResultError, open_result, read_json, save
from detente.scenario.load import load

SIZE = ("--members", "2", "--weeks", "4")


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("store")
    scenario_data.write(folder)
    return folder


@pytest.fixture(scope="module")
def small(shelf: Path) -> Any:
    return load(shelf / "small.yaml").scenario


@pytest.fixture(scope="module")
def ensemble(small: Any) -> xr.Dataset:
    return run(small, 6, seed=3, weeks=20)


@pytest.fixture
def kept(ensemble: xr.Dataset, tmp_path: Path) -> Path:
    """A stored result, to be damaged."""
    folder = tmp_path / "K"
    save(ensemble, folder, {"command": "detente run base --members 6"}, {"scenario": {}}, {SUMMARY: "week\n"})
    return folder


def detente(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


@contextmanager
def file_size(most: int) -> Iterator[None]:
    """No file may grow above ``most`` bytes: as a full disk does, in the middle of a file."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


# -- two at once


def at_once(shelf: Path, *lines: tuple[str, ...]) -> list[tuple[int, str]]:
    """Exit code and stderr of commands started at the same time."""
    command = [sys.executable, "-c", "from detente.cli import main; main()", "run", "small.yaml", *SIZE]
    running = [
        subprocess.Popen([*command, *words], cwd=shelf, text=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        for words in lines
    ]
    told = [one.communicate()[1] for one in running]
    return [(one.returncode, said) for one, said in zip(running, told, strict=True)]


@pytest.mark.parametrize("place", [("--out", "race"), ()])
def test_two_runs_into_one_folder_leave_one_of_them(shelf: Path, place: tuple[str, ...]) -> None:
    """With other seeds into one --out, and the very same run twice into the default folder."""
    seeds = ("7", "8") if place else ("7", "7")
    told = at_once(shelf, *(("--seed", seed, *place) for seed in seeds))
    assert {code for code, _ in told} <= {0, 3}
    done = [int(seed) for seed, (code, _) in zip(seeds, told, strict=True) if code == 0]
    assert done
    for said in (said for code, said in told if code == 3):
        assert "is being written by process" in said or "holds a result already" in said
    folder = shelf / place[1] if place else next((shelf / "results").iterdir())
    ds, told_by = open_result(folder), read_json(folder, RUN)
    assert ds.attrs["seed"] == told_by["seed"]
    assert ds.attrs["seed"] in done
    assert digest(ds) == told_by["digest"]
    assert not [path.name for path in folder.parent.iterdir() if path.name.startswith(".")]


def test_who_is_at_work_is_said_before_anything_is_run(
    shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("detente.experiment.run.run", lambda *_, **__: pytest.fail("it was run"))
    code = "import sys, time; from pathlib import Path; from detente import storage\n"
    code += "with storage.locked(Path(sys.argv[1])): print(flush=True); time.sleep(60)"
    command = [sys.executable, "-c", code, str(tmp_path / "K")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        told = detente("run", shelf / "small.yaml", *SIZE, "--out", tmp_path / "K")
        other.kill()
    assert told.exit_code == 3
    assert f"is being written by process {other.pid} on" in told.stderr


# -- damage


def test_a_lost_chunk_is_named_with_what_to_do(kept: Path) -> None:
    lost = next(path for path in files(kept / "data.zarr" / "tension") if path.name != "zarr.json")
    lost.unlink()
    with pytest.raises(ResultError) as caught:
        open_result(kept)
    assert str(caught.value) == (
        f"{kept} is damaged: {lost.relative_to(kept)} is missing. "
        f"Copy it once more, or run detente run base --members 6 --out {kept} --force"
    )
    told = detente("export", kept, "-o", kept.parent / "t.csv")
    assert (told.exit_code, str(caught.value) in told.stderr) == (3, True)


def test_every_file_of_the_data_is_missed(kept: Path) -> None:
    for path in files(kept / "data.zarr"):
        content = path.read_bytes()
        path.unlink()
        with pytest.raises(ResultError, match="is missing"):
            open_result(kept)
        path.write_bytes(content)
    open_result(kept)


def refused(folder: Path) -> bool:
    """Whether reading what is read of a folder names it as faulty."""
    try:
        open_result(folder)
        read_json(folder, "scenario.json")
    except ResultError as error:
        return str(folder) in str(error)
    return False


def test_no_single_bit_goes_unnoticed(kept: Path) -> None:
    """Bits of data, metadata, run.json, scenario.json and DONE; and files cut short or emptied."""
    chance = random.Random(1)
    (kept / "summary.csv").unlink()  # nobody reads it back
    for path in files(kept):
        content = path.read_bytes()
        turned = bytearray(content)
        turned[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        for other in (bytes(turned), content[: len(content) // 2], b""):
            path.write_bytes(other)
            assert refused(kept), path
        path.write_bytes(content)
    assert not refused(kept)


def test_a_chunk_of_another_result_is_a_stranger(kept: Path) -> None:
    chunk = next(path for path in files(kept / "data.zarr" / "tension") if path.name != "zarr.json")
    shutil.copy(chunk, chunk.with_name("99"))
    with pytest.raises(ResultError, match=r"tension/c/.*99 is of another result"):
        open_result(kept)
    chunk.with_name("99").rename(chunk.with_name(".DS_Store"))
    open_result(kept)


def test_data_of_one_run_beside_the_record_of_another_is_refused(kept: Path, small: Any, tmp_path: Path) -> None:
    other = tmp_path / "other"
    save(run(small, 6, seed=4, weeks=20), other, {}, {})
    shutil.rmtree(kept / "data.zarr")
    shutil.copytree(other / "data.zarr", kept / "data.zarr")
    with pytest.raises(ResultError, match="is damaged"):
        open_result(kept)


def test_a_folder_of_an_earlier_version_opens_with_a_note(kept: Path, caplog: pytest.LogCaptureFixture) -> None:
    told = json.loads((kept / RUN).read_text())
    del told["files"]
    (kept / RUN).write_text(json.dumps(told))
    (kept / DONE).write_text("")
    open_result(kept)
    assert caplog.messages == [f"{kept} was saved without hashes: a damaged or lost file in it would go unnoticed"]
    assert read_json(kept, RUN)["command"] == "detente run base --members 6"


def test_a_result_swapped_in_while_another_is_read_is_opened(
    kept: Path, small: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    damage = storage.damage
    fresh = run(small, 4, seed=5, weeks=6)

    def swapped(place: Path, expected: dict[str, str]) -> dict[str, str]:
        if "run.json" not in expected:
            monkeypatch.setattr(storage, "damage", damage)
            save(fresh, kept, {}, {})
        return damage(place, expected)

    monkeypatch.setattr(storage, "damage", swapped)
    assert open_result(kept).attrs["seed"] == 5


# -- the digest


def test_the_digest_is_that_of_what_is_stored(small: Any, tmp_path: Path) -> None:
    ds = run(small, 5, seed=3, weeks=6)
    save(ds, tmp_path / "K", {"digest": digest(ds)}, {})
    assert digest(open_result(tmp_path / "K")) == read_json(tmp_path / "K", RUN)["digest"]
    summary = run(small, 5, seed=3, weeks=6, block=2, keep="summary")
    assert summary.attrs["digest"] == digest(ds)


def nudged(ds: xr.Dataset, name: str) -> xr.Dataset:
    """``ds`` with the last number or text of a variable moved a little."""
    values = ds[name].values.copy()
    last = values.ravel()[-1]
    values.ravel()[-1] = np.nextafter(last, last.dtype.type(1e9)) if values.dtype.kind == "f" else last + type(last)(1)
    return ds.assign({name: (ds[name].dims, values, ds[name].attrs)})


def test_the_digest_sees_every_variable_coordinate_and_unit(small: Any) -> None:
    ds = run(small, 3, seed=3, weeks=4)
    names = [name for name in ds.variables if ds[name].dtype != object and name not in ("time", "quarter")]
    seen = [digest(ds), *(digest(nudged(ds, str(name))) for name in names)]
    seen += [
        digest(ds.assign_coords({axis: [f"{key}x" for key in ds[axis].values]})) for axis in ("dyad", "state", "pillar")
    ]
    seen += [digest(ds.assign_coords({t: ds[t] + np.timedelta64(1, "D")})) for t in ("time", "quarter")]
    seen += [digest(ds.assign(tension=ds["tension"].assign_attrs(units="other")))]
    seen += [digest(ds.assign_attrs({name: "other"})) for name in MEANING]
    assert len(set(seen)) == len(seen) == 1 + len(ds.variables) + 1 + len(MEANING)


def test_the_digest_does_not_depend_on_order_and_words(small: Any) -> None:
    ds = run(small, 3, seed=3, weeks=4)
    turned = ds.transpose(*reversed(list(ds.dims)))
    shuffled = xr.Dataset({name: turned[name] for name in reversed(list(ds.data_vars))}, attrs=ds.attrs)
    assert digest(shuffled.assign_attrs(command="other", title="other")) == digest(ds)


# -- folders and advice


def test_a_folder_without_its_mark_is_taken_over(shelf: Path, kept: Path) -> None:
    (kept / DONE).unlink()
    with pytest.raises(ResultError) as caught:
        open_result(kept)
    assert str(caught.value).endswith(f"Run the scenario again with --out {kept}")
    assert detente("run", shelf / "small.yaml", *SIZE, "--out", kept).exit_code == 0
    assert open_result(kept).sizes["member"] == 2


def test_what_others_put_into_a_folder_stays(shelf: Path, kept: Path) -> None:
    (kept / "notes").mkdir()
    (kept / "notes" / "mine.txt").write_text("mine")
    refused = detente("run", shelf / "small.yaml", *SIZE, "--out", kept)
    assert (refused.exit_code, "holds a result already" in refused.stderr) == (3, True)
    assert detente("run", shelf / "small.yaml", *SIZE, "--out", kept, "--force").exit_code == 0
    assert (kept / "notes" / "mine.txt").read_text() == "mine"
    assert open_result(kept).sizes["member"] == 2


@pytest.mark.parametrize("force", [(), ("--force",)])
def test_a_folder_of_other_files_is_not_replaced(shelf: Path, tmp_path: Path, force: tuple[str, ...]) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    told = detente("run", shelf / "small.yaml", *SIZE, "--out", tmp_path, *force)
    assert (told.exit_code, "holds other files" in told.stderr) == (3, True)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.fixture
def desk(ensemble: xr.Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory with a file, a folder and a link that leads nowhere, none of which may be lost."""
    monkeypatch.chdir(tmp_path)
    save(ensemble, tmp_path / "stored", {}, {})
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("nowhere")
    return tmp_path


PLACES = [
    ("file/x", "file is a file, not a folder"),
    ("link", "link is a link to nowhere, which is not there. Make that, or remove the link."),
    ("n" * 300, "the name is too long. Choose a shorter one."),
]


@pytest.mark.parametrize(("place", "said"), [("file", "file is a file. Choose another folder with --out."), *PLACES])
def test_no_run_begins_where_nothing_can_be_written(
    desk: Path, shelf: Path, place: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("detente.experiment.run.run", lambda *_, **__: pytest.fail("it was run"))
    told = detente("run", shelf / "small.yaml", *SIZE, "--out", place)
    assert (told.exit_code, said in told.stderr) == (3, True), told.stderr
    assert sorted(os.listdir(desk)) == ["file", "link", "stored"]


@pytest.mark.parametrize(("place", "said"), [("lost/x", "there is no folder lost. Make it first."), *PLACES])
@pytest.mark.parametrize("words", [("figure", "fan", "stored", "-o"), ("export", "stored", "-o")])
def test_files_say_why_they_cannot_be_written(desk: Path, words: tuple[str, ...], place: str, said: str) -> None:
    suffix = ".png" if words[0] == "figure" else ".csv"
    (desk / f"link{suffix}").symlink_to("nowhere")
    told = detente(*words, f"{place}{suffix}")
    assert (told.exit_code, said.replace("link is", f"link{suffix} is") in told.stderr) == (3, True), told.stderr
    assert sorted(os.listdir(desk)) == ["file", "link", f"link{suffix}", "stored"]


def test_a_full_disk_leaves_the_old_result(shelf: Path, kept: Path) -> None:
    before = {path: path.read_bytes() for path in files(kept)}
    with file_size(500):
        told = detente("run", shelf / "small.yaml", *SIZE, "--out", kept, "--force")
    assert (told.exit_code, f"cannot write {kept}" in told.stderr) == (3, True), told.stderr
    assert {path: path.read_bytes() for path in files(kept)} == before
    assert os.listdir(kept.parent) == ["K"]


@pytest.mark.parametrize("suffix", ["csv", "nc"])
def test_a_full_disk_in_export_leaves_the_old_file(kept: Path, tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"table.{suffix}"
    out.write_text("old")
    with file_size(500):
        told = detente("export", kept, "-o", out, "--force")
    assert (told.exit_code, f"cannot write {out}" in told.stderr) == (3, True), told.stderr
    assert out.read_text() == "old"
    assert sorted(os.listdir(tmp_path)) == ["K", out.name]


# -- pictures


def test_a_failing_picture_leaves_the_result(shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        assert open_result(tmp_path / "K").sizes["member"] == 2
        raise ValueError("no glyph for 科")

    with monkeypatch.context() as patched:
        patched.setattr("detente.figures.fan.write", fails)
        told = detente("run", shelf / "small.yaml", *SIZE, "--out", tmp_path / "K", "--json")
    assert told.exit_code == 0, told.stdout
    assert json.loads(told.stdout)["pictures"] == []
    assert "are whole and saved, but their picture cannot be drawn: no glyph for 科" in told.stderr
    assert f"Draw it later: detente figure fan {tmp_path / 'K'} -o fan.png" in told.stderr
    monkeypatch.chdir(tmp_path)
    assert detente("figure", "fan", tmp_path / "K", "-o", "fan.png").exit_code == 0


# -- order


def test_an_export_does_not_depend_on_the_order_of_a_disk(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Zarr group lists its arrays as the file system does."""
    table = kept.parent / "t.csv"
    stored, texts = xr.open_zarr, set()
    for turn in range(4):
        chance = random.Random(turn)

        def shuffled(*given: Any, chance: random.Random = chance, **how: Any) -> xr.Dataset:
            found = stored(*given, **how)
            names, axes = list(found.data_vars), list(found.coords)
            chance.shuffle(names)
            chance.shuffle(axes)
            return xr.Dataset({n: found[n].variable for n in names}, {n: found[n].variable for n in axes}, found.attrs)

        monkeypatch.setattr(xr, "open_zarr", shuffled)
        assert detente("export", kept, "-o", table, "--force").exit_code == 0
        texts.add(table.read_text())
        texts.add(str(list(open_result(kept).variables)))
    assert len(texts) == 2


def test_a_result_is_opened_as_it_was_saved(kept: Path, ensemble: xr.Dataset) -> None:
    again = open_result(kept)
    xr.testing.assert_identical(again, ensemble)
    assert list(again.data_vars) == list(ensemble.data_vars)
    assert storage.damage(kept, read_json(kept, RUN)["files"]) == {}


# -- what is printed


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no full device")
def test_a_full_output_is_said_and_loses_no_result(shelf: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from detente.cli import main; main()", "run", "small.yaml", *SIZE]
    with open("/dev/full", "w") as full:
        told = subprocess.run(
            [*command, "--out", tmp_path / "K"], cwd=shelf, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert told.returncode == 3
    assert "No space left on device" in told.stderr
    assert "fault of detente" not in told.stderr
    assert open_result(tmp_path / "K").sizes["member"] == 2


def test_a_closed_output_loses_no_result(shelf: Path, tmp_path: Path) -> None:
    words = f"run small.yaml {' '.join(SIZE)} --out {tmp_path / 'K'} >&-"
    command = f"exec {sys.executable} -c 'from detente.cli import main; main()' {words}"
    told = subprocess.run(["sh", "-c", command], cwd=shelf, stderr=subprocess.PIPE, text=True, check=False)
    assert (told.returncode, "error" in told.stderr) == (0, False), told.stderr
    assert open_result(tmp_path / "K").sizes["member"] == 2
