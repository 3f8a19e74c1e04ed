"""The index: its goalposts (model.md §2.9), exact contributions, aggregation, levels."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import floats, pair, village_tree

from detente.index import construction as ruler
from detente.index import formula, levels
from detente.index.formula import PILLARS, Construction
from detente.laws.rows import summed
from detente.scenario.schema import Level, Scenario

CALM = np.array([0.0, 0.0, -1.0, 2.0, 0.1, 0.0])
CLASH = np.array([10.0, 4.0, 1.0, 6.0, 0.9, 1.0])
WEIGHTS = np.array([0.3, 0.25, 0.15, 0.1, 0.1, 0.1])
DYADS = np.array([0.5, 0.3, 0.2])
EXPONENTS = [1.0, 2.0, 3.0, 2.5, 6.0]


def construction(exponent: float = 3.0, weights: np.ndarray = WEIGHTS) -> Construction:
    return Construction(CALM, CLASH, weights, DYADS, exponent)


def indicators(z: np.ndarray) -> list[np.ndarray]:
    """Indicators whose rescaled values are ``z``, shape (pillar, dyad, ...)."""
    return [calm + (clash - calm) * row for calm, clash, row in zip(CALM, CLASH, z, strict=True)]


def computed(z: np.ndarray, c: Construction) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Region, dyads, contributions."""
    terms = formula.points(formula.rescaled(indicators(z), c), c)
    dyads = summed(terms)
    region = formula.power_mean(dyads, c.dyads, c.exponent)
    return region, dyads, formula.contributions(terms, dyads, region, c)


places = st.lists(floats(-0.5, 1.5), min_size=18, max_size=18).map(lambda v: np.array(v).reshape(6, 3, 1))
exponents = st.sampled_from(EXPONENTS)


@pytest.mark.parametrize("exponent", EXPONENTS)
@pytest.mark.parametrize(("z", "index"), [(0.0, 0.0), (1.0, 100.0), (-2.0, 0.0), (7.0, 100.0), (0.5, 50.0)])
def test_goalposts_are_the_ends_of_the_scale(z: float, index: float, exponent: float) -> None:
    region, dyads, _ = computed(np.full((6, 3, 4), z), construction(exponent))
    np.testing.assert_allclose(region, index, atol=1e-12)
    np.testing.assert_allclose(dyads, index, atol=1e-12)


@given(places, exponents)
def test_contributions_sum_to_the_index(z: np.ndarray, exponent: float) -> None:
    region, dyads, shares = computed(z, construction(exponent))
    np.testing.assert_allclose(shares.sum(axis=(0, 1)), region, atol=1e-9)
    assert ((region >= 0) & (region <= 100 + 1e-9)).all()
    assert (region <= dyads.max(axis=0) + 1e-9).all()
    assert (region >= dyads.min(axis=0) - 1e-9).all()


@given(places, exponents, st.integers(0, 5), st.integers(0, 2), floats(0.001, 1.0))
def test_it_is_monotone_in_every_component(z: np.ndarray, exponent: float, pillar: int, dyad: int, more: float) -> None:
    worse = z.copy()
    worse[pillar, dyad] += more
    before, after = (computed(x, construction(exponent))[0] for x in (z, worse))
    assert (after >= before - 1e-12).all()
    if z[pillar, dyad, 0] >= -1e-9 and worse[pillar, dyad, 0] <= 1 and exponent == 1:
        np.testing.assert_allclose(after - before, 100 * WEIGHTS[pillar] * DYADS[dyad] * more, atol=1e-6)


@given(places, st.permutations(range(6)), exponents)
def test_components_of_equal_weight_may_be_exchanged(z: np.ndarray, order: list[int], exponent: float) -> None:
    equal = np.full(6, 1 / 6)
    one, other = (computed(x, construction(exponent, equal))[0] for x in (z, z[order]))
    np.testing.assert_allclose(one, other, atol=1e-9)


@given(places, st.permutations(range(3)), exponents)
def test_relabelling_dyads_relabels_contributions(z: np.ndarray, order: list[int], exponent: float) -> None:
    c = construction(exponent)
    relabelled = Construction(c.calm, c.clash, c.weights, DYADS[order], exponent)
    region, dyads, shares = computed(z, c)
    other_region, other_dyads, other_shares = computed(z[:, order], relabelled)
    np.testing.assert_array_equal(other_dyads, dyads[order])
    np.testing.assert_allclose(other_region, region, atol=1e-9)
    np.testing.assert_allclose(other_shares, shares[:, order], atol=1e-9)


@given(places)
def test_a_higher_exponent_weighs_the_tensest_dyad_more(z: np.ndarray) -> None:
    means = [computed(z, construction(q))[0][0] for q in (1.0, 2.0, 3.0, 6.0)]
    assert all(a <= b + 1e-9 for a, b in pairwise(means))


