"""Start values of the replays: what the same rules give from data that ended before each replay begins.

    python experiments/estimates/replays.py PATH/TO/facts.csv OBSERVATIONS

Writes scenarios/theatres/western_balkans_YEAR_estimates.yaml. Money is in constant USD of 2023, so that a replay's
stocks and its programmes are in the same money.

- spending, GDP (spending over its share of GDP), capital, build-up: the spending panel up to the year before
- incident rates: listed major events of the five years before, by the rule of dossier.py
- KFOR's alarm: the rule of dossier.py on the one reinforcement known by then, that of March 2004
"""

from __future__ import annotations

import csv
import io
import os
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import arms
import dossier
import numpy as np
from estimate import Estimate
from facts import Dossier, read
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from scipy import stats

THEATRES = Path(__file__).resolve().parents[2] / "scenarios" / "theatres"
#: years of spending that a build-up is read from, and its half width where there are fewer than five
TREND, UNKNOWN = 10, 0.15
RIOTS = "inc.2004-03-17.riots"
PANEL = "sipri.milex"
SOURCE = {
    "publisher": "SIPRI",
    "title": "Military Expenditure Database, 1949-2024",
    "date": "2025",
    "grade": "medium",
    "fact": "military expenditure in constant USD of 2023 and as a share of GDP, by country and year",
}


@dataclass(frozen=True)
class Replay:
    """``year`` of the start, before which the panel ends; the window of the list of events, and those in it by
    direction; pairs for whose rates the part itself states an assumption."""

    year: int
    since: date
    until: date
    events: dict[str, tuple[str, ...]]
    assumed: tuple[str, ...] = ()


#: 2011: the dossier lists two events of the five years before, too few for a rate; the part for 2011 assumes one
REPLAYS = (
    Replay(2011, date(2006, 1, 1), date(2010, 12, 31), {}, ("SRB-XKX", "BIH-RS")),
    Replay(
        2021,
        date(2016, 1, 1),
        date(2020, 12, 31),
        {
            "SRB>XKX": ("2017-01-14.train", "2018-01-16.talks", "2018-12-05.threat"),
            "XKX>SRB": ("2018-11-21.tariff", "2018-12-14.army"),
            "RS>BIH": ("2016-09-25.rsref",),
        },
    ),
    Replay(2024, date(2016, 1, 1), date(2024, 6, 30), dossier.LISTED),
)


def shares(folder: Path) -> dict[str, dict[int, float]]:
    """Spending as a share of GDP by actor and year."""
    names = {country: key for key, country in arms.COUNTRIES.items()}
    out: dict[str, dict[int, float]] = {key: {} for key in arms.COUNTRIES}
    with (folder / arms.SPENDING).open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            if row["country"] in names and row["milex_share_gdp"]:
                out[names[row["country"]]][int(row["year"])] = float(row["milex_share_gdp"])
    return out


def build_up(series: dict[int, tuple[float, float]], last: int) -> Estimate:
    """Theil–Sen slope of log real spending over the ten years to ``last``; wide where there are few."""
    known = [(year, real) for year, (real, _) in sorted(series.items()) if last - TREND <= year <= last and real > 5]
    years, real = np.array([k[0] for k in known]), np.array([k[1] for k in known])
    trend = stats.theilslopes(np.log(real), years, 0.9)
    half = (float(trend.high_slope) - float(trend.low_slope)) / 2 if len(known) >= 5 else UNKNOWN
    middle = float(np.clip(trend.slope, -0.1, 0.2))
    return Estimate(middle, middle - half, middle + half, "1/year", "normal", ("est.build_up", PANEL))


def actors(folder: Path, last: int) -> dict[str, Estimate]:
    """Spending, GDP, capital and build-up of every state at the end of ``last``."""
    panel, share_of = arms.spending(folder), shares(folder)
    laws = arms.law(arms_laws())
    procured, (slow, wear, fast) = laws["procurement_share"][1], laws["depreciation"]
    out = {}
    for key, series in panel.items():
        real = series[last][0]
        gdp = real / share_of[key][last]
        stock = [arms.stock(series, last, procured, *at) for at in ((wear, 1.0), (fast, 0.5), (slow, 2.0))]
        panel_only = ("est.capital", PANEL)
        out[f"actors.{key}.spending"] = Estimate(real, real, real, "USD m", "", (PANEL,))
        out[f"actors.{key}.gdp"] = Estimate(gdp, gdp, gdp, "USD m", "", (PANEL,))
        out[f"actors.{key}.capital"] = Estimate(*stock, "USD m", "lognormal", panel_only)
        out[f"actors.{key}.build_up"] = build_up(series, last)
    return out


