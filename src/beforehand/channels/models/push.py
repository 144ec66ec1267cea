"""Devices that members let be pushed to."""

from django.conf import settings
from django.db import models


class PushDevice(models.Model):
    """A browser of a member, where it is reached, and the keys to write to it. `made_for`: the server key it knows."""

    member = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="push_devices")
    name = models.CharField(max_length=120, default="", blank=True)
    endpoint = models.CharField(max_length=1000, unique=True)
    p256dh = models.CharField(max_length=120)
    auth = models.CharField(max_length=40)
    made_for = models.CharField(max_length=120)
    since = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name or f"device {self.pk}"
