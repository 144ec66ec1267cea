"""The measures of service, against the mistakes that other desks make: answers worked out by hand."""

from datetime import UTC, datetime, timedelta

import pytest

from beforehand.insight.query import Query
from beforehand.insight.run import rows, run
from beforehand.insight.segments import Segment
from beforehand.journey import lake
from beforehand.lib.working import HOUR, Calendar, window
from beforehand.service.acts import acting
from beforehand.service.clocks.ledger import Category, Kind, Name
from beforehand.service.clocks.policy import Goal, Policy
from beforehand.service.models import Conversation, ServicePolicy
from beforehand.service.tests.desk import person
from beforehand.team.models import Hours

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
"""Long ago: every window is over."""
FRIDAY = datetime(2026, 3, 6, 16, tzinfo=UTC)
approx = pytest.approx
ASKS, ANSWERS, STATUS = Kind.INBOUND_HUMAN, Kind.OUTBOUND_PUBLIC_HUMAN, Kind.STATUS
DONE = {"status": "Done", "category": Category.DONE}


@pytest.fixture(autouse=True)
def office(db):
    hours = Hours.objects.create(name="O", plain=Calendar("UTC", ((window("09:00", "17:00"),),) * 5 + ((), ())).plain())
    return ServicePolicy.objects.create(name="All", plain=Policy(()).plain(), hours=hours)


def case(number, *events, begins=MONDAY, channel="email"):
    """A case out of (hours after it began, kind[, more])."""
    talk = Conversation.begin(person(f"c{number}@example.org"), channel, time=begins)
    with acting.act(talk) as doing:
        for hours, kind, *more in events:
            facts = more[0] if more else {}
            doing.add(kind, time=begins + timedelta(hours=hours), channel=facts.pop("channel", channel), **facts)
    return talk


def ask(slug, **more):
    with lake.reader() as reader:
        return run(Query(slug, MONDAY.date(), FRIDAY.date(), as_of=datetime.now(UTC), **more), reader)


def parts(result):
    return {group.key[0]: group.value for group in result.groups}


def test_who_was_not_answered_is_in_the_number():
    """An average over those who were answered would be an hour and a half, whoever else waits."""
    case(1, (0, ASKS), (1, ANSWERS))
    case(2, (0, ASKS), (2, ANSWERS))
    case(3, (0, ASKS))
    case(4, (0, ASKS))
    found = ask("first-response")
    assert found.value == approx(2 * 3600, rel=0.05) and (found.n, found.extra["waiting"]) == (4, 2)
    case(5, (0, ASKS))
    assert ask("first-response").value is None  # more than half still wait: there is no such time yet


def test_a_status_is_no_response_and_a_closed_case_that_nobody_answered_still_waits():
    case(1, (0, ASKS), (0.1, STATUS, DONE))
    case(2, (0, ASKS), (5, ANSWERS))
    found = ask("first-response")
    assert (found.n, found.extra["waiting"]) == (2, 1)
    assert ask("time-to-resolution").extra["waiting"] == 2


def test_five_minutes_are_five_minutes_and_a_later_edit_does_not_lengthen_them():
    case(1, (0, ASKS), (1 / 12, ANSWERS), (1 / 12, STATUS, dict(DONE)), (90, Kind.NOTE), (91, "tagged", {"tag": "x"}))
    assert ask("time-to-resolution").value == approx(300, rel=0.08)


def test_a_case_that_was_opened_again_counts_once_to_its_last_end():
    case(1, (0, ASKS), (1, ANSWERS), (1, STATUS, dict(DONE)), (10, ASKS), (20, ANSWERS), (20, STATUS, dict(DONE)))
    found = ask("time-to-resolution")
    assert found.n == 1 and found.value == approx(20 * 3600, rel=0.05)


def test_nights_and_weekends_are_elapsed_and_not_worked():
    case(1, (0, ASKS), (66, ANSWERS), begins=FRIDAY)  # Friday 16:00 to Monday 10:00
    found = ask("first-response")
    assert found.value == approx(66 * 3600, rel=0.05)
    assert parts(found) == {"elapsed": approx(66 * 3600, rel=0.05), "working": approx(2 * 3600, rel=0.05)}
    assert {group.label for group in found.groups} == {"By day and night", "In working hours"}


def test_the_wait_is_all_the_time_with_us_whatever_the_status_says():
    on_hold = {"status": "On hold", "category": Category.WAITING_US}
    case(1, (0, ASKS), (1, STATUS, on_hold), (6, ANSWERS), (10, ASKS), (12, ANSWERS))
    assert ask("customer-wait").value == approx(8 * 3600, rel=0.05)


def test_no_answer_needed_is_no_quick_answer():
    case(1, (0, ASKS), (3, ANSWERS))
    talk = case(2, (0, ASKS))
    with acting.act(talk) as doing:
        said = next(event.id for event in doing.events if event.kind == ASKS)
        doing.add(Kind.JUDGED, time=MONDAY + timedelta(minutes=1), about=said, verdict="closing")
    found = ask("first-response")
    assert found.value == approx(3 * 3600, rel=0.05) and found.extra["waiting"] == 1


