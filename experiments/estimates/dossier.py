"""Numbers of the theatre that rest on several facts: shares into points, ranks into readiness, counts into rates.

Each function states its rule. Facts are taken from the facts file by id; nothing else is read.
"""

from __future__ import annotations

import math
import re
import statistics
from datetime import date

from estimate import Estimate
from facts import Dossier
from scipy import stats

# --- hostility: share naming the other a threat, times the scale value of a threat of force -----------------------

#: standing threat (CAMEO 138), with threat in words (130) and embargo (163) as its range, |Goldstein|
THREAT, MILD, HARSH = "scale.cameo.138", "scale.cameo.130", "scale.cameo.163"
#: who toward whom -> facts whose percentages are multiplied into the share
SURVEYS = {
    "dyads.SRB-XKX.resting_hostility.SRB": ("brake.bcsp.kosovo.2022",),
    "dyads.SRB-XKX.resting_hostility.XKX": ("xkx.iri.threat.srb",),
    "dyads.BIH-RS.resting_hostility.BIH": ("brake.rcc.civilwar.2024",),
    "dyads.BIH-RS.resting_hostility.RS": ("inc.2016-09-25.turnout", "inc.2016-09-25.yes"),
    "dyads.SRB-BIH.resting_hostility.BIH": ("bih.iri.threat.srb",),
    "dyads.SRB-ALB.resting_hostility.ALB": ("alb.iri.threat.srb",),
    "dyads.BGR-MKD.resting_hostility.MKD": ("mkd.iri.threat.bgr",),
    "dyads.SRB-BIH.resting_hostility.SRB": ("brake.iri.ethnic",),
    "dyads.SRB-MNE.resting_hostility.MNE": ("brake.iri.ethnic",),
    "dyads.ALB-MKD.resting_hostility.MKD": ("brake.iri.ethnic",),
    "dyads.HRV-BIH.resting_hostility.HRV": ("brake.iri.ethnic",),
    "dyads.HRV-BIH.resting_hostility.BIH": ("brake.iri.ethnic",),
}


def hostility(facts: Dossier) -> dict[str, Estimate]:
    """Resting hostility in points: share times |Goldstein| of a standing threat."""
    mild, threat, harsh = (-facts.value(key) for key in (MILD, THREAT, HARSH))
    out = {}
    for path, keys in SURVEYS.items():
        low, share, high = (math.prod(facts.bound(k, side) / 100 for k in keys) for side in ("low", "value", "high"))
        source = ("est.hostility", *keys, THREAT, MILD, HARSH)
        out[path] = Estimate(threat * share, mild * low, harsh * high, "points", "triangular", source)
    return out


# --- incidents: listed major events over the weeks covered, times an allowance for what the list leaves out -------

FIRST, END = date(2016, 1, 1), date(2024, 6, 30)
#: events of newswire note per listed major event: the list is a selection. Assumption, swept
ALLOWANCE = (2.0, 5.0, 15.0)
LISTED = {
    "SRB>XKX": (
        "2017-01-14.train",
        "2018-01-16.talks",
        "2018-12-05.threat",
        "2021-09-25.arson",
        "2021-09-27.tanks",
        "2022-07-31.barricades",
        "2022-11-05.resign",
        "2022-12-10.barricades",
        "2022-12-25.shots",
        "2022-12-26.alert",
        "2023-05-26.alert",
        "2023-05-29.zvecan",
        "2023-06-14.detain",
        "2023-09-24.banjska",
        "2023-09-29.buildup",
    ),
    "XKX>SRB": (
        "2018-11-21.tariff",
        "2018-12-14.army",
        "2021-09-20.plates",
        "2023-06-14.ban",
        "2024-02-01.dinar",
    ),
    "RS>BIH": ("2016-09-25.rsref", "2021-10.rs", "2021-12-10.rsvote", "2023-06.rslaws"),
    "SRB>BIH": ("2024-05-23.sreb",),
}


