"""The lake's manifest. It lives in SQL, so that a reader takes it and the unsealed tail in one transaction."""

from django.db import models

from beforehand.lib.fields import MomentField


class LakeFile(models.Model):
    """A Parquet file of the lake. Its name is unique and its content never changes; it is replaced, not edited."""

    path = models.CharField(max_length=200, unique=True)
    table = models.CharField(max_length=20, default="touchpoints")
    first_day = models.DateField()
    last_day = models.DateField()
    rows = models.BigIntegerField()
    bytes = models.BigIntegerField()
    created = MomentField()
    replaced = MomentField(null=True, db_index=True)

    def __str__(self) -> str:
        return self.path


class LakeState(models.Model):
    """One row: the sequence that the lake is sealed through, and a version that any change of its rows raises."""

    sealed_through = models.BigIntegerField(default=0)
    version = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"sealed through {self.sealed_through}"


class DirtyCustomer(models.Model):
    """A customer whose sealed rows no longer hold: a query reads the lake without them, and them from the record."""

    customer = models.BigIntegerField(primary_key=True)
    since = MomentField()
    reason = models.CharField(max_length=20)

    def __str__(self) -> str:
        return f"{self.customer}: {self.reason}"
