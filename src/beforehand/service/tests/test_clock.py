"""Clocks: what pauses them, what the ledger owes, who waits, what their log says."""

from datetime import timedelta

import pytest

from beforehand.lib.working import HOUR, MINUTE
from beforehand.service.clocks.clock import Times, owed
from beforehand.service.clocks.clock_log import DETAILS, TITLES, WAITS, What
from beforehand.service.clocks.ledger import Category, Event, Kind, Name, Verdict, ledger_of
from beforehand.service.clocks.policy import Goal, Policy
from beforehand.service.clocks.targets import State, UnknownCalendar
from beforehand.service.clocks.waiting import How, Who
from beforehand.service.tests.stories import AROUND, HOLD, OFFICE, POLICY, TIMES, WAITING, Story, at

FIRST, NEXT, RESOLUTION, WAIT = Name.FIRST_RESPONSE, Name.NEXT_RESPONSE, Name.RESOLUTION, Name.WAIT


def test_next_response_counts_from_the_oldest_unanswered_message():
    story = Story(POLICY)
    story.asks("16 09:00")
    story.answers("16 10:00")
    oldest = story.asks("16 11:00")
    story.asks("16 12:00")
    story.answers("16 13:00")
    clock = story.clock(NEXT)
    assert (clock.started_by, clock.elapsed) == (oldest, 2 * HOUR)
    assert clock.standing.state == State.MET


def test_a_target_is_frozen_with_its_due_time_and_versions_when_its_clock_begins():
    story = Story(POLICY)
    asked = story.asks("16 15:00")
    targets = {one.clock: one for one in story.events if one.kind == Kind.TARGET_SET}
    assert set(targets) == {FIRST, RESOLUTION}
    assert targets[FIRST].about == asked
    assert targets[FIRST].target == (FIRST, 4 * HOUR, at("17 11:00"), POLICY.version, OFFICE.version, ())
    assert targets[RESOLUTION].target.pauses == (WAITING,)


def test_a_goal_of_every_second_needs_no_calendar():
    story = Story(Policy((Goal(FIRST, 4 * HOUR, working=False),)))
    story.asks("21 15:00")
    standing = story.clock(FIRST, "21 19:00:01").standing
    assert (standing.due, standing.state, standing.target.calendar) == (at("21 19:00"), State.OVERDUE, "")
    assert standing.target.due == at("21 19:00")


def test_what_is_due_this_second_is_not_overdue_yet():
    story = Story(POLICY)
    story.asks("16 09:00")
    assert story.clock(FIRST, at("16 13:00")).standing.state == State.RUNNING
    assert story.clock(FIRST, at("16 13:00") + 1).standing.state == State.OVERDUE


def test_a_reply_after_closing_time_is_late_when_it_was_due_by_then():
    story = Story(POLICY)
    story.asks("16 13:00")
    story.answers("16 18:00")
    standing = story.clock(FIRST).standing
    assert (standing.due, standing.state, standing.left) == (at("16 17:00"), State.BREACHED, 0)


def test_a_pause_has_somebody_and_a_reason_and_moves_the_due_time():
    story = Story(POLICY)
    story.asks("16 09:00")
    story.answers("16 10:00")
    story.status("16 10:00", WAITING, why="asked for the invoice")
    paused = story.clock(RESOLUTION, "16 12:00").standing
    assert (paused.state, paused.due, paused.left) == (State.PAUSED, None, 15 * HOUR)
    assert [(one.began.by, one.began.why) for one in paused.pauses] == [("Ada", "asked for the invoice")]
    story.asks("17 10:00")
    resumed = story.clock(RESOLUTION, "17 10:00").standing
    assert (resumed.state, resumed.due) == (State.RUNNING, at("18 17:00"))


def test_a_pause_for_the_customer_ends_when_the_customer_writes_though_nobody_changes_the_status():
    story = Story(POLICY)
    story.asks("16 09:00")
    story.answers("16 10:00")
    story.status("16 10:00", WAITING)
    story.asks("16 11:00")
    assert story.clock(RESOLUTION, "16 12:00").standing.spent == 2 * HOUR
    assert [one.kind for one in story.events if one.kind == Kind.RESUMED] == [Kind.RESUMED]


def test_thanks_do_not_end_a_pause():
    story = Story(POLICY)
    story.asks("16 09:00")
    story.answers("16 10:00")
    story.status("16 10:00", WAITING)
    story.thanks("16 11:00")
    assert story.clock(RESOLUTION, "16 12:00").standing.state == State.PAUSED


def test_one_pause_after_another_counts_once():
    story = Story(Policy((Goal(RESOLUTION, 16 * HOUR, pauses=(WAITING, HOLD)),)))
    story.asks("16 09:00")
    story.answers("16 10:00")
    story.status("16 10:00", WAITING)
    story.status("16 11:00", HOLD)
    story.status("16 12:00", Category.OPEN)
    standing = story.clock(RESOLUTION, "16 13:00").standing
    assert standing.spent == 2 * HOUR
    assert [one.category for one in standing.pauses] == [WAITING, HOLD]


