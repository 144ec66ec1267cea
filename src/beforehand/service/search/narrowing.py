"""What the operators of a search mean to the record: a search and a member in, a narrowed queryset out.

Words and subjects are the index's (`searching`); only what must not be there is left out here.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone

from beforehand.customers.finding import find
from beforehand.customers.models import Identifier
from beforehand.journey.models import Contact, Need, Promise
from beforehand.service.clocks.ledger import Category
from beforehand.service.models import (
    Conversation,
    Draft,
    Mention,
    Message,
    Participant,
    Priority,
    Reading,
    Status,
    Tagging,
)  # fmt: skip
from beforehand.service.search import searching
from beforehand.service.search.query import Condition, Search, Span
from beforehand.team.models import Member, Team, TeamMember

MOST_PEOPLE = 200
SOON = timedelta(hours=1)
WORDS = {
    "waiting": Category.WAITING_CUSTOMER, "answered": Category.WAITING_CUSTOMER, "closed": Category.DONE,
    "resolved": Category.DONE, "pending": Category.WAITING_CUSTOMER,
}  # fmt: skip
Meaning = Callable[[Condition, Member, datetime], Q | Exists]


def narrow(
    conversations: QuerySet[Conversation], search: Search, member: Member, now: datetime | None = None
) -> QuerySet[Conversation]:
    """The conversations that fulfil every condition. `conversations` is what the member may reach."""
    now = now or timezone.now()
    for condition in search.conditions:
        if condition.name == "subject":
            continue
        meant = MEANINGS[condition.name](condition, member, now)
        conversations = conversations.filter(~meant if condition.negated else meant)
    for match in searching.excluded(search):
        conversations = conversations.exclude(pk__in=_with(match))
    return conversations


def _with(match: searching.Match) -> QuerySet[Message, int]:
    hits = RawSQL(f"select {match.id} from {match.source} where {match.where}", match.params)  # noqa: S611
    return Message.objects.filter(pk__in=hits).values_list("conversation_id", flat=True)


def _people(condition: Condition, member: Member, now: datetime) -> Q:
    customers = [one.pk for one in find(condition.text, MOST_PEOPLE)]
    known = Identifier.objects.filter(customer__in=customers).values("pk")
    return Q(identifier__in=known) | Q(pk__in=Participant.objects.filter(identifier__in=known).values("conversation"))


def _to(condition: Condition, member: Member, now: datetime) -> Q:
    ours = Q(mailbox__address__istartswith=condition.text) | Q(widget__name__istartswith=condition.text)
    theirs = Participant.objects.filter(address__startswith=condition.text.lower())
    return ours | Q(pk__in=theirs.values("conversation"))


def _status(condition: Condition, member: Member, now: datetime) -> Q:
    text = condition.text.casefold()
    word = text.replace(" ", "_")
    called = {one.pk: one.names() for one in Status.objects.all()}
    if word in WORDS or word in set(Category):
        return Q(category=WORDS.get(word, word)) | Q(status__in=[pk for pk, names in called.items() if text in names])
    return Q(status__in=[pk for pk, names in called.items() if any(name.startswith(text) for name in names)])


def _owner(condition: Condition, member: Member, now: datetime) -> Q:
    if condition.value == "me":
        return Q(owner=member)
    if condition.value == "nobody":
        return Q(owner__isnull=True)
    found = Member.objects.filter(Q(name__icontains=condition.text) | Q(email__istartswith=condition.text))
    return Q(owner__in=list(found.values_list("pk", flat=True)))


def _team(condition: Condition, member: Member, now: datetime) -> Q:
    if condition.value == "mine":
        return Q(team__in=list(TeamMember.objects.filter(member=member).values_list("team", flat=True)))
    if condition.value == "none":
        return Q(team__isnull=True)
    return Q(team__in=list(Team.objects.filter(name__istartswith=condition.text).values_list("pk", flat=True)))


def _tag(condition: Condition, member: Member, now: datetime) -> Q:
    return Q(pk__in=Tagging.objects.filter(tag__name__iexact=condition.text).values("conversation"))


def _cause(condition: Condition, member: Member, now: datetime) -> Exists:
    judged = Contact.objects.filter(pk=OuterRef("touchpoint"), cause=condition.value)
    said = Message.objects.filter(conversation=OuterRef("pk"), touchpoint__isnull=False)
    return Exists(said.filter(Exists(judged)))


def _need(condition: Condition, member: Member, now: datetime) -> Q:
    found = Need.objects.filter(pk=OuterRef("need"), kind__startswith=condition.text.lower())
    return Q(Exists(found), need__isnull=False)


def _channel(condition: Condition, member: Member, now: datetime) -> Q:
    return Q(channel=condition.value)


def _waiting(condition: Condition, member: Member, now: datetime) -> Q:
    if condition.value == "us":
        return Q(waiting_since__isnull=False)
    if condition.value == "them":
        return Q(category=Category.WAITING_CUSTOMER)
    assert isinstance(condition.value, Span)
    since = now - timedelta(seconds=condition.value.seconds)
    longer = condition.value.sign == ">"
    return Q(waiting_since__isnull=False) & (Q(waiting_since__lte=since) if longer else Q(waiting_since__gt=since))


def _has(condition: Condition, member: Member, now: datetime) -> Q | Exists:
    if condition.value == "attachment":
        return Q(has_files=True)
    if condition.value == "need":
        return Q(need__isnull=False)
    if condition.value == "promise":
        due = Promise.objects.filter(state=Promise.State.OPEN).values("customer")
        return Q(identifier__customer__in=due)
    if condition.value == "draft":
        return Q(pk__in=Draft.objects.filter(member=member).values("conversation"))
    return Exists(Message.objects.filter(conversation=OuterRef("pk"), kind=Message.Kind.NOTE))


def _before(condition: Condition, member: Member, now: datetime) -> Q:
    return Q(last_message__lt=_moment(condition, now))


def _after(condition: Condition, member: Member, now: datetime) -> Q:
    return Q(last_message__gte=_moment(condition, now))


def _moment(condition: Condition, now: datetime) -> datetime:
    """The first moment of a day, in the company's zone."""
    value = condition.value
    if isinstance(value, timedelta):
        return now - value
    today = timezone.localtime(now).date()
    named = {"today": today, "yesterday": today - timedelta(days=1)}
    day = value if isinstance(value, date) else named[str(value)]
    return datetime(day.year, day.month, day.day, tzinfo=timezone.get_current_timezone())


