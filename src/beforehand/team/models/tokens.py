"""Tokens: what programs show to act as a member."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from beforehand.lib.prepared import Prepared
from beforehand.team.models.members import AuditEntry, Member


class ApiToken(models.Model):
    """What a program shows to act as a member: never more than the member may, and no more than its scopes name.

    The text of a token is shown once; kept is its hash. It ends with the member's account, when it is revoked, and at
    `expires`.
    """

    class Scope(models.TextChoices):
        READ = "conversations:read", _("read conversations")
        WRITE = "conversations:write", _("answer and change conversations")
        CUSTOMERS = "customers:read", _("look up customers")
        IDENTIFY = "customers:write", _("say who customers are; it is taken as true")
        RECEIVE = "messages:receive", _("bring in messages of customers")
        MAILBOXES = "mailboxes:read", _("list mailboxes")

    member = models.ForeignKey(Member, models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("name"), max_length=80)
    digest = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=12)
    scopes = models.JSONField(_("may"), default=list)
    created = models.DateTimeField(auto_now_add=True)
    expires = models.DateTimeField(_("ends"), null=True, blank=True)
    revoked = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(Member, models.SET_NULL, null=True, blank=True, related_name="+")
    last_used = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name

    @classmethod
    def make(
        cls, member: Member, name: str, scopes: list[str], expires: datetime | None = None
    ) -> "tuple[ApiToken, str]":
        """A token and its text."""
        text = f"bh_{secrets.token_urlsafe(32)}"
        with transaction.atomic():
            token = cls.objects.create(
                member=member, name=name, digest=_digest(text), hint=f"…{text[-4:]}", scopes=scopes, expires=expires
            )
            AuditEntry.note("made API token", name, member, scopes=", ".join(scopes))
        return token, text

    @classmethod
    def of(cls, text: str) -> "ApiToken | None":
        """The token in force with this text. It is found by a hash, so the time of a look-up tells nothing about it."""
        now = timezone.now()
        token = _in_force.first(_digest(text))
        if token is None or (token.expires and token.expires <= now):
            return None
        if token.last_used is None or now - token.last_used > timedelta(minutes=1):
            cls.objects.filter(pk=token.pk).update(last_used=now)
        return token

    def revoke(self, by: Member | None = None) -> None:
        with transaction.atomic():
            self.revoked, self.revoked_by = timezone.now(), by
            self.save(update_fields=["revoked", "revoked_by"])
            AuditEntry.note("revoked API token", self.name, by)


_in_force = Prepared(
    lambda digest: ApiToken.objects.select_related("member").filter(
        digest=digest, revoked=None, member__is_active=True
    ),
    str,
)


class ApiAnswer(models.Model):
    """What was answered to a request that named itself (`Idempotency-Key`), so that sent again it happens once."""

    token = models.ForeignKey(ApiToken, models.CASCADE, related_name="+")
    key = models.CharField(max_length=100)
    request = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    body = models.TextField(default="")
    time = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint("token", "key", name="api_answer_once")]

    def __str__(self) -> str:
        return self.key


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
