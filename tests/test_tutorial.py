"""The tutorial is in step with the package: its cells run in their order, and show what they promise."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

TUTORIAL = Path(__file__).resolve().parents[1] / "docs" / "tutorial.ipynb"
CELLS = {cell["id"]: cell for cell in nbformat.read(TUTORIAL, as_version=4).cells}


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Every cell after a kernel of its own has run them all in an empty folder."""
    folder = tmp_path_factory.mktemp("tutorial")
    content = nbformat.read(TUTORIAL, as_version=4)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DETENTE_MEMBERS", "40")
        for name in ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR"):
            patch.setenv(name, str(tmp_path_factory.mktemp(name)))
        NotebookClient(content, timeout=300, resources={"metadata": {"path": str(folder)}}).execute()
    assert list(folder.iterdir()) == [], "the tutorial leaves files behind"
    return {cell["id"]: cell for cell in content.cells}


def shown(cell: Any, kind: str) -> str:
    (found,) = [output["data"][kind] for output in cell.outputs if kind in output.get("data", {})]
    return str(found)


def printed(cell: Any) -> str:
    return "".join(output["text"] for output in cell.outputs if output.get("name") == "stdout")


def test_it_is_committed_without_outputs() -> None:
    nbformat.validate(nbformat.read(TUTORIAL, as_version=4))
    code = [cell for cell in CELLS.values() if cell.cell_type == "code"]
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code)
    assert TUTORIAL.stat().st_size < 20_000


def test_no_cell_warns_or_fails(played: dict[str, Any]) -> None:
    code = [cell for cell in played.values() if cell.cell_type == "code"]
    assert all(output.get("name") != "stderr" for cell in code for output in cell.outputs)
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))


def test_scenario_result_and_comparison_are_shown_as_tables(played: dict[str, Any]) -> None:
    assert "Outside powers" in shown(played["load"], "text/html")
    assert "Digest" in shown(played["base"], "text/html")
    assert "change [95% CI]" in shown(played["compare"], "text/html")
    for name in ("sets", "answer", "yours"):
        assert re.search(r"[+−]\d+\.\d+ \[[+−]", shown(played[name], "text/html")), name


def test_figures_are_shown_in_their_place(played: dict[str, Any]) -> None:
    for name in ("fan", "difference", "pairs"):
        assert len(shown(played[name], "image/png")) > 10_000


def test_what_is_computed_by_hand_is_what_compare_says(played: dict[str, Any]) -> None:
    by_hand, compared = (line.partition(":")[2].strip() for line in printed(played["byhand"]).splitlines())
    assert by_hand == compared
    assert re.fullmatch(r"[+-]\d+\.\d\d \[[+-]\d+\.\d\d, [+-]\d+\.\d\d\]", compared)
    gap = float(re.search(r": (\S+) points", printed(played["parts"]))[1])  # type: ignore[index]
    assert gap < 1e-9


def test_the_exercise_asks_for_a_paired_change_with_its_interval() -> None:
    asked = CELLS["exercise"].source
    assert "same luck" in asked
    assert "**with their\n   intervals**" in asked
    assert asked.count("?") >= 8


def test_the_footnote_stands_where_its_mark_does() -> None:
    words = "\n".join(cell.source for cell in CELLS.values() if cell.cell_type == "markdown")
    assert not re.search(r"Kosovo(?!\\\*| declaration)", words)
    assert "without prejudice to positions on status" in words
