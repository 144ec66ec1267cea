"""A simulated company that comes in bit by bit, some of it late, has the needs that it has when traced at once."""

import json
import random
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from beforehand.customers.identity import Claim, identify
from beforehand.demo import opening
from beforehand.demo.company.life import live
from beforehand.demo.company.loading import load
from beforehand.journey.models import Contact, Need, Touchpoint
from beforehand.journey.needs import projection, rebuilding
from beforehand.journey.needs.rows import CONTACT, NEED
from beforehand.journey.record import Row, record
from beforehand.lib.fields import to_micros
from beforehand.lib.rows import batches

pytestmark = pytest.mark.django_db
END = datetime(2026, 11, 21, 12, tzinfo=UTC)


def rows_of(touchpoints):
    """The same touchpoints of other people."""
    known = {one.identifier_id: Claim("user_id", f"again-{one.identifier.customer_id}", True) for one in touchpoints}
    found = identify(known.values())
    return {
        one.pk: Row(
            one.source_id,
            f"again {one.message_id}",
            found[known[one.identifier_id]],
            one.name,
            to_micros(one.time),
            to_micros(one.received),
            one.channel,
            one.place,
            one.actor,
            json.dumps(one.properties),
        )
        for one in touchpoints
    }


def everything():
    return sorted(Need.objects.values_list(*NEED), key=str), sorted(Contact.objects.values_list(*CONTACT), key=str)


@pytest.mark.parametrize("late", [0, 0.1, 1])
def test_what_is_followed_bit_by_bit_is_what_is_traced_at_once(late):
    load(live(opening.plan(customers=80, days=120, end=END)), END)
    needs, contacts = Need.objects.count(), Contact.objects.count()
    assert needs > 400 and contacts > 20
    chance = random.Random(f"late {late}")
    touchpoints = list(Touchpoint.objects.select_related("identifier").order_by("time", "id"))
    rows = rows_of(touchpoints)
    delays = {one.pk: timedelta(days=chance.random() * 40) * (chance.random() < late) for one in touchpoints}
    for some in batches(sorted(touchpoints, key=lambda one: one.time + delays[one.pk]), 250):
        with transaction.atomic():
            record(rows[one.pk] for one in some)
        projection.follow()
    followed = everything()
    assert (len(followed[0]), len(followed[1])) == (2 * needs, 2 * contacts)
    rebuilding.rebuild(processes=1)
    assert everything() == followed
