"""``detente serve``: the what-if page, served to this machine alone."""

from __future__ import annotations

from typing import Any

import click

from detente.cli import complete, options, say
from detente.cli.progress import Progress


@click.command(cls=options.Command)
@options.with_extensions
@options.engine_or("auto")
@click.argument("scenarios", nargs=-1, metavar="[SCENARIO]...", shell_complete=complete.scenarios)
@click.option(
    "--port", default=8321, show_default=True, type=click.IntRange(0, 65535), help="Port; 0 takes a free one."
)
@options.members(1000, least=8, most=5000, text="Members of the finest answer.")
@options.seed()
@click.option("--workers", default=0, type=click.IntRange(0, 64), help="Processes; default one a core, four at most.")
def command(scenarios: tuple[str, ...], **asked: Any) -> None:
    """Serve the what-if page: move levers of a SCENARIO (default: all within reach) and see what follows.

    It is served to this machine only, on 127.0.0.1. Open the address in a browser; Ctrl-C ends it.
    """
    from detente.serve.local import serve

    serve(*scenarios, **asked, ready=_opened, tell=Progress())


def _opened(address: str) -> None:
    say.ending(then=[f"open {address}   (Ctrl-C ends)"])