def test_what_was_late_before_it_was_paused_stays_late():
    story = Story(POLICY)
    story.asks("16 09:00")
    story.answers("18 10:00")
    story.status("18 11:00", WAITING)
    standing = story.clock(RESOLUTION, "20 09:00").standing
    assert (standing.state, standing.due) == (State.OVERDUE, at("17 17:00"))


def test_done_can_be_a_pause_so_that_a_reopened_case_is_not_charged_for_it():
    story = Story(Policy((Goal(RESOLUTION, 16 * HOUR, pauses=(Category.DONE,)),)))
    story.asks("16 09:00")
    story.answers("16 10:00")
    story.done("16 10:00")
    story.asks("18 10:00")
    assert story.clock(RESOLUTION, "18 12:00").standing.spent == 3 * HOUR
    assert story.clock(RESOLUTION, "16 16:00").standing.state == State.MET


def test_nothing_is_owed_twice():
    story = Story(POLICY)
    story.asks("16 09:00")
    story.answers("16 10:00")
    story.status("16 10:00", WAITING)
    story.asks("16 11:00")
    assert [owed(story.events, event, POLICY, TIMES) for event in story.events] == [[]] * len(story.events)
    assert [one.kind for one in story.events].count(Kind.PAUSED) == 1


def test_a_policy_that_comes_later_does_not_reach_back():
    story = Story()
    story.asks("16 09:00")
    story.policy = POLICY
    story.status("16 12:00", Category.OPEN)
    assert story.clock(FIRST).standing is None
    story.answers("16 13:00")
    story.asks("16 14:00")
    assert story.clock(NEXT, "16 15:00").standing.state == State.RUNNING


def test_a_target_whose_calendar_is_missing_is_not_guessed():
    story = Story(POLICY)
    story.asks("16 09:00")
    with pytest.raises(UnknownCalendar, match=OFFICE.version):
        story.case(times=Times(AROUND))


def test_the_first_target_of_a_clock_stays_whatever_is_set_later():
    story = Story(POLICY)
    asked = story.asks("16 09:00")
    first = story.clock(FIRST, "16 10:00").standing
    kinder = Policy((Goal(FIRST, 40 * HOUR),)).target(FIRST, at("16 09:00"), OFFICE)
    story.tell("16 09:30", Kind.TARGET_SET, about=asked, clock=FIRST, target=kinder)
    assert story.clock(FIRST, "16 10:00").standing == first


def test_a_status_that_arrives_late_owes_what_it_owed_in_its_time():
    story = Story(POLICY)
    story.asks("16 09:00")
    story.answers("16 10:00")
    story.asks("16 15:00")
    story.status("16 12:00", WAITING, why="told late")
    standing = story.clock(RESOLUTION, "16 16:00").standing
    assert [(one.began.time, one.ended.time) for one in standing.pauses] == [(at("16 12:00"), at("16 15:00"))]
    late = next(one for one in story.events if one.why == "told late" and one.kind == Kind.STATUS)
    story.done("17 09:00")
    story.status("16 11:00", WAITING)
    assert owed(story.events, late, POLICY, TIMES) == []


# Judging


def test_needing_no_answer_ends_the_wait_but_takes_nothing_back():
    story = Story(POLICY)
    message = story.asks("16 09:00")
    story.tell("18 09:00", Kind.JUDGED, about=message, verdict=Verdict.CLOSING, by="Ada", why="only a greeting")
    clock = story.clock(FIRST)
    assert (clock.elapsed, clock.how) == (48 * HOUR, How.NOT_NEEDED)
    assert clock.standing.state == State.BREACHED
    assert story.clock(RESOLUTION) is None


def test_needing_no_answer_in_time_is_neither_met_nor_breached():
    story = Story(POLICY)
    message = story.asks("16 09:00")
    story.tell("16 10:00", Kind.JUDGED, about=message, verdict=Verdict.CLOSING, by="Ada")
    assert story.clock(FIRST).standing.state == State.NOT_NEEDED


def test_a_question_that_was_taken_for_thanks_waits_from_when_it_was_asked():
    story = Story(POLICY)
    message = story.thanks("16 09:00")
    assert story.case("16 12:00").clocks == ()
    story.tell("16 12:00", Kind.JUDGED, about=message, verdict="", by="Ada")
    clock = story.clock(FIRST, "16 14:00")
    assert clock.elapsed == 5 * HOUR
    assert clock.standing.state == State.OVERDUE


# Merging


def test_an_answer_in_a_merged_thread_answers_both():
    story = Story()
    story.asks("16 09:00", thread=1)
    story.asks("16 10:00", thread=2)
    story.answers("16 11:00", thread=2)
    assert story.clock(WAIT).ended is None
    story.tell("16 12:00", Kind.MERGED, thread=2, into=1)
    story.answers("16 13:00", thread=1)
    assert (story.clock(WAIT).ended, story.clock(WAIT).elapsed) == (at("16 13:00"), 4 * HOUR)


