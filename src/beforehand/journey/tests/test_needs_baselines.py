from datetime import timedelta

import numpy as np
import pytest

from beforehand.customers.identity import Claim
from beforehand.journey import journeys
from beforehand.journey.models import Need, NeedKind, StepBaseline
from beforehand.journey.needs import baselines, keeping, projection
from beforehand.journey.needs.baselines import Window, late_after, learn_from
from beforehand.journey.tests.needs import RECEIVE, definition
from beforehand.journey.tests.people import NOON, happened


def window(seconds, ended=None, loops=None):
    count = len(seconds)
    return Window(
        np.asarray(seconds, float),
        np.ones(count, np.int8) if ended is None else np.asarray(ended, np.int8),
        np.zeros(count, np.int64) if loops is None else np.asarray(loops),
    )


def chance(seconds, wait, more):
    """Of those still there, the share that finishes in time: by counting."""
    there = [one for one in seconds if one > wait]
    return sum(one <= wait + more for one in there) / len(there) if there else 0.0


def test_late_is_where_the_chance_falls_below_a_fifth():
    seconds = [1.0] * 20 + [2.0] * 20 + [3.0] * 10 + [50.0] * 8
    found = learn_from(window(seconds))
    assert found.median == 2.0
    assert found.late == 3.0
    assert chance(seconds, 2.0, 2.0) >= 0.2 > chance(seconds, 3.0, 2.0)


def test_the_chance_is_the_counted_one_when_nobody_is_lost():
    drawn = np.random.default_rng(7).lognormal(1.0, 1.2, 400).round(2)
    late = late_after(window(drawn), float(np.median(drawn)))
    earlier = [one for one in sorted(set(drawn)) if one < late]
    assert chance(drawn, late, np.median(drawn)) < 0.2
    assert all(chance(drawn, one, np.median(drawn)) >= 0.2 for one in earlier)


def test_who_gave_up_did_not_finish_and_is_not_waited_for():
    """Thirty leave at 2 without finishing: those still there at 1 have less of a chance than if they had stayed."""
    seconds, ended = [1.0] * 50 + [2.0] * 30 + [2.5] * 10, [1] * 50 + [2] * 30 + [1] * 10
    assert late_after(window(seconds, ended), 1.5) == 2.5
    assert late_after(window([*seconds, *[9.0] * 60], [*ended, *[0] * 60]), 1.5) == 1.0


def test_those_of_whom_nothing_more_is_known_count_while_they_were_seen():
    assert late_after(window([1.0, 1.0, 2.0, 2.0], [1, 1, 0, 0]), 1.0) == 1.0


def test_loops_are_usual_up_to_the_ninety_ninth_percentile():
    assert learn_from(window([1.0] * 200, loops=[0] * 195 + [1, 1, 2, 2, 7])).loops == 2


def place_orders(count):
    """Orders packed after 1 to 6 hours, and one that nobody packs."""
    NeedKind.objects.all().delete()
    keeping.keep(definition(RECEIVE))
    for number in range(count + 1):
        who, start = Claim("user_id", f"u{number}", True), NOON + timedelta(hours=8 * number)
        happened(who, ("Order Completed", {"order_id": number}), start=start)
        if number < count:
            happened(who, ("Order Packed", {"order_id": number}), start=start + timedelta(hours=1 + number % 6))
    journeys.follow()
    projection.follow()


def later(days):
    happened(Claim("user_id", "later", True), "Page Viewed", start=NOON + timedelta(days=days))
    journeys.follow()


def test_nothing_is_learned_before_window_and_horizon_are_over(db):
    place_orders(60)
    later(37)
    assert baselines.learn() == 0
    later(38)
    assert baselines.learn() == 1


def test_what_is_learned_says_who_is_stuck(db):
    place_orders(60)
    later(40)
    assert baselines.learn() == 1
    (found,) = StepBaseline.objects.all()
    assert (found.step, found.entered, found.finished, found.loops) == ("packed", 61, 60, 0)
    assert found.median == pytest.approx(3.5 * 3600)
    assert found.late == 6 * 3600
    assert Need.objects.get(key="60").stuck_at == NOON + timedelta(hours=8 * 60 + 24), "the target alone"
    projection.follow()
    assert Need.objects.get(key="60").stuck_at == NOON + timedelta(hours=8 * 60 + 6)
    assert baselines.learn() == 0, "what is learned is frozen"


def test_too_few_who_finished_teach_nothing(db):
    place_orders(49)
    later(400)
    assert baselines.learn() == 0
