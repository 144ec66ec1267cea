"""What waits for members, pushed to their devices while they do not have the desk open and are not away."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone, translation

from beforehand.channels import outbox
from beforehand.channels.models import Outgoing, PushDevice
from beforehand.lib.kept import kept
from beforehand.lib.trouble import Trouble
from beforehand.service import presence, reach
from beforehand.service.lists import notices
from beforehand.service.models import Notification
from beforehand.team.models import Workspace

OF_USE = timedelta(hours=1)
HERE = "push_device"
"""Where a session keeps the address of the browser that it is in."""


def follow(notification: Notification) -> None:
    """Somebody is told of something: their devices too, once it holds."""
    if notification.member_id in _with_devices():
        number = notification.pk
        transaction.on_commit(lambda: push(number), robust=True)


def push(number: int) -> Outgoing | None:
    """Push one notification; None where its member has it before their eyes, wants to be left alone or may not."""
    found = Notification.objects.select_related("member", "conversation__identifier__customer")
    row = found.filter(pk=number, seen=None).first()
    if row is None or presence.is_at_desk(row.member_id) or notices.is_quiet(row.member):
        return None
    if not reach.may_reach(row.conversation, row.member):
        return None
    with translation.override(Workspace.own().language or settings.LANGUAGE_CODE):
        notice = notices.notice_of(row)
    content = {
        "member": row.member_id,
        "title": notice.title,
        "body": notice.about,
        "url": notice.url,
        "tag": f"desk-{notice.conversation}",
        "about": [notice.conversation],
        "until": (timezone.now() + OF_USE).isoformat(),
    }
    try:
        return outbox.send(f"push {row.pk}", Outgoing.Purpose.OPERATIONAL, "push", None, content, automatic=True)
    except Trouble:
        return None


@kept("channels.PushDevice")
def _with_devices() -> frozenset[int]:
    return frozenset(PushDevice.objects.values_list("member", flat=True))


def logged_out(request: HttpRequest | None, **facts: Any) -> None:
    """Whoever leaves a browser is not pushed to there any more: somebody else may sit down at it."""
    if request is not None and (endpoint := request.session.get(HERE)):
        PushDevice.objects.filter(endpoint=endpoint).delete()