def arms_laws() -> Path:
    """The laws' file."""
    return THEATRES / "laws.yaml"


def rates(facts: Dossier, replay: Replay) -> dict[str, Estimate]:
    """Incident rates of all pairs; those left to the part itself are left out."""
    known = YAML(typ="safe").load(THEATRES / "western_balkans.yaml")["dyads"]
    sides = [
        (pair, *sorted(d["between"], key=lambda side: side != name))
        for pair, d in known.items()
        for name in d["between"]
    ]
    out = {}
    for pair, first, second in sides:
        if pair in replay.assumed:
            continue
        names = replay.events.get(f"{first}>{second}", ())
        keys = tuple(f"inc.{name}" for name in names)
        out[f"dyads.{pair}.incident_rate.{first}"] = dossier.rate_of(facts, keys, replay.since, replay.until)
    return out


def alarm(facts: Dossier, replay: Replay, severity: float) -> dict[str, Estimate]:
    """KFOR's alarm by the rule of dossier.trigger, on the reinforcement of March 2004."""
    found = rates(facts, replay)
    usual = severity * sum(e.value for path, e in found.items() if "SRB-XKX" in path)
    level = usual + dossier.alarm(facts, dossier.dated(facts, [RIOTS]), date(2004, 3, 19))
    source = ("est.trigger", RIOTS, "kfor.reinf.2004")
    return {
        "missions.kfor.trigger": Estimate(1.3 * level, level, 2.5 * level, "goldstein", "triangular", source),
    }


def estimates(facts: Dossier, folder: Path, replay: Replay) -> dict[str, Estimate]:
    """All start values of one replay."""
    severity = YAML(typ="safe").load(arms_laws())["parameters"]["incidents"]["severity"]["value"]
    known = rates(facts, replay)
    # the alarm of 2023 was known in 2024: the theatre's own holds
    own = alarm(facts, replay, severity) if replay.year == 2021 else {}
    return actors(folder, replay.year - 1) | known | own


def written(found: Estimate) -> CommentedMap:
    """As a quantity of a scenario file on one line; a number without a range is written without one."""
    whole = found.rounded()
    sources = CommentedSeq(found.source)
    sources.fa.set_flow_style()
    kept = whole if found.spread else {key: whole[key] for key in ("value", "unit", "source")}
    quantity = CommentedMap(kept | {"source": sources})
    quantity.fa.set_flow_style()
    return quantity


def write(replay: Replay, found: dict[str, Estimate]) -> Path:
    """One part: numbers by path."""
    tree: dict[str, object] = {"sources": {PANEL: SOURCE}}
    for path, estimate in found.items():
        *parents, last = path.split(".")
        node = tree
        for part in parents:
            node = node.setdefault(part, {})  # type: ignore[assignment]
        node[last] = written(estimate)
    yaml = YAML()
    yaml.width = 118
    text = io.StringIO(
        f"# Start values of the replay of {replay.year}, from data that ended before it begins. Money in USD of 2023.\n"
        "# Generated by experiments/estimates/replays.py: change it there, not here.\n"
        f"extends: [western_balkans_{replay.year}]\n"
    )
    text.seek(0, io.SEEK_END)
    yaml.dump(tree, text)
    path = THEATRES / f"western_balkans_{replay.year}_estimates.yaml"
    path.write_text("".join(f"{line.rstrip()}\n" for line in text.getvalue().splitlines()), encoding="utf-8")
    return path


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    home = Path(__file__).resolve().parents[3] / "shared" / "observations"
    where = Path(sys.argv[2] if len(sys.argv) == 3 else os.environ.get("DETENTE_OBSERVATIONS", str(home)))
    given = read(Path(sys.argv[1]))
    for each in REPLAYS:
        print(write(each, estimates(given, where, each)).name)
