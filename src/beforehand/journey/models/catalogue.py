"""What the names of touchpoints mean: label, stage and kind."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    VALUE = "value", _("value")
    WAIT = "wait", _("wait")
    FAILURE = "failure", _("failure")
    CONTACT = "contact", _("contact")
    SERVICE = "service", _("service")
    OUTREACH = "outreach", _("outreach")
    FEEDBACK = "feedback", _("feedback")


class Stage(models.Model):
    """A part of the journey, from the first time somebody hears of us to word of mouth."""

    key = models.SlugField(primary_key=True, max_length=40)
    label = models.CharField(_("label"), max_length=60)
    position = models.PositiveSmallIntegerField(_("position"))

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return self.label


class CatalogueEntry(models.Model):
    """What a name means, in one version. The highest version of a name is in force; older ones stay."""

    name = models.CharField(max_length=200)
    version = models.PositiveIntegerField(default=1)
    label = models.CharField(_("label"), max_length=200, default="", blank=True)
    stage = models.ForeignKey(Stage, models.SET_NULL, null=True, blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.VALUE)
    guessed = models.BooleanField(default=False)
    reason = models.CharField(max_length=200, default="", blank=True)
    time = models.DateTimeField(auto_now_add=True)
    member = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint("name", "version", name="entry_version_once")]
        verbose_name_plural = "catalogue entries"

    def __str__(self) -> str:
        return self.label or self.name
