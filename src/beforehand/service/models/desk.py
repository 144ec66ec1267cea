"""What members have at the desk: macros, views, what they have read, who is here, what was done in bulk."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from beforehand.channels.models import StoredFile
from beforehand.lib.fields import MomentField
from beforehand.service.models.conversation import Conversation
from beforehand.team.models import Member, Team


class Macro(models.Model):
    """A saved reply with what is done besides. `text` may name variables, such as {{ customer.first_name }}; `actions`
    is a list of {do, value}: status, owner, team, priority, tag, snooze, cause, note."""

    name = models.CharField(_("name"), max_length=80)
    text = models.TextField(_("text"), default="", blank=True)
    actions = models.JSONField(default=list, blank=True)
    team = models.ForeignKey(Team, models.CASCADE, null=True, blank=True, verbose_name=_("only for the team"))
    member = models.ForeignKey(Member, models.CASCADE, null=True, blank=True, related_name="macros")
    """Only this member's own; None for everybody's."""
    used = models.PositiveIntegerField(default=0)
    off = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name

    @classmethod
    def usable_by(cls, member: Member) -> "models.QuerySet[Macro]":
        """Everybody's, those of their teams and their own, without those that are off."""
        whose = Q(member=member) | Q(member=None, team=None) | Q(member=None, team__places__member=member)
        return cls._default_manager.filter(whose, off=False).distinct()

    def enclosed(self) -> list[tuple[StoredFile, str, str, str]]:
        """Its files, as a message takes them (`acts/messages.File`)."""
        return [(one.file, one.name, one.type, "") for one in self.files.select_related("file")]


class MacroFile(models.Model):
    """A file that goes with a saved reply: inserting it puts the file to the draft."""

    macro = models.ForeignKey(Macro, models.CASCADE, related_name="files")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    type = models.CharField(max_length=120, default="application/octet-stream")

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return self.name


class SavedView(models.Model):
    """A search under a name, one's own or shared."""

    name = models.CharField(_("name"), max_length=80)
    query = models.CharField(_("search"), max_length=500)
    member = models.ForeignKey(Member, models.CASCADE, null=True, blank=True, related_name="saved_views")
    team = models.ForeignKey(Team, models.CASCADE, null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class Reading(models.Model):
    """How far a member has read a conversation: everything up to a touchpoint."""

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="readings")
    member = models.ForeignKey(Member, models.CASCADE, related_name="+")
    through = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint("member", "conversation", name="reading_once")]

    def __str__(self) -> str:
        return f"{self.member} read {self.conversation_id}"


class Presence(models.Model):
    """Who looks at a conversation or types in it, until when. `who` is m:<member> or v:<visitor>. Rows live shortly."""

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="presences")
    who = models.CharField(max_length=24)
    name = models.CharField(max_length=120, default="")
    typing = models.BooleanField(default=False)
    until = MomentField()

    class Meta:
        constraints = [models.UniqueConstraint("conversation", "who", name="presence_once")]

    def __str__(self) -> str:
        return f"{self.who} at {self.conversation_id}"


class Notification(models.Model):
    """Something that waits for a member: it follows who waits, not who typed. Gone when it is answered or seen."""

    class Kind(models.TextChoices):
        WAITING = "waiting", _("a customer waits for you")
        ASSIGNED = "assigned", _("given to you")
        MENTIONED = "mentioned", _("you were mentioned")
        DUE = "due", _("due soon")
        UNDELIVERED = "undelivered", _("your answer did not arrive")

    member = models.ForeignKey(Member, models.CASCADE, related_name="notifications")
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind)
    time = MomentField()
    by = models.CharField(max_length=120, default="", blank=True)
    seen = MomentField(null=True, blank=True)
    mailed = MomentField(null=True, blank=True)
    """When it was told by mail, or when it was settled that it is not."""

    class Meta:
        indexes = [
            models.Index(
                fields=["time"], condition=models.Q(seen__isnull=True, mailed__isnull=True), name="notification_to_mail"
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["member", "conversation", "kind"], condition=models.Q(seen__isnull=True), name="notified_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.member}"


def mailed_by_default() -> list[str]:
    return [Notification.Kind.WAITING, Notification.Kind.ASSIGNED, Notification.Kind.MENTIONED]


class BulkRun(models.Model):
    """One act on many conversations: what was asked, what came of each, and what undoes it."""

    member = models.ForeignKey(Member, models.SET_NULL, null=True, blank=True, related_name="+")
    time = MomentField()
    action = models.JSONField()
    conversations = models.JSONField()
    results = models.JSONField(default=dict)
    undo = models.JSONField(default=list)
    done = MomentField(null=True, blank=True)
    undone = MomentField(null=True, blank=True)

    def __str__(self) -> str:
        return f"bulk run {self.pk}"


class DeskSetting(models.Model):
    """How a member likes their desk: single keys, what comes after an act, columns of the table, when to be quiet,
    mails while away."""

    class After(models.TextChoices):
        NEXT = "next", _("open the next one")
        LIST = "list", _("back to the list")
        PLAY = "play", _("serve me whoever has waited longest")
        STAY = "stay", _("stay where I am")

    class Mails(models.TextChoices):
        NEVER = "never", _("never")
        AWAY = "away", _("while I do not have the desk open")
        ALWAYS = "always", _("always")

    member = models.OneToOneField(Member, models.CASCADE, related_name="desk")
    single_keys = models.BooleanField(_("single keys act (e for done, r for reply)"), default=True)
    after = models.CharField(_("after a conversation is done"), max_length=5, choices=After, default=After.NEXT)
    compact = models.BooleanField(_("narrow lines in the list: who, what, how long"), default=False)
    quiet_from = models.PositiveSmallIntegerField(_("quiet from (hour)"), null=True, blank=True)
    quiet_to = models.PositiveSmallIntegerField(_("quiet until (hour)"), null=True, blank=True)
    columns = models.JSONField(default=list, blank=True)
    mails = models.CharField(_("what waits for me, by mail"), max_length=6, choices=Mails, default=Mails.AWAY)
    mailed_kinds = models.JSONField(_("of these"), default=mailed_by_default, blank=True)

    def __str__(self) -> str:
        return f"desk of {self.member}"

    def is_quiet_at(self, hour: int) -> bool:
        """Whether the member wants to be told nothing outside the page in an hour of the day."""
        if self.quiet_from is None or self.quiet_to is None or self.quiet_from == self.quiet_to:
            return False
        within = self.quiet_from <= hour < self.quiet_to
        return within if self.quiet_from < self.quiet_to else hour >= self.quiet_from or hour < self.quiet_to


class Lease(models.Model):
    """A conversation that a member was served, until when nobody else is."""

    conversation = models.OneToOneField(Conversation, models.CASCADE, primary_key=True, related_name="lease")
    member = models.ForeignKey(Member, models.CASCADE, related_name="+")
    until = MomentField()

    def __str__(self) -> str:
        return f"{self.member} has {self.conversation_id}"


class AtDesk(models.Model):
    """A member has the desk open, until when. Rows are overwritten, about once a minute."""

    member = models.OneToOneField(Member, models.CASCADE, primary_key=True, related_name="at_desk")
    until = MomentField()

    def __str__(self) -> str:
        return f"{self.member} at the desk"
