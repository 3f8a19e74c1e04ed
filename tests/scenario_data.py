"""A small valid scenario for tests; the parameters are made from the schema, so that a new one needs no change here."""

import json
from pathlib import Path
from typing import Any

from detente.scenario.parameters import Parameters
from detente.scenario.quantity import Measure, Quantity

SMALL = Path(__file__).parent / "data" / "scenarios" / "small.yaml"


def possible(measure: Measure) -> float:
    """A number that ``measure`` allows."""
    return next(x for x in (0.5, 1.0, measure.ge) if measure.ge <= x <= measure.le)


def stable() -> dict[str, Any]:
    """Parameters under which hostility, arms and the index have a rest and a scale."""
    found = numbers(Parameters)
    found["hostility"]["reciprocity"] = found["armament"]["reaction"] = 0.1
    for post in found["index"].values():
        if isinstance(post, dict):
            post |= {"calm": 0, "clash": 1}
    return found


def numbers(record: Any) -> dict[str, Any]:
    """A possible value for every quantity of a parameter record; everything else keeps its default."""
    found: dict[str, Any] = {}
    for name, field in record.model_fields.items():
        if field.annotation is Quantity:
            found[name] = possible(next(m for m in field.metadata if isinstance(m, Measure)))
        elif field.is_required():
            found[name] = numbers(field.annotation)
    return found


def write(folder: Path) -> Path:
    """The small scenario and its parameters in ``folder``; the path of the scenario."""
    folder.mkdir(parents=True, exist_ok=True)
    # JSON is YAML: a line for every record keeps positions apart
    text = json.dumps({"parameters": stable()}, indent=1)
    (folder / "parameters.yaml").write_text(text, encoding="utf-8")
    (folder / "small.yaml").write_text(SMALL.read_text(encoding="utf-8"), encoding="utf-8")
    return folder / "small.yaml"
