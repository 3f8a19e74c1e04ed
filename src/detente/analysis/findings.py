"""What an experiment's results allow to be said, as one mapping of plain values: for tables, reports and ``--json``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from detente.analysis.metrics import CHANCES, parse
from detente.analysis.outbreaks import outbreaks
from detente.analysis.robustness import effects, flip, ladder, robustness, worlds
from detente.analysis.sensitivity import morris, ranges, sobol
from detente.analysis.theories import rivals
from detente.analysis.worlds import NotThisDesign, table, unit_of

if TYPE_CHECKING:
    import xarray as xr


def findings(data: xr.Dataset, metric: str) -> dict[str, Any]:
    """All that the design allows about one metric; lists lie under plural keys and are absent where they do not apply.

    ``options`` (one row per choice of scenario and levers) and ``worlds``, how many they met; ``chances`` (of crisis
    and of war, a row for each option and each metric of the experiment that is such a chance); ``behaviour`` (the same
    on hostility and incidents alone, where the experiment measures them over the same weeks: a claim about tension must
    hold there too); ``rivals`` (per option, with ``rows`` per theory); ``effects`` (each lever on average over the
    others, where several are crossed) and ``behaviour_effects``; ``steps`` (of a single lever, one to the next) and
    ``bend`` (the last step minus the first); ``flips`` (what would turn the ranking of the lowest option, where
    parameters are sampled).
    Raises NotThisDesign where the metric is not there by member.
    """
    settings, samples = json.loads(data.attrs["settings"]), set(data["sample"].values.tolist())
    found = table(data, metric) if data.sizes["point"] == len(settings) * len(samples) else None
    result: dict[str, Any] = {"metric": metric, "unit": unit_of(data, metric), "design": data.attrs["design"]}
    if found is not None and len(found.options) > 1:
        result["options"] = [asdict(option) for option in robustness(data, metric)]
        result["worlds"] = worlds(data, metric)
        if told := outbreaks(data):
            result["chances"] = [asdict(one) for one in told]
        twin = behavioural(data, metric)
        if twin is not None:
            result["behaviour"] = [asdict(option) for option in robustness(data, twin)]
        singly = effects(data, metric)
        if singly:
            result["effects"] = [asdict(effect) for effect in singly]
        if singly and twin is not None:
            result["behaviour_effects"] = [asdict(effect) for effect in effects(data, twin)]
        stairs = ladder(data, metric)
        if stairs is not None:
            result["steps"], result["bend"] = [asdict(step) for step in stairs[0]], asdict(stairs[1])
        if found.theories != ("",):
            result["rivals"] = [asdict(rival) for rival in rivals(data, metric)]
        if data.attrs["design"] in ("latin_hypercube", "sobol") and data.sizes["factor"]:
            result["flips"] = [asdict(flip(data, metric, best, n)) for best, n in _rivalry(result["options"])]
    return result


def rulers(data: xr.Dataset) -> str:
    """That some of what is compared is measured by another index; "" where one ruler measures all."""
    names = json.loads(data.attrs.get("rulers", "[]"))
    if not names:
        return ""
    listed = ", ".join(f"“{name}”" for name in names)
    verb = "builds" if len(names) == 1 else "build"
    return (
        f"Another ruler: {listed} {verb} the index otherwise, so part of what changes in it, hostility and incidents "
        "alone included, is how it is measured and not what anybody does."
    )


def behavioural(data: xr.Dataset, metric: str) -> str | None:
    """The experiment's metric of behaviour over the same weeks as a metric of tension."""
    texts = json.loads(data.attrs.get("metric_texts", "{}"))
    wanted = texts.get(metric, "").replace("tension@", "behaviour@")
    same = [name for name, text in texts.items() if text == wanted and text.startswith("behaviour")]
    return same[0] if same and same[0] != metric else None


#: the lowest option is held against those next to it, up to this place
CLOSEST = 3
#: what a metric measures, in words; {} is its key
WHAT = {
    "tension": "tension",
    "behaviour": "behaviour (hostility and incidents)",
    "pillar": "{} in the index",
    "dyad": "tension of {}",
    "state": "tension around {}",
    "incidents": "weekly incidents of {}",
    "level": "chance of {}",
    "war": "chance that {} turns armed",
    "unrest": "chance that {} turns tense",
}
#: what is meant without a key
MEANT = {"level": "crisis", **dict.fromkeys(CHANCES, "any pair")}
WINDOWS = {"all": "mean of all weeks", "end": "last week", "max": "highest week", "ever": "at least once"}


def worded(text: str, labels: Mapping[str, str] | None = None) -> tuple[str, str]:
    """A metric's text in words: what it measures, and over which weeks ("tension", "mean of the last 26 weeks").

    ``labels`` are the readers' names of pairs and actors.
    """
    try:
        metric = parse(text)
    except ValueError:
        return text, ""
    key = (labels or {}).get(metric.key, metric.key) or MEANT.get(metric.what, "")
    what = WHAT[metric.what].format(key).strip()
    if metric.what in CHANCES:
        return what, "by the end"
    return what, WINDOWS.get(metric.window, f"mean of the last {metric.window} weeks")


def measured(data: xr.Dataset, metric: str) -> tuple[str, str]:
    """What a metric of an experiment measures, and over which weeks, in words."""
    texts, labels = (json.loads(data.attrs.get(key, "{}")) for key in ("metric_texts", "key_labels"))
    return worded(texts.get(metric, metric), labels)


def _rivalry(options: Sequence[Mapping[str, Any]]) -> list[tuple[int, int]]:
    """Rankings that may be asked about: the lowest option against the next lowest and against the first."""
    order = sorted(range(len(options)), key=lambda n: options[n]["mean"])
    return [(order[0], n) for n in dict.fromkeys([*order[1:CLOSEST], 0]) if n != order[0]]


def sensitivity(data: xr.Dataset, metric: str, setting: int = 0) -> dict[str, Any]:
    """Which factors matter, by the analysis that the design was made for. Raises NotThisDesign for any other.

    ``rows`` one per factor, the most important first; ``inert`` the factors that moved nothing at all. Of a sobol
    design ``undefined`` says why shares are None, where chance drowns the signal.
    """
    design, unit = data.attrs["design"], unit_of(data, metric)
    if design == "sobol":
        indices = sobol(data, metric, setting)
        order = sorted(indices.rows, key=lambda row: 0.0 if indices.undefined else -row.total)
        about = {key: getattr(indices, key) for key in ("base", "noise", "chance", "variance", "undefined")}
        return _told(design, unit, metric, order, indices.inert, about | {"wide": list(indices.wide)})
    if design == "morris":
        effects = morris(data, metric, setting)
        ranked = sorted(effects.rows, key=lambda row: -row.mu_star)
        named: dict[str, Any] = {"trajectories": effects.trajectories, "drowned": list(effects.drowned)}
        return _told(design, unit, metric, ranked, effects.inert, named)
    if design == "one_at_a_time":
        widths = sorted(ranges(data, metric), key=lambda row: -max(abs(row.low_change), abs(row.high_change)))
        still = tuple(row.path for row in widths if row.inert)
        return _told(design, unit, metric, widths, still, {})
    raise NotThisDesign(f"what matters needs a morris, sobol or one_at_a_time design; this one is {design}")


def _told(
    design: str, unit: str, metric: str, rows: Any, inert: tuple[str, ...], more: dict[str, Any]
) -> dict[str, Any]:
    plain = [{key: None if value != value else value for key, value in asdict(row).items()} for row in rows]  # NaN
    return {"design": design, "metric": metric, "unit": unit, **more, "rows": plain, "inert": list(inert)}