def test_an_undone_merge_leaves_no_trace():
    story, apart = Story(), Story()
    for one in (story, apart):
        one.asks("16 09:00", thread=1)
        one.asks("16 10:00", thread=2)
    merge = story.tell("16 11:00", Kind.MERGED, thread=2, into=1)
    apart.tell("16 11:00", Kind.NOTE)
    for one in (story, apart):
        one.answers("16 12:00", thread=1)
    assert story.clock(WAIT).ended == at("16 12:00")
    story.tell("16 13:00", Kind.UNMERGED, about=merge)
    assert story.clock(WAIT).ended is None
    assert story.case() == apart.case()


def test_a_first_response_is_one_whatever_the_channel():
    story = Story()
    story.asks("16 09:00", thread=1, channel="email")
    story.asks("16 10:00", thread=2, channel="chat")
    story.answers("16 10:30", thread=2)
    assert story.clock(FIRST).elapsed == 90 * MINUTE
    assert story.clock(WAIT, "16 11:00").elapsed == 2 * HOUR


def test_threads_that_are_merged_in_a_ring_do_not_hang():
    story = Story()
    story.asks("16 09:00", thread=1)
    story.tell("16 10:00", Kind.MERGED, thread=1, into=2)
    story.tell("16 10:00", Kind.MERGED, thread=2, into=1)
    story.answers("16 11:00", thread=2)
    assert story.clock(WAIT).elapsed == 2 * HOUR


# Who waits


def test_the_clock_is_named_by_who_waits():
    story = Story()
    assert story.case().waits.who == Who.NOBODY
    asked = story.asks("16 09:00")
    assert story.case().waits == (Who.CUSTOMER_FOR_ANSWER, at("16 09:00"), asked)
    story.status("16 09:30", WAITING)
    assert story.case().waits == (Who.CUSTOMER_FOR_ANSWER, at("16 09:00"), asked)
    answer = story.answers("16 10:00")
    assert story.case().waits == (Who.US_FOR_CUSTOMER, at("16 10:00"), answer)
    hold = story.status("16 11:00", HOLD)
    assert story.case().waits == (Who.CUSTOMER_FOR_RESOLUTION, at("16 11:00"), hold)
    done = story.done("16 12:00")
    assert story.case().waits == (Who.NOBODY, at("16 12:00"), done)
    story.thanks("16 13:00")
    assert story.case().waits.who == Who.NOBODY
    again = story.asks("16 14:00")
    assert story.case().waits == (Who.CUSTOMER_FOR_ANSWER, at("16 14:00"), again)
    story.answers("16 15:00")
    assert story.case().waits.who == Who.CUSTOMER_FOR_RESOLUTION


def test_everything_that_is_shown_has_words():
    assert set(TITLES) == set(Name)
    assert set(WAITS) == set(Who)
    assert set(DETAILS) == set(How) | set(Category)


# The log


def test_the_log_says_what_began_paused_and_ended_a_clock():
    story = Story(POLICY)
    asked = story.asks("16 09:00")
    story.answers("16 10:00")
    story.status("16 10:00", WAITING, why="asked for the invoice")
    back = story.asks("17 10:00")
    story.answers("17 11:00")
    done = story.done("19 11:00")
    log = story.clock(RESOLUTION).log
    assert [(line.what, line.time) for line in log] == [
        (What.STARTED, at("16 09:00")),
        (What.PAUSED, at("16 10:00")),
        (What.RESUMED, at("17 10:00")),
        (What.BREACHED, at("18 17:00")),
        (What.ENDED, at("19 11:00")),
    ]
    assert (log[0].event, log[0].by) == (asked, "Ana")
    assert (log[1].by, log[1].why, log[1].detail) == ("Ada", "asked for the invoice", WAITING)
    assert (log[2].event, log[2].by) == (back, "Ana")
    assert (log[4].event, log[4].detail) == (done, How.DONE)


def test_a_long_ledger_is_read_in_milliseconds():
    import time

    story = Story()
    for n in range(500):
        story.asks(at("02 09:00") + n * HOUR)
        story.answers(at("02 09:00") + n * HOUR + 10 * MINUTE)
    began = time.process_time()
    case = story.case()
    assert time.process_time() - began < 2
    assert len(case.clocks) == 502
    assert timedelta(microseconds=case.clock(WAIT).elapsed) == timedelta(minutes=5000)


def test_the_ledger_up_to_a_moment():
    events = [Event(2, 20, Kind.NOTE), Event(1, 10, Kind.NOTE), Event(1, 10, Kind.NOTE), Event(3, 30, Kind.NOTE)]
    assert [event.id for event in ledger_of(events, as_of=20)] == [1, 2]
