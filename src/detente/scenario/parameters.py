"""The parameters of the laws and of the index, one record per law: the laws' records are read from the mechanisms."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import create_model

from detente.laws.extensions import weekly
from detente.laws.mechanism import Mechanism
from detente.scenario.quantity import Measure, Quantity, Record
from detente.scenario.theatre import Points, Share, Weeks

Ratio = Annotated[Quantity, Measure("1", 0, 1000)]
PerYear = Annotated[Quantity, Measure("1/year", -1, 5)]


class Goalpost(Record):
    """Calm and clash reference of one indicator: fixed, sourced, never taken from the window shown."""

    calm: Annotated[Quantity, Measure("1", -1e6, 1e6, also=("points", "goldstein", "1/year", "share"))]
    clash: Annotated[Quantity, Measure("1", -1e6, 1e6, also=("points", "goldstein", "1/year", "share"))]
    weight: Ratio


class IndexParameters(Record):
    """The tension index (§1.14, §4)."""

    hostility: Goalpost
    incidents: Goalpost
    militarisation: Goalpost
    alignment: Goalpost
    vacuum: Goalpost
    diplomacy: Goalpost
    #: below 1 the contribution of a calm pair is infinite, far above it powers overflow
    exponent: Annotated[Quantity, Measure("1", 1, 50)]
    incident_memory: Weeks
    growth_memory: Weeks
    growth_reference: PerYear
    imbalance_share: Share
    active_deficit: Share
    signed_deficit: Share
    #: hostility of a pair from which its build-up counts in full
    hostile_pair: Points
    pact_polarisation: Share
    weight_concentration: Ratio


#: the pillars of the index, in their order
PILLARS = tuple(name for name, field in IndexParameters.model_fields.items() if field.annotation is Goalpost)

if TYPE_CHECKING:

    class Switches(Record):
        """Structural alternatives, so that a conclusion can be tested against rival theory (§3)."""

        def __getattr__(self, name: str) -> str: ...

    class Parameters(Record):
        """All laws' parameters, those of the index, and the rival theories in force."""

        index: IndexParameters
        switches: Switches

        def __getattr__(self, name: str) -> Any: ...


class Derived(Record):
    """A record made from mechanisms. Workers find its class again by the ``extensions`` and its name."""

    extensions: ClassVar[tuple[str, ...]] = ()

    def __reduce__(self) -> tuple[Any, ...]:
        """A class without a place in a module is rebuilt where it arrives."""
        return restored, (type(self).extensions, type(self).__name__, self.__getstate__())


def restored(extensions: tuple[str, ...], name: str, state: dict[str, Any]) -> Record:
    """The record called ``name`` of the parameters under ``extensions``."""
    kind = records(extensions)[name]
    made = kind.__new__(kind)
    made.__setstate__(state)
    return made


@lru_cache(maxsize=16)
def records(extensions: tuple[str, ...]) -> dict[str, type[Record]]:
    """The records of all parameters by name, with the mechanisms that ``extensions`` add."""
    mechanisms = weekly(extensions)
    made = {m.name: _record(m, extensions) for m in mechanisms}
    theories = {name: theory for m in mechanisms for name, theory in m.theories.items()}
    switches = _made(
        "Switches",
        "Structural alternatives, so that a conclusion can be tested against rival theory (§3).",
        {name: (Literal[theory.options], theory.options[0]) for name, theory in theories.items()},
        extensions,
    )
    needed = {m.name for m in weekly(())}
    entries: dict[str, Any] = {n: (r, ...) if n in needed else (r | None, None) for n, r in made.items()}
    entries |= {"index": (IndexParameters, ...), "switches": (switches, switches())}
    whole = _made("Parameters", "All laws' parameters.", entries, extensions)
    return {kind.__name__: kind for kind in (*made.values(), switches, whole)}


def _record(mechanism: Mechanism, extensions: tuple[str, ...]) -> type[Record]:
    """The record of a mechanism's parameters in a scenario file."""
    measures = {name: Measure(n.unit, n.low, n.high, n.also, n.about) for name, n in mechanism.numbers()}
    entries = {name: (Annotated[Quantity, measure], ...) for name, measure in measures.items()}
    title = "".join(word.title() for word in mechanism.name.split("_"))
    return _made(f"{title}Parameters", mechanism.parameters.__doc__ or "", entries, extensions)


def _made(name: str, told: str, entries: dict[str, Any], extensions: tuple[str, ...]) -> type[Record]:
    made: type[Record] = create_model(name, __base__=Derived, __doc__=told, **entries)
    made.extensions = extensions
    return made


if not TYPE_CHECKING:
    Parameters, Switches = records(())["Parameters"], records(())["Switches"]
