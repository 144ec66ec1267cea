"""The lake's manifest. It lives in SQL, so that a reader takes it and the unsealed tail in one transaction."""

from django.db import models

from beforehand.lib.fields import MomentField


class LakeFile(models.Model):
    """A Parquet file of the lake. Its name is unique and its content never changes; it is replaced, not edited.

    `names` are the names of the touchpoints in it. A file that is `replaced` is in no reader's list any more; it goes
    from the disk when the grace time is over.
    """

    path = models.CharField(max_length=200, unique=True)
    table = models.CharField(max_length=20, default="touchpoints")
    first_day = models.DateField()
    last_day = models.DateField()
    rows = models.BigIntegerField()
    bytes = models.BigIntegerField()
    names = models.JSONField(default=list)
    created = MomentField()
    replaced = MomentField(null=True, db_index=True)

    def __str__(self) -> str:
        return self.path


class LakeState(models.Model):
    """One row: how far the lake is sealed, and what its files were made with.

    `version` rises with everything that could change a number: rows sealed, customers dirty, an erasure, a rebuild.
    `switches` counts the changes of the list of files (and erasures): whoever writes files looks whether it is still
    what it was when they began, and gives up if not. `zone` is the zone that the column `day` was computed in.
    """

    sealed_through = models.BigIntegerField(default=0)
    version = models.BigIntegerField(default=0)
    switches = models.BigIntegerField(default=0)
    zone = models.CharField(max_length=60, default="")

    def __str__(self) -> str:
        return f"sealed through {self.sealed_through}"

    @classmethod
    def own(cls) -> "LakeState":
        """The row as it is; one that was never saved while the lake is new."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)

    @classmethod
    def locked(cls) -> "LakeState":
        """The row, held until the transaction ends."""
        cls.objects.get_or_create(pk=1)
        return cls.objects.select_for_update().get(pk=1)


class DirtyCustomer(models.Model):
    """A customer whose sealed rows no longer hold: a query reads the lake without them, and them from the record.

    `mark` is the lake's version that the last change made: compaction takes a customer off this list only when it is
    still the one that compaction has seen.
    """

    customer = models.BigIntegerField(primary_key=True)
    mark = models.BigIntegerField()
    since = MomentField()
    reason = models.CharField(max_length=20)

    def __str__(self) -> str:
        return f"{self.customer}: {self.reason}"