def listed(facts: Dossier, direction: str) -> tuple[str, ...]:
    """Fact ids of a directed pair's events, all of them inside the window."""
    keys = tuple(f"inc.{name}" for name in LISTED.get(direction, ()))
    for key in keys:
        assert FIRST.isoformat() <= facts.rows[key]["date_start"] <= END.isoformat(), key
    return keys


def mean_severity(facts: Dossier) -> float:
    """Mean |Goldstein| of all events in the list."""
    keys = [key for direction in LISTED for key in listed(facts, direction)]
    return statistics.mean(-facts.value(key) for key in keys)


def rate(facts: Dossier, direction: str) -> Estimate:
    """Events per week of one direction over the list's window."""
    return rate_of(facts, listed(facts, direction), FIRST, END)


def rate_of(facts: Dossier, keys: tuple[str, ...], first: date, end: date) -> Estimate:
    """Events per week from ``first`` to ``end``: severity-weighted count of ``keys`` plus one half, over the weeks,
    times the allowance."""
    count = sum(-facts.value(key) for key in keys) / mean_severity(facts)
    low, middle, high = ALLOWANCE
    value = (count + 0.5) / (((end - first).days + 1) / 7) * middle
    counted = math.log(stats.gamma.ppf(0.95, count + 0.5) / max(stats.gamma.ppf(0.05, count + 0.5), 1e-3))
    half = 0.5 * math.hypot(min(counted, math.log(100.0)), math.log(high / low))
    source = ("est.incidents", *keys)
    return Estimate(value, value * math.exp(-half), value * math.exp(half), "events/week", "lognormal", source)


def incidents(facts: Dossier, dyads: list[tuple[str, str, str]]) -> dict[str, Estimate]:
    """Rates of both directions of every dyad, given as (key, one side, other side)."""
    paths = [(f"dyads.{key}.incident_rate.{x}", f"{x}>{y}") for key, a, b in dyads for x, y in ((a, b), (b, a))]
    return {path: rate(facts, direction) for path, direction in paths}


#: weeks over which the index remembers incidents, and so the alarm of a mission: the law's incident_memory
REMEMBERED = 8.0