def test_reopening_is_a_share_of_the_same_cases_and_thanks_are_none():
    case(1, (0, ASKS), (1, ANSWERS), (1, STATUS, dict(DONE)), (30, ASKS))
    case(2, (0, ASKS), (1, ANSWERS), (1, STATUS, dict(DONE)), (2, ASKS, {"verdict": "closing"}))
    case(3, (0, ASKS), (1, ANSWERS), (1, STATUS, dict(DONE)), (24 * 9, ASKS))  # after the window: it is a new contact
    case(4, (0, ASKS), (1, ANSWERS), (1, STATUS, dict(DONE)))
    found = ask("reopened")
    assert found.n == 4 and found.extra["hits"] == 1


def test_first_contact_is_about_coming_once_not_about_speed_or_one_reply():
    fast_but_back = [(0, ASKS), (0.1, ANSWERS), (0.2, STATUS, DONE), (20, ASKS), (21, ANSWERS), (21, STATUS, DONE)]
    case(1, *[(hours, kind, *(dict(one) for one in more)) for hours, kind, *more in fast_but_back])
    case(2, (0, ASKS), (50, ANSWERS), (51, ANSWERS), (52, STATUS, dict(DONE)))  # slow, two of our messages: one contact
    case(3, (0, ASKS), (1, ANSWERS), (1, STATUS, dict(DONE)))
    case(3, (0, ASKS), (1, ANSWERS), begins=MONDAY + timedelta(days=3))  # the same customer comes again, elsewhere
    case(4, (0, ASKS), (1, ASKS, {"channel": "chat"}), (2, ANSWERS), (2, STATUS, dict(DONE)))
    case(5, (0, ASKS))  # nobody did anything: that is no resolution
    found = ask("first-contact-resolution")
    assert (found.n, found.extra["hits"]) == (6, 1)


def test_what_is_late_and_open_counts_as_late(office):
    office.plain = Policy((Goal(Name.FIRST_RESPONSE, 2 * HOUR, working=False),)).plain()
    office.save()
    case(1, (0, ASKS), (2, ANSWERS))  # at the instant: met
    case(2, (0, ASKS), (2.01, ANSWERS))
    case(3, (0, ASKS))
    found = ask("targets-met")
    assert (found.n, found.extra["hits"], found.value) == (3, 1, approx(1 / 3, abs=0.2))


def test_how_late_counts_those_that_are_still_open_and_names_near_misses(office):
    office.plain = Policy((Goal(Name.FIRST_RESPONSE, 2 * HOUR, working=False),)).plain()
    office.save()
    case(1, (0, ASKS), (0.5, ANSWERS))  # in good time
    case(2, (0, ASKS), (2, ANSWERS))  # at the instant: nearly late
    case(3, (0, ASKS), (2.01, ANSWERS))
    case(4, (0, ASKS), (7, ANSWERS))
    case(5, (0, ASKS))  # open since Monday, asked about on Friday
    found = ask("targets-missed-by")
    assert parts(found) == {"-1": 1, "0": 1, "4": 1, "72": 1} and found.value == 4


def test_the_backlog_is_who_waits_not_what_came_in_less_what_went_out():
    case(1, (0, ASKS), (1, ANSWERS))
    case(2, (0, ASKS))
    case(3, (0, ASKS), begins=FRIDAY + timedelta(hours=6))
    found = ask("backlog-by-age")
    assert found.value == 2 and parts(found) == {"1": 1, "72": 1}


def test_arrivals_count_who_begins_to_wait_once():
    case(1, (0, ASKS), (0.2, ASKS), (1, ANSWERS), (2, ASKS))
    assert {group.key: group.value for group in ask("arrivals").groups} == {("0", "9"): 1, ("0", "11"): 1}


def test_a_channel_as_a_segment_narrows_the_clocks():
    case(1, (0, ASKS), (1, ANSWERS))
    case(2, (0, ASKS), (2, ANSWERS), channel="chat")
    found = ask("first-response", segment=Segment("channel", "chat"))
    assert (found.n, found.value) == (1, approx(2 * 3600, rel=0.05))
    assert {group.key[1]: group.n for group in ask("first-response", by="channel").groups} == {"email": 1, "chat": 1}


def test_the_rows_behind_a_number_are_those_of_its_conversations():
    talk = case(1, (0, ASKS), (1, ANSWERS))
    with lake.reader() as reader:
        found = rows(Query("first-response", MONDAY.date(), FRIDAY.date()), reader=reader)
    assert {row[found.columns.index("conversation")] for row in found.rows} == {talk.pk}


def test_the_trend_is_that_of_the_number():
    case(1, (0, ASKS), (1, ANSWERS))
    (point,) = ask("first-response", trend="week").trend
    assert point.value == approx(3600, rel=0.05) and point.n == 1
