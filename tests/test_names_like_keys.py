"""Names that a user chose may read like keys that move no number: a change there is told all the same."""

import pytest
from worlds import pair, village

from detente.analysis.changes import Record, why_changed
from detente.analysis.levers import levers
from detente.index import construction
from detente.scenario import difference, identity
from detente.scenario.schema import Scenario

NAMES = ["short", "note", "source", "label", "title", "mark", "name", "theatre", "plain"]


def renamed(name: str, troops: float) -> Scenario:
    """The village with its mission called ``name``."""
    tree = village().model_dump()
    tree["missions"] = {name: tree["missions"]["watch"]}
    tree["missions"][name]["troops"]["value"] = troops
    return Scenario.model_validate(tree)


@pytest.mark.parametrize("name", NAMES)
def test_the_troops_of_a_mission_of_any_name_are_told_to_differ(name: str) -> None:
    one, other = renamed(name, 2500), renamed(name, 5000)
    assert [row.path for row in difference.rows(one, other)] == [f"missions.{name}.troops"]
    assert levers(one, other)
    (change,) = why_changed(*(Record({}, {}, s.model_dump(mode="json")) for s in (one, other)))
    assert (change.kind, change.moves) == ("data", True)


@pytest.mark.parametrize("name", NAMES)
def test_the_weight_of_a_pair_of_any_name_builds_the_index(name: str) -> None:
    def weighed(weight: float) -> Scenario:
        tree = pair().model_dump()
        tree["dyads"] = {name: {**tree["dyads"]["A-B"], "weight": {"value": weight}}}
        return Scenario.model_validate(tree)

    (row,) = construction.changes(weighed(1), weighed(2))
    assert row.path == f"dyads.{name}.weight"


def test_what_an_actor_called_short_wants_is_told_to_differ() -> None:
    def wanted(stake: float) -> Scenario:
        tree = pair().model_dump()
        tree["actors"]["short"] = tree["actors"].pop("B")
        dyad = tree["dyads"]["A-B"]
        dyad["between"] = ("A", "short")
        for field in ("stake", "resting_hostility", "incident_rate"):
            dyad[field]["short"] = dyad[field].pop("B")
        dyad["stake"]["short"]["value"] = stake
        return Scenario.model_validate(tree)

    one, other = wanted(0.2), wanted(0.7)
    assert [row.path for row in difference.rows(one, other)] == ["dyads.A-B.stake.short"]
    assert levers(one, other)
    (change,) = why_changed(*(Record({}, {}, s.model_dump(mode="json")) for s in (one, other)))
    assert (change.kind, change.moves) == ("data", True)


def test_a_label_still_moves_nothing() -> None:
    one, other = pair(), pair({"actors.A.label": "Another"})
    assert difference.rows(one, other) == []
    (change,) = why_changed(*(Record({}, {}, s.model_dump(mode="json")) for s in (one, other)))
    assert (change.kind, change.moves) == ("text", False)


@pytest.mark.parametrize(("field", "value", "kind"), [("label", "Alert", "text"), ("edge", 30.0, "levels")])
def test_a_level_moves_what_is_read_off_the_paths_and_no_path(field: str, value: object, kind: str) -> None:
    tree = pair().model_dump()
    tree["levels"]["watch"][field] = value
    one, other = pair(), Scenario.model_validate(tree)
    (change,) = why_changed(*(Record({}, {}, s.model_dump(mode="json")) for s in (one, other)))
    assert (change.kind, change.moves) == (kind, kind == "levels")
    assert levers(one, other) == []


def test_what_is_no_part_of_the_hash_is_said_on_the_fields() -> None:
    assert {"name", "title", "question", "notes", "caveats", "claims", "sources"} == identity.WORDS