def _sla(condition: Condition, member: Member, now: datetime) -> Q:
    return {
        "breached": Q(due__isnull=False, due__lt=now),
        "soon": Q(due__isnull=False, due__gte=now, due__lt=now + SOON),
        "ok": Q(due__gte=now + SOON),
        "none": Q(due__isnull=True),
    }[str(condition.value)]


def _priority(condition: Condition, member: Member, now: datetime) -> Q:
    return Q(priority=Priority[str(condition.value).upper()])


def _is(condition: Condition, member: Member, now: datetime) -> Q | Exists:
    if condition.value == "unread":
        read = Reading.objects.filter(member=member, conversation=OuterRef("pk"), through__gte=OuterRef("through"))
        return Q(~Exists(read))
    if condition.value == "mentioned":
        return Q(pk__in=Mention.objects.filter(member=member).values("message__conversation"))
    return {
        "open": ~Q(category=Category.DONE),
        "done": Q(category=Category.DONE),
        "snoozed": Q(snoozed_until__isnull=False, snoozed_until__gt=now),
        "undelivered": Q(undelivered=True),
        "spam": Q(kept=Conversation.Kept.SPAM),
        "archived": Q(kept=Conversation.Kept.ARCHIVE),
        "merged": Q(head__isnull=False),
    }[str(condition.value)]


MEANINGS: dict[str, Meaning] = {
    "from": _people, "to": _to, "status": _status, "owner": _owner, "team": _team, "tag": _tag, "cause": _cause,
    "need": _need, "channel": _channel, "waiting": _waiting, "has": _has, "before": _before, "after": _after,
    "sla": _sla, "priority": _priority, "is": _is,
}  # fmt: skip
