"""Whether it was solved, asked of a sample of customers."""

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from beforehand.lib.fields import MomentField
from beforehand.service.models.conversation import Conversation


class AskedShare(models.Model):
    """How many cases of a hundred are asked about. There is at most one row; without it the default holds."""

    percent = models.PositiveSmallIntegerField(
        _("of a hundred cases that are done"), default=10, validators=[MaxValueValidator(100)]
    )

    def __str__(self) -> str:
        return f"{self.percent} %"

    @classmethod
    def own(cls) -> "AskedShare":
        return cls.objects.first() or cls(pk=1)


class SolvedCheck(models.Model):
    """The question “is it solved?” about one conversation: when it is due, when it was put, what was said.

    `put` is empty until it stands before the customer; a question that never gets there leaves no row.
    """

    conversation = models.OneToOneField(Conversation, models.CASCADE, related_name="solved_check")
    due = MomentField()
    outgoing = models.BigIntegerField(null=True, blank=True)
    """The mail that puts it (a channels Outgoing's id), where it goes by mail."""
    put = MomentField(null=True, blank=True)
    remind_at = MomentField(null=True, blank=True)
    """When it is asked once more by mail; empty where it is not, and from when it was."""
    reminder = models.BigIntegerField(null=True, blank=True)
    """The mail that does (a channels Outgoing's id). It is the same question: it has no row of its own."""
    answered = MomentField(null=True, blank=True)
    solved = models.BooleanField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["due"], condition=models.Q(put__isnull=True, outgoing__isnull=True), name="check_due"),
            models.Index(fields=["outgoing"], condition=models.Q(outgoing__isnull=False), name="check_outgoing"),
            models.Index(fields=["remind_at"], condition=models.Q(remind_at__isnull=False), name="check_to_remind"),
            models.Index(fields=["reminder"], condition=models.Q(reminder__isnull=False), name="check_reminder"),
        ]

    def __str__(self) -> str:
        return f"check of {self.conversation_id}"
