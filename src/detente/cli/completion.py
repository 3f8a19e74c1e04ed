"""``detente completion``: words completed in a shell."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from detente.cli import options

SHELLS = ("bash", "zsh", "fish")
EPILOG = """\b
Put it where your shell finds it:
  bash  detente completion bash >> ~/.bashrc
  zsh   detente completion zsh >> ~/.zshrc
  fish  detente completion fish > ~/.config/fish/completions/detente.fish
"""


@click.command("completion", cls=options.Command, epilog=EPILOG)
@click.argument("shell", type=click.Choice(SHELLS))
def command(shell: str) -> None:
    """Print the script with which SHELL completes commands, options, scenarios, results and files."""
    from detente.cli.main import main

    kind = get_completion_class(shell)
    assert kind is not None
    click.echo(kind(main, {}, "detente", "_DETENTE_COMPLETE").source())
