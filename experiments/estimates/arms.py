"""Stocks and build-up from the spending register, donations and the transfer register.

- capital: perpetual inventory K' = K (1 - delta) + q x over the register's years, q and delta being the law's own
  (scenarios/theatres/laws.yaml), first stock q x / delta; donated arms and grants are added at their worth.
  USD m of 2024.
- build-up: Theil-Sen slope of the logarithm of real spending 2014-2024, half its 90 % interval on either side.
"""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
from estimate import Estimate
from facts import Dossier
from numpy.typing import NDArray
from ruamel.yaml import YAML
from scipy import stats

Array = NDArray[np.float64]

SPENDING = "sipri_milex_1949_2024.csv"
REGISTER = "trade_register_balkans_1995_2025.csv"
COUNTRIES = {
    "SRB": "Serbia",
    "XKX": "Kosovo",
    "BIH": "Bosnia and Herzegovina",
    "HRV": "Croatia",
    "ALB": "Albania",
    "MNE": "Montenegro",
    "MKD": "North Macedonia",
    "HUN": "Hungary",
    "ROU": "Romania",
    "BGR": "Bulgaria",
}
LAST = 2024
FROM = 2014
#: USD m that one million of SIPRI's trend indicator is taken to be worth: half to twice of 2
PER_TIV = 2.0
#: donated arms that no budget paid for: fact with the number, supplier and designations in the register, year
DONATED = (
    ("srb.mig29.rus", "Russia", ("MiG-29", "MiG-29S"), 2017),
    ("srb.mig29.blr", "Belarus", ("MiG-29",), 2021),
    ("srb.t72.qty", "Russia", ("T-72",), 2021),
    ("srb.brdm.qty", "Russia", ("BRDM-2",), 2020),
)
PLEDGE_YEARS = 4.0
PLEDGE_MIDDLE = 2027.7


def spending(folder: Path) -> dict[str, dict[int, tuple[float, float]]]:
    """Constant and current USD m by actor and year."""
    out: dict[str, dict[int, tuple[float, float]]] = {key: {} for key in COUNTRIES}
    key_of = {name: key for key, name in COUNTRIES.items()}
    with (folder / SPENDING).open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            if row["country"] in key_of and row["milex_const2023_usd_m"]:
                year = int(row["year"])
                known = float(row["milex_const2023_usd_m"]), float(row["milex_current_usd_m"] or 0.0)
                out[key_of[row["country"]]][year] = known
    return out


def law(laws: Path) -> dict[str, tuple[float, float, float]]:
    """(low, value, high) of procurement share and depreciation, as shares, from the laws' file."""
    armament = YAML(typ="safe").load(laws)["parameters"]["armament"]
    return {
        name: tuple(armament[name][k] / 100.0 for k in ("low", "value", "high"))
        for name in ("procurement_share", "depreciation")
    }


def inventory(series: dict[int, tuple[float, float]], share: float, wear: float, first: float) -> float:
    """Stock at the end of LAST in USD m of LAST; ``first`` scales the opening stock share x / wear."""
    constant, current = series[LAST]
    return stock(series, LAST, share, wear, first) * current / constant


def stock(series: dict[int, tuple[float, float]], last: int, share: float, wear: float, first: float) -> float:
    """Stock at the end of ``last`` in constant USD m."""
    years = [year for year in sorted(series) if year <= last]
    held = first * share * series[years[0]][0] / wear if years[0] < 2008 else 0.0
    for year in years:
        held = held * (1.0 - wear) + share * series[year][0]
    return held


def unit_tiv(folder: Path, supplier: str, designations: tuple[str, ...], recipient: str = "Serbia") -> float:
    """Mean trend-indicator value of one item, weighted by the numbers delivered."""
    with (folder / REGISTER).open(encoding="utf-8", newline="") as handle:
        rows = [r for r in csv.DictReader(handle) if r["recipient"] == recipient and r["supplier"] == supplier]
    hits = [r for r in rows if r["designation"].strip() in designations and int(r["delivery_year"]) >= FROM]
    number = sum(float(r["numbers_delivered"]) for r in hits)
    return sum(float(r["tiv_deal_unit"]) * float(r["numbers_delivered"]) for r in hits) / number


