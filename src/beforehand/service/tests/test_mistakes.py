"""What must not happen to a clock: each test is a mistake that a desk in use makes, with the answer that is right."""

from statistics import mean, median

from beforehand.lib.working import HOUR, MINUTE, SECOND, Calendar, window
from beforehand.service.clocks.clock import Times
from beforehand.service.clocks.ledger import Category, Kind, Name
from beforehand.service.clocks.targets import State
from beforehand.service.tests.stories import DAY, OFFICE, POLICY, WAITING, Story, answered_after, at

FIRST, NEXT, RESOLUTION, WAIT = Name.FIRST_RESPONSE, Name.NEXT_RESPONSE, Name.RESOLUTION, Name.WAIT


# First response


def test_an_unanswered_customer_does_not_vanish_from_first_response():
    story = Story()
    story.asks("16 09:00")
    clock = story.clock(FIRST, "17 11:00")
    assert clock.ended is None
    assert (clock.elapsed, clock.working) == (26 * HOUR, 10 * HOUR)


def test_late_replies_are_not_left_out_of_the_average():
    clocks = [answered_after(hours).clock(FIRST) for hours in (1, 2, 6)]
    assert [clock.standing.state for clock in clocks] == [State.MET, State.MET, State.BREACHED]
    assert mean(clock.elapsed for clock in clocks) == 3 * HOUR
    assert median(clock.elapsed for clock in clocks) == 2 * HOUR


def test_a_reply_counts_from_when_it_was_sent_and_not_from_when_somebody_looked():
    story = answered_after(3)
    looked = [story.clock(FIRST, when) for when in ("16 12:00", "16 12:07", "29 08:00")]
    assert {clock.ended for clock in looked} == {at("16 12:00")}
    assert {clock.standing.state for clock in looked} == {State.MET}


def test_time_with_the_bot_is_not_taken_off_the_wait():
    story = Story()
    story.asks("16 09:00")
    story.bot("16 09:00:05")
    story.bot("16 09:20")
    story.tell("16 09:40", Kind.HANDED_OVER)
    story.answers("16 10:00")
    clock = story.clock(FIRST)
    assert clock.elapsed == HOUR
    assert clock.with_bot == 40 * MINUTE
    assert story.clock(WAIT).elapsed == HOUR


def test_a_case_without_a_target_is_not_without_clocks():
    clock = answered_after(3, policy=None).clock(FIRST)
    assert clock.standing is None
    assert clock.elapsed == 3 * HOUR


def test_a_status_is_not_a_response():
    for category in (Category.WAITING_US, WAITING, Category.DONE, Category.OPEN):
        story = Story(POLICY)
        story.asks("16 09:00")
        story.status("16 09:01", category)
        clock = story.clock(FIRST, "16 16:00")
        assert clock.ended is None
        assert clock.standing.state == State.OVERDUE


def test_neither_a_note_nor_an_owner_nor_an_automatic_reply_is_a_response():
    for kind in (Kind.NOTE, Kind.OWNER, Kind.OUTBOUND_AUTO, Kind.BOT_MESSAGE):
        story = Story()
        story.asks("16 09:00")
        story.tell("16 09:01", kind, by="Ada")
        assert story.clock(FIRST).ended is None


def test_machine_mail_does_not_make_a_customer_wait():
    story = Story()
    story.tell("16 09:00", Kind.INBOUND_AUTO)
    assert story.case().clocks == ()


def test_off_hours_are_not_nothing_to_the_customer():
    """Asked on Saturday, answered on Sunday: no working time passed, and the customer waited a day."""
    story = Story()
    story.asks("21 12:00")
    story.answers("22 12:00")
    clock = story.clock(FIRST)
    assert (clock.working, clock.elapsed) == (0, DAY)


