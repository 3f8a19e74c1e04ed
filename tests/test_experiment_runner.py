"""Running: the same results wherever and however often stopped; every fault a message or a record, nothing lost."""

import errno
import json
import logging
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import tests.experiment_functions as experiment_functions
from detente import storage
from detente.experiment.archive import Archive
from detente.experiment.design import Design, Stopping
from detente.experiment.execute import ExperimentError, execute
from detente.experiment.journal import Journal, read
from detente.experiment.pools import Cluster, Local, PoolError
from detente.experiment.results import ResultRefused, open_experiment
from detente.experiment.status import NoExperiment, Status, status
from detente.experiment.study import Setting, Study, Task
from tests.experiment_functions import dask_cluster, study, wait_for

HERE = Path(__file__).parent
RUN = """
import sys
from pathlib import Path
from tests.experiment_functions import study
from detente.experiment.execute import execute
from detente.experiment.pools import Local

if __name__ == "__main__":
    pool = Local(int(sys.argv[2]))
    try:
        what = study("slow", points=120, batch=8, shared={"pause": float(sys.argv[3])})
        execute(what, Path(sys.argv[1]), pool, resume=True)
    finally:
        pool.close()
"""


WHAT = study("slow", points=120, batch=8, shared={"pause": 0.0})


def go(what: Study, folder: Path, workers: int = 1, **more: object) -> Status:
    pool = Local(workers)
    try:
        return execute(what, folder, pool, **more)  # type: ignore[arg-type]
    finally:
        pool.close()


def values(folder: Path) -> np.ndarray:
    return open_experiment(folder)["y"].values


def started(tmp_path: Path, folder: Path, workers: int = 2, pause: float = 0.02) -> subprocess.Popen[bytes]:
    """A run in a process of its own, in its own group, that can be killed."""
    script = tmp_path / "run.py"
    script.write_text(RUN)
    paths = os.pathsep.join([str(HERE.parent), str(HERE.parent / "src")])
    command = [sys.executable, str(script), str(folder), str(workers), str(pause)]
    return subprocess.Popen(command, env={**os.environ, "PYTHONPATH": paths}, start_new_session=True)


def done(folder: Path) -> int:
    """Batches that are finished; none where nothing was begun."""
    return status(folder).done if (folder / "inputs.json").exists() else 0


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Status:
    """The undisturbed sequential run of what RUN runs."""
    folder = tmp_path_factory.mktemp("reference") / "out"
    return go(WHAT, folder)


def test_sequential_and_two_processes_give_the_same_bits(tmp_path: Path) -> None:
    what = study("slow", points=24, shared={"pause": 0.0})
    one, two = go(what, tmp_path / "one"), go(what, tmp_path / "two", workers=2)
    assert one.complete
    assert one.digest == two.digest
    assert np.array_equal(values(tmp_path / "one"), values(tmp_path / "two"))


def test_digest_sees_another_seed(tmp_path: Path) -> None:
    one = go(study("slow", shared={"pause": 0.0}), tmp_path / "one")
    two = go(study("slow", shared={"pause": 0.0}, seed=2), tmp_path / "two")
    assert one.digest != two.digest


def test_a_killed_worker_costs_nothing(tmp_path: Path) -> None:
    now = go(study("dies_once", tmp_path, points=40), tmp_path / "out", workers=2)
    calm = go(study("dies_once", tmp_path, points=40), tmp_path / "calm")
    assert (tmp_path / "died").exists()
    assert now.complete
    assert now.digest == calm.digest


def test_a_batch_that_kills_every_worker_is_a_record_and_the_rest_is_done(tmp_path: Path) -> None:
    now = go(study("always_dies", points=40), tmp_path / "out", workers=2)
    assert not now.complete
    assert now.failed == 1
    assert now.done == now.total - 1
    assert "worker died" in now.failures[0]


