"""What must not happen to a target, a pause or a merge: each test is a mistake that a desk in use makes."""

from beforehand.lib.working import HOUR, SECOND, Calendar
from beforehand.service.clocks.clock import Times
from beforehand.service.clocks.ledger import Category, Kind, Name
from beforehand.service.clocks.policy import Goal, Policy
from beforehand.service.clocks.targets import State, attainment
from beforehand.service.tests.stories import AROUND, HOLD, OFFICE, POLICY, WAITING, Story, answered_after, at

FIRST, NEXT, RESOLUTION, WAIT = Name.FIRST_RESPONSE, Name.NEXT_RESPONSE, Name.RESOLUTION, Name.WAIT


def test_working_hours_are_not_kept_and_never_read():
    """Asked on Friday at four, four working hours: due on Monday at noon, whatever the wall clock says."""
    story = Story(POLICY)
    story.asks("20 16:00")
    clock = story.clock(FIRST, "22 12:00")
    assert clock.standing.due == at("23 12:00")
    assert clock.standing.state == State.RUNNING


def test_a_late_resolve_is_not_met_because_it_is_resolved():
    story = Story(POLICY)
    story.asks("16 09:00")
    story.answers("16 10:00")
    story.done("18 09:01")
    standing = story.clock(RESOLUTION).standing
    assert (standing.state, standing.due) == (State.BREACHED, at("17 17:00"))


def test_one_target_alone_does_not_stay_pending():
    story = answered_after(1, Policy((Goal(FIRST, 4 * HOUR),)))
    assert story.clock(FIRST).standing.state == State.MET
    assert story.clock(RESOLUTION).standing is None


def test_another_policy_does_not_rewrite_history():
    story = answered_after(3)
    before = story.clock(FIRST)
    story.policy = Policy((Goal(FIRST, HOUR),))
    story.tell("16 14:00", Kind.NOTE)
    story.status("16 15:00", Category.OPEN)
    assert story.clock(FIRST) == before
    assert before.standing.target.policy == POLICY.version


def test_other_hours_or_another_zone_do_not_move_a_frozen_deadline():
    story = Story(POLICY)
    story.asks("16 15:00")
    due = story.clock(FIRST, "16 16:00").standing.due
    for other in (AROUND, Calendar("America/New_York", OFFICE.week)):
        times = Times(other, {OFFICE.version: OFFICE})
        clock = story.clock(FIRST, "16 16:00", times)
        assert (clock.standing.due, clock.standing.state) == (due, State.RUNNING)
        assert clock.calendar == OFFICE.version


def test_what_is_overdue_and_still_open_is_not_left_out_of_attainment():
    stories = [answered_after(hours) for hours in (1, 2, 6)]
    waiting = Story(POLICY)
    waiting.asks("16 09:00")
    fresh = Story(POLICY)
    fresh.asks("17 11:00")
    counted = attainment(one.clock(FIRST, "17 12:00").standing.state for one in [*stories, waiting, fresh])
    assert counted == (2, 1, 1)
    assert counted.share == 0.5


def test_on_hold_does_not_stop_the_customers_wait():
    story = Story(Policy((Goal(RESOLUTION, 16 * HOUR, pauses=(HOLD,)),)))
    story.asks("16 09:00")
    story.status("16 10:00", HOLD, "asked the supplier")
    story.answers("16 15:00")
    assert story.clock(WAIT).elapsed == 6 * HOUR
    assert story.clock(RESOLUTION, "16 16:00").standing.spent == HOUR


def test_a_status_that_the_policy_does_not_name_pauses_nothing():
    story = Story(POLICY)
    story.asks("16 09:00")
    story.status("16 10:00", HOLD)
    story.tell("16 11:00", Kind.PAUSED, category=HOLD, by="Ada", why="I would like more time")
    standing = story.clock(RESOLUTION, "16 16:00").standing
    assert (standing.spent, standing.pauses) == (7 * HOUR, ())


def test_two_pauses_in_the_same_minute_do_not_collide():
    story = Story(POLICY)
    story.asks("16 09:00")
    story.answers("16 10:00")
    for pause, resume in (("16 10:00:00", "16 10:00:10"), ("16 10:00:20", "16 10:00:45")):
        story.status(pause, WAITING)
        story.status(resume, Category.OPEN)
    standing = story.clock(RESOLUTION, "16 11:00").standing
    assert len(standing.pauses) == 2
    assert standing.spent == 2 * HOUR - 35 * SECOND
    assert standing.due == at("18 09:00:35")


def test_seconds_are_not_cut_to_minutes():
    story = Story(POLICY)
    story.asks("16 09:00:30")
    story.answers("16 13:00:31")
    standing = story.clock(FIRST).standing
    assert (standing.state, standing.left) == (State.BREACHED, -SECOND)


def test_on_the_second_is_in_time():
    story = Story(POLICY)
    story.asks("16 09:00:30")
    story.answers("16 13:00:30")
    assert story.clock(FIRST).standing.state == State.MET


def test_merged_threads_do_not_count_the_same_wait_twice():
    story = Story()
    story.asks("16 09:00", thread=1)
    story.asks("16 10:00", thread=2)
    story.tell("16 11:00", Kind.MERGED, thread=2, into=1)
    story.answers("16 12:00", thread=1)
    assert story.clock(WAIT).elapsed == 3 * HOUR
    assert [clock.elapsed for clock in story.case().clocks if clock.name == NEXT] == [2 * HOUR]


def test_the_order_in_which_events_arrive_and_repeats_change_nothing():
    story = Story(POLICY)
    story.asks("16 09:00")
    story.answers("16 10:00")
    story.status("16 10:00", WAITING)
    story.asks("17 10:00")
    story.done("17 12:00")
    expected = story.case()
    story.events = [*reversed(story.events), *story.events]
    assert story.case() == expected


def test_a_ledger_of_nothing_has_no_clocks():
    assert Story().case().clocks == ()
    assert Story().case().resolution.resolved is None