def test_one_war_is_not_diluted() -> None:
    z = np.zeros((6, 3, 1))
    z[:, 2] = 1.0  # the dyad of weight 0.2 in armed clash, the others calm
    flat, steep = (computed(z, construction(q))[0][0] for q in (1.0, 3.0))
    assert flat == pytest.approx(20.0)
    assert steep == pytest.approx(100 * 0.2 ** (1 / 3))


@given(st.lists(floats(0, 100), min_size=1, max_size=9), st.sampled_from([0, 1, 2, 3, 5, 8, 0.5, 2.5, 9, -1]))
def test_whole_powers_are_powers(values: list[float], exponent: float) -> None:
    x = np.array(values) + 1e-3
    np.testing.assert_allclose(formula.raised(x, exponent), x**exponent, rtol=1e-12)


def test_the_behavioural_index_rests_on_what_responds() -> None:
    narrow = formula.behavioural(construction())
    assert narrow.weights.sum() == pytest.approx(1.0)
    kept = [pillar for pillar, weight in zip(PILLARS, narrow.weights, strict=True) if weight > 0]
    assert tuple(kept) == formula.BEHAVIOURAL
    z = np.full((6, 3, 1), 0.3)
    z[2:] = 1.0
    np.testing.assert_allclose(computed(z, narrow)[0], 30.0)


def test_a_scenario_states_its_construction() -> None:
    s = pair({"parameters.index.vacuum.weight": 0.5})
    c = formula.construction(s.parameters.index, [3.0, 1.0])
    assert c.weights.sum() == pytest.approx(1.0)
    np.testing.assert_allclose(c.dyads, [0.75, 0.25])
    raw = [getattr(s.parameters.index, pillar).weight.value for pillar in PILLARS]
    np.testing.assert_allclose(c.weights, np.array(raw) / sum(raw))


@pytest.mark.parametrize(
    ("value", "name"),
    [(0.0, "calm"), (24.9, "calm"), (25.0, "watch"), (49.99, "watch"), (50.0, "crisis"), (100.0, "crisis")],
)
def test_levels_begin_at_their_edges(value: float, name: str) -> None:
    assert levels.level_of(value, pair().levels) == name


def test_a_crisis_begins_at_the_lowest_level_called_one() -> None:
    assert levels.crisis_edge(pair().levels) == 50.0
    assert levels.crisis_edge({"calm": Level(label="Calm", edge=0)}) == float("inf")


@pytest.mark.parametrize("count", [1, 2, 9, 48, 130])
@pytest.mark.parametrize("axis", [0, 1])
def test_a_sum_adds_term_after_term_in_any_company(count: int, axis: int) -> None:
    """The order of NumPy's sums is not promised: this is what the bits of every member rest on."""
    terms = np.random.default_rng(count).random((count, 3, 400)) * 100
    total = terms[0].copy()
    for term in terms[1:]:
        total += term
    terms = np.ascontiguousarray(np.moveaxis(terms, 0, axis))
    for members in [*range(1, 20), 64, 100, 255, 256, 257, 400]:
        few = np.ascontiguousarray(terms[..., :members])
        np.testing.assert_array_equal(summed(few, axis), total[:, :members])
        np.testing.assert_array_equal(summed(few[..., ::-1], axis), total[:, :members][:, ::-1])
    flat = np.ascontiguousarray(terms.take(0, axis=1 - axis)[..., 0])
    assert summed(flat) == total[0, 0]


def village(**weights: float) -> Scenario:
    """A village; its pairs weigh what is said."""
    tree = village_tree()
    for key, value in weights.items():
        tree["dyads"][key.replace("_", "-")]["weight"] = value
    return Scenario.model_validate({"name": "village", **tree})


def test_weights_of_pairs_belong_to_the_ruler_and_words_do_not() -> None:
    base, heavy = village(), village(B_C=5.0)
    assert [row.text for row in ruler.changes(base, heavy)] == ["dyads.B-C.weight 1 → 5"]
    assert ruler.measured(heavy, base).dyads == base.dyads
    index = base.parameters.index
    noted = index.hostility.model_copy(update={"clash": index.hostility.clash.model_copy(update={"note": "seen"})})
    parameters = base.parameters.model_copy(update={"index": index.model_copy(update={"hostility": noted})})
    same = base.model_copy(update={"parameters": parameters})
    assert ruler.changes(base, same) == []
    assert ruler.fingerprint(base) == ruler.fingerprint(same)


def test_a_pair_more_weighs_nothing_in_the_other_ruler() -> None:
    more, tree = village(), village_tree()
    del tree["dyads"]["B-C"]
    tree["pacts"], tree["bases"], tree["acts"] = {}, {}, {}
    base = Scenario.model_validate({"name": "less", **tree})
    assert [row.path for row in ruler.changes(base, more)] == ["dyads.B-C.weight"]
    assert ruler.changes(more, base) == []
    assert ruler.measured(more, base).dyads["B-C"].weight.value == 0
