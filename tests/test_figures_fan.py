"""Fan chart: the numbers drawn, what the title claims, where the labels go, the files."""

import numpy as np
import pytest
from figures_data import result

from detente.analysis.pairing import NotComparable
from detente.figures import fan


def test_bands_are_quantiles_and_nested():
    ds = result(members=201)
    data = fan.collect(ds).numbers
    assert np.allclose(data["median"], np.median(ds.tension.values, axis=0))
    low, high = data["bands"][95]
    assert (low <= data["bands"][80][0]).all()
    assert (data["bands"][80][1] <= high).all()
    inside = (ds.tension.values >= low) & (ds.tension.values <= high)
    assert inside.mean() == pytest.approx(0.95, abs=0.01)


def test_title_tells_a_paired_difference_with_its_months():
    base, other = result(), result("arms_race", lift=6)
    change = float((other.tension - base.tension)[:, -26:].mean())
    told = f"Arms race: tension {change:.1f} points above the baseline in July–December\N{NO-BREAK SPACE}2029"
    assert fan.collect(other, base).title == told


def test_title_claims_nothing_where_the_interval_spans_zero():
    other = result("luck", luck=5)
    data = fan.collect(other, result(luck=4))
    assert not data.numbers["baseline"]["change"].is_significant
    assert "no detectable difference" in data.title


def test_a_copy_is_told_as_identical():
    assert "exactly that of the baseline" in fan.collect(result("copy"), result()).title


@pytest.mark.parametrize(("lift", "said"), [(8, "rises from 38"), (-8, "falls from 38"), (0.0, "within a point")])
def test_title_without_baseline_tells_the_course(lift, said):
    assert said in fan.collect(result(lift=lift, noise=0.5)).title


def test_one_run_claims_no_course():
    data = fan.collect(result(members=1, lift=3))
    assert "no clear change" in data.title
    assert "one run" in data.subtitle


def test_only_marked_events_are_drawn_and_plans_kept_apart():
    events = fan.collect(result()).events
    assert "Visit" not in [e.title for e in events]
    assert [e.plan for e in events] == sorted(e.plan for e in events)


def test_footnote_is_printed_only_where_its_mark_is():
    starred = fan.collect(result())
    assert "UNSCR 1244" in starred.notes
    assert "UNSCR 1244" not in fan.collect(result(attrs={"events": "[]"})).notes


def test_results_that_do_not_pair_are_refused():
    with pytest.raises(NotComparable, match="seed"):
        fan.collect(result("other"), result(seed=2))
