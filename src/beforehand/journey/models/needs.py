"""Kinds of need in their versions, and the projection of needs and contacts that follows from the touchpoints.

The rows of `Need` and `Contact` mirror `journey.needs.shapes`; the steps of a need lie in it as JSON. Ids follow from
the touchpoints: a need's is `opened_by << 10 | number of its kind`, a contact's is its touchpoint's, so a rebuild gives
the same ids.
"""

from django.db import models
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from beforehand.customers.models import Customer
from beforehand.journey.models.versions import InVersions
from beforehand.lib.fields import JSONTextField, MomentField


class NeedKind(InVersions):
    """A kind of need in one version. It holds for needs that open from `since` on; the first one for all before too.

    `number` is the kind's own, the same in all versions. A version that is `off` opens no need.
    """

    slug = models.SlugField(max_length=60)
    number = models.PositiveSmallIntegerField()
    title = models.CharField(_("title"), max_length=200)
    definition = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint("slug", "version", name="need_kind_version_once")]
        ordering = ["slug", "version"]

    def __str__(self) -> str:
        return self.title


class Need(models.Model):
    """What one customer wants to get done, and how far it is."""

    class How(models.TextChoices):
        HUMAN = "human", _("by a person")
        PROACTIVE = "proactive", _("by us, beforehand")
        GUIDED = "guided", _("with a guide")
        SELF_SERVICE = "self_service", _("with self-service")
        BY_ITSELF = "by_itself", _("by itself")

    id = models.BigIntegerField(primary_key=True)
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="needs", db_constraint=False, db_index=False)
    kind = models.CharField(max_length=60)
    version = models.IntegerField()
    key = models.CharField(max_length=200, default="")
    opened = MomentField()
    opened_by = models.BigIntegerField()
    step = models.CharField(max_length=60, default="")
    step_since = MomentField(null=True)
    steps = JSONTextField(default=list)
    stuck_at = MomentField(null=True)
    met = MomentField(null=True)
    met_by = models.BigIntegerField(null=True)
    how = models.CharField(max_length=12, choices=How, default="")
    abandoned = MomentField(null=True)
    first_trouble = MomentField(null=True)
    trouble = JSONTextField(default=list)
    contacts = models.IntegerField(default=0)
    first_contact = MomentField(null=True)
    noticed_by = models.CharField(max_length=10, default="")
    lead = models.FloatField(null=True)
    excluded = models.CharField(max_length=200, default="")

    class Meta:
        indexes = [
            models.Index("kind", "step", "stuck_at", name="need_open", condition=models.Q(met=None)),
            models.Index("customer", Coalesce("met", "abandoned"), name="need_over"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}".strip()


class Contact(models.Model):
    """A contact, the need that it is about, and its cause. Its id is that of the touchpoint."""

    class Cause(models.TextChoices):
        VALUE = "value", _("value")
        INFORMATION = "information", _("information")
        FAILURE = "failure", _("failure")
        CHASE = "chase", _("chase")
        RIGHTS = "rights", _("rights")

    id = models.BigIntegerField(primary_key=True)
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="contacts", db_constraint=False, db_index=False)
    time = MomentField()
    name = models.CharField(max_length=200)
    channel = models.CharField(max_length=40, default="")
    need = models.BigIntegerField(db_index=True)
    linked_by = models.CharField(max_length=10)
    cause = models.CharField(max_length=12, choices=Cause)
    probability = models.FloatField(default=0)
    origin = models.BigIntegerField(null=True)
    origin_name = models.CharField(max_length=200, default="")
    origin_step = models.CharField(max_length=60, default="")
    repeat_of = models.BigIntegerField(null=True)
    owner = models.CharField(max_length=60, default="")
    evidence = JSONTextField(default=dict)
    overruled_by = models.BigIntegerField(null=True)

    class Meta:
        indexes = [models.Index("customer", "time", name="contact_of_customer")]

    def __str__(self) -> str:
        return f"{self.name}: {self.cause}"


class StepBaseline(models.Model):
    """How long a step takes when all is well, learned once from a window that is frozen.

    Of all who entered the step in the window: `median` seconds of those who finished; `late` the wait after which the
    chance to finish within one more median is below 20 %; `loops` the 99th percentile of goings-back. None of the three
    is known when fewer than 50 finished.
    """

    kind = models.CharField(max_length=60)
    version = models.IntegerField()
    step = models.CharField(max_length=60)
    first = MomentField()
    last = MomentField()
    entered = models.IntegerField()
    finished = models.IntegerField()
    median = models.FloatField(null=True)
    late = models.FloatField(null=True)
    loops = models.IntegerField(null=True)
    learned = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint("kind", "version", "step", name="step_baseline_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.version}: {self.step}"


class NeedDue(models.Model):
    """A customer whose needs are to be traced again: their touchpoints changed hands, or a baseline was learned."""

    customer = models.BigIntegerField(db_index=True)

    def __str__(self) -> str:
        return str(self.customer)


class NeedChanged(models.Model):
    """A customer whose needs the lake's fact files do not hold as they are. `mark` rises with every change."""

    customer = models.BigIntegerField(primary_key=True)
    mark = models.BigIntegerField()

    def __str__(self) -> str:
        return str(self.customer)
