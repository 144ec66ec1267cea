"""What was computed and is kept, so that a page need not compute it again."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from beforehand.lib.fields import MomentField


class StoredResult(models.Model):
    """The result of one query at one version of the lake."""

    key = models.CharField(max_length=64, primary_key=True)
    measure = models.CharField(max_length=60, db_index=True)
    lake_version = models.BigIntegerField()
    computed = MomentField()
    payload = models.JSONField()

    def __str__(self) -> str:
        return f"{self.measure} at {self.lake_version}"


class Scan(models.Model):
    """One search for breaks over a period. The latest finished one is what the pages show."""

    started = models.DateTimeField(auto_now_add=True)
    finished = models.DateTimeField(null=True)
    through = models.BigIntegerField(default=0)
    settings = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"scan {self.pk}"


class Break(models.Model):
    """A place where the journey goes wrong, as one scan found it."""

    class Kind(models.TextChoices):
        LOOP = "loop"
        CHANGE = "change"
        WAIT = "wait"
        DEAD_END = "dead_end"

    scan = models.ForeignKey(Scan, models.CASCADE, related_name="breaks")
    rank = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField(max_length=200)
    payload = models.JSONField()

    class Meta:
        ordering = ["rank"]

    def __str__(self) -> str:
        return f"{self.kind} at {self.name}"


class KnownBreak(models.Model):
    """A member's word that a break is known and needs no attention. It names the break by what it is, not by the scan
    that found it, so it holds for later scans too."""

    kind = models.CharField(max_length=10, choices=Break.Kind)
    name = models.CharField(max_length=200)
    to = models.CharField(max_length=200, blank=True)
    segment = models.CharField(max_length=300, blank=True)
    start = models.DateField(null=True)
    end = models.DateField(null=True)
    why = models.CharField(max_length=300)
    member = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    time = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.kind} at {self.name}: {self.why}"


class CauseSearch(models.Model):
    """One search for the causes of contacts. The latest finished one is what the pages show."""

    started = models.DateTimeField(auto_now_add=True)
    finished = models.DateTimeField(null=True)
    through = models.BigIntegerField(default=0)
    lake_version = models.BigIntegerField(default=0)
    method = models.PositiveIntegerField(default=1)
    payload = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"search for causes {self.pk}"


class ContactCause(models.Model):
    """A candidate that one search judged, blamed or not, with those whom it struck last."""

    search = models.ForeignKey(CauseSearch, models.CASCADE, related_name="causes")
    rank = models.PositiveIntegerField()
    key = models.CharField(max_length=500)
    found = models.BooleanField()
    payload = models.JSONField()
    victims = models.JSONField(default=list)

    class Meta:
        ordering = ["rank"]

    def __str__(self) -> str:
        return self.key


class SavedSegment(models.Model):
    """Customers whom a member has described once, to look at in every board.

    `conditions`: `touchpoints` (a list of `key:value`; of one key any of them), `kinds` and `state` of a need that they
    have, `causes` of a contact that they made. All that are given hold; see `insight/saved.py`.
    """

    name = models.CharField(_("name"), max_length=80, unique=True)
    conditions = models.JSONField(default=dict)
    changed = models.DateTimeField(auto_now=True)
    member = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