def test_a_failed_batch_is_a_record_and_is_tried_again(tmp_path: Path) -> None:
    what = study("raises_once", tmp_path, points=40)
    first = go(what, tmp_path / "out")
    assert (first.failed, first.done, first.complete) == (1, first.total - 1, False)
    assert "point 20: ZeroDivisionError: planted (tests.experiment_functions:" in first.failures[0]
    with pytest.raises(ResultRefused, match=r"not complete: 9 of 10 batches, 1 failed .*experiment resume"):
        open_experiment(tmp_path / "out")
    again = go(what, tmp_path / "out", resume=True)
    assert again.complete
    assert again.failed == 0
    assert again.digest == go(what, tmp_path / "calm").digest


@pytest.mark.parametrize(
    ("function", "said"),
    [
        ("not_finite", "y is not finite in 2 of its members; with x1 = "),
        ("ragged", r"y has shape \(3,\) for 2 members"),
    ],
)
def test_what_must_not_be_stored_is_refused_with_its_point(tmp_path: Path, function: str, said: str) -> None:
    now = go(study(function, points=24), tmp_path / "out")
    assert now.failed == 1
    assert not now.complete
    assert re.search("point 20: " + said, now.failures[0])


def test_resuming_does_only_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    what = study("raises_once", tmp_path, points=40)
    go(what, tmp_path / "out")
    done: list[int] = []
    original = Study.stage

    def tasks(self: object, batches: tuple, keep: str) -> list[Task]:
        done.extend(batch.number for batch in batches)
        return iter([self.task(batch, keep) for batch in batches])  # type: ignore[attr-defined,return-value]

    monkeypatch.setattr(type(original(what, 0)), "tasks", tasks)
    go(what, tmp_path / "out", resume=True)
    assert done == [5]


