"""What the first half page rests on: yardsticks, what a change hangs on, what a scenario does."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy.stats import spearmanr

from detente.analysis.doing import doing
from detente.analysis.leaning import CARRIES, LEAST, Leaning, correlations, leaning, least
from detente.analysis.metrics import Metric, parse, values
from detente.analysis.yardsticks import YEAR, Yardstick, yardsticks
from detente.experiment import drawn
from detente.experiment.run import simulate
from detente.model.draws import INVERSES, Draws
from detente.prose.wording import SIZES, beside
from detente.scenario.load import load
from detente.scenario.quantity import Quantity
from detente.scenario.values import uncertain
from tests.analysis_data import result


def test_words_for_a_size_are_one_scale() -> None:
    assert [beside(edge) for edge, _ in SIZES] == [word for _, word in SIZES]
    assert beside(-1.2) == beside(1.2) == "large"
    assert Yardstick("year", 0.0).word(1.0) == "not to be compared"


def test_a_year_is_the_mean_of_what_runs_move_by_in_one() -> None:
    base = result(weeks=26 + 2 * YEAR)
    tension = base["tension"].transpose("member", "time").values
    windows = [tension[:, tension.shape[1] - 26 - back : tension.shape[1] - back].mean(axis=1) for back in (0, 52, 104)]
    moved = [np.abs(later - earlier) for later, earlier in pairwise(windows)]
    found = {one.kind: one for one in yardsticks(base, Metric())}
    assert found["year"].length == pytest.approx(float(np.mean(moved)))


def test_the_spread_of_chance_holds_nine_runs_in_ten() -> None:
    base = result(members=400)
    (chance,) = (one for one in yardsticks(base, Metric()) if one.kind == "chance")
    assert chance.low is not None
    assert chance.high is not None
    inside = (values(Metric(), base) >= chance.low) & (values(Metric(), base) <= chance.high)
    assert inside.mean() == pytest.approx(0.9, abs=0.01)
    assert chance.length == chance.high - chance.low


def test_the_record_is_what_is_documented() -> None:
    base = result(weeks=30)
    until = base["time"].values[10].astype("datetime64[D]")
    (record,) = (
        one for one in yardsticks(base.assign_attrs(documented_until=str(until)), Metric()) if one.kind == "record"
    )
    weekly = base["tension"].transpose("member", "time").values[:, :11].mean(axis=0)
    assert (record.low, record.high) == (pytest.approx(weekly.min()), pytest.approx(weekly.max()))
    assert record.until == str(until)
    undocumented = base.assign_attrs(documented_until="1900-01-01")
    assert "record" not in {one.kind for one in yardsticks(undocumented, Metric())}


def test_a_chance_has_no_yardstick_in_points() -> None:
    assert yardsticks(result(), parse("crisis")) == ()


DRAW = np.repeat(np.arange(200), 4)


def hung(weight: float, draws: int = 200) -> Leaning:
    rng = np.random.default_rng(5)
    shares = {f"n{k}": np.repeat(rng.uniform(size=draws), 4) for k in range(300)}
    change = weight * (shares["n7"] - 0.5) + rng.normal(size=4 * draws)
    return leaning(change, DRAW[: 4 * draws], shares, {path: path.upper() for path in shares}, "points")


def test_a_change_hangs_on_the_number_that_it_was_made_of_and_on_no_other() -> None:
    found = hung(3.0)
    (lean,) = found.leans
    assert (lean.path, lean.label, lean.correlation > 0.5) == ("n7", "N7", True)
    assert (lean.lowest.verdict, lean.highest.verdict, lean.turns) == ("lower", "higher", True)
    assert (found.looked_at, found.draws) == (300, 200)


def test_what_hangs_on_nothing_names_no_number() -> None:
    assert hung(0.0).leans == ()


def test_few_draws_name_no_number() -> None:
    found = hung(30.0, LEAST - 1)
    assert (found.enough, found.leans) == (False, ())


def test_no_number_is_named_by_luck_where_many_are_looked_at() -> None:
    assert least(450, 250) > least(1, 250) > 0
    rng = np.random.default_rng(1)
    far = [np.abs(correlations(rng.normal(size=100), rng.uniform(size=(300, 100)))).max() for _ in range(60)]
    assert np.mean(np.array(far) > least(300, 100)) < 0.15
    assert CARRIES <= 0.1


def test_correlations_are_those_of_ranks() -> None:
    rng = np.random.default_rng(2)
    means, shares = rng.normal(size=50), rng.uniform(size=(3, 50))
    expected = [spearmanr(means, row).statistic for row in shares]
    assert correlations(means, shares) == pytest.approx(expected)


def test_shares_are_the_quantiles_at_which_the_model_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario, members, taken = load("baseline").scenario, np.arange(8), {}
    take = Draws.take

    def spy(self: Draws, q: Quantity, path: str) -> object:
        taken[path] = take(self, q, path)
        return taken[path]

    monkeypatch.setattr(Draws, "take", spy)
    simulate(scenario, members=range(8), seed=3, weeks=1)
    found, known = drawn.shares([scenario], 3, members // 4), uncertain(scenario)
    asked = [path for path in known if path in taken]
    assert len(asked) > 300
    for path in asked:
        np.testing.assert_array_equal(INVERSES[str(known[path].spread)](known[path], found[path]), taken[path])


def test_a_law_s_number_is_called_what_it_is() -> None:
    names = drawn.labels([load("baseline").scenario])
    assert names["parameters.missions.substitution"] == "substitution (share of a loss that local forces make up for)"
    assert names["actors.TUR.orientation"] == "Türkiye: orientation"


def test_what_a_scenario_does() -> None:
    base = load("baseline").scenario
    breach = doing(base, load("dayton_breach").scenario)
    assert (len(breach.acts), breach.acts[0].title) == (7, "Entity laws break with the Dayton order")
    visits = doing(base, load("visits_stop").scenario)
    assert {act.how for act in visits.acts} == {"without "}
    assert visits.counterfactual
    restraint = doing(base, load("arms_restraint").scenario)
    assert (restraint.acts, len(restraint.changes)) == ((), 11)
    assert doing(base, load("placebo").scenario).changes == ()
    other = doing(base, load("aegean_baseline").scenario)
    assert (other.acts, other.changes) == ((), ())
