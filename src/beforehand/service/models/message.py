"""Messages: what was said, by whom, with which files; drafts of what will be."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from beforehand.channels.models import Arrival, Outgoing, StoredFile
from beforehand.customers.models import Identifier
from beforehand.lib.fields import MomentField
from beforehand.service.models.conversation import Conversation


class Message(models.Model):
    """One message of a conversation. It keeps its conversation for ever: a merged thread is read over its members.

    `text` is the whole of it; `reply_ends` and `quote` say where what is new ends (folding is presentation). `html` is
    cleaned HTML or empty. `machine` is what kind of machine wrote it, empty for a person. `touchpoint` is its place in
    the record.
    """

    class Kind(models.TextChoices):
        INBOUND = "inbound", _("from the customer")
        OUTBOUND = "outbound", _("to the customer")
        NOTE = "note", _("note, your team only")
        BOT = "bot", _("from the bot")

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="messages")
    kind = models.CharField(max_length=8, choices=Kind)
    channel = models.CharField(max_length=10)
    time = MomentField()
    identifier = models.ForeignKey(
        Identifier, models.PROTECT, null=True, blank=True, related_name="+", db_constraint=False
    )
    member = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    machine = models.CharField(max_length=12, default="", blank=True)
    subject = models.CharField(max_length=300, default="", blank=True)
    text = models.TextField(default="", blank=True)
    html = models.TextField(default="", blank=True)
    reply_ends = models.PositiveIntegerField(null=True, blank=True)
    """Characters of `text` before the quoted part and the signature; None when nothing is to be folded."""
    headers = models.JSONField(default=dict, blank=True)
    """Recipients (from, to, cc, reply_to), how the sender was proved, what was wrong with the mail."""
    arrival = models.ForeignKey(Arrival, models.PROTECT, null=True, blank=True, related_name="messages")
    outgoing = models.OneToOneField(Outgoing, models.PROTECT, null=True, blank=True, related_name="message")
    touchpoint = models.BigIntegerField(null=True, blank=True)
    macro = models.ForeignKey("service.Macro", models.SET_NULL, null=True, blank=True, related_name="+")
    split_from = models.BigIntegerField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["conversation", "time", "id"], name="message_in_order")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Attachment(models.Model):
    """A file of a message. `cid`: shown inside its HTML."""

    message = models.ForeignKey(Message, models.CASCADE, null=True, blank=True, related_name="attachments")
    draft = models.ForeignKey("service.Draft", models.CASCADE, null=True, blank=True, related_name="attachments")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    type = models.CharField(max_length=120, default="application/octet-stream")
    cid = models.CharField(max_length=200, default="", blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["position", "id"]

    def __str__(self) -> str:
        return self.name


class KnownId(models.Model):
    """A Message-ID that was seen or sent, and its conversation. Relays change ids, so a message may have several."""

    mail_id = models.CharField(max_length=998)
    message = models.ForeignKey(Message, models.CASCADE, related_name="known_ids")
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="+")
    fingerprint = models.CharField(max_length=64, default="", blank=True)

    class Meta:
        constraints = [models.UniqueConstraint("mail_id", "message", name="known_id_once")]

    def __str__(self) -> str:
        return self.mail_id


class Mention(models.Model):
    """A member who was named in a note, until they have seen it."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="mentions")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="mentions")
    seen = MomentField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint("message", "member", name="mention_once")]

    def __str__(self) -> str:
        return f"@{self.member}"


class Draft(models.Model):
    """What a member is writing, kept on the server. `based_on` is the conversation's `through` when they began: a send
    is stopped when the thread has changed since."""

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="drafts")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="drafts")
    mode = models.CharField(max_length=8, default="reply")
    """reply, note, forward (opens a side conversation)."""
    to = models.JSONField(default=list, blank=True)
    cc = models.JSONField(default=list, blank=True)
    bcc = models.JSONField(default=list, blank=True)
    text = models.TextField(default="", blank=True)
    based_on = models.BigIntegerField(default=0)
    macro = models.ForeignKey("service.Macro", models.SET_NULL, null=True, blank=True, related_name="+")
    changed = MomentField()

    class Meta:
        constraints = [models.UniqueConstraint("conversation", "member", "mode", name="draft_once")]

    def __str__(self) -> str:
        return f"draft of {self.member} in {self.conversation_id}"
