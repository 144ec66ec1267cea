"""Lists: the order, the pages, the counts; and that nobody sees what they may not reach."""

from datetime import timedelta

import pytest
from django.utils import timezone

from beforehand.service.lists import lines, listing, tally
from beforehand.service.lists.desk_views import BY_SLUG, view_of
from beforehand.service.lists.drawing import Pen
from beforehand.service.models import SavedView
from beforehand.service.search import searching
from beforehand.service.search.query import parse
from beforehand.service.tests.deskful import asks, in_team
from beforehand.team.models import Team

pytestmark = pytest.mark.django_db


def ids(page):
    return [row.id for row in page.rows]


def found(member, text, **more):
    return ids(listing.page(member, BY_SLUG["all"], parse(text), **more))


def test_whoever_has_waited_longest_stands_first(ada):
    late, early = asks("Ines C", "parcel", "where", minutes=5), asks("Kwame M", "address", "jumps", minutes=500)
    page = listing.page(ada, BY_SLUG["waiting"])
    assert ids(page) == [early.pk, late.pk]
    assert page.rows[0].waits > timedelta(minutes=499)
    assert page.rows[0].unread


def test_an_answered_one_leaves_the_waiting_and_stands_with_those_we_wait_for(ada):
    one = asks("Ines C", "parcel", "where")
    one.answer("here", ada, then="waiting_customer")
    assert ids(listing.page(ada, BY_SLUG["waiting"])) == []
    assert ids(listing.page(ada, BY_SLUG["them"])) == [one.pk]


