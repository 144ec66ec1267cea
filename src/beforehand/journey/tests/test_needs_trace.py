import random

from hypothesis import given, settings
from hypothesis import strategies as st

from beforehand.journey.needs.book import Version
from beforehand.journey.needs.shapes import DAY
from beforehand.journey.needs.trace import trace
from beforehand.journey.tests.needs import BUY, RECEIVE, UNKNOWN, book, definition, happened, limits, lives

ORDER = {"order_id": "A-1"}
OTHER = {"order_id": "A-2"}


def needs_of(*what, book=book()):  # noqa: B008
    return trace(happened(*what), book).needs


def test_an_order_is_followed_from_its_opening_to_its_meeting():
    (need,) = needs_of(
        (0, "Order Completed", ORDER),
        (0.5, "Order Packed", ORDER),
        (1, "Order Shipped", ORDER),
        (3, "Order Delivered", ORDER),
    )
    assert (need.kind, need.key, need.opened, need.met, need.how) == ("receive", "A-1", 0, 3 * DAY, "by_itself")
    assert [(one.step, one.entered, one.left, one.outcome) for one in need.steps] == [
        ("packed", 0, DAY // 2, "done"),
        ("shipped", DAY // 2, DAY, "done"),
        ("delivered", DAY, 3 * DAY, "done"),
    ]
    assert need.step == "" and need.stuck_at is None and need.abandoned is None


def test_two_orders_at_once_are_told_apart_by_their_key():
    first, second = needs_of(
        (0, "Order Completed", ORDER),
        (1, "Order Completed", OTHER),
        (2, "Order Delivered", OTHER),
        (3, "Order Packed", ORDER),
    )
    assert (first.met, first.step) == (None, "shipped")
    assert second.met == 2 * DAY


def test_a_number_is_the_same_key_however_it_is_written():
    (need,) = needs_of((0, "Order Completed", {"order_id": 12}), (1, "Order Delivered", {"order_id": "12"}))
    assert need.met == DAY


def test_a_touchpoint_without_a_key_belongs_to_the_need_that_moved_last():
    first, second = needs_of(
        (0, "Order Completed", ORDER), (1, "Order Completed", OTHER), (2, "Order Packed", ORDER), (3, "Order Shipped")
    )
    assert first.step == "delivered"
    assert second.step == "packed"


def test_the_same_kind_opens_again_once_it_was_met():
    first, second = needs_of(
        (0, "Order Completed", ORDER),
        (1, "Order Delivered", ORDER),
        (400, "Order Completed", ORDER),
    )
    assert first.met == DAY and second.opened == 400 * DAY and second.met is None


def test_a_lost_touchpoint_in_between_is_passed_by():
    (need,) = needs_of((0, "Order Completed", ORDER), (1, "Order Shipped", ORDER))
    assert [(one.step, one.outcome) for one in need.steps] == [
        ("packed", "skipped"),
        ("shipped", "jumped"),
        ("delivered", ""),
    ]
    assert need.step == "delivered"


def test_steps_that_are_not_ordered_may_come_either_way():
    for pair in (["Address Given", "Payment Given"], ["Payment Given", "Address Given"]):
        need, *_ = needs_of((0, "Product Added"), (0.1, pair[0]), (0.2, pair[1]))
        assert need.step == "paid"
        assert {one.step: one.outcome for one in need.steps} == {"address": "done", "payment": "done", "paid": ""}


def test_going_back_is_a_loop_of_the_step_that_one_is_in():
    (need,) = needs_of((0, "Product Added"), (0.1, "Address Given"), (0.2, "Product Added"), (0.3, "Address Given"))
    assert {one.step: one.loops for one in need.steps} == {"address": 0, "payment": 2}


def test_what_ends_a_need_leaves_it_unmet():
    (need,) = needs_of((0, "Order Completed", ORDER), (1, "Order Cancelled", ORDER), (2, "Order Delivered", ORDER))
    assert need.abandoned == DAY and need.met is None and need.steps[-1].outcome == "ended"


def test_a_need_that_nothing_moves_counts_as_abandoned_from_a_moment_known_in_advance():
    first, second = needs_of((0, "Product Added"), (1, "Address Given"), (20, "Product Added"))
    assert first.abandoned == 6 * DAY
    assert second.opened == 20 * DAY and second.abandoned == 25 * DAY


def test_a_need_with_a_key_is_taken_up_again_after_a_long_silence():
    (need,) = needs_of((0, "Order Completed", ORDER), (90, "Order Delivered", ORDER))
    assert need.met == 90 * DAY and need.abandoned is None


def test_stuck_from_the_moment_the_target_passes():
    (need,) = needs_of((0, "Order Completed", ORDER))
    assert (need.step, need.stuck_at) == ("packed", DAY)


def test_stuck_earlier_where_the_baseline_says_so():
    (need,) = needs_of((0, "Order Completed", ORDER), book=book(limits=limits(late=3_600)))
    assert need.stuck_at == 3_600_000_000


def test_more_loops_than_usual_are_being_stuck():
    known = book(limits=limits(loops=1, kind="buy", step="address"))
    (need,) = needs_of((0, "Product Added"), (0.1, "Product Added"), (0.2, "Product Added"), book=known)
    assert need.stuck_at == DAY // 5


def test_a_step_that_was_left_in_time_was_never_stuck():
    (need,) = needs_of((0, "Order Completed", ORDER), (0.5, "Order Packed", ORDER), (9, "Order Shipped", ORDER))
    assert [one.stuck_at for one in need.steps] == [None, DAY * 3 // 2, 12 * DAY]


def test_whoever_went_on_is_stuck_no_more():
    (need,) = needs_of((0, "Order Completed", ORDER), (2, "Order Packed", ORDER))
    assert need.steps[0].stuck_at == DAY
    assert (need.step, need.stuck_at) == ("shipped", 3 * DAY)


def test_a_contact_does_not_make_anybody_stuck():
    quiet = needs_of((0, "Order Completed", ORDER))
    asked = needs_of((0, "Order Completed", ORDER), (0.1, "Email Received", ORDER))
    assert quiet[0].stuck_at == asked[0].stuck_at
    assert quiet[0].steps == asked[0].steps


def test_a_message_of_ours_after_the_trouble_and_before_any_contact_is_proactive():
    story = [(0, "Order Completed", ORDER), (1, "Delivery Delayed", ORDER), (3, "Order Delivered", ORDER)]
    ahead = needs_of(*story, (2, "Notice Sent", ORDER))[0]
    assert (ahead.how, ahead.noticed_by, ahead.lead) == ("proactive", "us", None)
    before = needs_of(*story, (0.5, "Notice Sent", ORDER))[0]
    assert (before.how, before.noticed_by) == ("by_itself", "")
    asked = needs_of(*story, (1.5, "Email Received", ORDER), (2, "Notice Sent", ORDER))[0]
    assert (asked.how, asked.noticed_by, asked.lead) == ("human", "customer", -43_200.0)
    later = needs_of(*story, (2, "Notice Sent", ORDER), (2.5, "Email Received", ORDER))[0]
    assert (later.how, later.noticed_by, later.lead) == ("human", "us", 43_200.0)


def test_how_it_was_met_is_the_first_that_applies():
    bought = [(0, "Product Added"), (1, "Order Completed", ORDER)]
    assert needs_of(*bought)[0].how == "by_itself"
    assert needs_of(*bought, (0.5, "Guide Read"))[0].how == "guided"
    seen = needs_of((0, "Order Completed", ORDER), (1, "Tracking Page Viewed"), (2, "Order Delivered", ORDER))
    assert seen[0].how == "self_service"
    served = needs_of((0, "Order Completed", ORDER), (1, "Email Sent", ORDER), (2, "Order Delivered", ORDER))
    assert served[0].how == "human"


def test_a_contact_is_counted_with_the_need_it_is_about():
    traced = trace(
        happened((0, "Order Completed", ORDER), (1, "Order Completed", OTHER), (2, "Email Received", ORDER)), book()
    )
    assert [(need.contacts, need.first_contact) for need in traced.needs] == [(1, 2 * DAY), (0, None)]
    assert traced.contacts[0].need == 0 and traced.contacts[0].linked_by == "key"


def test_a_contact_that_fits_nothing_opens_an_unknown_need():
    need, resolved = needs_of((0, "Email Received", {"text": "do you plant trees?"}), (60, "Email Received"))
    assert (need.kind, need.contacts, need.abandoned) == ("unknown", 1, 28 * DAY)
    assert resolved.opened == 60 * DAY
    (need,) = needs_of((0, "Email Received"), (1, "Case Resolved"))
    assert (need.met, need.how) == (DAY, "human")


def test_a_need_stays_under_the_version_it_was_opened_with():
    changed = definition(RECEIVE, steps=[{"step": "sent", "evidence": ["Order Shipped"]}])
    known = book(RECEIVE, UNKNOWN, versions=[Version(changed, 2, 5 * DAY)])
    first, second = needs_of(
        (4, "Order Completed", ORDER), (6, "Order Completed", OTHER), (7, "Order Packed", ORDER), book=known
    )
    assert (first.version, first.step) == (1, "shipped")
    assert (second.version, second.step) == (2, "sent")


def test_a_kind_that_is_off_opens_nothing_and_finishes_what_is_open():
    known = book(RECEIVE, versions=[Version(definition(RECEIVE), 2, 5 * DAY, off=True)])
    (need,) = needs_of(
        (4, "Order Completed", ORDER), (6, "Order Completed", OTHER), (7, "Order Delivered", ORDER), book=known
    )
    assert need.key == "A-1" and need.met == 7 * DAY


def test_only_properties_as_asked_count():
    loud = {**RECEIVE, "opens": [{"name": "Order Completed", "where": {"store": ["online", "phone"]}}]}
    known = book(loud)
    assert not needs_of((0, "Order Completed", {"order_id": 1, "store": "high street"}), book=known)
    assert needs_of((0, "Order Completed", {"order_id": 1, "store": "online"}), book=known)


@given(lives, st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_the_order_of_arrival_does_not_matter(life, chance: random.Random):
    known = book()
    shuffled = list(life)
    chance.shuffle(shuffled)
    assert trace(shuffled, known) == trace(life, known)


@given(lives, st.integers(0, 31))
@settings(max_examples=100, deadline=None)
def test_what_comes_later_is_not_needed_to_know_the_past(life, day):
    """Opened, met and steps left by a day are the same whether or not more is known."""
    known, until = book(), day * DAY
    then = trace(life, known, as_of=until).needs
    later = [need for need in trace(life, known).needs if need.opened <= until]
    assert [(one.kind, one.key, one.opened_by) for one in then] == [(one.kind, one.key, one.opened_by) for one in later]
    for one, two in zip(then, later, strict=True):
        assert one.met == (two.met if two.met is not None and two.met <= until else None)
        assert [stay for stay in one.steps if stay.left is not None] == [
            stay for stay in two.steps if stay.left is not None and stay.left <= until
        ]


@given(lives)
@settings(max_examples=100, deadline=None)
def test_a_need_is_of_one_piece(life):
    traced = trace(life, book(RECEIVE, BUY, UNKNOWN))
    for need in traced.needs:
        assert need.met is None or need.met >= need.opened
        assert (need.how == "") == (need.met is None)
        assert need.met is None or need.abandoned is None
        assert need.first_contact is None or need.contacts > 0
        for stay in need.steps:
            assert stay.left is None or stay.left >= stay.entered
            assert stay.stuck_at is None or stay.left is None or stay.stuck_at < stay.left
        assert need.met is None or all(stay.left is not None for stay in need.steps)
    assert all(0 <= contact.need < len(traced.needs) for contact in traced.contacts)
    assert sum(need.contacts for need in traced.needs) == len(traced.contacts)
