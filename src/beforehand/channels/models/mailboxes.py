"""Mailboxes: an address of ours with what is needed to read it and to send from it."""

from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from beforehand.lib import sealed
from beforehand.team.models import AuditEntry, Member, Team

SEALED_FOR = "channels.mailbox"


class Mailbox(models.Model):
    """An address of ours. A new one only watches (`watching`): it shows what it would do and sends nothing."""

    class State(models.TextChoices):
        WATCHING = "watching", _("watching: reads, and sends nothing")
        LIVE = "live", _("live")
        OFF = "off", _("off")

    class Way(models.TextChoices):
        SMTP = "smtp", _("IMAP and SMTP")
        PROVIDER = "provider", _("a mail provider")
        FOLDER = "folder", _("a folder, to try it out: nothing leaves this machine")

    class Proof(models.TextChoices):
        PASSWORD = "password", _("user and password")
        OAUTH = "oauth", _("OAuth 2")

    class Security(models.TextChoices):
        TLS = "tls", "TLS"
        STARTTLS = "starttls", "STARTTLS"
        NONE = "none", _("none (loopback only)")

    address = models.EmailField(_("address"), unique=True)
    aliases = models.JSONField(_("also ours"), default=list, blank=True)
    name = models.CharField(_("name that customers see"), max_length=120, default="", blank=True)
    team = models.ForeignKey(Team, models.SET_NULL, null=True, blank=True, verbose_name=_("team"))
    signature = models.TextField(_("signature"), default="", blank=True)
    acknowledgement = models.TextField(_("acknowledgement"), default="", blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.WATCHING)
    state_since = models.DateTimeField(auto_now_add=True)
    state_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    way = models.CharField(_("way"), max_length=8, choices=Way, default=Way.SMTP)
    proof = models.CharField(_("log-in"), max_length=8, choices=Proof, default=Proof.PASSWORD)
    imap_host = models.CharField(_("IMAP server"), max_length=200, default="", blank=True)
    imap_port = models.PositiveIntegerField(_("IMAP port"), default=993)
    imap_security = models.CharField(max_length=8, choices=Security, default=Security.TLS)
    smtp_host = models.CharField(_("SMTP server"), max_length=200, default="", blank=True)
    smtp_port = models.PositiveIntegerField(_("SMTP port"), default=587)
    smtp_security = models.CharField(max_length=8, choices=Security, default=Security.STARTTLS)
    user = models.CharField(_("user"), max_length=200, default="", blank=True)
    folder = models.CharField(_("folder"), max_length=200, default="INBOX")
    provider = models.CharField(_("provider"), max_length=40, default="", blank=True)
    settings = models.JSONField(default=dict, blank=True)
    secret = models.TextField(default="", blank=True)
    """Password, tokens and keys, sealed (`lib/sealed.py`)."""
    trusted_servers = models.JSONField(_("servers whose Authentication-Results count"), default=list, blank=True)

    uid_validity = models.BigIntegerField(default=0)
    uid_through = models.BigIntegerField(default=0)
    checked = models.DateTimeField(null=True, blank=True)
    trouble = models.TextField(default="", blank=True)

    class Meta:
        verbose_name_plural = "mailboxes"

    def __str__(self) -> str:
        return self.address

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]

    def opened(self) -> dict[str, Any]:
        """Password, tokens and keys in the clear. Raises Trouble when the secret key was changed since."""
        return sealed.unseal(self.secret, SEALED_FOR) if self.secret else {}

    def keep_secret(self, secret: dict[str, Any]) -> None:
        self.secret = sealed.seal(secret, SEALED_FOR)
        if self.pk:
            type(self).objects.filter(pk=self.pk).update(secret=self.secret)

    def become(self, state: str, by: Member | None = None) -> None:
        """Watch, go live or be off, by whose word and since when."""
        with transaction.atomic():
            row = type(self).objects.select_for_update().get(pk=self.pk)
            if row.state == state:
                return
            AuditEntry.note("switched", f"mailbox {row.address}", by, state=[row.state, state])
            row.state, row.state_since, row.state_by = state, timezone.now(), by
            row.save(update_fields=["state", "state_since", "state_by"])
        self.state, self.state_since, self.state_by = row.state, row.state_since, by

    @classmethod
    def own_addresses(cls) -> frozenset[str]:
        """Keys of all addresses that are ours, aliases too."""
        every = cls.objects.values_list("address", "aliases")
        return frozenset(name.lower() for address, aliases in every for name in (address, *aliases))


class Blocked(models.Model):
    """An address from which nothing comes in: its mail waits in quarantine."""

    key = models.CharField(max_length=320, unique=True)
    since = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name_plural = "blocked"

    def __str__(self) -> str:
        return self.key
