"""What came in, as it came, before anybody understood it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from beforehand.channels.models.files import StoredFile
from beforehand.channels.models.mailboxes import Mailbox
from beforehand.lib.fields import MomentField


class Arrival(models.Model):
    """Raw bytes from outside and what became of them. It is committed before it is acknowledged; nothing drops it.

    `place` is where it came from within its door (folder/uidvalidity/uid of a mailbox, event id of a provider), so that
    the same thing fetched twice is one. `origin`: live, shadow (the mailbox only watches) or archive (an import, which
    triggers nothing). `verdict` and `evidence` are what was understood, and why.
    """

    class Door(models.TextChoices):
        EMAIL = "email", _("e-mail")
        CHAT = "chat", _("chat")
        FORM = "form", _("form")
        API = "api", "API"

    class State(models.TextChoices):
        STORED = "stored", _("not read yet")
        PLACED = "placed", _("in a conversation")
        SHOWN = "shown", _("only shown: the mailbox watches")
        REPEAT = "repeat", _("another copy")
        QUARANTINE = "quarantine", _("in quarantine")
        FAILED = "failed", _("failed, will be tried again")
        DISCARDED = "discarded", _("discarded by a member")

    class Origin(models.TextChoices):
        LIVE = "live", _("live")
        SHADOW = "shadow", _("while the mailbox watched")
        ARCHIVE = "archive", _("from an archive")

    door = models.CharField(max_length=8, choices=Door, default=Door.EMAIL)
    mailbox = models.ForeignKey(Mailbox, models.PROTECT, null=True, blank=True, related_name="arrivals")
    place = models.CharField(max_length=300)
    origin = models.CharField(max_length=8, choices=Origin, default=Origin.LIVE)
    raw = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    received = MomentField()
    state = models.CharField(max_length=10, choices=State, default=State.STORED)
    reason = models.CharField(max_length=80, default="", blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try = MomentField(default=0)
    message_id = models.CharField(max_length=998, default="", blank=True)
    fingerprint = models.CharField(max_length=64, default="", blank=True)
    sender = models.CharField(max_length=320, default="", blank=True)
    subject = models.CharField(max_length=300, default="", blank=True)
    verdict = models.CharField(max_length=12, default="", blank=True)
    evidence = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["mailbox", "place"], condition=models.Q(mailbox__isnull=False), name="arrival_once"
            ),
            models.UniqueConstraint(
                fields=["door", "place"], condition=models.Q(mailbox__isnull=True), name="arrival_once_elsewhere"
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try", "id"], condition=models.Q(state__in=["stored", "failed"]), name="arrival_to_read"
            ),
            models.Index(fields=["-received"], condition=models.Q(state="quarantine"), name="arrival_quarantine"),
            models.Index(fields=["message_id"], condition=~models.Q(message_id=""), name="arrival_message_id"),
        ]

    def __str__(self) -> str:
        return f"{self.door} {self.place}"