def test_numbers_counted_by_other_hours_are_not_taken_for_the_same():
    longer = Calendar("Europe/Berlin", ((window("08:00", "20:00"),),) * 7)
    story = answered_after(30, policy=None)
    before, after = story.clock(FIRST), story.clock(FIRST, times=Times(longer))
    assert (before.working, after.working) == (14 * HOUR, 18 * HOUR)
    assert (before.calendar, after.calendar) == (OFFICE.version, longer.version)


def test_when_we_write_first_nobody_waited_for_a_first_response():
    story = Story()
    story.answers("16 09:00")
    story.asks("16 12:00")
    story.answers("16 13:00")
    assert story.clock(FIRST) is None
    assert story.clock(NEXT).elapsed == HOUR


def test_an_answer_that_bounced_is_none():
    story = Story(POLICY)
    story.asks("16 09:00")
    answer = story.answers("16 10:00")
    assert story.clock(FIRST, "16 14:00").ended == at("16 10:00")
    story.tell("16 15:00", Kind.UNDELIVERED, about=answer)
    clock = story.clock(FIRST, "16 16:00")
    assert clock.ended is None
    assert (clock.elapsed, clock.standing.state) == (7 * HOUR, State.OVERDUE)


# Resolution


def test_a_resolve_is_not_counted_again_at_each_reopening():
    story = Story()
    story.asks("16 09:00")
    story.answers("16 10:00")
    story.done("16 10:00")
    story.asks("17 09:00")
    story.answers("17 10:00")
    story.done("17 11:00")
    clocks = [clock for clock in story.case().clocks if clock.name == RESOLUTION]
    assert [clock.elapsed for clock in clocks] == [26 * HOUR]


def test_first_and_last_resolution_are_not_one_number():
    story = Story()
    story.asks("16 09:00")
    story.answers("16 10:00")
    story.done("16 10:00")
    story.asks("17 09:00")
    story.answers("17 10:00")
    story.done("17 11:00")
    resolution = story.case().resolution
    assert (resolution.first, resolution.resolved) == (at("16 10:00"), at("17 11:00"))


def test_five_minutes_are_not_a_day():
    story = Story()
    story.asks("16 09:00")
    story.answers("16 09:04")
    story.done("16 09:05")
    clock = story.clock(RESOLUTION)
    assert (clock.elapsed, clock.working) == (300 * SECOND, 300 * SECOND)


def test_working_hours_are_not_cut_into_days_of_24_hours():
    """A day of work is eight hours here: Monday nine to Tuesday nine is one of them, and one whole day elapsed."""
    story = Story()
    story.asks("16 09:00")
    story.answers("17 09:00")
    story.done("17 09:00")
    clock = story.clock(RESOLUTION)
    assert (clock.working, clock.elapsed) == (8 * HOUR, 24 * HOUR)


def test_a_later_edit_does_not_make_it_longer():
    story = Story()
    story.asks("16 09:00")
    story.answers("16 10:00")
    story.done("16 10:00")
    before = story.clock(RESOLUTION)
    story.tell("20 09:00", Kind.NOTE, by="Ada")
    story.tell("25 09:00", Kind.OWNER, by="Ada")
    story.done("26 09:00")
    assert story.clock(RESOLUTION) == before


def test_an_idle_case_that_is_closed_unanswered_is_not_resolved():
    story = Story()
    story.asks("16 09:00")
    story.done("20 09:00", why="no activity")
    assert story.case().resolution.resolved is None
    assert story.clock(RESOLUTION).ended is None
    assert story.clock(WAIT, "21 09:00").elapsed == 5 * DAY


def test_snoozing_is_not_resolving():
    story = Story()
    story.asks("16 09:00")
    story.answers("16 10:00")
    story.status("16 10:00", WAITING, "snoozed")
    assert story.clock(RESOLUTION).ended is None


