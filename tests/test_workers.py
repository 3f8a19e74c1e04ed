"""Worker processes: a script needs no guard, none outlives its parent, a lost one is said in words."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from detente.experiment.pools import WorkerLost, spread
from tests import scenario_data

HERE = Path(__file__).parent
PATHS = os.pathsep.join([str(HERE.parent), str(HERE.parent / "src")])
#: no main guard, on purpose
SCRIPT = """
import sys
from pathlib import Path

import detente
from detente.experiment.execute import execute
from detente.experiment.digest import digest
from detente.experiment.pools import Local
from tests.experiment_functions import study

print("begun")
scenario = detente.load(sys.argv[1])
one, two = (detente.run(scenario, members=8, weeks=4, workers=n) for n in (1, 2))
assert digest(one) == digest(two)
pool = Local(2)
now = execute(study("slow", points=16, batch=2, shared={"pause": 0.0}), Path(sys.argv[2]), pool)
pool.close()
print("complete" if now.complete else now)
"""


def die(_: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_script_needs_no_guard(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT, encoding="utf-8")
    words = [sys.executable, str(script), str(scenario_data.write(tmp_path)), str(tmp_path / "out")]
    done = subprocess.run(words, env={**os.environ, "PYTHONPATH": PATHS}, capture_output=True, text=True)
    assert (done.stdout.split(), done.stderr, done.returncode) == (["begun", "complete"], "", 0)


def killed() -> None:
    with spread(die, range(2), 2) as found:
        list(found)


def stopped() -> None:
    with spread(time.sleep, [0, 600, 600], 2) as found:
        next(found)
        raise ZeroDivisionError


def test_a_lost_worker_is_said_in_words() -> None:
    with pytest.raises(WorkerLost, match="killed, or out of memory"):
        killed()


def test_an_error_ends_the_workers_at_once() -> None:
    before = multiprocessing.active_children()
    with pytest.raises(ZeroDivisionError):
        stopped()
    assert multiprocessing.active_children() == before


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGKILL"])
def test_no_worker_outlives_its_command(tmp_path: Path, name: str) -> None:
    psutil = pytest.importorskip("psutil")
    scenario = scenario_data.write(tmp_path)
    words = [sys.executable, "-m", "detente", "run", str(scenario), "--members", "200000", "--keep", "summary"]
    words += ["--block", "64", "--workers", "2", "--out", str(tmp_path / "out")]
    process = subprocess.Popen(words, env={**os.environ, "PYTHONPATH": PATHS}, stderr=subprocess.PIPE, text=True)
    found = psutil.Process(process.pid)
    until = time.monotonic() + 60
    while len(children := found.children(recursive=True)) < 3:  # two workers and what tracks their resources
        assert time.monotonic() < until
        time.sleep(0.02)
    process.send_signal(getattr(signal, name))
    said = process.communicate(timeout=30)[1]
    assert process.returncode == (-signal.SIGKILL if name == "SIGKILL" else 130)
    _, alive = psutil.wait_procs(children, timeout=10)
    assert alive == []
    if name != "SIGKILL":
        assert "Traceback" not in said
        assert sorted(path.name for path in tmp_path.iterdir()) == ["parameters.yaml", "small.yaml"]
