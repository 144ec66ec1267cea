"""Files by their content: raw mails, attachments."""

from django.db import models


class StoredFile(models.Model):
    """Bytes on disk under the name of their SHA-256, once however often they come (`channels/files.py`)."""

    class Scan(models.TextChoices):
        NONE = "none", "not looked at"
        CLEAN = "clean", "clean"
        INFECTED = "infected", "infected"
        REFUSED = "refused", "the scanner does not take it"

    sha256 = models.CharField(max_length=64, unique=True)
    size = models.BigIntegerField()
    scan = models.CharField(max_length=8, choices=Scan, default=Scan.NONE)
    found = models.CharField(max_length=200, default="", blank=True)

    def __str__(self) -> str:
        return self.sha256[:12]
