"""Chat: the widget on a company's pages, and the visitors who write in it."""

import hashlib
import secrets
from typing import Any, Self

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from beforehand.channels.models.mailboxes import Mailbox
from beforehand.customers.models import Identifier
from beforehand.lib.fields import MomentField
from beforehand.lib.sealed import seal, unseal
from beforehand.team.models import AuditEntry, Hours, Member, Team

SEALED = "chat widget"


def digest_of(token: str) -> str:
    """What is kept of a visitor's token. It is found by this, so how long a look-up takes tells nothing about it."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


class ChatWidget(models.Model):
    """A chat, and a form, on the company's pages. `key` is public and stands in the script tag; `secret` signs who a
    visitor is, and is shown once.

    origins   sites it may stand on, as browsers name them; empty: anywhere
    greeting  first words by language; whatever language is not named gets those under ""
    fields    what is asked before the first message: [{"name", "label", "kind", "required", "choices"}]
    follow_up minutes after which an answer that was not read goes by mail; 0: never
    languages in which it speaks; empty: all that the program knows
    """

    key = models.CharField(max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    origins = models.JSONField(_("pages it may stand on"), default=list, blank=True)
    team = models.ForeignKey(Team, models.SET_NULL, null=True, blank=True, verbose_name=_("team"))
    hours = models.ForeignKey(Hours, models.SET_NULL, null=True, blank=True, verbose_name=_("working hours"))
    mailbox = models.ForeignKey(
        Mailbox,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("answers leave from"),
    )
    greeting = models.JSONField(_("greeting by language"), default=dict, blank=True)
    fields = models.JSONField(_("asked before the first message"), default=list, blank=True)
    languages = models.JSONField(_("languages"), default=list, blank=True)
    accent = models.CharField(_("colour"), max_length=7, default="", blank=True)
    follow_up = models.PositiveSmallIntegerField(_("minutes until an unread answer goes by mail"), default=10)
    secret = models.TextField(default="", blank=True)
    on = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name

    @classmethod
    def make(cls, by: Member | None = None, **values: Any) -> "tuple[Self, str]":
        """A new widget and its secret, which is not shown again."""
        with transaction.atomic():
            widget = cls.objects.create(key=secrets.token_hex(12), **values)
            AuditEntry.note("made chat", widget.name, by)
            return widget, widget.renew_secret(by)

    def change(self, by: Member | None = None, **values: Any) -> None:
        with transaction.atomic():
            for name, value in values.items():
                setattr(self, name, value)
            self.save(update_fields=list(values))
            AuditEntry.note("changed chat", self.name, by)

    def renew_secret(self, by: Member | None = None) -> str:
        """Another secret. What was signed with the one before vouches for nobody from now on."""
        text = secrets.token_urlsafe(32)
        with transaction.atomic():
            self.secret = seal(text, SEALED)
            self.save(update_fields=["secret"])
            AuditEntry.note("made a secret for chat", self.name, by)
        return text

    def open_secret(self) -> str:
        return str(unseal(self.secret, SEALED)) if self.secret else ""

    def allows(self, origin: str) -> bool:
        return not self.origins or origin in self.origins


class Visitor(models.Model):
    """A browser that chats. `identifier` is the browser's own, or the signed user's once their page vouched for it."""

    widget = models.ForeignKey(ChatWidget, models.CASCADE, related_name="visitors")
    token = models.CharField(max_length=64, unique=True)
    identifier = models.ForeignKey(Identifier, models.PROTECT, related_name="+", db_constraint=False)
    language = models.CharField(max_length=10, default="", blank=True)
    asked = models.JSONField(default=dict, blank=True)
    first_seen = MomentField()
    last_seen = MomentField()

    class Meta:
        indexes = [models.Index(fields=["identifier"], name="visitor_identifier")]

    def __str__(self) -> str:
        return f"visitor {self.pk}"

    @property
    def is_signed(self) -> bool:
        """Whether their page vouched for who they are: only then more is shown than what this browser wrote."""
        return self.identifier.proved

    @property
    def name(self) -> str:
        return str(self.asked.get("name", ""))
