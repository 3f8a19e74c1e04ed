"""The command line: reads arguments, calls, prints, and gives the exit code."""

from detente.cli.main import main

__all__ = ["main"]
