"""The desk of The Lantern Shop: who works at it, what was written in the last four weeks, and who waits now.

What customers wrote by mail and chat lies in the record already; here it becomes conversations. A few customers whose
orders are late or whose hubs do not work write afresh, so that somebody waits.
"""

import json
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from beforehand.channels.models import ChatWidget, Mailbox
from beforehand.customers.models import Identifier
from beforehand.journey.models import Need, Touchpoint
from beforehand.lib.fields import to_micros
from beforehand.lib.working import Calendar, holidays_of, window
from beforehand.service.arrivals import adopting
from beforehand.service.clocks.ledger import Category, Name
from beforehand.service.clocks.policy import Goal, Policy
from beforehand.service.models import Conversation, Field, Macro, Priority, ServicePolicy
from beforehand.team.models import Hours, Member, Team, TeamMember

DAYS = 28
SETTLED = timedelta(days=1)
TOGETHER = timedelta(days=4)
DOORS = {"Email Received": "email", "Email Sent": "email", "Chat Started": "chat", "Chat Answered": "chat"}
ASKED = {"Email Received", "Chat Started"}
STAY_OPEN = 5
HOUR = 3_600_000_000
WORDS = Path(__file__).parent / "desk.json"


class Desk(NamedTuple):
    mailbox: Mailbox
    widget: ChatWidget
    teams: dict[str, Team]
    members: list[Member]


def fill(zone: str, now: datetime | None = None) -> int:
    """Set up the desk and put the conversations of the last days into it. Gives how many there are."""
    now = now or timezone.now()
    words = json.loads(WORDS.read_text(encoding="utf-8"))
    with transaction.atomic():
        desk = _set_up(zone, words)
        _past(desk, now)
        _waiting(desk, words["waiting"], now)
    return Conversation.objects.count()


def _set_up(zone: str, words: dict[str, Any]) -> Desk:
    day, saturday = window("09:00", "18:00"), window("10:00", "14:00")
    week = ((day,),) * 5 + ((saturday,), ())
    hours = Hours.objects.create(name="Office", plain=Calendar(zone, week, holidays=(holidays_of("IE"),)).plain())
    teams = {
        key: Team.objects.create(name=name, hours=hours, handing=handing)
        for key, name, handing in (
            ("orders", "Orders and returns", Team.Handing.IN_TURN),
            ("hubs", "Hubs and apps", Team.Handing.BY_HAND),
        )
    }
    members = []
    for place, name in enumerate(words["members"]):
        address = unicodedata.normalize("NFKD", name.split()[0]).encode("ascii", "ignore").decode().lower()
        member = Member.objects.create_user(f"{address}@lantern.example", None, name=name)
        TeamMember.objects.create(team=teams["orders" if place % 2 == 0 else "hubs"], member=member)
        members.append(member)
    goals = (
        Goal(Name.FIRST_RESPONSE, 4 * HOUR),
        Goal(Name.NEXT_RESPONSE, 8 * HOUR),
        Goal(Name.RESOLUTION, 27 * HOUR, pauses=(Category.WAITING_CUSTOMER,)),
    )
    ServicePolicy.objects.create(name="Everybody", plain=Policy(goals).plain())
    for macro in words["macros"]:
        Macro.objects.create(**macro)
    Field.objects.create(slug="product", label="Product", kind=Field.Kind.CHOICE, choices=words["products"])
    mailbox = Mailbox.objects.create(
        address="help@lantern.example",
        name="The Lantern Shop",
        state=Mailbox.State.LIVE,
        way=Mailbox.Way.FOLDER,
        team=teams["orders"],
    )
    widget = ChatWidget.objects.create(key="demo", name="The shop's pages", team=teams["orders"], hours=hours)
    return Desk(mailbox, widget, teams, members)


