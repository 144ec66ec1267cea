"""Laws that hold for any ledger."""

from hypothesis import given, settings
from hypothesis import strategies as st

from beforehand.lib.working import HOUR, MINUTE, SECOND
from beforehand.service.clocks.clock import case_of
from beforehand.service.clocks.ledger import Category, Kind, Name, ledger_of
from beforehand.service.clocks.policy import Goal, Policy
from beforehand.service.clocks.targets import State
from beforehand.service.clocks.waiting import Who, turns_of
from beforehand.service.tests.stories import POLICY, TIMES, WAITING, Story, at

FIRST, NEXT, RESOLUTION, WAIT = Name.FIRST_RESPONSE, Name.NEXT_RESPONSE, Name.RESOLUTION, Name.WAIT


kinds = st.sampled_from(
    [Kind.INBOUND_HUMAN] * 3
    + [Kind.OUTBOUND_PUBLIC_HUMAN] * 2
    + [Kind.STATUS] * 3
    + [Kind.BOT_MESSAGE, Kind.NOTE, Kind.JUDGED, Kind.UNDELIVERED, Kind.BOT_ACCEPTED, Kind.MERGED, Kind.UNMERGED]
)


@st.composite
def stories(draw):
    """A ledger as the desk would keep it, of two threads and a week."""
    story = Story(Policy((*POLICY.goals[:2], Goal(RESOLUTION, 16 * HOUR, pauses=(WAITING, Category.DONE)))))
    now = at("16 00:00")
    for kind in draw(st.lists(kinds, max_size=14)):
        now += draw(st.sampled_from([0, SECOND, MINUTE, HOUR, 7 * HOUR, 24 * HOUR]))
        ids = [one.id for one in story.events] or [0]
        story.tell(
            now,
            kind,
            thread=draw(st.integers(1, 2)),
            into=draw(st.integers(1, 2)) if kind == Kind.MERGED else None,
            about=draw(st.sampled_from(ids)) if kind in {"judged", "undelivered", "bot_accepted", "unmerged"} else None,
            verdict=draw(st.sampled_from(["", "closing", "chase"])),
            category=draw(st.sampled_from(list(Category))) if kind == Kind.STATUS else "",
        )
    return story, now


@settings(max_examples=120, deadline=None)
@given(stories(), st.integers(0, 72), st.randoms())
def test_laws_of_any_ledger(made, later, random):
    story, now = made
    as_of = now + later * HOUR
    case = story.case(as_of)
    shuffled = list(story.events)
    random.shuffle(shuffled)
    assert case_of(shuffled, TIMES, as_of) == case
    wait = case.clock(WAIT)
    for clock in case.clocks:
        assert 0 <= clock.working <= clock.elapsed <= as_of - clock.started
        if clock.name != WAIT:
            assert clock.elapsed == (as_of if clock.ended is None else clock.ended) - clock.started
        assert list(clock.log) == sorted(clock.log, key=lambda line: line.time)
        if clock.standing:
            standing = clock.standing
            assert 0 <= standing.spent <= clock.working
            assert standing.is_late == (standing.due is not None and standing.due < (clock.ended or as_of))
            assert standing.due is None or standing.due >= standing.target.due
            assert (standing.due is None) == (standing.state == State.PAUSED)
    lengths = [
        (as_of if turn.ended is None else turn.ended) - turn.started for turn in turns_of(ledger_of(shuffled, as_of))
    ]
    if wait is None:
        assert not lengths
        assert case.resolution.resolved is None
    else:
        assert max(lengths) <= wait.elapsed <= sum(lengths)
        assert (case.waits.who == Who.CUSTOMER_FOR_ANSWER) == (wait.ended is None)


@settings(max_examples=60, deadline=None)
@given(stories(), st.integers(0, 100), st.integers(1, 400))
def test_what_was_late_once_is_late_for_ever_while_nothing_happens(made, later, more):
    story, now = made
    before, after = story.case(now + later * HOUR), story.case(now + (later + more) * HOUR)
    for early, late in zip(before.clocks, after.clocks, strict=True):
        if early.standing and early.standing.is_late:
            assert late.standing.is_late
            assert late.standing.due == early.standing.due
