"""The laws of motion: pure element-wise functions of arrays.

Axis order everywhere: entity first (actor, directed dyad, pact, mission or track), **member last**.
Parameters broadcast against it: a scalar, ``(member,)`` or ``(entity, member)``.
No law sums over members, so a member's bits do not depend on who shares its block.
"""
