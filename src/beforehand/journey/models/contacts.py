"""What a contact costs, and the samples of contacts that people judge to check the machine."""

from decimal import Decimal

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from beforehand.lib.fields import MomentField


class ContactCost(models.Model):
    """What one contact of a channel costs, in the company's currency. The empty channel stands for all others."""

    channel = models.CharField(_("channel"), max_length=40, unique=True, blank=True)
    cost = models.DecimalField(_("cost"), max_digits=9, decimal_places=2, validators=[MinValueValidator(Decimal(0))])
    changed = models.DateTimeField(auto_now=True)
    member = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    def __str__(self) -> str:
        return f"{self.channel or _('all others')}: {self.cost}"


class AuditDraw(models.Model):
    """A random sample of the contacts of a period, drawn for people to judge. `seed` makes it the same again."""

    time = models.DateTimeField(auto_now_add=True)
    member = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    first = MomentField()
    last = MomentField()
    seed = models.BigIntegerField()

    class Meta:
        ordering = ["-time", "-pk"]

    def __str__(self) -> str:
        return f"{self.time:%Y-%m-%d}"


class AuditItem(models.Model):
    """One contact to judge. It keeps what the machine said when it was drawn; `verdict` is the person's word.

    `stratum` is the machine's cause; `weight` how many contacts of the period it stands for.
    """

    draw = models.ForeignKey(AuditDraw, models.CASCADE, related_name="items")
    contact = models.BigIntegerField(db_index=True)
    stratum = models.CharField(max_length=12)
    weight = models.FloatField()
    probability = models.FloatField()
    need_kind = models.CharField(max_length=60)
    need_opened_by = models.BigIntegerField()
    verdict = models.CharField(max_length=12, default="")
    need_right = models.BooleanField(null=True)
    judged = models.DateTimeField(null=True)
    judged_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint("draw", "contact", name="audited_once")]

    def __str__(self) -> str:
        return f"{self.contact}: {self.verdict or '–'}"
