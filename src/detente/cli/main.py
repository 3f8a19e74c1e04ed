"""The ``detente`` command: grouped help, commands loaded when they are called, one place for exit codes.

A command is added by writing the module named in ``COMMANDS``; it exposes a click command called ``command``.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
from collections.abc import Callable, MutableMapping, Sequence
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import Any, NamedTuple

import click

from detente.cli import say, streams
from detente.cli.failures import explained
from detente.cli.signals import as_interrupts

#: new objects after which Python looks for garbage among them
YOUNG = 10_000


class Entry(NamedTuple):
    """Where a command lives, and its line in the help."""

    module: str
    help: str


#: group -> command -> module and help; a command whose module does not exist is not shown
COMMANDS: dict[str, dict[str, Entry]] = {
    "Start here": {
        "run": Entry("detente.cli.run", "Run a scenario: tension index, fan chart, result folder."),
        "compare": Entry("detente.cli.compare", "Compare scenarios against a baseline, member by member."),
        "report": Entry("detente.cli.report", "Write the report: page, figures, tables, facts."),
        "figure": Entry("detente.cli.figure", "Draw one figure from results."),
        "export": Entry("detente.cli.export", "Write a result as a tidy table (.csv) or netCDF (.nc)."),
        "serve": Entry("detente.cli.serve", "Serve the what-if page on this machine."),
        "page": Entry("detente.cli.page", "Write the what-if page as one file."),
    },
    "Scenarios": {
        "scenarios": Entry("detente.cli.scenarios", "List, show, compare and write scenario files."),
        "check": Entry("detente.cli.check", "Check scenario files; name every fault with its place."),
        "brakes": Entry("detente.cli.brakes", "What holds war back, one brake at a time."),
        "explain": Entry("detente.cli.explain", "What moved the index, and which inputs are assumptions."),
    },
    "Experiments": {
        "experiment": Entry("detente.cli.experiment", "Run, resume and watch an experiment."),
        "sensitivity": Entry("detente.cli.sensitivity", "Which parameters matter for an outcome."),
        "discover": Entry("detente.cli.discover", "Which conditions lead to an outcome."),
        "calibrate": Entry("detente.cli.calibrate", "Hold parameters against the record."),
    },
    "Evidence": {
        "verify": Entry("detente.cli.verify", "Check the model against what must hold."),
        "hindcast": Entry("detente.cli.hindcast", "Score the model on documented episodes."),
        "nowcast": Entry("detente.cli.nowcast", "Where the pairs stand, from your own event file."),
    },
    "Help": {
        "doctor": Entry("detente.cli.doctor", "Check the installation."),
        "completion": Entry("detente.cli.completion", "Complete words in bash, zsh or fish."),
    },
}

INTRODUCTION = """Scenario ensembles for political tension.

A scenario file says who is there and what happens when; detente runs it many times and reports a tension index.
First steps: detente doctor, detente run baseline, detente scenarios list."""


class Commands(click.Group):
    """Commands found in the table and imported only when they are needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of the commands that exist."""
        return [name for group in COMMANDS.values() for name, entry in group.items() if find_spec(entry.module)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command called ``cmd_name``, imported."""
        entry = next((group[cmd_name] for group in COMMANDS.values() if cmd_name in group), None)
        if entry is None or find_spec(entry.module) is None:
            return None
        command = import_module(entry.module).command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click, with advice for a misspelt command."""
        lost = not ctx.resilient_parsing and args and not args[0].startswith("-")
        if lost and self.get_command(ctx, args[0]) is None:
            from detente.scenario.diagnostics import did_you_mean

            hint = did_you_mean(args[0], self.list_commands(ctx), "detente --help lists the commands")
            ctx.fail(f'no command "{args[0]}": {hint}')
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands by group."""
        present = set(self.list_commands(ctx))
        for title, group in COMMANDS.items():
            rows = [(name, entry.help) for name, entry in group.items() if name in present]
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)

    def invoke(self, ctx: click.Context) -> Any:
        """As click, but a reader that went away (``| head``) is no failure."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            streams.silence()
            ctx.exit(0)

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run, print what went wrong in words, and exit with the code that says so."""
        words = list(sys.argv[1:] if args is None else args)
        debug = "--debug" in words or bool(os.environ.get("DETENTE_DEBUG"))
        words = [word for word in words if word != "--debug"]
        if not standalone_mode:
            return super().main(words, prog_name or "detente", complete_var, False, **extra)
        streams.prepare()
        if args is None:
            travel_light(words)
        asked = "--json" in (words[: words.index("--")] if "--" in words else words)
        sys.exit(_guarded(partial(super().main, words, "detente", complete_var, False, **extra), words, debug, asked))


def travel_light(words: Sequence[str]) -> None:
    """What a process that runs one command, and nobody else's code, can do without: a fifth of a short one's time."""
    # modules and records stay to the end: no search for garbage among them, least of all there
    gc.set_threshold(YOUNG)
    atexit.register(gc.freeze)
    if words[:1] != ["experiment"] and not any(word.startswith("--with") for word in words):
        # xarray imports Dask to see whether an array is one of Dask's; none is
        sys.modules.setdefault("dask", None)  # type: ignore[arg-type]  # what bars an import
        # pydantic asks every installed package whether it has a plugin for it; we use none
        os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")


def _guarded(call: Callable[[], Any], words: Sequence[str], debug: bool, as_json: bool) -> int:
    """The exit code of a command; failures are explained on stderr, and as one object on stdout ``as_json``."""
    try:
        with as_interrupts():
            if any("\0" in word for word in words):
                raise click.UsageError("a word holds the character NUL, which no name can have")
            try:
                code = call()
            except SystemExit as end:
                code = end.code if isinstance(end.code, int | None) else 1
            streams.flush()
    except (Exception, KeyboardInterrupt) as error:
        failure = explained(error)
        if debug and failure.ours:
            raise
        if failure.words:
            click.echo(failure.words, err=True)
        if failure.words and as_json and not streams.failed(error):
            try:
                say.as_json(failure.record())
                streams.flush()
            except OSError:  # the words are on stderr
                streams.silence()
        return failure.code
    return code if isinstance(code, int) else 0


def _version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        from detente import __version__

        click.echo(f"detente {__version__}")
        ctx.exit()


SETTINGS: MutableMapping[str, Any] = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(cls=Commands, help=INTRODUCTION, context_settings=SETTINGS, invoke_without_command=True)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Print the version."
)
@click.option("--debug", is_flag=True, expose_value=False, help="Show the full trace when detente itself fails.")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Print the help where no command is given."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())
