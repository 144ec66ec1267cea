"""Promises: the rules that say which touchpoints are one, and the projection of them."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from beforehand.customers.models import Customer
from beforehand.journey.models.versions import InVersions
from beforehand.lib.fields import JSONTextField, MomentField


class PromiseRule(InVersions):
    """Which touchpoint is a promise, in one version: it holds for those from `since` on, the first one for all before.

    `due` is the property that says by when; without it the promise is due `within` seconds later. `kept_by` is its
    evidence, a list of names or {name, where}; with `key` it must carry the same value of that property. `off`: from
    `since` on, the touchpoint is no promise.
    """

    name = models.CharField(_("touchpoint"), max_length=200)
    what = models.CharField(_("what is promised"), max_length=200)
    kept_by = models.JSONField(_("kept by"), default=list)
    key = models.CharField(_("key"), max_length=100, default="", blank=True)
    due = models.CharField(_("due"), max_length=100, default="due", blank=True)
    within = models.FloatField(_("else within (seconds)"), default=7 * 86_400)

    class Meta:
        constraints = [models.UniqueConstraint("name", "version", name="promise_rule_version_once")]
        ordering: ClassVar = ["name", "version"]

    def __str__(self) -> str:
        return f"{self.name}: {self.what}"


class Promise(models.Model):
    """Something we said we would do. A projection of touchpoints; its id is that of the touchpoint that made it.

    `state` is as of the last catching-up: an open one that has become due is told at once by `due`. `need_kind` and
    `need_opened_by` name the need, where the promise says which.
    """

    class State(models.TextChoices):
        OPEN = "open", _("open")
        KEPT = "kept", _("kept")
        KEPT_LATE = "kept_late", _("kept late")
        BROKEN = "broken", _("broken")
        RENEGOTIATED = "renegotiated", _("renegotiated")
        WITHDRAWN = "withdrawn", _("withdrawn")

    id = models.BigIntegerField(primary_key=True)
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="promises", db_constraint=False)
    made = MomentField()
    what = models.CharField(max_length=200)
    who = models.CharField(max_length=200, default="")
    due = MomentField()
    kept_by = JSONTextField(default=list)
    key = models.CharField(max_length=100, default="")
    key_value = models.CharField(max_length=200, default="")
    need_kind = models.CharField(max_length=60, default="")
    need_opened_by = models.BigIntegerField(null=True)
    replaces = models.BigIntegerField(null=True)
    state = models.CharField(max_length=12, choices=State, default=State.OPEN)
    settled = MomentField(null=True)
    settled_by = models.BigIntegerField(null=True)
    ended = MomentField(null=True)

    class Meta:
        indexes = [models.Index("state", "due", name="promise_due")]

    def __str__(self) -> str:
        return self.what
