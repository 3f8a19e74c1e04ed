"""Options that several commands share, each stated once, and commands that hand them on as they were given."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import click

from detente.cli import complete
from detente.engine.choice import ASKED, Asked, using
from detente.errors import UsageError

F = TypeVar("F", bound=Callable[..., Any])
#: largest key of chance
KEY = 2**63 - 1


class Command(click.Command):
    """A command whose calls may refuse options that do not go together."""

    def invoke(self, ctx: click.Context) -> Any:
        """As click, with a UsageError of the call shown as wrong usage of this command."""
        try:
            return super().invoke(ctx)
        except UsageError as error:
            if error.option:
                raise click.BadParameter(str(error), ctx, param_hint=error.option) from error
            raise click.UsageError(str(error), ctx) from error


def with_extensions(function: F) -> F:
    """The option ``--with``: mechanisms and kinds of agents that scenario files are read with in this command."""
    return click.option(
        "--with",
        "extensions",
        multiple=True,
        metavar="MODULE:NAME",
        expose_value=False,
        is_eager=True,
        callback=_in_force,
        help="Add a mechanism, or a kind of agents (MODULE:NAME=ACTOR), of your own; repeatable.",
    )(function)


def _in_force(ctx: click.Context, _: click.Parameter, names: tuple[str, ...]) -> None:
    if names:
        from detente.laws.extensions import extended

        ctx.with_resource(extended(names))


def engine_or(default: Asked) -> Callable[[F], F]:
    """The option ``--engine``: what runs the members in this command."""
    return click.option(
        "--engine",
        type=click.Choice(ASKED),
        default=default,
        show_default=True,
        expose_value=False,
        is_eager=True,
        callback=_engine_in_force,
        help="What runs the members: NumPy, compiled code (fast; fast32 in single precision), or auto.",
    )


def _engine_in_force(ctx: click.Context, _: click.Parameter, name: Asked) -> None:
    if not ctx.resilient_parsing:
        ctx.with_resource(using(name, partial(click.echo, err=True)))


engine = engine_or("numpy")


def members(
    default: int | None = None, least: int = 1, most: int = 10_000_000, text: str = "Members to run."
) -> Callable[[F], F]:
    """The option ``--members``."""
    kind, shown = click.IntRange(least, most), default is not None
    return click.option("--members", "-n", type=kind, default=default, show_default=shown, help=text)


def seed(default: int | None = 1, most: int = KEY, text: str | None = "Key of all chance.") -> Callable[[F], F]:
    """The option ``--seed``."""
    kind, shown = click.IntRange(0, most), default is not None
    return click.option("--seed", type=kind, default=default, show_default=shown, help=text)


weeks = click.option("--weeks", type=click.IntRange(1), help="Stop after so many weeks.")
workers = click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 512), help="Processes.")
codes = click.option("--codes", type=click.Path(path_type=Path), help="YAML file: which actor code stands for whom.")


why_by = click.option(
    "--why-by", type=click.Choice(("files", "acts")), help="Split over files (--why), or over acts and other changes."
)


def sets(text: str = "Change a number; repeatable.") -> Callable[[F], F]:
    """The option ``--set``; the call is given a mapping."""
    return click.option("--set", "sets", multiple=True, metavar="PATH=VALUE", callback=_mapping, help=text)


def _mapping(ctx: click.Context, _: click.Parameter, words: tuple[str, ...]) -> dict[str, str]:
    pairs = [word.partition("=") for word in words]
    wrong = [word for word, (path, sign, _) in zip(words, pairs, strict=True) if not sign or not path]
    if wrong:
        told = f'"{wrong[0]}" is not path=value, such as missions.NAME.troops=2000'
        raise click.BadParameter(told, ctx, param_hint="--set")
    return {path: value for path, _, value in pairs}


def keep(*choices: str, default: str = "index", text: str | None = None) -> Callable[[F], F]:
    """The option ``--keep``: how much of a run is stored."""
    return click.option("--keep", type=click.Choice(choices), default=default, show_default=True, help=text)


def observations(text: str = "Observation file, or its name in DETENTE_OBSERVATIONS.") -> Callable[[F], F]:
    """The option ``--observations``, which a command needs."""
    return click.option("--observations", required=True, help=text, shell_complete=complete.files)


def out(text: str, **more: Any) -> Callable[[F], F]:
    """The option ``--out``: a folder or a file."""
    return click.option("--out", type=click.Path(path_type=Path), help=text, **more)


def force(text: str) -> Callable[[F], F]:
    """The option ``--force``: what would be lost is told in ``text``."""
    return click.option("--force", is_flag=True, help=text)


def as_json(text: str = "Print one JSON object.") -> Callable[[F], F]:
    """The option ``--json``."""
    return click.option("--json", "as_json", is_flag=True, help=text)