def test_our_own_response_times_are_not_the_customers_time_to_resolution():
    story = Story()
    story.asks("16 09:00")
    story.answers("16 10:00")
    story.asks("18 09:00")
    story.answers("18 10:00")
    story.done("18 10:00")
    assert story.clock(RESOLUTION).elapsed == 49 * HOUR
    assert story.clock(WAIT).elapsed == 2 * HOUR


def test_a_resolution_is_not_final_before_it_has_stayed_so():
    story = Story()
    story.asks("16 09:00")
    story.answers("16 10:00")
    story.done("16 10:00")
    assert story.case("23 09:59").resolution.final is False
    assert story.case("23 10:00").resolution.final is True


# Reopening, first contact


def test_thanks_do_not_reopen():
    story = Story()
    story.asks("16 09:00")
    story.answers("16 10:00")
    story.done("16 10:00")
    message = story.thanks("17 09:00")
    story.status("17 09:00", Category.OPEN, about=message)
    story.done("17 12:00")
    resolution = story.case().resolution
    assert resolution.reopened == ()
    assert resolution.resolved == at("16 10:00")
    assert story.clock(WAIT).elapsed == HOUR


def test_a_reopening_belongs_to_the_case_that_was_resolved():
    story = Story()
    story.asks("16 09:00")
    story.answers("16 10:00")
    story.done("16 10:00")
    back = story.asks("18 09:00", channel="phone")
    more = story.asks("18 09:05", channel="phone")
    assert story.case().resolution.reopened == (back,)
    assert more not in story.case().resolution.reopened


def test_who_comes_back_after_the_window_has_not_reopened():
    story = Story()
    story.asks("02 09:00")
    story.answers("02 10:00")
    story.done("02 10:00")
    back = story.asks("16 09:00")
    assert story.case().resolution.reopened == ()
    assert story.case().resolution.returned == (back,)


def test_fast_is_not_first_contact_resolution():
    story = Story()
    story.asks("16 09:00")
    story.answers("16 09:05")
    story.done("16 09:05")
    story.asks("18 09:00")
    assert story.case("18 09:00").resolution.first_contact is False


def test_slow_can_be_first_contact_resolution():
    story = Story()
    story.asks("16 09:00")
    story.answers("17 09:00")
    story.answers("18 09:00")
    story.done("18 09:00")
    assert story.case("20 09:00").resolution.first_contact is None
    assert story.case("25 09:00").resolution.first_contact is True


def test_one_teammate_is_not_one_contact():
    story = Story()
    story.asks("16 09:00")
    story.answers("16 10:00")
    story.asks("17 09:00")
    story.answers("17 10:00")
    story.done("17 10:00")
    assert story.case().resolution.first_contact is False


def test_one_message_of_ours_is_not_a_resolution():
    story = Story()
    story.asks("16 09:00", channel="email")
    story.asks("16 15:00", channel="email", verdict="chase")
    story.answers("17 10:00")
    story.done("17 10:00")
    assert story.case().resolution.contacts == 2
    assert story.case().resolution.first_contact is False


def test_a_change_of_channel_is_not_one_contact():
    story = Story()
    story.asks("16 09:00", channel="email")
    story.asks("16 09:30", channel="phone")
    story.answers("16 10:00")
    story.done("16 10:00")
    assert story.case().resolution.first_contact is False


# Bots


def test_giving_up_is_not_a_success_of_the_bot():
    story = Story()
    story.asks("16 09:00")
    story.bot("16 09:01")
    story.done("17 09:00", why="idle")
    assert story.clock(WAIT).ended is None
    assert story.case().resolution.resolved is None


def test_a_bots_answer_counts_when_the_customer_says_so_and_is_no_persons():
    story = Story()
    story.asks("16 09:00")
    word = story.bot("16 09:01")
    story.tell("16 09:30", Kind.BOT_ACCEPTED, about=word)
    clock = story.clock(FIRST)
    assert (clock.elapsed, clock.how) == (MINUTE, "answered_by_bot")
    assert story.clock(FIRST, "16 09:10").ended is None
