"""What was computed and is kept, so that a page need not compute it again."""

from django.db import models

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
