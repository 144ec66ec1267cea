"""Where touchpoints come from, and what could not be understood."""

import hashlib
import secrets
from typing import Any, Self
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from beforehand.lib.fields import JSONTextField, MomentField
from beforehand.team.models import AuditEntry


class Source(models.Model):
    """Something that sends touchpoints. (source, message id) is unique for ever."""

    class Kind(models.TextChoices):
        IMPORT = "import", _("imported files")
        BROWSER = "browser", _("browser")
        SERVER = "server", _("server")
        ROOM = "room", _("Beforehand itself")

    name = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=10, choices=Kind)

    def __str__(self) -> str:
        return self.name

    @property
    def verified(self) -> bool:
        """A browser's key is public, so what it says of a person is a claim."""
        return self.kind != self.Kind.BROWSER


class KeyNotPossible(Exception):
    """A write key that cannot be made; the message says why and what would do."""


BROWSER_PER_SECOND = 1000


def digest_of(key: str) -> str:
    """What is kept of a write key. A key is long and random, so a plain hash cannot be guessed back."""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def site_of(origin: str) -> str:
    """A site as browsers name it: scheme, host and port, and nothing behind them."""
    no_site = KeyNotPossible(_("“%(origin)s” is no site. Write one like https://shop.example.") % {"origin": origin})
    try:
        parts = urlsplit(origin.strip().lower())
    except ValueError as problem:
        raise no_site from problem
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path.strip("/") or parts.query:
        raise no_site
    return f"{parts.scheme}://{parts.netloc}"


class WriteKey(models.Model):
    """What an SDK sends to say where it belongs.

    A browser's key is public and kept as it is. A server's key is a secret: only its hash is kept, and the first
    characters to tell it by.
    """

    source = models.ForeignKey(Source, models.CASCADE, related_name="keys")
    hint = models.CharField(max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    origins = models.JSONField(default=list, blank=True)
    per_second = models.IntegerField(null=True, blank=True)
    created = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    revoked = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["revoked", "-created"]

    def __str__(self) -> str:
        return self.hint

    @classmethod
    @transaction.atomic
    def create(
        cls, name: str, kind: str, by: Any = None, origins: list[str] | None = None, per_second: int | None = None
    ) -> tuple[Self, str]:
        """A new key for the source of this name, which is made when there is none. Gives the key and its text.

        The text of a server's key is nowhere kept: this is the only time that anybody sees it. A browser's key may
        bring 1,000 messages a second unless something else is said, because anybody can find and use it.
        """
        source, _made = Source.objects.get_or_create(name=name, defaults={"kind": kind})
        if source.kind != kind:
            raise KeyNotPossible(
                _("“%(name)s” is a source of another kind (%(kind)s). Choose another name.")
                % {"name": name, "kind": source.get_kind_display()}
            )
        browser = kind == Source.Kind.BROWSER
        text = ("bw_" if browser else "bs_") + secrets.token_urlsafe(24)
        key = cls.objects.create(
            source=source,
            hint=text if browser else f"{text[:8]}…",
            digest=digest_of(text),
            origins=[site_of(origin) for origin in origins or []],
            per_second=per_second or (BROWSER_PER_SECOND if browser else None),
            created_by=by,
        )
        AuditEntry.note("made write key", key.hint, by, source=name, kind=kind)
        return key, text

    @property
    def public(self) -> bool:
        return self.source.kind == Source.Kind.BROWSER

    @transaction.atomic
    def revoke(self, by: Any = None) -> None:
        """From the next seconds on nothing that carries this key is taken. What it brought stays."""
        if self.revoked is None:
            self.revoked, self.revoked_by = timezone.now(), by
            self.save(update_fields=["revoked", "revoked_by"])
            AuditEntry.note("revoked write key", self.hint, by, source=self.source.name)

    @transaction.atomic
    def limit(self, origins: list[str], per_second: int | None, by: Any = None) -> None:
        """Say from which sites the key may be used, and how many messages a second it may bring."""
        self.origins, self.per_second = [site_of(origin) for origin in origins], per_second
        self.save(update_fields=["origins", "per_second"])
        AuditEntry.note("limited write key", self.hint, by, origins=origins, per_second=per_second)


class DrainCursor(models.Model):
    """The last request of the intake database that the record holds. Moves in the transaction that records it."""

    position = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.position)


class FailedMessage(models.Model):
    """A message that could not be understood. It waits here with its reason until somebody mends or dismisses it."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        REPLAYED = "replayed", _("processed again")
        DISMISSED = "dismissed", _("dismissed")

    source = models.ForeignKey(Source, models.CASCADE, related_name="failures")
    request = models.BigIntegerField(default=0)
    position = models.IntegerField(default=0)
    received = MomentField()
    reason = models.CharField(max_length=40, db_index=True)
    detail = models.CharField(max_length=500, default="")
    path = models.CharField(max_length=60, default="/v1/batch")
    around = JSONTextField(default=dict)
    body = models.TextField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING, db_index=True)
    settled = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint("source", "request", "position", name="failure_once")]
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.reason}: {self.detail}"

    def replay(self, by: Any = None, body: str | None = None) -> bool:
        """Process it again, with another text if one is given; whether it could be understood this time.

        It is the same message still, so doing so twice records it once.
        """
        from beforehand.journey.drain import process_again

        if body is not None:
            self.body = body.replace("\0", "\ufffd")
        return process_again(self, by)

    def dismiss(self, by: Any = None) -> None:
        """Settle it without recording anything. Its text stays here."""
        self.settle(self.State.DISMISSED, by)

    def settle(self, state: str, by: Any = None) -> None:
        self.state, self.settled, self.settled_by = state, timezone.now(), by
        self.save()


class ImportRun(models.Model):
    """One run of `beforehand import`."""

    source = models.ForeignKey(Source, models.CASCADE)
    file = models.CharField(max_length=400)
    mapping = models.JSONField(default=dict)
    started = models.DateTimeField(auto_now_add=True)
    finished = models.DateTimeField(null=True)
    read = models.BigIntegerField(default=0)
    added = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return self.file
