"""The ledger as rows, the clocks that follow from it, and the policies they are held to."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from beforehand.lib.fields import JSONTextField, MomentField
from beforehand.service.models.conversation import Conversation
from beforehand.team.models import Hours, Team


class LedgerEntry(models.Model):
    """One event of a conversation's ledger. Its id is that of its touchpoint: a projection of the record.

    `data` holds the rest of `ledger.Event`: by, why, about, into, verdict, status, category, clock, target.
    """

    id = models.BigIntegerField(primary_key=True)
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="ledger")
    time = MomentField()
    kind = models.CharField(max_length=24)
    channel = models.CharField(max_length=10, default="", blank=True)
    message = models.BigIntegerField(null=True, blank=True)
    data = JSONTextField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["conversation", "time", "id"], name="ledger_in_order")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class ClockRow(models.Model):
    """A clock of a conversation (of a head, for all that were merged into it), as of the last event: a projection. Of
    one that runs on, `elapsed` and `working` are 0: whoever reads it counts.

    `settled` is no clock that anybody waits by: it runs while the case is settled, and ends when the customer comes
    back (`how` customer) or we take it up again (us).
    """

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="clocks")
    identifier = models.BigIntegerField()
    name = models.CharField(max_length=16)
    started = MomentField()
    started_by = models.BigIntegerField()
    ended = MomentField(null=True)
    ended_by = models.BigIntegerField(null=True)
    how = models.CharField(max_length=20, default="")
    elapsed = models.BigIntegerField()
    working = models.BigIntegerField()
    with_bot = models.BigIntegerField(default=0)
    calendar = models.CharField(max_length=40, default="")
    span = models.BigIntegerField(null=True)
    due = MomentField(null=True)
    state = models.CharField(max_length=12, default="")
    policy = models.CharField(max_length=20, default="")
    channel = models.CharField(max_length=10, default="")
    team = models.BigIntegerField(null=True)
    contacts = models.PositiveSmallIntegerField(default=0)
    channels = models.PositiveSmallIntegerField(default=0)
    """How often the customer had to come in the case, and through how many channels: on the clock of the resolution."""

    class Meta:
        constraints = [models.UniqueConstraint("conversation", "name", "started_by", name="clock_once")]
        indexes = [models.Index(fields=["name", "started"], name="clock_started")]

    def __str__(self) -> str:
        return f"{self.name} of {self.conversation_id}"


class ServicePolicy(models.Model):
    """What we aim at, for whom: the first one by position that fits a conversation is frozen into its targets."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    position = models.PositiveSmallIntegerField(default=0)
    plain = models.JSONField(default=dict)
    hours = models.ForeignKey(Hours, models.PROTECT, null=True, blank=True, verbose_name=_("working hours"))
    team = models.ForeignKey(Team, models.CASCADE, null=True, blank=True, verbose_name=_("team"))
    channel = models.CharField(_("channel"), max_length=10, default="", blank=True)
    priority = models.PositiveSmallIntegerField(_("priority"), null=True, blank=True)
    off = models.BooleanField(default=False)

    class Meta:
        verbose_name_plural = "service policies"

    def __str__(self) -> str:
        return self.name


class PolicyVersion(models.Model):
    """A policy as it once was, by its fingerprint. Rows are only added."""

    version = models.CharField(max_length=20, primary_key=True)
    plain = models.JSONField()
    since = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.version
