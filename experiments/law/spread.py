"""What every shipped scenario says, in one table: to lay the numbers of two versions of the law side by side.

    python experiments/law/spread.py measure OUT.json [MEMBERS]     # with the version that is installed
    python experiments/law/spread.py page OLD.json NEW.json         # reports/second_law/README.md

``measure`` runs with any version that has ``run`` and ``load``; what a version does not know stays empty.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from detente.analysis.difference import difference
from detente.experiment.run import run
from detente.scenario.load import load

ROOT = Path(__file__).resolve().parents[2]
MEMBERS, SEED = 400, 1
#: weeks at the end over which tension is averaged
LAST = 26
#: a scenario is laid beside this one where it covers the same weeks
BASE = "baseline"
PAGE = ROOT / "reports" / "second_law"


def measure(out: Path, members: int) -> None:
    """Run every shipped scenario and store what it says."""
    names = sorted(path.stem for path in (ROOT / "scenarios").glob("*.yaml"))
    base = run(load(BASE).scenario, members, SEED)
    told = {name: _told(base, run(load(name).scenario, members, SEED)) for name in names}
    found = {"members": members, "seed": SEED, "scenarios": told}
    out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def _told(base: Any, ds: Any) -> dict[str, Any]:
    """Tension at both ends, chances of crisis and war of any pair, and the paired change from the baseline."""
    tension = ds["tension"].transpose("member", "time").values
    end = tension[:, -LAST:].mean(axis=1)
    out = {"start": float(tension[:, 0].mean()), "end": float(end.mean()), "highest": float(np.median(tension.max(1)))}
    if "any_armed_chance" in ds:
        out |= {event: float(np.clip(ds[f"any_{event}_chance"][..., -1].mean(), 0, 1)) for event in ("crisis", "armed")}
    if ds.sizes["time"] == base.sizes["time"] and (ds["time"].values == base["time"].values).all():
        draw = base["draw"].values
        apart = difference(base["tension"].values[:, -LAST:].mean(axis=1), end, draw)
        out |= {"change": apart.change, "low": apart.ci_low, "high": apart.ci_high}
        if "armed" in out:
            out |= _moved(base, ds)
    return out


def _moved(base: Any, ds: Any) -> dict[str, Any]:
    """The pair whose chance of war a scenario changes most beyond chance, or else most: change, ratio, intervals."""
    from detente.analysis.chances import changes

    pairs = [row for row in changes(base, ds) if row.pair != "any" and row.armed.verdict != "identical"]
    pairs.sort(key=lambda row: (not row.armed.is_significant, -abs(row.armed.change)))
    kept = (
        "pair",
        "label",
        "armed_base",
        "armed",
        "armed_change",
        "armed_ratio",
        "armed_ratio_low",
        "armed_ratio_high",
    )
    told = [{key: row.as_dict()[key] for key in kept} | {"verdict": row.armed.verdict} for row in pairs[:1]]
    return {"moved": told[0]} if told else {}


def page(old: dict[str, Any], new: dict[str, Any]) -> str:
    """The two versions side by side."""
    rows = [_row(name, old["scenarios"].get(name, {}), told) for name, told in new["scenarios"].items()]
    ends = [[told["change"] for told in v["scenarios"].values() if "change" in told] for v in (old, new)]
    told = [v for v in new["scenarios"].values() if "change" in v]
    ratios = [v["moved"]["armed_ratio"] for v in told if v.get("moved", {}).get("verdict") in ("higher", "lower")]
    text = (ROOT / "experiments" / "law" / "page.md").read_text(encoding="utf-8")
    return text.format(
        members=new["members"],
        seed=new["seed"],
        rows="\n".join(rows),
        ends=" and ".join(f"{max(e) - min(e):.1f}" for e in ends),
        crisis=_apart([v["crisis"] for v in told]),
        armed=_apart([v["armed"] for v in told]),
        ratios=f"{min(ratios):.2f} to {max(ratios):.2f}",
        detected=len(ratios),
        scenarios=len(told),
    )


def _apart(shares: list[float]) -> str:
    return f"{100 * min(shares):.1f} to {100 * max(shares):.1f} in 100"


def _row(name: str, before: dict[str, Any], after: dict[str, Any]) -> str:
    cells = [f"{v['start']:.1f} → {v['end']:.1f}" if v else "–" for v in (before, after)]
    cells += [
        f"{v['change']:+.1f} [{v['low']:+.1f}, {v['high']:+.1f}]" if "change" in v else "–" for v in (before, after)
    ]
    cells += [f"{100 * after[event]:.0f}" for event in ("crisis", "armed")]
    cells = [cell.replace("-", "−") for cell in cells]
    moved = after.get("moved")
    return "| " + " | ".join([f"`{name}`", *cells, "–" if moved is None else _ratio(moved)]) + " |"


def _ratio(moved: dict[str, Any]) -> str:
    """The pair, and how many times as likely war is in it; a word where that cannot be told."""
    told = "{armed_ratio:.2f} [{armed_ratio_low:.2f}, {armed_ratio_high:.2f}]".format(**moved)
    return f"{moved['label']}: ×{told}" + ("" if moved["verdict"] in ("higher", "lower") else ", cannot tell")


def main(verb: str, *paths: str) -> None:
    """See the module."""
    if verb == "measure":
        measure(Path(paths[0]), int(paths[1]) if len(paths) > 1 else MEMBERS)
        return
    old, new = (json.loads(Path(path).read_text(encoding="utf-8")) for path in paths)
    PAGE.mkdir(parents=True, exist_ok=True)
    (PAGE / "README.md").write_text(page(old, new), encoding="utf-8")
    for name, found in (("before", old), ("after", new)):
        (PAGE / f"{name}.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
