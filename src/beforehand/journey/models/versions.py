"""What is kept in versions that each hold from a moment on: kinds of need, rules of promises."""

from django.conf import settings
from django.db import models

from beforehand.lib.fields import MomentField


class InVersions(models.Model):
    """One version, who made it and when. It holds from `since` on; `off`: from then on there is none of it."""

    version = models.PositiveIntegerField(default=1)
    since = MomentField(default=0)
    off = models.BooleanField(default=False)
    time = models.DateTimeField(auto_now_add=True)
    member = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        abstract = True
