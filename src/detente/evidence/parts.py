"""Parts and scenarios that evidence writes, as YAML."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from io import StringIO
from typing import Any

from detente.scenario.quantity import Quantity


def entry(q: Quantity, digits: int) -> dict[str, Any]:
    """A quantity with a spread, its numbers to so many ``digits``."""
    numbers = {key: float(f"{getattr(q, key):.{digits}g}") for key in ("value", "low", "high")}
    return {**numbers, "unit": q.unit, "spread": q.spread}


def text(content: Mapping[str, Any], head: Iterable[str] = ()) -> str:
    """``content`` as YAML, below comments ``head``; None is written as null."""
    from ruamel.yaml import YAML

    yaml, out = YAML(), StringIO()
    yaml.width = 118
    yaml.representer.ignore_aliases = lambda *_: True
    yaml.representer.add_representer(type(None), lambda r, _: r.represent_scalar("tag:yaml.org,2002:null", "null"))
    yaml.dump(content, out)
    return "".join(f"# {line}\n" for line in head) + out.getvalue()
