"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click


def with_extensions(function: Callable[..., Any]) -> Callable[..., Any]:
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
