"""A break that a member knows is shown muted, is found known by later scans, and can be made to count again."""

import pytest
from django.urls import reverse
from django.utils import timezone

from beforehand.insight.breaks.found import Found
from beforehand.insight.breaks.knowing import is_of, know
from beforehand.insight.models import Break, KnownBreak, Scan
from beforehand.insight.tests import shop
from beforehand.team.models import AuditEntry


@pytest.fixture
def found(db):
    shop.load(shop.visits())
    return shop.break_found()


@pytest.fixture
def put(client):
    def put(member, found, **data):
        client.force_login(member)
        return client.post(reverse("insight:dismissal", args=[found.pk]), data)

    return put


def of(found, **changes):
    return Found.from_dict({**found.payload, **changes})


def test_a_member_says_why_a_break_needs_no_attention(found, put, client, ada):
    assert put(ada, found, why=" We  closed for the holidays. ").status_code == 302
    known = KnownBreak.objects.get()
    assert (known.why, known.member) == ("We closed for the holidays.", ada)
    entry = AuditEntry.objects.first()
    assert (entry.verb, entry.subject, entry.member) == ("dismissed break at", "Product Added", ada)
    for name in ("insight:breaks", "web:home"):
        page = client.get(reverse(name)).content.decode()
        assert '<tr class="known">' in page and "We closed for the holidays." in page
    page = client.get(reverse("insight:map")).content.decode()
    assert 'class="break"' not in page and "No break that is not known." in page


def test_the_word_holds_for_the_same_break_of_a_later_scan(found, put, client, ada):
    put(ada, found, why="Known.")
    again = {**found.payload, "value": 0.5, "p": 0.03}
    later = Scan.objects.create(finished=timezone.now())
    Break.objects.create(scan=later, rank=1, kind="change", name=found.name, payload=again)
    assert '<tr class="known">' in client.get(reverse("insight:breaks")).content.decode()


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({"start": "2026-03-04", "end": "2026-03-22"}, True),
        ({"start": "2026-03-15", "end": "2026-04-20"}, False),
        ({"start": "2026-05-01", "end": None}, False),
        ({"segment": ""}, False),
        ({"kind": "loop"}, False),
        ({"to": "Order Completed"}, False),
    ],
)
def test_a_break_is_the_same_when_kind_steps_segment_and_most_days_are(found, changes, same):
    known = know(of(found, start="2026-03-01", end="2026-03-20"), "x")
    assert is_of(known, of(found, **{"start": "2026-03-01", "end": "2026-03-20", **changes})) is same


def test_a_break_without_dates_is_itself(found):
    assert is_of(know(of(found, start=None, end=None), "x"), of(found, start=None, end=None))


def test_it_counts_again_when_the_word_is_taken_back(found, put, client, ada):
    put(ada, found, why="Known.")
    put(ada, found, back="1")
    assert not KnownBreak.objects.exists()
    assert AuditEntry.objects.first().verb == "counts again break at"
    put(ada, found, why="Known after all.")
    client.delete(reverse("insight:dismissal", args=[found.pk]))
    assert '<tr class="known">' not in client.get(reverse("insight:breaks")).content.decode()


def test_a_later_word_takes_the_place_of_an_earlier_one(found, put, ada):
    put(ada, found, why="Known.")
    put(ada, found, why="Being mended.")
    assert [known.why for known in KnownBreak.objects.all()] == ["Being mended."]


@pytest.mark.parametrize("why", ["", "   ", "x" * 301])
def test_without_a_word_nothing_is_known(why, found, put, ada):
    put(ada, found, why=why)
    assert not KnownBreak.objects.exists()


def test_only_who_may_configure_says_so(found, put, ben, vic):
    assert [put(member, found, why="No.").status_code for member in (ben, vic)] == [403, 403]
    assert not KnownBreak.objects.exists()


def later_scan(*payloads):
    scan = Scan.objects.create(finished=timezone.now())
    return [
        Break.objects.create(scan=scan, rank=rank, kind=one["kind"], name=one["name"], payload=one)
        for rank, one in enumerate(payloads, 1)
    ]


def test_a_link_of_an_earlier_search_leads_to_the_same_break_of_the_latest(found, client, ada):
    (now,) = later_scan({**found.payload, "value": 0.5})
    client.force_login(ada)
    answer = client.get(reverse("insight:break", args=[found.pk]), follow=True)
    assert answer.redirect_chain == [(reverse("insight:break", args=[now.pk]), 302)]
    assert "the latest search sees it" in answer.content.decode()


@pytest.mark.parametrize("swept", [False, True])
def test_a_break_that_is_not_found_any_more_says_what_happened_and_leads_on(found, client, ada, swept):
    later_scan({**found.payload, "name": "Another Step"})
    if swept:
        found.scan.delete()
    client.force_login(ada)
    answer = client.get(reverse("insight:break", args=[found.pk or 1]))
    page = answer.content.decode()
    assert answer.status_code == 404 and "of an earlier search" in page and reverse("insight:breaks") in page
    assert "The address may be mistyped" in client.get(reverse("insight:break", args=[999_999])).content.decode()
