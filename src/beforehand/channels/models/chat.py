"""Chat: the widget on a company's pages, and the visitors who write in it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from beforehand.customers.models import Identifier
from beforehand.lib.fields import MomentField
from beforehand.team.models import Hours, Team


class ChatWidget(models.Model):
    """A chat on the company's pages. `key` is public and stands in the script tag; `secret` signs who a visitor is."""

    key = models.CharField(max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    origins = models.JSONField(_("pages it may stand on"), default=list, blank=True)
    team = models.ForeignKey(Team, models.SET_NULL, null=True, blank=True, verbose_name=_("team"))
    hours = models.ForeignKey(Hours, models.SET_NULL, null=True, blank=True, verbose_name=_("working hours"))
    greeting = models.JSONField(_("greeting by language"), default=dict, blank=True)
    fields = models.JSONField(_("asked before the first message"), default=list, blank=True)
    accent = models.CharField(_("colour"), max_length=7, default="", blank=True)
    secret = models.TextField(default="", blank=True)
    on = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name


class Visitor(models.Model):
    """A browser that chats. `identifier` is the browser's own, or the signed user's once their page vouched for it."""

    widget = models.ForeignKey(ChatWidget, models.CASCADE, related_name="visitors")
    token = models.CharField(max_length=64, unique=True)
    identifier = models.ForeignKey(Identifier, models.PROTECT, related_name="+", db_constraint=False)
    language = models.CharField(max_length=10, default="", blank=True)
    asked = models.JSONField(default=dict, blank=True)
    first_seen = MomentField()
    last_seen = MomentField()

    def __str__(self) -> str:
        return f"visitor {self.pk}"
