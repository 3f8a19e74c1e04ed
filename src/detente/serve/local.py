"""Serve the page on this machine: one address, nobody else's."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from detente.api import Tell, silent
from detente.engine import choice
from detente.errors import DetenteError, UsageError
from detente.extras import require

if TYPE_CHECKING:
    from detente.serve.engine import Engine

#: the only address that is listened on, and the port unless told otherwise
ADDRESS, PORT = "127.0.0.1", 8321
#: connections that are open at a time, and seconds in which an idle one is closed
CONNECTIONS, IDLE = 256, 5
#: workers unless told otherwise: more than a few do not make a question of a thousand members faster
WORKERS = 4


class PortTaken(DetenteError):
    """Another program listens on the port."""

    exit_code = 3


def serve(
    *scenarios: str,
    port: int = PORT,
    members: int = 1000,
    seed: int = 1,
    workers: int = 0,
    ready: Callable[[str], None] | None = None,
    tell: Tell = silent,
) -> None:
    """Serve the what-if page of ``scenarios``, or of all within reach, until interrupted.

    ``members`` are those of the finest answer, ``workers`` the processes (0: one for each core, four at most);
    ``ready`` is told the address. Port 0 takes any that is free. Raises ExtraMissing, ScenarioError, PortTaken.
    """
    require("serve", "detente serve")
    import uvicorn

    from detente.serve.application import application
    from detente.serve.offer import Offer

    offer = Offer(scenarios)
    if not offer.listed():
        raise UsageError("no scenario is within reach: name one", "SCENARIO")
    listening = _listening(port)
    address = f"http://{ADDRESS}:{listening.getsockname()[1]}/"
    app = application(offer, partial(_engine, members, seed, workers, choice.standing()), listening.getsockname()[1])
    settings = uvicorn.Config(
        app, log_level="warning", access_log=False, server_header=False, ws="none", limit_concurrency=CONNECTIONS,
        timeout_keep_alive=IDLE, timeout_graceful_shutdown=1,
    )  # fmt: skip
    tell(f"Serving {address} to this machine only; Ctrl-C ends it")
    if ready is not None:
        ready(address)
    with suppress(KeyboardInterrupt):  # that is how it ends
        uvicorn.Server(settings).run(sockets=[listening])


def _engine(members: int, seed: int, workers: int, runs: choice.Engine) -> Engine:
    from detente.serve.crew import Crew
    from detente.serve.engine import SIZES, Engine

    sizes = (*(size for size in SIZES if size < members), members)
    return Engine(Crew(workers or min(WORKERS, os.cpu_count() or 1), runs), seed, sizes)


def _listening(port: int) -> socket.socket:
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if os.name == "posix":
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((ADDRESS, port))
        found.listen(CONNECTIONS)
    except OSError as error:
        found.close()
        raise PortTaken(
            f"port {port} cannot be had ({error.strerror}): choose another with --port, or 0 for any"
        ) from error
    return found
