"""Is a scenario file one that can be run, and what in it is perhaps not what it seems?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from detente.experiment import files, probe
from detente.model.stability import require_placed
from detente.scenario import doubts, places
from detente.scenario.diagnostics import Fault, ScenarioError
from detente.scenario.doubts import Doubt
from detente.scenario.load import Loaded, check_part, load
from detente.scenario.suppositions import balance


@dataclass(frozen=True)
class Verdict:
    """What is found about one file: a record, and the words for a reader."""

    record: dict[str, Any]
    words: str

    def codes(self, strict: bool = False) -> set[str]:
        """Codes of the faults found; with ``strict`` those of warnings, too."""
        found = [*self.record["faults"], *(self.record["warnings"] if strict else ())]
        return {fault["code"] for fault in found}


def check(file: str, sets: Mapping[str, str] | None = None) -> Verdict:
    """All faults of a scenario file, or its warnings where it has none. Raises nothing for a faulty file.

    A file in a folder called theatres is a part of scenarios: what stands in it is checked, nothing is missed.
    """
    path = places.named(file)
    record: dict[str, Any] = {"file": file, "ok": True, "part": False, "faults": [], "warnings": []}
    try:
        if path is not None and path.is_file() and places.is_part(path):
            check_part(path)
            return Verdict(record | {"part": True}, f"{file}: no fault (a part)")
        loaded = load(file, sets)
        require_placed(loaded)
    except ScenarioError as error:
        faults = [fault.record() for fault in error.faults]
        return Verdict({"file": file, "ok": False, "faults": faults, "warnings": []}, _meant(file, error))
    leaves, found = loaded.leaves(), warnings(loaded)
    held = balance(loaded.scenario, leaves)
    record |= {"warnings": [one.record() for one in found], "hash": loaded.hash, "parameters": len(leaves)}
    record |= {"assumption_share": loaded.assumption_share, **held._asdict()}
    words = [*map(str, found), *([counted(found)] if found else []), f"{file}: no fault; {held}"]
    return Verdict(record | {"files": [f.name for f in loaded.files]}, "\n\n".join(words))


def _meant(name: str, error: ScenarioError) -> str:
    """The faults in words; of what is an experiment, the command that checks it."""
    from detente.experiment import read  # a sound scenario needs none of it

    path, found = places.named(name), {fault.code for fault in error.faults}
    if (path is None and name in files.names()) or (
        path and path.is_file() and "E104" in found and read.is_experiment(path)
    ):
        return f"{name} is an experiment: detente experiment check {name}"
    return str(error)


def warnings(loaded: Loaded) -> list[Fault]:
    """Every warning: from the numbers, from a small run; in the order of the files.

    Raises ScenarioError where the scenario cannot be run.
    """
    require_placed(loaded)
    scenario = loaded.scenario
    found = [*doubts.doubts(scenario), *probe.doubts(scenario)]
    return ScenarioError((_placed(one, loaded) for one in found), loaded.texts.lines).faults


def counted(found: Sequence[Fault]) -> str:
    """ "1 warning", "3 warnings" """
    return "1 warning" if len(found) == 1 else f"{len(found)} warnings"


def _placed(doubt: Doubt, loaded: Loaded) -> Fault:
    """A warning where its number is written; where nothing is, at the name of what it belongs to."""
    node, _ = loaded.tree.nearest(tuple(doubt.path.split(".")))
    value = node.mapping.get("value", node)
    mark = value.mark if not isinstance(value.data, dict) else node.key or node.mark
    return loaded.texts.fault(doubt.code, mark, doubt.message, doubt.hint)
