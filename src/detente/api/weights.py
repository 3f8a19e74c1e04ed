"""What the weights of the index are worth: nominal against effective, and which pillars move together."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Any

from detente import storage
from detente.analysis import attributes, constructions
from detente.analysis import weights as effective
from detente.analysis.difference import cleaned
from detente.analysis.pairing import pair
from detente.api import Tell, silent
from detente.experiment.provenance import commit
from detente.experiment.source import Settings, each_run
from detente.index import construction
from detente.prose.table import Table
from detente.prose.templates import filled, flowing
from detente.prose.wording import fixed, signed
from detente.scenario import places
from detente.scenario.diagnostics import ScenarioError
from detente.scenario.load import Loaded, load

#: members of every ensemble unless told otherwise: shares settle early
MEMBERS = 200
#: words of the columns of weights
HEAD = ("pillar", "nominal", "level", "over pairs", "over paths", "between scenarios")


def weights(
    scenario: str = "baseline",
    *others: str,
    members: int = MEMBERS,
    seed: int = 1,
    workers: int = 1,
    out: str | PathLike[str] | None = None,
    tell: Tell = silent,
) -> dict[str, Any]:
    """The index's effective weights in the runs of a scenario, and in its differences from ``others``.

    Without ``others`` those are all scenarios of its theatre and calendar that are found by name. ``out`` also writes
    the page (.md). Raises ScenarioError, NotComparable.
    """
    base = load(scenario)
    rest = [load(name) for name in others] or alike(base)
    how = Settings(members, seed, None, workers, tell)
    runs = each_run([base.scenario, *(one.scenario for one in rest)], how, members, "Effective weights")
    held = next(runs)
    changes = {}
    for one, ds in zip(rest, runs, strict=True):
        mine, yours = map(effective.contributions, pair(held, ds))
        changes[one.scenario.name] = yours - mine
    audit = effective.audit(held, constructions.weights_of(base.scenario)[0], changes)
    content = {"scenario": base.scenario.name, "members": members, "seed": seed, "scenario_hash": base.hash}
    content["engine"] = attributes.engine(held)
    content |= {"commit": commit(), **audit.as_dict()}
    if out is not None:
        path = Path(out)
        storage.make_folder(path.parent)
        storage.write_text(path, page(content, [*others]))
    told: dict[str, Any] = cleaned(content)
    return told


def alike(base: Loaded) -> list[Loaded]:
    """Scenarios found by name that play in the theatre and calendar of ``base`` under its index, in their order."""
    found = []
    for name in places.names():
        try:
            one = load(name)
        except ScenarioError:
            continue
        same = all(getattr(one.scenario, part) == getattr(base.scenario, part) for part in ("theatre", "calendar"))
        if same and one.hash != base.hash and not construction.changes(base.scenario, one.scenario):
            found.append(one)
    return found


def table(content: dict[str, Any]) -> Table:
    """The weights, each share in hundredths."""
    keys = ("nominal", "level", "pairs", "paths", "scenarios")
    rows = [(row["pillar"], *(_share(row[key]) for key in keys)) for row in content["weights"]]
    return Table(HEAD, rows, right=range(1, len(HEAD)))


def correlations(content: dict[str, Any]) -> Table:
    """Correlations of pillars: over paths above the diagonal, over pairs below."""
    names = [row["pillar"] for row in content["weights"]]
    lines = [
        (one, *("" if i == j else signed(content["over_paths" if i < j else "over_pairs"][i][two], 2)
                for j, two in enumerate(names)))
        for i, one in enumerate(names)
    ]  # fmt: skip
    return Table(("", *names), lines, right=range(1, len(names) + 1))


def _share(value: float | None) -> str:
    return "–" if value is None else fixed(100 * value, 0)


def page(content: dict[str, Any], others: Sequence[str]) -> str:
    """The page on effective weights."""
    asked = " ".join(["detente scenarios weights", content["scenario"], *others])
    asked += f" --members {content['members']} --seed {content['seed']}"
    tables = {"weights": table(content).markdown(), "correlations": correlations(content).markdown()}
    return flowing(filled("weights.md.j2", **content, tables=tables, command=asked))
