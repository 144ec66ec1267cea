"""What members have at the desk: macros, views, what they have read, who is here, what was done in bulk."""

from django.db import models
from django.utils.translation import gettext_lazy as _

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
    """How a member likes their desk: single keys, what comes after an act, columns of the table, mails while away."""

    class After(models.TextChoices):
        NEXT = "next", _("open the next one")
        LIST = "list", _("back to the list")
        STAY = "stay", _("stay where I am")

    class Mails(models.TextChoices):
        NEVER = "never", _("never")
        AWAY = "away", _("while I do not have the desk open")
        ALWAYS = "always", _("always")

    member = models.OneToOneField(Member, models.CASCADE, related_name="desk")
    single_keys = models.BooleanField(_("single keys act (e for done, r for reply)"), default=True)
    after = models.CharField(_("after a conversation is done"), max_length=5, choices=After, default=After.NEXT)
    columns = models.JSONField(default=list, blank=True)
    mails = models.CharField(_("what waits for me, by mail"), max_length=6, choices=Mails, default=Mails.AWAY)
    mailed_kinds = models.JSONField(_("of these"), default=mailed_by_default, blank=True)

    def __str__(self) -> str:
        return f"desk of {self.member}"


class AtDesk(models.Model):
    """A member has the desk open, until when. Rows are overwritten, about once a minute."""

    member = models.OneToOneField(Member, models.CASCADE, primary_key=True, related_name="at_desk")
    until = MomentField()

    def __str__(self) -> str:
        return f"{self.member} at the desk"
