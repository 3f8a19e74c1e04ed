"""The replays against the record: medians and 90 % bands in documented weeks, order of the crises, edges of the levels.

    python experiments/estimates/replay_table.py [MEMBERS]

Prints what docs/scenarios.md and docs/decisions/0030-levels-wider-than-chance.md state.
"""

from __future__ import annotations

import itertools
import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.experiment.run import run
from detente.scenario.load import load

if TYPE_CHECKING:
    import xarray as xr

#: episode -> replay, pair, first and last day in which its peak is looked for
EPISODES = {
    "Jul–Oct 2011": ("replay_2011_north_kosovo", "SRB-XKX", "2011-07-20", "2011-10-31"),
    "Sep 2021": ("replay_2021_2023_kosovo", "SRB-XKX", "2021-09-20", "2021-10-18"),
    "Dec 2022": ("replay_2021_2023_kosovo", "SRB-XKX", "2022-12-10", "2023-01-09"),
    "end of May 2023": ("replay_2021_2023_kosovo", "SRB-XKX", "2023-05-26", "2023-06-26"),
    "late Sep 2023": ("replay_2021_2023_kosovo", "SRB-XKX", "2023-09-24", "2023-10-23"),
    "Mar–Apr 2025": ("replay_2025_dayton", "BIH-RS", "2025-02-26", "2025-04-28"),
}
#: weeks without anything in the facts for at least a month before
CALM = {
    "Jun 2011": ("replay_2011_north_kosovo", "SRB-XKX", "2011-06-13"),
    "Jun 2021": ("replay_2021_2023_kosovo", "SRB-XKX", "2021-06-28"),
    "Jun 2022": ("replay_2021_2023_kosovo", "SRB-XKX", "2022-06-27"),
    "early May 2023": ("replay_2021_2023_kosovo", "SRB-XKX", "2023-05-15"),
    "Nov 2024": ("replay_2025_dayton", "BIH-RS", "2024-11-25"),
}
#: the rule of the edges reads the calm months of this replay, and the highest week of its runs
RULE = "replay_2021_2023_kosovo_record"
#: levels are words: their edges are rounded to so many points
STEP = 2.5
#: the pair whose clash the highest edge supposes
PAIR = "SRB-XKX"


def week_at(ds: xr.Dataset, day: str) -> int:
    """Row of the last week that ends on or before ``day``."""
    return int(np.searchsorted(ds["time"].values, np.datetime64(day), side="right")) - 1


def peak(ds: xr.Dataset, first: str, last: str, pair: str) -> int:
    """Row of the week in which the ensemble's median pair index is highest."""
    rows = slice(week_at(ds, first) + 1, week_at(ds, last) + 1)
    middle = np.median(ds["tension_dyad"].sel(dyad=pair).values, axis=0)
    return int(rows.start + middle[rows].argmax())


def band(values: Any) -> str:
    """Median and 90 % band."""
    low, middle, high = np.quantile(values, [0.05, 0.5, 0.95])
    return f"{middle:.1f} [{low:.0f}, {high:.0f}]"


def edges(record: xr.Dataset, baseline: xr.Dataset) -> dict[str, float]:
    """The numbers of the rule, unrounded: calm months, a run's highest week, clash of one pair with the rest as at
    the start."""
    tension = record["tension"].values
    calm = [np.median(tension[:, week_at(record, day)]) for name, _, day in CALM.values() if f"{name}_record" == RULE]
    opening = np.median(baseline["tension_dyad"].values[:, 0], axis=0).astype(float)
    opening[list(baseline["dyad"].values).index(PAIR)] = 100.0
    exponent = float(baseline.attrs["exponent"])
    clash = float((baseline["dyad_weight"].values * opening**exponent).sum() ** (1 / exponent))
    return {"calm": float(np.mean(calm)), "highest": float(np.median(tension.max(axis=1))), "clash": clash}


def rounded(found: dict[str, float]) -> dict[str, float]:
    """The edges to 2.5 points: crisis at the highest week, strained half of the way there."""
    calm, highest = found["calm"], found["highest"]
    steps = {"strained": (calm + highest) / 2, "crisis": highest, "clash": found["clash"]}
    return {name: STEP * round(edge / STEP) for name, edge in steps.items()}


def line(name: str, plain: xr.Dataset, record: xr.Dataset, pair: str, row: int) -> str:
    """One row of the table."""
    kinds = [values for ds in (plain, record) for values in (ds["tension"], ds["tension_dyad"].sel(dyad=pair))]
    cells = [band(values.values[:, row]) for values in kinds]
    day = str(record["time"].values[row])[:10]
    behaviour = f"{np.median(record['behaviour'].values[:, row]):.1f}"
    return f"| {name} | {day} | {cells[0]} | {cells[2]} | {cells[1]} | {cells[3]} | {behaviour} |"


def main(members: int) -> None:
    """Print the table, the order within members, and the edges."""
    names = sorted({e[0] for e in EPISODES.values()})
    results = {n: run(load(n).scenario, members) for name in names for n in (name, f"{name}_record")}
    print("| weeks to | read on | region, replay | region, record | pair, replay | pair, record | behaviour, record |")
    print("|---|---|---|---|---|---|---|")
    peaks: dict[str, Any] = {}
    for name, (replay, pair, first, last) in EPISODES.items():
        record = results[f"{replay}_record"]
        row = peak(record, first, last, pair)
        peaks[name] = record["tension"].values[:, row]
        print(line(name, results[replay], record, pair, row))
    for name, (replay, pair, day) in CALM.items():
        print(line(f"{name} (calm)", results[replay], results[f"{replay}_record"], pair, week_at(results[replay], day)))
    order = ["late Sep 2023", "end of May 2023", "Dec 2022", "Sep 2021"]
    for above, below in itertools.pairwise(order):
        share = float(np.mean(peaks[above] > peaks[below]))
        print(f"{above} above {below}: in {share:.0%} of members, by {np.median(peaks[above] - peaks[below]):.1f}")
    found = edges(results[RULE], run(load("baseline").scenario, members, weeks=1))
    print({k: round(v, 2) for k, v in found.items()}, rounded(found))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 400)
