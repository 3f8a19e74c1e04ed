"""The model with its equations (``docs/model.md``): the sections that the code cites, and what mechanisms declare."""

from __future__ import annotations

from collections.abc import Iterator
from inspect import getdoc
from pathlib import Path
from textwrap import dedent
from types import CodeType
from typing import Any, get_args

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from detente.analysis import difference, sensitivity
from detente.evidence.documentation.odd import ROWS, table
from detente.evidence.verification import suite
from detente.evidence.verification.check import DECLARED, declared
from detente.index.formula import BEHAVIOURAL, PILLARS
from detente.laws.choice import RUNGS
from detente.laws.hostility import SCALE
from detente.laws.mechanism import Mechanism
from detente.model import stability
from detente.model.week import ECHOED, UNREST
from detente.scenario.acts import KINDS
from detente.scenario.load import Loaded
from detente.scenario.schema import Scenario

#: channels of acts that are called otherwise in the situation
CHANNELS = {ECHOED: "rhetoric", UNREST: "insecurity"}


def model(loaded: Loaded, made: str) -> str:
    """The whole document as Markdown; ``made`` says what makes it."""
    rules = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    mechanisms = loaded.scenario.mechanisms()
    theories = {name: (m, theory.options) for m in mechanisms for name, theory in m.theories.items()}
    return rules.get_template("model.md.j2").render(
        made=made,
        table=table,
        scenario=loaded.scenario.name,
        weekly=[
            (str(n), m.name, m.who if m.decide else "world", m.title, m.limit) for n, m in enumerate(mechanisms, 1)
        ],
        theories={name: ", ".join(options) for name, (_, options) in theories.items()},
        switches=[(f"`{name}`", m.name, ", ".join(options)) for name, (m, options) in theories.items()],
        parameters=[row for m in mechanisms for row in _parameters(m, loaded.scenario)],
        states=[
            (f"`{name}`", m.name, ROWS[s.entity], s.unit, s.about) for m in mechanisms for name, s in m.state.items()
        ],
        acts=list(_acts(mechanisms)),
        limits=[one for one in DECLARED if one.name[0].isdigit()],
        faults=declared("fault"),
        not_applicable=suite.Verification.not_applicable,
        sound=dedent((getdoc(stability) or "").split("\n\n")[1]),
        cap=f"{stability.CAP:g}",
        scale=f"{SCALE:g}",
        rungs=RUNGS,
        pillars=PILLARS,
        behavioural=BEHAVIOURAL,
        decisive=f"{difference.DECISIVE:.0%}",
        width=f"{sensitivity.WIDTH:g}",
    )


def _parameters(mechanism: Mechanism, scenario: Scenario) -> Iterator[tuple[str, ...]]:
    """Every parameter of a mechanism: what it is, unit, what it can be, its value and range in the scenario."""
    held = getattr(scenario.parameters, mechanism.name)
    for name, number in mechanism.numbers():
        quantity = getattr(held, name)
        uncertain = f"{quantity.low:g} to {quantity.high:g}" if quantity.spread else ""
        possible = f"{number.low:g} to {number.high:g}"
        yield f"`{mechanism.name}.{name}`", number.about, number.unit, possible, f"{quantity.value:g}", uncertain


def _acts(mechanisms: tuple[Mechanism, ...]) -> Iterator[tuple[str, str, str]]:
    """Every kind of dated act, what it means, and the arrays that it moves."""
    known = {*CHANNELS, *(name for m in mechanisms for name in m.state)}
    for act in KINDS:
        moved = dict.fromkeys(CHANNELS.get(name, name) for name in _texts(act.effects.__code__) if name in known)
        kinds = ", ".join(f"`{kind}`" for kind in get_args(act.model_fields["kind"].annotation))
        yield kinds, _first(act), ", ".join(f"`{name}`" for name in moved)


def _texts(code: CodeType) -> Iterator[str]:
    """Texts that stand in a function."""
    for constant in code.co_consts:
        yield from (one for one in (constant if isinstance(constant, tuple) else [constant]) if isinstance(one, str))


def _first(told: Any) -> str:
    """The first paragraph of a docstring, on one line."""
    return " ".join((getdoc(told) or "").split("\n\n")[0].split())
