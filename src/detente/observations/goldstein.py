"""Goldstein weights of CAMEO root codes and of ACLED's event types, for event tables that carry none.

Goldstein (1992), J. Conflict Resolution 36(2), carried over to CAMEO's twenty root codes as event-data projects
do: -10 (force) to +8 (material cooperation). A root code is coarse; a table's own weight column is used before it.
"""

ROOT = {
    1: 0.0,
    2: 3.0,
    3: 4.0,
    4: 1.0,
    5: 3.5,
    6: 6.0,
    7: 7.0,
    8: 5.0,
    9: -2.0,
    10: -5.0,
    11: -2.0,
    12: -4.0,
    13: -6.0,
    14: -6.5,
    15: -7.2,
    16: -4.0,
    17: -7.0,
    18: -9.0,
    19: -10.0,
    20: -10.0,
}

#: magnitude by ACLED event type: that of the CAMEO root code which is nearest to it (fight, assault, protest). What
#: ACLED calls strategic developments is no clash
ACLED = {
    "Battles": -ROOT[19],
    "Explosions/Remote violence": -ROOT[20],
    "Violence against civilians": -ROOT[18],
    "Riots": -ROOT[14],
    "Protests": -ROOT[14],
    "Strategic developments": 0.0,
}
