"""Kept results: every shipped scenario at few members, as digest and a few numbers. ``make golden`` writes them again.

A digest holds within one class of processors and one version of NumPy; the numbers hold everywhere, to 1e-9.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detente import storage
from detente.experiment.digest import digest
from detente.experiment.fingerprint import processor_class
from detente.experiment.run import run
from detente.scenario.load import load

if TYPE_CHECKING:
    import xarray as xr

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "tests" / "data" / "golden.json"
NAMES = sorted(path.stem for path in (ROOT / "scenarios").glob("*.yaml"))
MEMBERS, SEED = 4, 1
#: an entry of the changelog that says that results move: to the next entry or heading
MOVED = re.compile(r"^- \*\*Numbers\*\*.*?(?=^- |^#|\Z)", re.M | re.S)


def place() -> dict[str, str]:
    """What decides the last bits: digests are compared where this is the same."""
    return {"processor": processor_class(), **{name: version(name) for name in ("numpy", "scipy")}}


def found(name: str) -> dict[str, Any]:
    """Digest and numbers of a shipped scenario, over its whole length."""
    return told(run(load(ROOT / "scenarios" / f"{name}.yaml").scenario, MEMBERS, SEED))


def told(ds: xr.Dataset) -> dict[str, Any]:
    """Digest and numbers of a result."""
    tension = ds["tension"]
    return {
        "digest": digest(ds),
        "weeks": int(ds.attrs["weeks"]),
        "mean": float(tension.mean()),
        "end": float(tension.isel(time=-1).mean()),
        "highest": float(tension.max()),
        "behaviour": float(ds["behaviour"].mean()),
        "pillars": {str(key): float(ds["contribution"].sel(pillar=key).mean()) for key in ds["pillar"].values},
        "incidents": int(ds["incidents"].sum()),
    }


def entries() -> list[str]:
    """Hashes of what the changelog says of numbers that move."""
    found = MOVED.findall((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    return [hashlib.sha256(" ".join(entry.split()).encode()).hexdigest()[:12] for entry in found]


def write() -> int:
    """Write the results again; 4 where they moved and the changelog has no new entry that says so."""
    old = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {"scenarios": {}, "said": []}
    scenarios = {name: found(name) for name in NAMES}
    moved = [name for name in old["scenarios"] if scenarios.get(name) != old["scenarios"][name]]
    new = [entry for entry in entries() if entry not in old["said"]]
    if moved and old["place"] == place() and not new:
        print(f"moved: {', '.join(moved)}", file=sys.stderr)
        print("Say what moved and why in CHANGELOG.md, in an entry that begins with **Numbers**", file=sys.stderr)
        return 4
    head = {"members": MEMBERS, "seed": SEED, "place": place(), "said": entries()}
    storage.write_json(FILE, {**head, "scenarios": scenarios})
    print(f"{FILE.relative_to(ROOT)}: {len(scenarios)} scenarios, {len(moved)} moved")
    return 0


if __name__ == "__main__":
    sys.exit(write())
