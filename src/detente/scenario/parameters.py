"""The parameters of the laws and of the index, one record per law.

Field names equal those of the law's own parameter record; ``model/build.py`` carries values across by name.
"""

from __future__ import annotations

from typing import Annotated, Literal

from detente.scenario.quantity import Measure, Quantity, Record
from detente.scenario.theatre import Persons, Points, Share, Weeks

Signed = Annotated[Quantity, Measure("1", -10, 10)]
Ratio = Annotated[Quantity, Measure("1", 0, 1000)]
PerThousand = Annotated[Quantity, Measure("per 1000 persons", -1, 20)]
PerYear = Annotated[Quantity, Measure("1/year", -1, 5)]
PerWeek = Annotated[Quantity, Measure("1/week", 0, 1)]
PointsSigned = Annotated[Quantity, Measure("points", -10, 10)]
Goldstein = Annotated[Quantity, Measure("goldstein", 0, 1000)]


class HostilityParameters(Record):
    """Hostility of i toward j, on 0 to 10 points (model.md §1.8)."""

    inertia: Share
    reciprocity: Annotated[Quantity, Measure("share", -1, 1)]
    incident_feedback: PointsSigned
    conduct: PointsSigned
    external_coercion: PointsSigned
    volatility: Points


class ChoiceParameters(Record):
    """Choice on the escalation ladder (§1.9–1.11). Utilities are scaled to about [0, 1]."""

    precision: Ratio
    gain_threaten: Share
    gain_coerce: Share
    gain_force: Share
    cost_threaten: Share
    cost_coerce: Share
    cost_force: Share
    severity_threaten: Share
    severity_coerce: Share
    severity_force: Share
    relief: Share
    concession: Share
    animosity: Signed
    deterrence: Signed
    emboldening: Signed
    local_deterrence: Signed
    presence_scale: Persons
    belligerence: Share
    inconsistency: Share
    elite_fear: Ratio
    cheap_talk: Ratio
    resources: Ratio
    contest_exponent: Ratio
    strength_decay: Annotated[Quantity, Measure("km", 1, 1e5)]


class IncidentParameters(Record):
    """Self-exciting incident counts (§1.7)."""

    branching: Share
    answering: Share
    memory: Weeks
    sensitivity: Signed
    dispersion: Ratio
    when_coercing: Ratio
    when_forcing: Ratio
    severity: Goldstein


class MissionParameters(Record):
    """Dose–response, vacuum and its transient (§1.4, §1.5)."""

    troops_effect: PerThousand
    police_effect: PerThousand
    saturation: Persons
    transient: PerThousand
    transient_memory: Weeks
    substitution: Share
    substitution_delay: Weeks
    police_weight: Ratio
    influence_gain: PerWeek
    influence_memory: Weeks
    influence_hostility: Points
    influence_alignment: Share
    reinforcement: Share


class DialogueParameters(Record):
    """Dialogue transitions and effect (§1.6)."""

    short_gain: Points
    long_erosion: Points
    settlement_gain: Points
    memory: Weeks
    stall: PerWeek
    resume: PerWeek
    settle: PerWeek
    lapse: PerWeek
    hostility_sensitivity: Signed
    visit_leverage: Ratio
    style_tilt: Ratio


class ArmamentParameters(Record):
    """Richardson with partial adjustment, stocks, supply shocks (§1.1, §1.2, §1.12)."""

    adjustment: PerYear
    reaction: PerYear
    volatility: PerYear
    depreciation: PerYear
    procurement_share: Share
    budget_ceiling: Share
    embolden: Points
    reassure: Points
    alarm: Points
    dependence_brake: Share
    arms_cap: Share
    exchange: Annotated[Quantity, Measure("USD per EUR", 0.5, 2)]
    person_value: Annotated[Quantity, Measure("USD m per person", 0, 10)]


class AllianceParameters(Record):
    """Perceived and actual reliability (§1.3)."""

    perceived_memory: Weeks
    threat: Points
    formation: Points
    formation_memory: Weeks
    echo: Share


class ActParameters(Record):
    """How strongly and how long a dated act is felt."""

    visit: Ratio
    visit_memory: Weeks
    cooperation: Ratio
    cooperation_memory: Weeks
    rhetoric: Ratio
    rhetoric_memory: Weeks
    rhetoric_echo: Share
    incident: Ratio
    incident_memory: Weeks
    accountability: Ratio
    accountability_memory: Weeks
    insecurity_memory: Weeks


class Goalpost(Record):
    """Calm and clash reference of one indicator: fixed, sourced, never taken from the window shown."""

    calm: Annotated[Quantity, Measure("1", -1e6, 1e6, also=("points", "goldstein", "1/year", "share"))]
    clash: Annotated[Quantity, Measure("1", -1e6, 1e6, also=("points", "goldstein", "1/year", "share"))]
    weight: Ratio


class IndexParameters(Record):
    """The tension index (§1.14, §4)."""

    hostility: Goalpost
    incidents: Goalpost
    militarisation: Goalpost
    alignment: Goalpost
    vacuum: Goalpost
    diplomacy: Goalpost
    #: below 1 the contribution of a calm pair is infinite, far above it powers overflow
    exponent: Annotated[Quantity, Measure("1", 1, 50)]
    incident_memory: Weeks
    growth_memory: Weeks
    growth_reference: PerYear
    imbalance_share: Share
    active_deficit: Share
    pact_polarisation: Share
    weight_concentration: Ratio


class Switches(Record):
    """Structural alternatives, so that a conclusion can be tested against rival theory (§3)."""

    deterrence: Literal["deters", "none", "steps_to_war"] = "deters"
    diversion: Literal["peace_through_insecurity", "diversion", "resurrection"] = "peace_through_insecurity"
    reaction: Literal["drawn", "none", "slab"] = "drawn"
    reciprocity: Literal["reciprocal", "inverse"] = "reciprocal"
    mission: Literal["linear", "saturating", "none"] = "linear"


class Parameters(Record):
    """All laws' parameters."""

    hostility: HostilityParameters
    choice: ChoiceParameters
    incidents: IncidentParameters
    missions: MissionParameters
    dialogue: DialogueParameters
    armament: ArmamentParameters
    alliances: AllianceParameters
    acts: ActParameters
    index: IndexParameters
    switches: Switches = Switches()
