"""The views of the desk: standing ones, one for each team, saved ones; what each holds, in which order."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import BigIntegerField, ExpressionWrapper, F, Q, QuerySet
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.http import Http404
from django.utils import timezone
from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _

from beforehand.journey.models import Promise
from beforehand.lib.fields import to_micros
from beforehand.lib.prepared import Prepared
from beforehand.lib.text import number_in
from beforehand.service.clocks.ledger import Category
from beforehand.service.models import Conversation, Mention, SavedView
from beforehand.service.search.query import Search, parse
from beforehand.team.models import Member, Team, TeamMember

Kept = Conversation.Kept
UNDONE = tuple(one.value for one in Category if one != Category.DONE)
FAR = 2**53
RECENT = timedelta(days=7)


@dataclass(frozen=True)
class Order:
    """A column to sort by, as one number a row; ties by id in the same direction."""

    slug: str
    title: str | Lazy
    key: str | Combinable
    descending: bool = False


_WHOLE = BigIntegerField()
_BACK = ExpressionWrapper(FAR - F("last_message"), output_field=_WHOLE)
"""Behind all that have a time of their own, the newest first."""


def _or_newest(name: str) -> Combinable:
    return Coalesce(F(name), _BACK, output_field=_WHOLE)


WAITING = Order("waiting", _("longest wait first"), _or_newest("waiting_since"))
LONGEST = Order("longest", _("longest wait first"), "waiting_since")
NEWEST = Order("newest", _("newest first"), "last_message", descending=True)
OLDEST = Order("oldest", _("oldest first"), "last_message")
OPENED = Order("opened", _("last begun first"), "id", descending=True)
DUE = Order("due", _("next due first"), _or_newest("due"))
URGENT = Order(
    "priority", _("most urgent first"),
    ExpressionWrapper(F("priority") * FAR + F("last_message"), output_field=_WHOLE), descending=True,
)  # fmt: skip
SNOOZE = Order("snooze", _("next to wake first"), "snoozed_until")
LARGEST = Order("messages", _("most messages first"), "messages_count", descending=True)
ORDERS = {one.slug: one for one in (WAITING, LONGEST, NEWEST, OLDEST, OPENED, DUE, URGENT, SNOOZE, LARGEST)}


@dataclass(frozen=True)
class View:
    slug: str
    title: str | Lazy
    order: Order = LONGEST
    team: int | None = None
    search: Search = field(default_factory=Search)
    saved: SavedView | None = None

    def of(self, conversations: QuerySet[Conversation], member: Member, now: datetime) -> QuerySet[Conversation]:
        """What it holds of these. `conversations`: those that the member may reach."""
        return conversations.filter(held_by(self.slug.partition("-")[0], member, Moments.at(now), self.team))


STANDING = (
    View("waiting", _("Waiting for us")),
    View("mine", _("Mine"), WAITING),
    View("nobodys", _("Nobody’s yet")),
    View("mentions", _("Mentions of me"), NEWEST),
)
LATER = (
    View("them", _("Waiting for them"), NEWEST),
    View("snoozed", _("Snoozed"), SNOOZE),
    View("promises", _("Promises due"), WAITING),
    View("done", _("Done today"), NEWEST),
)
LAST = (View("all", _("All"), NEWEST), View("spam", _("Spam"), NEWEST))
BY_SLUG = {view.slug: view for view in (*STANDING, *LATER, *LAST)}


class Moments(NamedTuple):
    """What views ask of the clock, in microseconds: now, this midnight, some days before, the next one."""

    now: int
    midnight: int
    recent: int
    tomorrow: int

    @classmethod
    def at(cls, now: datetime) -> "Moments":
        midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
        return cls(*map(to_micros, (now, midnight, midnight - RECENT, midnight + timedelta(days=1))))


def held_by(slug: str, member: Member, at: Moments, team: int | None = None) -> Q:
    """The condition of a view. A merged conversation stands in none: its head does. What a member has called done is
    out of the queue, though the clock of a customer who got no answer runs on."""
    desk = Q(kept=Kept.DESK, head__isnull=True)
    awake = Q(snoozed_until__isnull=True) | Q(snoozed_until__lte=at.now)
    waiting = desk & Q(waiting_since__isnull=False) & awake & ~Q(category=Category.DONE)
    match slug:
        case "waiting":
            return waiting
        case "team":
            return waiting & Q(team=team)
        case "nobodys":
            return waiting & Q(owner__isnull=True)
        case "mine":
            return desk & Q(owner=member, category__in=UNDONE)
        case "mentions":
            unseen = Mention.objects.filter(member=member, seen__isnull=True)
            return desk & Q(pk__in=unseen.values("message__conversation"))
        case "them":
            return desk & Q(category=Category.WAITING_CUSTOMER)
        case "snoozed":
            return desk & Q(snoozed_until__isnull=False, snoozed_until__gt=at.now)
        case "promises":
            due = Promise.objects.filter(state=Promise.State.OPEN, due__lt=at.tomorrow)
            return desk & Q(identifier__customer__in=due.values("customer"), category__in=UNDONE)
        case "done":
            return desk & Q(category=Category.DONE, last_message__gte=at.recent, changed__gte=at.midnight)
        case "spam":
            # A range: SQLite holds an equal one to be a large share of all, and goes through the whole table.
            return Q(kept__range=(Kept.SPAM, Kept.SPAM), head__isnull=True)
        case "saved":
            return Q(head__isnull=True) & ~Q(kept=Kept.SPAM)
        case _:
            return desk


def view_of(slug: str, member: Member, teams: Sequence[Team] = ()) -> View:
    """The view of a slug: a standing one, `team-3`, `saved-7`."""
    if found := BY_SLUG.get(slug):
        return found
    kind, _dash, said = slug.partition("-")
    number = number_in(said)
    if kind == "team":
        team = next((one for one in teams if one.pk == number), None)
        if team:
            return View(slug, team.name, LONGEST, team.pk)
    if kind == "saved":
        saved = next((one for one in saved_for(member) if one.pk == number), None)
        if saved:
            return View(slug, saved.name, WAITING, search=parse(saved.query), saved=saved)
    raise Http404


def saved_for(member: Member) -> list[SavedView]:
    """One's own saved views, those of one's teams and those for all."""
    return _saved_for(member.pk)


def _saved(member: int) -> QuerySet[SavedView]:
    theirs = Q(member=member) | Q(team__in=TeamMember.objects.filter(member=member).values("team"))
    return SavedView.objects.filter(theirs | Q(member__isnull=True, team__isnull=True)).order_by("pk")


_saved_for = Prepared(_saved, int)
