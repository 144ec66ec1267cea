"""Conversations: a thread with a customer over any channel, who owns it, who waits."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils import translation
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from beforehand.channels.models import ChatWidget, Mailbox
from beforehand.customers.models import Identifier
from beforehand.lib.fields import MomentField
from beforehand.lib.kept import kept
from beforehand.service.clocks.ledger import Category
from beforehand.service.reach import Conversations
from beforehand.team.models import Member, Team

if TYPE_CHECKING:
    from beforehand.journey.models import Contact
    from beforehand.service.acts.messages import File
    from beforehand.service.models.fields import Field
    from beforehand.service.models.message import Message

STARTING = (
    (gettext_noop("New"), Category.NEW),
    (gettext_noop("Open"), Category.OPEN),
    (gettext_noop("Waiting for the customer"), Category.WAITING_CUSTOMER),
    (gettext_noop("Waiting for us"), Category.WAITING_US),
    (gettext_noop("Done"), Category.DONE),
)


GIVEN = {str(category): name for name, category in STARTING}


def status_word(name: str) -> str:
    """A status, by its name or what it means: in the reader's language where the name is one that we gave."""
    name = GIVEN.get(name, name)
    return gettext(name) if name in GIVEN.values() else name


class Priority(models.IntegerChoices):
    LOW = 1, _("low")
    NORMAL = 2, _("normal")
    HIGH = 3, _("high")
    URGENT = 4, _("urgent")


class Status(models.Model):
    """A state by the company's own name; what it means is its category. The first one of a category is its default."""

    name = models.CharField(_("name"), max_length=60, unique=True)
    category = models.CharField(_("means"), max_length=16, choices=[(one.value, one.value) for one in Category])
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["position", "id"]
        verbose_name_plural = "statuses"

    def __str__(self) -> str:
        return status_word(self.name)

    def names(self) -> set[str]:
        """Its name in all of our languages, in small letters."""
        found = set()
        for language, _title in settings.LANGUAGES:
            with translation.override(language):
                found.add(str(self).casefold())
        return found

    @staticmethod
    def install() -> None:
        if not Status.objects.exists():
            for place, (name, category) in enumerate(STARTING):
                Status.objects.create(name=name, category=category, position=place)

    @classmethod
    def default(cls, category: str) -> "Status":
        found = _first_status(category)
        if found is None:
            raise cls.DoesNotExist(f"There is no status that means {category}.")
        return found


@kept("service.Status")
def _first_status(category: str) -> Status | None:
    return Status.objects.filter(category=category).first()


