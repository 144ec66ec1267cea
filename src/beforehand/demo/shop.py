"""A small shop to look at: about 2,000 people and 30,000 touchpoints over the last 120 days.

It goes in by the same verbs as anything else. The same seed and the same moment give the same shop.
"""

import json
from datetime import datetime
from random import Random

from django.db import transaction
from django.utils import timezone

from beforehand.customers.identity import Claim, Link, belong, connect, describe, identify
from beforehand.customers.models import Edge
from beforehand.demo.people import Person, people
from beforehand.demo.visits import Happening, walks
from beforehand.journey import catalogue, journeys, lake
from beforehand.journey.models import Source, Touchpoint
from beforehand.journey.record import Row, record
from beforehand.lib.fields import to_micros
from beforehand.team.models import Workspace

SOURCE = "Demo shop"
SEED = 20
PEOPLE = 2_000
MEANINGS = {
    "Answered the effort question": ("purchase", "feedback"),
    "Answered the recommendation question": ("advocacy", "feedback"),
    "Answered the satisfaction survey": ("assistance", "feedback"),
    "Joined the bonus programme": ("loyalty", "value"),
    "Parcel delivered": ("onboarding", "value"),
    "Instructions viewed": ("use", "value"),
    "Return requested": ("assistance", "value"),
    "Wrote to us": ("assistance", "contact"),
}


def is_empty() -> bool:
    """Whether the record holds nothing yet, so that a demo hides nobody's own data."""
    return not Touchpoint.objects.exists()


def load(count: int = PEOPLE, seed: int = SEED, end: datetime | None = None) -> int:
    """Put the shop into the record and the lake, and give the number of its touchpoints."""
    end = end or timezone.now().replace(microsecond=0)
    happened = shop(count, seed, end)
    with transaction.atomic():
        Workspace.objects.update_or_create(pk=1, defaults={"name": "The Lantern Shop", "zone": "Europe/Dublin"})
        source, _ = Source.objects.get_or_create(name=SOURCE, defaults={"kind": Source.Kind.SERVER})
        added = _record(happened, source, to_micros(end))
    journeys.follow()
    lake.seal()
    catalogue.guess_missing()
    for name, (stage, kind) in MEANINGS.items():
        catalogue.correct(name, None, stage=stage, kind=kind)
    return added


def shop(count: int, seed: int, end: datetime) -> list[Happening]:
    """Everything that happens, oldest first."""
    dice = Random(seed)  # noqa: S311
    return sorted(walks(dice, people(dice, count), end), key=lambda what: what.time)


def _record(happened: list[Happening], source: Source, received: int) -> int:
    claims = [_claim(what.person, what.anonymous) for what in happened]
    ids = identify(claims)
    _introduce({what.person: to_micros(what.time) for what in reversed(happened)}, ids)
    return record(
        Row(
            source=source.pk,
            message_id=f"{number}",
            identifier=ids[claim],
            name=what.name,
            time=to_micros(what.time),
            received=received,
            channel=what.channel,
            place=what.place,
            actor=what.actor,
            properties=json.dumps(what.properties, ensure_ascii=False),
        )
        for number, (what, claim) in enumerate(zip(happened, claims, strict=True))
    )


def _claim(person: Person, anonymous: bool) -> Claim:
    return Claim("anonymous_id", person.device, True) if anonymous else Claim("user_id", person.user_id, True)


def _introduce(first_seen: dict[Person, int], ids: dict[Claim, int]) -> None:
    """Who people are: names, companies, and whose the devices are that browsed before anybody logged in."""
    links, traits, members = [], [], []
    for person, time in first_seen.items():
        known, device = ids.get(_claim(person, False)), ids.get(_claim(person, True))
        if known is not None:
            traits.append((known, time, {"name": person.name, "email": person.email, "region": person.region}))
            if person.company:
                members.append((known, person.company, time, {"name": person.company}))
            if device is not None:
                links.append(Link(known, device, True, Edge.Strength.SENT, time, "logged in at the checkout"))
    describe(traits)
    belong(members)
    connect(links)
