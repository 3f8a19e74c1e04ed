"""What a shell may offer for a word that is being typed: names of scenarios and experiments, results, files."""

from __future__ import annotations

from collections.abc import Iterable

import click
from click.shell_completion import CompletionItem

#: the shell looks for files itself; bash does so where nothing else fits
FILES: CompletionItem = CompletionItem("", type="file")


def scenarios(_: click.Context, __: click.Parameter, typed: str) -> list[CompletionItem]:
    """Names of scenarios, then files."""
    from detente.scenario.places import names

    return _offered(names(), typed)


def results(_: click.Context, __: click.Parameter, typed: str) -> list[CompletionItem]:
    """Folders of results, names of scenarios, then files."""
    from detente.scenario.places import names

    return _offered([*_finished("run.json"), *names()], typed)


def experiments(_: click.Context, __: click.Parameter, typed: str) -> list[CompletionItem]:
    """Names of experiments, then files."""
    from detente.experiment.files import names

    return _offered(names(), typed)


def finished(ctx: click.Context, parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """Folders of experiments, and names as for those to be run."""
    return _offered(_finished("inputs.json"), typed) + experiments(ctx, parameter, typed)[1:]


def drawn(ctx: click.Context, parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """What a figure is drawn from: results, scenarios, experiments, files."""
    return results(ctx, parameter, typed) + finished(ctx, parameter, typed)[1:]


def checked(ctx: click.Context, parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """Names of scenarios and experiments, then files."""
    return scenarios(ctx, parameter, typed) + experiments(ctx, parameter, typed)[1:]


def variables(_: click.Context, __: click.Parameter, typed: str) -> list[CompletionItem]:
    """Variables of a result that have a value for every member and week."""
    from detente.vocabulary import VARIABLES

    return _offered([name for name, about in VARIABLES.items() if about.dims[:2] == ("member", "time")], typed)[1:]


def files(_: click.Context, __: click.Parameter, ___: str) -> list[CompletionItem]:
    """Files."""
    return [FILES]


def _finished(marker: str) -> list[str]:
    """Folders of results in the working folder that hold ``marker``."""
    from detente.experiment.files import RESULTS

    return sorted(str(path.parent) for path in RESULTS.glob(f"*/{marker}"))


def _offered(names: Iterable[str], typed: str) -> list[CompletionItem]:
    return [FILES, *(CompletionItem(name) for name in names if name.startswith(typed))]
