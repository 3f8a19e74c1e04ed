"""What is compared computes the same, and the guard says which ratio is lost."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "benchmarks"))
import guard
import kernel
import kernels
import phases
import reference
import turns
from batch import Chance, baseline

MEMBERS, WEEKS = 96, 12


@pytest.mark.parametrize("name", [name for name in kernels.TOLD if name != kernels.NUMPY])
def test_kernels_compute_what_numpy_does(name: str) -> None:
    kind = name.partition(" ")[0]
    pytest.importorskip({"jax": "jax", "fast": "detente.engine"}.get(kind, "numpy"), reason=f"{name} is not installed")
    with kernels.rivals(phases.task(MEMBERS, WEEKS), only=(kind,)) as (ready, missing):
        if name not in ready:
            pytest.skip(missing[kind])
        for one in (ready[kernels.NUMPY], ready[name]):
            one.call()
            one.call()  # from the opening again
        reference_block, block = ready[kernels.NUMPY].block(), ready[name].block()
        _, others, total = kernels.departed(name, ready[name], reference_block)
    assert total > 100
    assert others == 0
    close = 1e-6 if name.endswith("f64") else 1e-3
    for measure in ("behaviour", "contribution", "dyads", "states"):
        np.testing.assert_allclose(getattr(block, measure), getattr(reference_block, measure), rtol=1e-5, atol=close)


def test_a_kernel_that_computes_something_else_is_no_rival() -> None:
    given = phases.task(MEMBERS, WEEKS)
    one, other = phases.ByNumPy(given), phases.ByNumPy(given)
    other.world.laws.hostility.inertia[...] *= 0.99
    one.call()
    other.call()
    with pytest.raises(kernels.Otherwise, match="departs from NumPy by"):
        kernels.departed("lanes f64", other, one.block())


def test_the_kernel_is_told_every_field_of_its_record() -> None:
    assert {"members", "stake", "parameters", "pillar_sum"} <= set(kernel.fields())
    assert len(set(kernel.fields())) == len(kernel.fields())


def test_agentpy_walks_the_path_of_the_object_model() -> None:
    pytest.importorskip("agentpy")
    from by_agentpy import theatre

    paths = []
    for world in (reference.Theatre, theatre()):
        chance = Chance(4)
        model = world(baseline(), chance.value, chance)
        tension = []
        for _ in range(20):
            model.step()
            tension.append(model.tension)
        paths.append(tension)
    assert paths[0] == paths[1]
    assert model.log["tension"][1:] == tension


def test_the_guard_says_what_is_lost() -> None:
    floor = guard.Floor("NumPy / compiled, f64", [1.2, 1.4, 1.9], 3.0, "the loops are no vectors any more")
    assert not floor.holds
    assert str(floor).endswith("1.40 (1.20–1.90), at least 3: LOST: the loops are no vectors any more")


def test_the_guard_fails_where_a_ratio_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    low, high = (guard.Floor("a ratio", [found], 3.0, "it is gone") for found in (2.0, 4.0))
    monkeypatch.setattr(guard, "floors", lambda: iter([high, low]))
    assert guard.main() == 1
    monkeypatch.setattr(guard, "floors", lambda: iter([high]))
    assert guard.main() == 0


def test_ratios_are_taken_round_by_round() -> None:
    assert turns.ratios([2.0, 30.0, 4.0], [1.0, 10.0, 1.0]) == [2.0, 3.0, 4.0]
    assert turns.ratio([2.0, 30.0, 4.0], [1.0, 10.0, 1.0]) == "3.00 (2.00–4.00)"
