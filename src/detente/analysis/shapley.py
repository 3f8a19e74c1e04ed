"""Shapley values: the one split of a difference over its causes that is efficient, symmetric and additive.

phi_i = sum over S without i of |S|! (n - |S| - 1)! / n! * (v(S + i) - v(S))   (Shapley 1953); as a computer
experiment's attribution: Owen 2014, SIAM/ASA JUQ 2, 245-251. Values are arrays, so a split holds member by member.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from itertools import combinations
from math import factorial
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Player = TypeVar("Player", bound=Hashable)
Value = Callable[[frozenset[Player]], Array]


def coalitions(players: Sequence[Player]) -> Iterator[frozenset[Player]]:
    """Every subset of the players, smallest first: 2 to the power of their number."""
    for size in range(len(players) + 1):
        yield from (frozenset(chosen) for chosen in combinations(players, size))


def exact(players: Sequence[Player], value: Value[Player]) -> dict[Player, Array]:
    """The Shapley value of every player; they sum to value(all) - value(none).

    ``value`` gives an array of one shape for each of the 2**n coalitions; it is called once for each.
    """
    worth = {chosen: value(chosen) for chosen in coalitions(players)}
    n = len(players)
    weight = [factorial(s) * factorial(n - s - 1) / factorial(n) for s in range(n)]
    return {
        i: np.asarray(np.sum([weight[len(s)] * (worth[s | {i}] - v) for s, v in worth.items() if i not in s], axis=0))
        for i in players
    }


def sampled(
    players: Sequence[Player], value: Value[Player], pairs: int, rng: np.random.Generator
) -> dict[Player, Array]:
    """Marginal contributions along random orders, shape (pair, …): their mean estimates the Shapley value.

    Each pair is an order and its reverse, averaged (antithetic sampling: Mitchell et al. 2022, JMLR 23).
    Every order telescopes, so the estimates sum to value(all) - value(none) exactly whatever was drawn.
    """
    out: dict[Player, list[Array]] = {player: [] for player in players}
    for _ in range(pairs):
        order = [players[i] for i in rng.permutation(len(players))]
        forth, back = marginals(order, value), marginals(order[::-1], value)
        for player in players:
            out[player].append((forth[player] + back[player]) / 2)
    return {player: np.asarray(drawn) for player, drawn in out.items()}


def marginals(order: Sequence[Player], value: Value[Player]) -> dict[Player, Array]:
    """What each player adds when they join in this order."""
    joined: frozenset[Player] = frozenset()
    out, before = {}, value(joined)
    for player in order:
        joined |= {player}
        after = value(joined)
        out[player], before = after - before, after
    return out