def test_pages_follow_each_other_without_a_gap_or_a_repeat(ada):
    rows = [asks(f"Person{n} X", f"s{n}", "x", minutes=10 + n // 2) for n in range(7)]
    for view in ("waiting", "all"):
        seen, after = [], ""
        while True:
            page = listing.page(ada, BY_SLUG[view], after=after, size=3)
            seen += ids(page)
            after = page.after
            if not after:
                break
        assert sorted(seen) == sorted(row.pk for row in rows)


@pytest.mark.parametrize("order", ["waiting", "longest", "newest", "oldest", "opened", "due", "priority", "messages"])
def test_every_order_goes_through_all_pages(ada, order):
    rows = [asks(f"Person{n} X", f"s{n}", "x", minutes=10 + n) for n in range(5)]
    rows[3].answer("y", ada, then="done")
    first = listing.page(ada, BY_SLUG["all"], order=order, size=3)
    second = listing.page(ada, BY_SLUG["all"], after=first.after, order=order, size=3)
    assert sorted(ids(first) + ids(second)) == sorted(row.pk for row in rows)
    assert not second.after


@pytest.mark.parametrize("after", ["x", "1~", "~1", "9" * 40 + "~1", "1~" + "9" * 40, "-~3", "1~2~3"])
def test_a_cursor_that_nobody_made_is_the_first_page(ada, after):
    one = asks("Ines C", "parcel", "where")
    assert ids(listing.page(ada, BY_SLUG["waiting"], after=after)) in ([one.pk], [])


def test_an_agent_sees_own_teams_and_no_other_everywhere(ada, ben):
    mine, theirs = in_team(ben, "Parcels"), Team.objects.create(name="Returns")
    seen = asks("Ines C", "parcel in cork", "where is it", team=mine)
    hidden = asks("Kwame M", "parcel in galway", "where is it", team=theirs)
    assert ids(listing.page(ben, BY_SLUG["waiting"])) == [seen.pk]
    assert found(ben, "parcel") == [seen.pk]
    assert found(ben, "galway") == []
    assert found(ben, "from:kwame") == []
    assert tally.counts(ben)["waiting"] == 1
    assert sorted(found(ada, "parcel")) == sorted([seen.pk, hidden.pk])


def test_a_viewer_sees_nobody(vic):
    asks("Ines C", "parcel", "where")
    assert ids(listing.page(vic, BY_SLUG["waiting"])) == []
    assert not tally.counts(vic).get("waiting")


def test_what_is_snoozed_waits_elsewhere_until_it_wakes(ada):
    one = asks("Ines C", "parcel", "where")
    one.snooze(timezone.now() + timedelta(hours=1), ada)
    assert ids(listing.page(ada, BY_SLUG["waiting"])) == []
    assert ids(listing.page(ada, BY_SLUG["snoozed"])) == [one.pk]
    counts = tally.counts(ada)
    assert (counts.get("waiting", 0), counts["snoozed"]) == (0, 1)


def test_the_counts_are_those_of_the_lists(ada, ben):
    team = in_team(ben, "Parcels")
    asks("Ines C", "a", "x", team=team)
    mine = asks("Kwame M", "b", "x")
    mine.assign(by=ada, owner=ada)
    done = asks("Leila H", "c", "x")
    done.answer("y", ada, then="done")
    counts = tally.counts(ada)
    for slug in ("waiting", "mine", "nobodys", "them", "snoozed", "done", "mentions", "spam", "promises"):
        assert counts.get(slug, 0) == len(listing.page(ada, BY_SLUG[slug]).rows), slug
    assert counts[f"team-{team.pk}"] == 1


def test_the_counts_of_an_agent_are_those_of_their_lists(ada, ben):
    mine, theirs = in_team(ben, "Parcels"), Team.objects.create(name="Returns")
    for team in (mine, theirs, None):
        for then in ("done", "waiting_customer", "waiting_us"):
            talk = asks(f"{then} {team}", "a", "x", team=team)
            talk.answer("y", ada, then=then)
            talk.assign(by=ada, owner=ben if team is None else ada)
    asks("Leila H", "c", "x", team=theirs).write_note("@ben look", ada)
    counts = tally.counts(ben)
    for slug in ("waiting", "mine", "nobodys", "them", "snoozed", "done", "mentions", "spam", "promises"):
        assert counts.get(slug, 0) == len(listing.page(ben, BY_SLUG[slug]).rows), slug
    assert (counts["them"], counts["done"], counts["mine"], counts["mentions"]) == (2, 2, 2, 1)


def test_a_count_goes_on_after_one_and_stops_at_the_most(ada, monkeypatch):
    monkeypatch.setattr(tally, "MOST", 3)
    monkeypatch.setattr(tally, "_others", tally._others.__wrapped__)
    for number in range(4):
        talk = asks(f"Person{number} X", "a", "x")
        talk.assign(by=ada, owner=ada)
        if number < 2:
            talk.answer("y", ada, then="waiting_customer")
    counts = tally.counts(ada)
    assert (counts["them"], counts["mine"]) == (2, 3)


def test_a_merged_one_stands_in_no_view_and_is_found_through_its_head(ada, ben):
    team = in_team(ben, "Parcels")
    head, member = asks("Ines C", "parcel", "where", team=team), asks("Ines C", "zebra", "zebra")
    member.assign(by=ada, team=Team.objects.create(name="Returns"))
    assert found(ben, "zebra") == []
    member.merge(head, ada)
    assert found(ben, "zebra") == [head.pk]
    assert ids(listing.page(ben, BY_SLUG["all"])) == [head.pk]
    head.mark_spam(ada)
    assert ids(listing.page(ada, BY_SLUG["spam"])) == [head.pk]
    assert tally.counts(ada)["spam"] == 1


def test_a_line_escapes_what_people_wrote(ada):
    talk = asks("<b>Ines</b>", "<script>", "<img src=x>")
    talk.prioritise(4, ada)
    drawn = Pen("all", '"><script>').draw(lines.rows_of([talk.pk], ada))
    assert "<script>" not in drawn and "<img" not in drawn and "<b>Ines" not in drawn
    assert "&lt;script&gt;" in drawn


def test_a_saved_view_is_a_search(ada):
    late = asks("Ines C", "parcel", "where", minutes=600)
    asks("Kwame M", "address", "jumps")
    saved = SavedView.objects.create(name="Over 4 h", query="waiting:>4h", member=ada)
    assert ids(listing.page(ada, view_of(f"saved-{saved.pk}", ada))) == [late.pk]


@pytest.mark.parametrize(
    ("text", "hits"),
    [
        ("courier", "a"), ("COURIER", "a"), ("garcon", "b"), ('"the courier"', "a"), ('"courier the"', ""),
        ("cour*", "a"), ("-courier", "b"), ("subject:refund", "b"), ("-subject:refund", "a"), ("courier refund", ""),
        ("from:ines", "a"), ("from:ines@example.org", "a"), ("from:nobody", ""), ("-from:ines", "b"),
        ("status:new", "ab"), ("status:done", ""), ("owner:nobody", "b"), ("owner:me", "a"), ("tag:late", "a"),
        ("-tag:late", "b"), ("channel:chat", "b"), ("waiting:>4h", "a"), ("waiting:<4h", "b"), ("waiting:us", "ab"),
        ("is:unread", "ab"), ("has:attachment", ""), ("has:note", "a"), ("before:today", ""), ("after:7d", "ab"),
        ("sla:breached", ""), ("sla:none", "ab"), ("priority:normal", "ab"), ("is:open", "ab"), ("is:done", ""),
        ("team:none", "ab"), ("team:mine", ""), ("cause:failure", ""), ("need:receive", ""), ("to:hello@", ""),
        ("has:draft", ""), ("has:promise", ""), ("is:mentioned", ""), ("is:snoozed", ""), ("is:spam", ""),
        ("courier owner:me", "a"), ("courier owner:nobody", ""), ("is:merged", ""), ("has:need", ""),
        ("sla:soon", ""), ("sla:ok", ""), ("is:undelivered", ""), ("is:archived", ""),
    ],
)  # fmt: skip
def test_what_each_search_finds(ada, text, hits):
    now = timezone.localtime()
    if "before:today" in text and now.hour < 11:
        pytest.skip("ten hours ago was yesterday")
    a = asks("Ines C", "parcel", "the courier’s line only plays music", minutes=600)
    b = asks("Kwame M", "refund", "le garçon", channel="chat")
    a.assign(by=ada, owner=ada)
    a.tag("late", ada)
    a.write_note("look", ada)
    told = {"a": a.pk, "b": b.pk}
    assert sorted(found(ada, text)) == sorted(told[one] for one in hits)


def test_the_newest_hit_stands_first_and_by_relevance_the_one_with_most(ada):
    much = asks("Ines C", "zebra", "zebra", minutes=50)
    much.receive("zebra again")
    new = asks("Kwame M", "x", "zebra", minutes=1)
    assert found(ada, "zebra") == [new.pk, much.pk]
    assert found(ada, "zebra", order="relevance") == [much.pk, new.pk]


def test_hits_come_page_by_page_each_conversation_once(ada):
    rows = [asks(f"Person{n} X", "zebra", "zebra", minutes=20 - n) for n in range(5)]
    for row in rows:
        row.receive("zebra once more")
    first = listing.page(ada, BY_SLUG["all"], parse("zebra"), size=3)
    second = listing.page(ada, BY_SLUG["all"], parse("zebra"), after=first.after, size=3)
    assert len(ids(first)) == 3
    assert sorted(ids(first) + ids(second)) == sorted(row.pk for row in rows)


def test_the_words_around_a_hit_are_shown(ada):
    asks("Ines C", "parcel", "long " * 60 + "the zebra stands here " + "and more " * 60)
    (row,) = listing.page(ada, BY_SLUG["all"], parse("zebra")).rows
    assert "zebra" in row.excerpt
    assert len(row.excerpt) < 200


def test_the_index_can_be_made_again_and_forgets(ada):
    one = asks("Ines C", "parcel", "zebra")
    assert searching.rebuild() == 1
    assert found(ada, "zebra") == [one.pk]
    searching.forget(one.messages.all())
    assert found(ada, "zebra") == []


def test_a_note_is_found_by_those_who_reach_it(ada):
    one = asks("Ines C", "parcel", "x")
    one.write_note("quokka", ada)
    assert found(ada, "quokka") == [one.pk]