def alarm(facts: Dossier, events: list[tuple[date, float]], on: date) -> float:
    """Weekly severity as the alarm sees it, without everyday incidents: exponential mean of weekly sums."""
    fresh = 1.0 - math.exp(-1.0 / REMEMBERED)
    return fresh * sum(size * math.exp(-((on - day).days // 7) / REMEMBERED) for day, size in events if day <= on)


def trigger(facts: Dossier, severity: float) -> dict[str, Estimate]:
    """Alarm levels: 1.3 times that at which KFOR was reinforced (30 May, 6 October 2023), because it fired above the
    noise of everyday incidents; for EUFOR 1.5 times the peak of spring 2025, whose surge the calendar has already."""
    north = dated(facts, [*listed(facts, "SRB>XKX"), *listed(facts, "XKX>SRB")])
    everyday = severity * (rate(facts, "SRB>XKX").value + rate(facts, "XKX>SRB").value)
    seen = [everyday + alarm(facts, north, day) for day in (date(2023, 5, 30), date(2023, 10, 6))]
    spring = ("inc.2025-02-26.verdict", "inc.2025-02-27.rslaws", "inc.2025-03-12.warrants", "inc.2025-04-23.arrest")
    bosnia = dated(facts, list(spring))
    own = severity * (rate(facts, "RS>BIH").value + rate(facts, "BIH>RS").value)
    peak = own + max(alarm(facts, bosnia, day) for day, _ in bosnia)
    kfor = (
        "est.trigger",
        "inc.2023-05-29.zvecan",
        "inc.2023-09-24.banjska",
        "kfor.reinf.2023-05",
        "kfor.reinf.2023-10",
    )
    return {
        "missions.kfor.trigger": Estimate(
            1.3 * statistics.mean(seen), min(seen), 2.5 * max(seen), "goldstein", "triangular", kfor
        ),
        "missions.eufor.trigger": Estimate(
            1.5 * peak, peak, 4 * peak, "goldstein", "triangular", ("est.trigger", *spring)
        ),
    }


def dated(facts: Dossier, keys: list[str]) -> list[tuple[date, float]]:
    """Day and |Goldstein| of facts; a month without a day counts from its first."""
    days = ((facts.rows[key]["date_start"] + "-01")[:10] for key in keys)
    return sorted((date.fromisoformat(day), -facts.value(key)) for day, key in zip(days, keys, strict=True))


# --- alignment: membership, candidacy, sanctions, opinion ---------------------------------------------------------

WEIGHTS = {"pact": 0.3, "union": 0.2, "sanctions": 0.2, "lean": 0.3}
#: (NATO, EU, sanctions on Russia, opinion fact): memberships 1, none 0; sanctions -1, 0 (not in the dossier) or 1
MEMBERS = {
    "HRV": ("hrv.nato", "hrv.eu"),
    "HUN": ("hun.nato", "hun.eu"),
    "ROU": ("rou.nato", "rou.eu"),
    "BGR": ("bgr.nato", "bgr.eu"),
}
#: progress toward the Union, 0 to 1, and the fact it is read from: application 0.2, candidate 0.3, talks 0.4
ON_THE_WAY = {
    "ALB": (("alb.nato",), 0.4, "alb.eu.igc", "brake.iri.nato.alb"),
    "MNE": (("mne.nato",), 33 / 35, "mne.eu.chapters", "brake.iri.nato.mne"),
    "MKD": (("mkd.nato",), 0.4, "mkd.eu.igc", "brake.iri.nato.mkd"),
    "BIH": ((), 0.3, "bih.eu.cand", "brake.iri.nato.bih"),
    "XKX": ((), 0.2, "xkx.eu.apply", "brake.iri.nato.xkx"),
}
MARGIN = 0.2


def leaning(value: float, source: tuple[str, ...], margin: float = MARGIN) -> Estimate:
    """An alignment with its margin, kept on the scale."""
    low, high = max(value - margin, -1.0), min(value + margin, 1.0)
    return Estimate(value, low, high, "share", "uniform", ("est.alignment", *source))


def alignment(facts: Dossier) -> dict[str, Estimate]:
    """-1 Russia and China .. +1 NATO and EU: 0.3 NATO + 0.2 EU + 0.2 sanctions on Russia + 0.3 opinion."""
    out = {}
    for key, source in MEMBERS.items():
        known = WEIGHTS["pact"] + WEIGHTS["union"] + WEIGHTS["sanctions"]
        out[f"actors.{key}.alignment"] = leaning(known + WEIGHTS["lean"] * 0.5, source)
    out["actors.HUN.alignment"] = leaning(
        WEIGHTS["pact"] + WEIGHTS["union"] + 0.5 * WEIGHTS["sanctions"],
        (*MEMBERS["HUN"], "vote.unga.srebrenica", "husr.agreement.2023"),
    )
    for key, (pact, union, on_the_way, opinion) in ON_THE_WAY.items():
        partner = 0.5 if key == "BIH" else float(bool(pact))
        lean = 2 * facts.share(opinion) - 1
        sanctions = 0.0 if key == "BIH" else WEIGHTS["sanctions"]
        value = WEIGHTS["pact"] * partner + WEIGHTS["union"] * union + sanctions + WEIGHTS["lean"] * lean
        more = ("bih.map", "bih.pfp") if key == "BIH" else ("xkx.nato",) if key == "XKX" else pact
        out[f"actors.{key}.alignment"] = leaning(value, (*more, on_the_way, opinion))
    out["actors.SRB.alignment"] = serbia(facts)
    return out


def serbia(facts: Dossier) -> Estimate:
    """Neutral, half way in EU talks, no sanctions on Russia; opinion and arms imports lean the other way."""
    opened = facts.pair("srb.eu.chapters")[0] / 35
    arms = (
        facts.share("srb.import.share.fra") - facts.share("srb.import.share.chn") - facts.share("srb.import.share.rus")
    )
    lean = ((2 * facts.share("brake.iri.nato.srb") - 1) + arms) / 2
    value = WEIGHTS["union"] * opened - WEIGHTS["sanctions"] + WEIGHTS["lean"] * lean
    source = ("srb.neutral", "srb.pfp", "srb.eu.chapters", "srb.sanctions.rus", "brake.iri.nato.srb")
    return leaning(value, (*source, "srb.import.share.chn", "srb.import.share.rus", "srb.import.share.fra"))


# --- readiness: a published ranking and exercises, both weak ------------------------------------------------------

RANKED = {key: f"brake.gfp.{key.lower()}.2024" for key in ("SRB", "HRV", "ALB", "MNE", "MKD", "BIH")}
RANKED["XKX"] = "brake.gfp.xkx.2025"
EXERCISED = {key: f"{key.lower()}.exercises.2023" for key in ("SRB", "HRV", "MKD")}
FLOOR, NATIONS = 0.4, 145


def readiness(facts: Dossier) -> dict[str, Estimate]:
    """0.4 to 1 by rank among 145; where exercises are counted, the mean with their share of the busiest country."""
    busiest = max(facts.value(key) for key in EXERCISED.values())
    out = {}
    for key, rank in RANKED.items():
        by_rank = FLOOR + (1 - FLOOR) * (1 - (facts.value(rank) - 1) / (NATIONS - 1))
        low, value, high = by_rank - 0.15, by_rank, min(by_rank + 0.15, 1.0)
        source: tuple[str, ...] = ("est.readiness", rank)
        if key in EXERCISED:
            by_use = FLOOR + (1 - FLOOR) * facts.value(EXERCISED[key]) / busiest
            low, value, high = min(by_rank, by_use), (by_rank + by_use) / 2, max(by_rank, by_use)
            source = (*source, *dict.fromkeys((EXERCISED[key], EXERCISED["HRV"])))
        out[f"actors.{key}.readiness"] = Estimate(value, low, high, "share", "triangular", source)
    return out


# --- backing and influence of the powers --------------------------------------------------------------------------


def noted(facts: Dossier, key: str, name: str) -> float:
    """A second share given in a fact's note, such as "China 14"."""
    found = re.search(rf"{name} (\d+)", facts.rows[key]["note"])
    assert found, f"{key} does not note {name}"
    return int(found.group(1)) / 100


def backing(facts: Dossier) -> dict[str, Estimate]:
    """Half (a quarter to all) of the share that names the power its most important ally counts as unconditional."""
    ally = {
        "USA.backing.XKX": (facts.share("xkx.iri.ally.usa"), "xkx.iri.ally.usa"),
        "RUS.backing.SRB": (facts.share("srb.iri.ally.rus"), "srb.iri.ally.rus"),
        "CHN.backing.SRB": (noted(facts, "srb.iri.ally.rus", "China"), "srb.iri.ally.rus"),
        "TUR.backing.BIH": (facts.share("bih.iri.ally.tur"), "bih.iri.ally.tur"),
    }
    return {
        f"actors.{path}": Estimate(share / 2, share / 4, share, "share", "triangular", ("est.backing", key))
        for path, (share, key) in ally.items()
    }


def influence(facts: Dossier) -> dict[str, Estimate]:
    """Influence that a vacuum would let in: mean of the share naming the power an ally and its share of arms."""
    china, ally = noted(facts, "srb.iri.ally.rus", "China"), facts.share("srb.iri.ally.rus")
    by_path = {
        "RUS.influence.SRB": (
            (ally, facts.share("srb.import.share.rus")),
            ("srb.iri.ally.rus", "srb.import.share.rus", "seed.02"),
        ),
        "CHN.influence.SRB": (
            (china, facts.share("srb.import.share.chn")),
            ("srb.iri.ally.rus", "srb.import.share.chn"),
        ),
        "RUS.influence.BIH": ((noted(facts, "bih.iri.ally.tur", "Russia"),) * 2, ("bih.iri.ally.tur",)),
    }
    out = {}
    for path, (pair, source) in by_path.items():
        value = statistics.mean(pair)
        low, high = min(*pair, value / 2), max(*pair, min(value * 1.5, 1.0))
        out[f"actors.{path}"] = Estimate(value, low, high, "share", "triangular", ("est.influence", *source))
    return out


# --- weights of the index, mandate, bases -------------------------------------------------------------------------

#: pairs by what is at issue: an open question of status or constitution, a documented quarrel or a minority, others
OPEN = {"SRB-XKX", "BIH-RS"}
QUARREL = {"SRB-BIH", "SRB-HRV", "SRB-ALB", "SRB-MNE", "HRV-BIH", "HRV-RS", "ALB-MKD", "BGR-MKD"}
OUTSIDE = {"HRV", "HUN", "ROU", "BGR"}


def relevance(key: str, a: str, b: str) -> float:
    """4, 1, one half, or one quarter between members of the Union. Assumption."""
    if key in OPEN:
        return 4.0
    if key in QUARREL:
        return 1.0
    return 0.25 if {a, b} <= OUTSIDE else 0.5


def people(facts: Dossier, actor: str) -> tuple[float, tuple[str, ...]]:
    """Population in millions; the entity's as the Serb share of the country's."""
    if actor == "RS":
        return facts.value("bih.pop.2024") * facts.share("bih.ethnic.serb") / 1e6, ("bih.pop.2024", "bih.ethnic.serb")
    key = f"{actor.lower()}.pop.2024"
    return facts.value(key) / 1e6, (key,)


def weights(facts: Dossier, dyads: list[tuple[str, str, str]]) -> dict[str, Estimate]:
    """Weight of a pair in the index: relevance times the square root of the smaller population in millions."""
    out = {}
    for key, a, b in dyads:
        (first, one), (second, two) = people(facts, a), people(facts, b)
        value = relevance(key, a, b) * math.sqrt(min(first, second))
        source = ("est.weights", *dict.fromkeys((*one, *two)))
        out[f"dyads.{key}.weight"] = Estimate(value, value, value, "1", "", source)
    return out


def mandate(facts: Dossier) -> Estimate:
    """Chance that a yearly vote renews EUFOR: Laplace's rule on 21 renewals; low: on the eight votes listed."""
    votes = [key for key in facts.rows if re.fullmatch(r"eufor\.renewal\.\d{4}", key)]
    first, last = (int(facts.rows["eufor.renewal.period"][k]) for k in ("date_start", "date_end"))
    years, few = last - first, len(votes)
    high = float(stats.beta.ppf(0.95, years + 1, 1))
    source = ("est.mandate", "eufor.renewal.period", *votes)
    return Estimate((years + 1) / (years + 2), (few + 1) / (few + 2), high, "share", "triangular", source)


def bondsteel(facts: Dossier) -> Estimate:
    """US personnel beyond the contingent KFOR counts: median of the yearly counts 2010-2017 less the contingent."""
    years = [key for key in facts.rows if key.startswith("usa.kosovo.troops.")]
    counts, contingent = [facts.value(key) for key in years], facts.value("kfor.contrib.usa.2022")
    value, low, high = (pick(counts) - contingent for pick in (statistics.median, min, max))
    return Estimate(value, low, high, "persons", "triangular", ("est.bases", *years, "kfor.contrib.usa.2022"))