def _past(desk: Desk, now: datetime) -> None:
    """Conversations out of what the record has: what one customer wrote by one door within a few days is one."""
    since = to_micros(now - timedelta(days=DAYS))
    said = Touchpoint.objects.filter(time__gte=since, time__lt=to_micros(now), name__in=list(DOORS))
    rows = said.select_related("identifier").order_by("identifier__customer_id", "channel", "time", "id")
    for number, thread in enumerate(_threads(rows)):
        first = next((row for row in thread if row.name in ASKED), None)
        if first is None:
            continue
        spoken = thread[thread.index(first) :]
        owner = desk.members[number % len(desk.members)]
        team = owner.places.get().team
        messages = [
            adopting.Spoken(one.time, one.properties.get("text", ""), one.pk, None if one.name in ASKED else owner)
            for one in spoken
        ]
        answered = messages[-1].by is not None
        done = messages[-1].time + timedelta(minutes=20) if answered and number % STAY_OPEN else None
        done = done if done is not None and done < now else None
        email = DOORS[first.name] == "email"
        address = first.identifier.traits.get("email", "")
        door = adopting.Source(
            DOORS[first.name], desk.mailbox if email else None, None if email else desk.widget, address
        )
        owned = owner if answered else None
        adopting.adopt(first.identifier, _subject(messages[0].text), messages, door, team, owned, done)


def _threads(rows: Iterable[Touchpoint]) -> Iterator[list[Touchpoint]]:
    for _who, group in groupby(rows, key=lambda row: (row.identifier.customer_id, row.channel)):
        thread: list[Touchpoint] = []
        for row in group:
            if thread and row.time - thread[-1].time > TOGETHER:
                yield thread
                thread = []
            thread.append(row)
        yield thread


def _subject(text: str) -> str:
    """What a customer might have put into the subject: their first sentence without the greeting."""
    words = text.replace("\n", " ").strip()
    for greeting in ("Hello, ", "Hi, ", "Good morning, ", "Dear team, "):
        words = words.removeprefix(greeting)
    sentence = min((words.partition(mark)[0] + mark for mark in ".?!" if mark in words), key=len, default=words)
    return sentence if len(sentence) <= 70 else f"{sentence[:67].rpartition(' ')[0]} …"


def _waiting(desk: Desk, texts: list[dict[str, Any]], now: datetime) -> None:
    """Customers write today and yesterday, each about a need that was under way by then, those that are stuck first."""
    over = Q(abandoned=None) | Q(abandoned__gt=to_micros(now))
    needs = Need.objects.filter(over, met=None, kind__in={one["kind"] for one in texts})
    by_kind: dict[str, list[Need]] = {}
    for need in needs.order_by(F("stuck_at").desc(nulls_last=True), "-opened")[:2000]:
        by_kind.setdefault(need.kind, []).append(need)
    for one in texts:
        asked = now - timedelta(minutes=one["minutes"])
        about = next((each for each in by_kind.get(one["kind"], ()) if each.opened < asked - SETTLED), None)
        if about is None:
            continue
        by_kind[one["kind"]].remove(about)
        identifier = Identifier.objects.filter(customer=about.customer_id, kind="user_id").order_by("id").first()
        if identifier is not None:
            _writes(desk, one, identifier, about, now)


def _writes(desk: Desk, one: dict[str, Any], identifier: Identifier, need: Need, now: datetime) -> None:
    name = str(identifier.traits.get("name", "")).partition(" ")[0]
    subject = one["subject"].format(number=need.key)
    asked = now - timedelta(minutes=one["minutes"])
    chat = one.get("channel") == "chat"
    conversation = Conversation.begin(
        identifier,
        "chat" if chat else "email",
        subject,
        mailbox=None if chat else desk.mailbox,
        widget=desk.widget if chat else None,
        team=desk.teams[one["team"]],
        time=asked,
    )
    email = str(identifier.traits.get("email", ""))
    conversation.participants.update(address=email.lower())
    text = one["text"].format(number=need.key or "100200", name=name)
    headers = {"from": [[str(identifier.traits.get("name", "")), email]]} if email and not chat else {}
    conversation.receive(text, time=asked, headers=headers, subject=subject)
    owner = desk.members[0 if one["team"] == "orders" else 1]
    if one.get("note"):
        conversation.write_note(one["note"], owner)
    if one.get("owned"):
        conversation.assign(owner, owner=owner)
    if one.get("urgent"):
        conversation.prioritise(Priority.URGENT, owner)
    for tag in one.get("tags", ()):
        conversation.tag(tag, owner)