def test_resume_on_an_absent_or_empty_folder_starts_afresh(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    what = study("slow", shared={"pause": 0.0})
    assert go(what, tmp_path / "absent", resume=True).complete
    assert go(what, tmp_path / "empty", resume=True).complete


def test_a_finished_folder_is_not_run_over(tmp_path: Path) -> None:
    what = study("slow", shared={"pause": 0.0})
    before = go(what, tmp_path / "out")
    with pytest.raises(ExperimentError, match="complete: add --resume"):
        go(what, tmp_path / "out")
    assert go(what, tmp_path / "out", resume=True).digest == before.digest


def test_changed_inputs_are_refused_with_the_difference(tmp_path: Path) -> None:
    what = study("slow", shared={"pause": 0.0})
    go(what, tmp_path / "out")
    with pytest.raises(ExperimentError) as caught:
        go(replace(what, seed=7, members=4), tmp_path / "out", resume=True)
    assert "members.0: 2 -> 4" in str(caught.value)
    assert "seed: 1 -> 7" in str(caught.value)


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(ExperimentError, match="no experiment's folder"):
        go(study("slow"), tmp_path, resume=True)
    assert [p.name for p in tmp_path.iterdir()] == ["notes.txt"]


def test_two_runs_on_one_folder(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    with storage.locked(folder), ThreadPoolExecutor(1) as other:
        second = other.submit(go, study("slow"), folder, resume=True)
        with pytest.raises(storage.Busy, match=rf"{folder} is being written by process {os.getpid()} on"):
            second.result()
    assert not folder.exists()


def test_a_read_only_folder_is_a_clear_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(storage.StorageError, match=r"cannot write .*: it may not be written to") as caught:
        go(study("slow"), tmp_path / "out")
    assert caught.value.exit_code == 3


def test_a_full_disk_keeps_what_is_finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    what, put = study("slow", points=24, shared={"pause": 0.0}), Archive.put

    def full(self: Archive, batch: object, arrays: object) -> None:
        if batch.number == 3:  # type: ignore[attr-defined]
            raise OSError(errno.ENOSPC, "No space left on device")
        put(self, batch, arrays)  # type: ignore[arg-type]

    monkeypatch.setattr(Archive, "put", full)
    with pytest.raises(ExperimentError, match=r"no space left .*finished batches are kept"):
        go(what, tmp_path / "out")
    assert status(tmp_path / "out").done == 3
    monkeypatch.setattr(Archive, "put", put)
    assert go(what, tmp_path / "out", resume=True).digest == go(what, tmp_path / "calm").digest


def test_a_start_that_was_cut_short_is_no_foreign_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is full before the inputs are written leaves a draft of them behind."""
    what = study("slow", points=24, shared={"pause": 0.0})

    def full(*paths: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.replace", full)
        with pytest.raises(storage.StorageError, match="no space is left"):
            go(what, tmp_path / "out")
    assert go(what, tmp_path / "out", resume=True).complete


def test_workers_load_the_model_before_there_is_work() -> None:
    pool = Local(2)
    try:
        pool.warm("detente.experiment.known", "no.such.module")
        executor = pool.executor()
        assert isinstance(executor, ProcessPoolExecutor)
        loaded = [executor.submit(loaded_module, "detente.experiment.known") for _ in range(8)]
        assert all(future.result() for future in loaded)
    finally:
        pool.close()


def loaded_module(name: str) -> bool:
    return name in sys.modules


def test_a_torn_journal_line_does_not_count(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    journal = Journal(path)
    journal.write(batch=0, sha256="a")
    with path.open("ab") as stream:
        stream.write(b'{"batch": 1, "sha2')
    assert read(path).done == {0: "a"}
    torn = Journal(path)
    torn.open()
    torn.write(batch=2, sha256="c")
    assert read(path).done == {0: "a", 2: "c"}


def test_a_damaged_chunk_is_noticed_and_done_again(tmp_path: Path) -> None:
    what = study("slow", points=24, shared={"pause": 0.0})
    before = go(what, tmp_path / "out")
    (tmp_path / "out/stage-1/data.zarr/values/y/c/2/0").unlink()
    with pytest.raises(ResultRefused, match=r"values/y/c/2/0 is missing; `detente experiment resume"):
        open_experiment(tmp_path / "out")
    assert go(what, tmp_path / "out", resume=True).digest == before.digest
    assert np.isfinite(values(tmp_path / "out")).all()


def test_status_of_nothing(tmp_path: Path) -> None:
    with pytest.raises(NoExperiment, match="holds no experiment"):
        status(tmp_path)


def test_manifest_holds_the_hashes(tmp_path: Path) -> None:
    now = go(study("slow", shared={"pause": 0.0}), tmp_path / "out")
    manifest = json.loads((tmp_path / "out/manifest.json").read_text())
    assert manifest["digest"] == now.digest
    assert storage.sha256(tmp_path / "out/manifest.json") == (tmp_path / "out/DONE").read_text().strip()
    held = {path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert manifest["files"].keys() == held - {"manifest.json", "DONE"}


@pytest.mark.parametrize("keep", ["summary", "index", "all"])
def test_what_is_kept_agrees(tmp_path: Path, keep: str) -> None:
    what = study("with_path", factors=1, points=3, members=600, batch=300)
    go(what, tmp_path / "out", keep=keep)
    data = open_experiment(tmp_path / "out")
    x = data["value"].values[:, 0]
    assert data["y_moments"].values[:, 1] == pytest.approx(299.5 + x)
    assert data["weekly_level"].values == pytest.approx(299.5 + x[:, None] + np.arange(5))
    assert ("y" in data) == (keep != "summary")
    assert ("weekly_level_members" in data) == (keep == "all")


def test_stopping_rule_ends_the_run_once_it_knows_enough(tmp_path: Path) -> None:
    settings = tuple(Setting("here", changes=(("push", push),), levers=(("push", str(push)),)) for push in (0, 1))
    rule = Stopping(precision=0.25, metric="y", at_least=8)
    what = study("paired", factors=0, settings=settings, members=4096, stop=rule, batch=256)
    now = go(what, tmp_path / "out")
    half = now.stages[0]["half_width"]
    assert now.complete
    assert 256 <= now.members[0] < 4096
    assert half <= 0.25
    assert half == pytest.approx(1.96 / np.sqrt(now.members[0] / 4), rel=0.25)
    assert open_experiment(tmp_path / "out").sizes["member"] == now.members[0]
    two = go(what, tmp_path / "two", workers=2)
    assert two.digest == now.digest


def test_second_stage_keeps_what_matters(tmp_path: Path) -> None:
    designs = (Design(kind="morris", points=6, members=1), Design(kind="sobol", points=8, remaining=2))
    what = study("centred", designs=designs)
    now = go(what, tmp_path / "out")
    assert now.complete
    assert now.total == len(what.stage(0).batches) + len(what.stage(1, (0, 1)).batches)
    assert open_experiment(tmp_path / "out")["factor"].values.tolist() == ["x1", "x2"]
    assert open_experiment(tmp_path / "out", 0).sizes["member"] == 1


def test_a_worker_runs_blas_on_one_thread() -> None:
    pool = Local(2)
    try:
        from detente.experiment.pools import one_thread_each

        with one_thread_each():
            executor = pool.executor()
            assert isinstance(executor, ProcessPoolExecutor)
            assert executor.submit(os.getenv, "OPENBLAS_NUM_THREADS").result() == "1"
    finally:
        pool.close()


def test_no_scheduler_is_a_clear_message() -> None:
    with pytest.raises(PoolError, match=r"no Dask scheduler answers at tcp://127.0.0.1:1: start one"):
        Cluster("tcp://127.0.0.1:1", patience=0.5)
    for name in ("distributed.client", "distributed.core"):  # whose stack traces would bury the message
        assert not logging.getLogger(name).isEnabledFor(logging.CRITICAL)


def test_interrupt_stops_at_once_and_keeps_what_is_done(tmp_path: Path, reference: Status) -> None:
    folder = tmp_path / "out"
    process = started(tmp_path, folder, pause=0.1)
    wait_for(lambda: done(folder) >= 3)
    process.send_signal(signal.SIGINT)
    process.wait(10)
    kept = done(folder)
    assert 3 <= kept < reference.total
    process = started(tmp_path, folder, pause=0.1)
    assert process.wait(60) == 0
    assert status(folder).digest == reference.digest


def test_workers_end_when_the_run_is_killed(tmp_path: Path) -> None:
    psutil = pytest.importorskip("psutil")
    folder = tmp_path / "out"
    process = started(tmp_path, folder)
    wait_for(lambda: done(folder) >= 2)
    children = psutil.Process(process.pid).children(recursive=True)
    assert len(children) >= 2
    process.kill()
    process.wait(10)
    wait_for(lambda: not any(child.is_running() and child.status() != "zombie" for child in children))


@pytest.mark.slow
def test_ten_kills_and_resumes_change_nothing(tmp_path: Path, reference: Status) -> None:
    folder, chance = tmp_path / "out", random.Random(4)
    for kill in range(10):
        process = started(tmp_path, folder, workers=1 + kill % 2, pause=0.15)
        if kill % 2:
            before = done(folder)
            wait_for(lambda before=before: done(folder) > before)
        time.sleep(chance.uniform(0.0, 1.0))
        assert process.poll() is None, "it finished before it could be killed"
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)
    assert 5 <= done(folder) < reference.total
    assert started(tmp_path, folder).wait(60) == 0
    assert status(folder).complete
    assert status(folder).digest == reference.digest


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, list]]:
    """A scheduler and two worker processes on loopback."""
    with dask_cluster(tmp_path, HERE.parent) as found:
        yield found


@pytest.mark.slow
def test_a_dask_cluster_gives_the_same_bits(tmp_path: Path, cluster: tuple, reference: Status) -> None:
    pool = Cluster(cluster[0])
    try:
        wait_for(lambda: pool.width >= 4)
        assert execute(WHAT, tmp_path / "out", pool).digest == reference.digest
    finally:
        pool.close()


@pytest.mark.slow
def test_a_lost_scheduler_is_a_clear_message(
    tmp_path: Path, cluster: tuple, reference: Status, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("detente.experiment.pools.PATIENCE", 2.0)
    address, running = cluster
    pool = Cluster(address)
    what = replace(WHAT, shared={"pause": 0.05})
    calls = []

    def kill(done: int, left: int, failed: int) -> None:
        calls.append(done)
        if len(calls) == 3:
            os.killpg(running[0].pid, signal.SIGKILL)

    try:
        with pytest.raises(PoolError, match="went away"):
            execute(what, tmp_path / "out", pool, progress=kill)
    finally:
        pool.close()
    assert status(tmp_path / "out").done >= 3
    assert go(what, tmp_path / "out", resume=True).digest == reference.digest


def test_functions_of_this_test_are_importable_by_workers() -> None:
    assert str(Path(experiment_functions.__file__).parents[1]) in sys.path
