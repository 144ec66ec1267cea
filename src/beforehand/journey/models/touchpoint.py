"""Touchpoints, and the summary of each customer's journey that follows from them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from beforehand.customers.models import Customer, Identifier
from beforehand.journey.models.intake import Source
from beforehand.lib.fields import JSONTextField, MomentField


class Touchpoint(models.Model):
    """One thing that happened. Immutable; its id is its sequence number in commit order.

    It hangs on the identifier that was sent, never on a customer: who that is follows from the edges. A name that
    begins with `$` ($identify, $group, $alias) is bookkeeping: kept in the record, never part of a journey. What is
    withdrawn from a journey gets a `$`, and loses it when it is brought back (`journey/withdrawing.py`).
    """

    class Actor(models.TextChoices):
        CUSTOMER = "customer", _("customer")
        COMPANY = "company", _("company")
        SYSTEM = "system", _("system")

    id = models.BigAutoField(primary_key=True)
    source = models.ForeignKey(Source, models.PROTECT, db_index=False)
    message_id = models.CharField(max_length=200)
    identifier = models.ForeignKey(Identifier, models.PROTECT, related_name="touchpoints", db_index=False)
    name = models.CharField(max_length=200)
    time = MomentField()
    received = MomentField()
    channel = models.CharField(max_length=40, default="")
    place = models.CharField(max_length=400, default="")
    actor = models.CharField(max_length=10, choices=Actor, default=Actor.CUSTOMER)
    properties = JSONTextField(default=dict)
    sent_as = JSONTextField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint("source", "message_id", name="touchpoint_once")]
        indexes = [models.Index("identifier", "time", name="touchpoint_journey")]

    def __str__(self) -> str:
        return self.name


class Journey(models.Model):
    """One customer's journey in a row: a projection of the touchpoints, for lists and as a fact table."""

    customer = models.OneToOneField(Customer, models.CASCADE, primary_key=True, related_name="journey")
    first_time = MomentField()
    last_time = MomentField(db_index=True)
    touchpoints = models.IntegerField()

    def __str__(self) -> str:
        return f"journey of {self.customer_id}"


class ProjectionCursor(models.Model):
    """How far a projection has followed the touchpoints. It moves in the same transaction as the projection's rows."""

    name = models.CharField(max_length=40, primary_key=True)
    sequence = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name} at {self.sequence}"
