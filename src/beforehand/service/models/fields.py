"""Tags and fields of a company's own."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from beforehand.lib.fields import MomentField
from beforehand.service.models.conversation import Conversation


class Tag(models.Model):
    name = models.CharField(_("name"), max_length=60, unique=True)

    def __str__(self) -> str:
        return self.name


class Tagging(models.Model):
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="taggings")
    tag = models.ForeignKey(Tag, models.CASCADE, related_name="taggings")
    time = MomentField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint("conversation", "tag", name="tagging_once")]

    def __str__(self) -> str:
        return f"{self.tag} on {self.conversation_id}"


class Field(models.Model):
    """A question that the desk answers about a conversation. With `required` it must be answered before it is done."""

    class Kind(models.TextChoices):
        TEXT = "text", _("text")
        NUMBER = "number", _("number")
        DATE = "date", _("date")
        CHOICE = "choice", _("one of")
        YES_NO = "yes_no", _("yes or no")

    slug = models.SlugField(max_length=40, unique=True)
    label = models.CharField(_("label"), max_length=80)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.TEXT)
    choices = models.JSONField(_("choices"), default=list, blank=True)
    required = models.BooleanField(_("needed before it is done"), default=False)
    position = models.PositiveSmallIntegerField(default=0)
    off = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.label


class FieldValue(models.Model):
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="values")
    field = models.ForeignKey(Field, models.CASCADE, related_name="values")
    value = models.CharField(max_length=300)
    time = MomentField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint("conversation", "field", name="field_value_once")]

    def __str__(self) -> str:
        return f"{self.field}: {self.value}"
