"""Where touchpoints come from, and what could not be understood."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from beforehand.lib.fields import MomentField


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

    def __str__(self) -> str:
        return self.hint


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
    body = models.TextField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING, db_index=True)
    settled = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint("source", "request", "position", name="failure_once")]

    def __str__(self) -> str:
        return f"{self.reason}: {self.detail}"


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
