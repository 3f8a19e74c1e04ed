"""Time from a lever to an exact answer of the what-if page: median and 95th percentile over moves, over HTTP.

    python benchmarks/what_if.py [MOVES] [OPTIONS OF SERVE, such as --engine numpy]

Every move is to another value, so that no answer is kept; it is broken off once 500 members are there, as by the
next move of a reader would. Printed: seconds to the first answer and to the one of 500 members, and the CPU time that
server and workers spent per move, which tells a slow program from a busy machine.
"""

from __future__ import annotations

import http.client
import json
import os
import statistics
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

MOVES, MEMBERS = 50, 500
ENGINE = sys.argv[2:]
LEVER, LOW, HIGH = "missions.kfor.troops", 1000, 9000


def move(port: int, number: int, troops: int) -> dict[int, float]:
    """Members of each answer -> seconds after the question, up to ``MEMBERS``."""
    link = http.client.HTTPConnection("127.0.0.1", port)
    question = {"scenario": "baseline", "settings": {LEVER: troops}, "window": "bench", "sequence": number}
    begun, found = time.perf_counter(), {}
    link.request("POST", "/answers", json.dumps(question), {"content-type": "application/json"})
    for line in link.getresponse():
        piece = json.loads(line)
        if piece["kind"] == "answer":
            found[piece["members"]] = time.perf_counter() - begun
            if piece["members"] >= MEMBERS:
                break
    link.close()
    return found


def spent(server: int) -> float:
    """CPU seconds of the server and its workers so far (Linux)."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # a process that ended meanwhile
            fields = stat.read_text(encoding="utf-8").rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12]) if server in (int(fields[1]), int(stat.parent.name)) else 0
    return ticks / os.sysconf("SC_CLK_TCK")


def told(name: str, seconds: list[float]) -> str:
    """One line of the table."""
    worst = statistics.quantiles(seconds, n=20)[-1]
    return f"{name:<22} median {statistics.median(seconds):.2f} s   95th percentile {worst:.2f} s"


def main(moves: int) -> None:
    """Serve, warm up, move, print."""
    server = subprocess.Popen(
        [sys.executable, "-m", "detente", "serve", "baseline", "--port", "0", *ENGINE],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout
        port = int(server.stdout.readline().split("127.0.0.1:")[1].split("/")[0])
        for number in range(3):
            move(port, number, LOW - 1 - number)
        before, found = spent(server.pid), []
        for number in range(moves):
            found.append(move(port, 3 + number, LOW + (HIGH - LOW) * number // moves))
        used = (spent(server.pid) - before) / moves
    finally:
        server.terminate()
        server.wait()
    print(told("first answer", [min(one.values()) for one in found]))
    print(told(f"{MEMBERS} members", [one[MEMBERS] for one in found]))
    print(f"{os.cpu_count()} cores; {used:.2f} CPU s of server and workers per move")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else MOVES)
