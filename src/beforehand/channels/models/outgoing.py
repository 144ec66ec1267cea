"""What leaves: one door for everything that is sent to a customer."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from beforehand.channels.models.mailboxes import Mailbox
from beforehand.customers.models import Identifier
from beforehand.lib.fields import MomentField


class Outgoing(models.Model):
    """A message on its way out. `key` makes it happen once: whoever asks twice with one key gets the same row.

    `content` is what the channel needs (for mail: subject, text, html, recipients, files, headers). `not_before` holds
    the undo window and scheduled sending. `held` says which guard holds it, in a word. Sending is leased
    (`leased_until`), so that a worker that dies leaves it to the next; what a server already took is not sent again,
    and what it may have taken waits for a person's word (`unknown`).
    """

    class Purpose(models.TextChoices):
        REPLY = "reply", _("reply")
        TRANSACTIONAL = "transactional", _("transactional")
        NOTICE = "notice", _("notice")
        OUTREACH = "outreach", _("outreach")
        SURVEY = "survey", _("survey")
        LEGAL = "legal", _("legal")
        OPERATIONAL = "operational", _("to a colleague")

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting to leave")
        HELD = "held", _("held")
        SENDING = "sending", _("leaving")
        SENT = "sent", _("sent")
        PARTLY = "partly", _("sent to some")
        UNKNOWN = "unknown", _("perhaps sent")
        FAILED = "failed", _("not sent")
        CANCELLED = "cancelled", _("taken back")

    key = models.CharField(max_length=120, unique=True)
    purpose = models.CharField(max_length=14, choices=Purpose)
    channel = models.CharField(max_length=10)
    mailbox = models.ForeignKey(Mailbox, models.PROTECT, null=True, blank=True, related_name="+")
    identifier = models.ForeignKey(
        Identifier, models.PROTECT, null=True, blank=True, related_name="+", db_constraint=False
    )
    """Whom it is for; nobody where it goes to a colleague (operational)."""
    automatic = models.BooleanField(default=False)
    content = models.JSONField(default=dict)
    message_id = models.CharField(max_length=998, default="", blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    held = models.CharField(max_length=40, default="", blank=True)
    not_before = MomentField()
    leased_until = MomentField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    created = MomentField()
    sent = MomentField(null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    reason = models.CharField(max_length=300, default="", blank=True)

    class Meta:
        verbose_name_plural = "outgoing"
        indexes = [
            models.Index(
                fields=["not_before"], condition=models.Q(state__in=["queued", "sending"]), name="outgoing_due"
            ),
            models.Index(fields=["message_id"], condition=~models.Q(message_id=""), name="outgoing_message_id"),
            models.Index(fields=["created"], name="outgoing_created"),
            models.Index(fields=["sent"], condition=models.Q(sent__isnull=False), name="outgoing_sent"),
            models.Index(fields=["state", "-created"], name="outgoing_log"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.pk}"


class Delivery(models.Model):
    """One recipient of one outgoing message, and how far it got. A later word never takes a better one back, except a
    bounce."""

    class State(models.TextChoices):
        QUEUED = "queued", _("queued")
        LEAVING = "leaving", _("handed over, no answer yet")
        UNKNOWN = "unknown", _("perhaps sent")
        SENT = "sent", _("sent")
        DELIVERED = "delivered", _("delivered")
        READ = "read", _("read")
        BOUNCED = "bounced", _("bounced")
        FAILED = "failed", _("refused")

    outgoing = models.ForeignKey(Outgoing, models.CASCADE, related_name="deliveries")
    address = models.CharField(max_length=320)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    tries = models.PositiveSmallIntegerField(default=0)
    time = MomentField()
    provider_id = models.CharField(max_length=200, default="", blank=True)
    code = models.CharField(max_length=40, default="", blank=True)
    detail = models.CharField(max_length=500, default="", blank=True)

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [models.UniqueConstraint("outgoing", "address", name="delivery_once")]
        indexes = [models.Index(fields=["provider_id"], condition=~models.Q(provider_id=""), name="delivery_provider")]

    def __str__(self) -> str:
        return f"{self.address}: {self.state}"


class Brake(models.Model):
    """The emergency brake: while a row is not released, nothing leaves. A person pulls it, or too many in an hour."""

    pulled = models.DateTimeField(auto_now_add=True)
    pulled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    why = models.CharField(max_length=300)
    released = models.DateTimeField(null=True, blank=True)
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    def __str__(self) -> str:
        return self.why
