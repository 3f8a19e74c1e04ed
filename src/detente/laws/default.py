"""The mechanisms of a world in their weekly order."""

from __future__ import annotations

from detente.laws.acts import ACTS
from detente.laws.alliances import ALLIANCES
from detente.laws.armament import ARMAMENT
from detente.laws.background import BACKGROUND
from detente.laws.choice import CHOICE
from detente.laws.dialogue import DIALOGUE
from detente.laws.hostility import HOSTILITY
from detente.laws.incidents import INCIDENTS
from detente.laws.mechanism import Mechanism
from detente.laws.missions import MISSIONS
from detente.laws.regimes import REGIMES

DEFAULT: tuple[Mechanism, ...] = (
    ACTS,
    ALLIANCES,
    MISSIONS,
    DIALOGUE,
    CHOICE,
    REGIMES,
    BACKGROUND,
    INCIDENTS,
    HOSTILITY,
    ARMAMENT,
)