class Conversation(models.Model):
    """A thread with a customer. The customer is that of `identifier`, so a merge of customers moves nothing.

    `head` is the conversation that this one was merged into (a merge is a row that can be undone; a head is not
    merged). `about` is the conversation that a side conversation belongs to; `split_from` and `follows` say where it
    came from. What stands below `opened` is kept up by every verb in the same transaction, out of the ledger: who waits
    (`waiting_since`: the customer's oldest unanswered message), the next deadline and which clock it is.
    """

    class Kept(models.TextChoices):
        DESK = "desk", _("at the desk")
        SPAM = "spam", _("spam")
        ARCHIVE = "archive", _("from an archive")

    subject = models.CharField(max_length=300, default="", blank=True)
    channel = models.CharField(max_length=10)
    mailbox = models.ForeignKey(Mailbox, models.PROTECT, null=True, blank=True, related_name="+")
    widget = models.ForeignKey(ChatWidget, models.PROTECT, null=True, blank=True, related_name="+")
    identifier = models.ForeignKey(Identifier, models.PROTECT, related_name="+", db_constraint=False)
    status = models.ForeignKey(Status, models.PROTECT, related_name="+")
    category = models.CharField(max_length=16, default=Category.NEW)
    kept = models.CharField(max_length=8, choices=Kept, default=Kept.DESK)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    team = models.ForeignKey(Team, models.SET_NULL, null=True, blank=True, related_name="+")
    priority = models.PositiveSmallIntegerField(choices=Priority, default=Priority.NORMAL)
    head = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="members")
    about = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="sides")
    split_from = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="splits")
    follows = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="followed_by")
    need = models.BigIntegerField(null=True, blank=True)
    """The need that it is about (a journey Need's id, which a rebuild gives again), when a member linked it."""
    language = models.CharField(max_length=10, default="", blank=True)
    bot = models.BooleanField(default=False)
    """A bot has it; people take over by `hand_over`."""
    opened = MomentField()
    changed = MomentField()
    last_message = MomentField()
    last_by = models.CharField(max_length=8, default="customer")
    """Who spoke last: customer, member, bot, system."""
    snippet = models.CharField(max_length=160, default="", blank=True)
    messages_count = models.PositiveIntegerField(default=0)
    has_files = models.BooleanField(default=False)
    waiting_since = MomentField(null=True, blank=True)
    due = MomentField(null=True, blank=True)
    due_clock = models.CharField(max_length=16, default="", blank=True)
    undelivered = models.BooleanField(default=False)
    snoozed_until = MomentField(null=True, blank=True)
    snoozed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    through = models.BigIntegerField(default=0)
    """The touchpoint of the last thing that happened in it: live updates and stopped sends compare it."""

    objects = Conversations.as_manager()

    class Meta:
        indexes = [
            # With all that the views of those who wait ask, so that lists and counts read nothing but this.
            models.Index(
                fields=["waiting_since", "id", "head", "kept", "category", "snoozed_until", "team", "owner"],
                condition=models.Q(waiting_since__isnull=False),
                name="conv_waiting",
            ),
            models.Index(fields=["owner", "category", "-last_message"], name="conv_owner"),
            models.Index(fields=["team", "category", "-last_message"], name="conv_team"),
            models.Index(fields=["kept", "category", "-last_message", "-id"], name="conv_list"),
            models.Index(fields=["due"], condition=models.Q(due__isnull=False), name="conv_due"),
            models.Index(
                fields=["snoozed_until"], condition=models.Q(snoozed_until__isnull=False), name="conv_snoozed"
            ),
            models.Index(fields=["need"], condition=models.Q(need__isnull=False), name="conv_need"),
            models.Index(fields=["through"], name="conv_through"),
            models.Index(fields=["-last_message", "-id"], name="conv_newest"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.subject}".strip()

    @classmethod
    def begin(cls, identifier: Identifier, channel: str, subject: str = "", **more: Any) -> "Conversation":
        """`more`: mailbox, widget, team, kept, time, by, about, split_from, follows, language."""
        from beforehand.service.arrivals import receiving

        return receiving.begin(identifier, channel, subject, **more)

    def receive(self, text: str, **more: Any) -> "Message":
        """`more`: identifier, time, html, reply_ends, machine, headers, arrival, files, mail_ids, fingerprint,
        subject, channel. See `receiving.receive`."""
        from beforehand.service.arrivals import receiving

        return receiving.receive(self, text, **more)

    def answer(self, text: str, by: Member, **more: Any) -> "Message":
        """`more`: to, cc, bcc, files, html, then, snooze, not_before, based_on, macro, key. See `answering.answer`."""
        from beforehand.service.acts import answering

        return answering.answer(self, text, by, **more)

    def write_note(
        self, text: str, by: Member, mentions: Sequence[Member] = (), files: "Sequence[File]" = ()
    ) -> "Message":
        from beforehand.service.acts import answering

        return answering.write_note(self, text, by, mentions, files)

    def take_back(self, message: "Message", by: Member) -> bool:
        from beforehand.service.acts import answering

        return answering.take_back(message, by)

    def thread(self) -> "models.QuerySet[Message]":
        """The messages in order, over everything that was merged."""
        from beforehand.service.acts import answering

        return answering.thread(self)

    def set_status(self, status: "Status | str", by: Member | None = None, why: str = "") -> None:
        from beforehand.service.acts import moving

        moving.set_status(self, status, by, why)

    def resolve(self, by: Member | None = None) -> None:
        """Raises `moving.FieldsMissing`."""
        self.set_status(Category.DONE, by)

    def reopen(self, by: Member | None = None) -> None:
        self.set_status(Category.OPEN, by)

    def snooze(self, until: datetime, by: Member | None = None) -> None:
        from beforehand.service.acts import moving

        moving.snooze(self, until, by)

    def wake(self, by: Member | None = None) -> None:
        from beforehand.service.acts import moving

        moving.wake(self, by)

    def assign(self, by: Member | None = None, **to: Any) -> None:
        """`to`: owner, team, why; None takes away, what is not given stays."""
        from beforehand.service.acts import handling

        handling.assign(self, by, **to)

    def prioritise(self, value: int, by: Member | None = None) -> None:
        from beforehand.service.acts import handling

        handling.prioritise(self, value, by)

    def tag(self, name: str, by: Member | None = None) -> None:
        from beforehand.service.acts import handling

        handling.tag(self, name, by)

    def untag(self, name: str, by: Member | None = None) -> None:
        from beforehand.service.acts import handling

        handling.untag(self, name, by)

    def merge(self, into: "Conversation", by: Member | None = None) -> "Merge":
        from beforehand.service.acts import joining

        return joining.merge(self, into, by)

    def unmerge(self, by: Member | None = None) -> None:
        from beforehand.service.acts import joining

        joining.unmerge(self, by)

    def split(self, message: "Message", by: Member | None = None) -> "Conversation":
        from beforehand.service.acts import joining

        return joining.split(self, message, by)

    def side(self, to: Sequence[str], subject: str, text: str, by: Member, files: Sequence[Any] = ()) -> "Conversation":
        from beforehand.service.acts import joining

        return joining.side(self, to, subject, text, by, files)

    def mark_spam(self, by: Member | None = None) -> None:
        from beforehand.service.acts import joining

        joining.mark_spam(self, by)

    def not_spam(self, by: Member | None = None) -> None:
        from beforehand.service.acts import joining

        joining.mark_spam(self, by, spam=False)

    def block(self, by: Member | None = None) -> None:
        """Nothing comes in from its customer's address any more."""
        from beforehand.service.acts import handling

        handling.block(self, by)

    def hand_over(self, by: Member | None = None) -> None:
        """People take over from the bot."""
        from beforehand.service.acts import handling

        handling.hand_over(self, by)

    def fill(self, field: "Field", value: str, by: Member | None = None) -> None:
        from beforehand.service.acts import filing

        filing.fill(self, field, value, by)

    def link(self, need: int | None, by: Member | None = None) -> None:
        """Say which need it is about; None takes the word back."""
        from beforehand.service.acts import filing

        filing.link(self, need, by)

    def set_cause(self, cause: str, by: Member | None = None) -> "Contact":
        from beforehand.service.acts import filing

        return filing.set_cause(self, cause, by)

    def judge(self, message: "Message", verdict: str, by: Member | None = None, why: str = "") -> None:
        from beforehand.service.acts import handling

        handling.judge(self, message, verdict, by, why)

    def read_by(self, member: Member) -> None:
        from beforehand.service.acts import handling

        handling.read_by(self, member)


class Participant(models.Model):
    """Somebody outside who takes part. `role`: customer (who asked), to, cc, or third party of a side conversation."""

    class Role(models.TextChoices):
        CUSTOMER = "customer", _("customer")
        TO = "to", _("to")
        CC = "cc", _("cc")
        THIRD = "third", _("third party")

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="participants")
    identifier = models.ForeignKey(Identifier, models.PROTECT, related_name="+", db_constraint=False)
    role = models.CharField(max_length=8, choices=Role, default=Role.CUSTOMER)
    address = models.CharField(max_length=320, default="", blank=True)
    """The key of a mail address, for placing; empty for a chat."""

    class Meta:
        constraints = [models.UniqueConstraint("conversation", "identifier", name="participant_once")]
        indexes = [models.Index(fields=["address"], condition=~models.Q(address=""), name="participant_address")]

    def __str__(self) -> str:
        return f"{self.identifier} in {self.conversation_id}"


class Merge(models.Model):
    """One thread is one with another from here on: a link, never a move. An undone one stays, with who and when."""

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="merges")
    into = models.ForeignKey(Conversation, models.CASCADE, related_name="merged")
    time = MomentField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    undone = MomentField(null=True, blank=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["conversation"], condition=models.Q(undone__isnull=True), name="merged_into_one"
            )
        ]

    def __str__(self) -> str:
        return f"{self.conversation_id} into {self.into_id}"