def donations(folder: Path, facts: Dossier, wear: float) -> float:
    """What Serbia was given, worn to the end of LAST, USD m."""
    return sum(
        facts.value(key) * unit_tiv(folder, supplier, names) * PER_TIV * (1.0 - wear) ** (LAST - year)
        for key, supplier, names, year in DONATED
    )


def bought(folder: Path, suppliers: tuple[str, ...], wear: float, recipient: str = "Serbia") -> float:
    """Everything the register has from ``suppliers`` since FROM, worn to the end of LAST, USD m."""
    with (folder / REGISTER).open(encoding="utf-8", newline="") as handle:
        rows = [r for r in csv.DictReader(handle) if r["recipient"] == recipient and r["supplier"] in suppliers]
    recent = [r for r in rows if FROM <= int(r["delivery_year"]) <= LAST]
    worth = (float(r["tiv_delivery_values"]) * (1.0 - wear) ** (LAST - int(r["delivery_year"])) for r in recent)
    return PER_TIV * sum(worth)


def given(key: str, folder: Path, facts: Dossier, wear: float) -> tuple[float, tuple[str, ...]]:
    """Arms no budget paid for, USD m, and the facts that say so."""
    if key == "SRB":
        return donations(folder, facts, wear), tuple(item[0] for item in DONATED)
    if key == "BIH":
        paid = 4.36
        return (facts.value("bih.huey.value") - paid) * (1.0 - wear) ** 3, ("bih.huey.value",)
    return 0.0, ()


def capital(folder: Path, facts: Dossier, laws: Path) -> dict[str, Estimate]:
    """Capital of every state; low and high from the law's range of wear and half to twice the opening stock."""
    panel, known = spending(folder), law(laws)
    share, (slow, wear, fast) = known["procurement_share"][1], known["depreciation"]
    out = {}
    for key, series in panel.items():
        gift, sources = given(key, folder, facts, wear)
        low = inventory(series, share, fast, 0.5) + gift / 2
        high = inventory(series, share, slow, 2.0) + gift * 2
        out[f"actors.{key}.capital"] = Estimate(
            inventory(series, share, wear, 1.0) + gift, low, high, "USD m", "lognormal", ("est.capital", *sources)
        )
    return out


def build_up(folder: Path, facts: Dossier) -> dict[str, Estimate]:
    """Documented real growth of spending, 1/year."""
    out = {}
    for key, series in spending(folder).items():
        years = np.arange(FROM, LAST + 1)
        trend = stats.theilslopes(np.log([series[int(y)][0] for y in years]), years, 0.9)
        mean, low, high = float(trend.slope), float(trend.low_slope), float(trend.high_slope)
        half, sources = (high - low) / 2, ["est.build_up", f"{key.lower()}.milex.growth.{FROM}-{LAST}"]
        sources += ["seed.13"] if key in ("SRB", "HRV") else []
        if key == "XKX":
            half = max(half, pledged(facts, series[LAST][1]) - mean)
            sources.append("xkx.pledge")
        out[f"actors.{key}.build_up"] = Estimate(mean, mean - half, mean + half, "1/year", "normal", tuple(sources))
    return out


def pledged(facts: Dossier, now: float, usd_per_eur: float = 1.08) -> float:
    """Growth per year that would bring spending from LAST to the mean of the pledge in the middle of its years."""
    goal = facts.value("xkx.pledge") / PLEDGE_YEARS * usd_per_eur
    return math.log(goal / now) / (PLEDGE_MIDDLE - LAST)


def without(folder: Path, facts: Dossier, laws: Path) -> dict[str, float]:
    """Serbia's capital less what the register has from Russia and China: for the ablation of those purchases."""
    wear = law(laws)["depreciation"][1]
    whole = capital(folder, facts, laws)["actors.SRB.capital"].value
    return {"actors.SRB.capital without arms from Russia and China": whole - bought(folder, ("Russia", "China"), wear)}
