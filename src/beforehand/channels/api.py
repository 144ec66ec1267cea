"""The API of channels: which mailboxes there are."""

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from beforehand.channels.models import Mailbox
from beforehand.team.api import May
from beforehand.team.models import ApiToken

router = Router(tags=["mailboxes"])


class MailboxOut(Schema):
    """`state`: watching (reads, and sends nothing), live or off. `trouble`: what keeps it from working, in words."""

    id: int
    address: str
    name: str
    state: str
    team: str | None
    trouble: str


@router.get("/mailboxes", response=list[MailboxOut], auth=May(ApiToken.Scope.MAILBOXES))
def mailboxes(request: HttpRequest) -> Any:
    """All mailboxes, without anything that would open them."""
    return [
        {
            "id": one.pk,
            "address": one.address,
            "name": one.name,
            "state": one.state,
            "team": one.team.name if one.team else None,
            "trouble": one.trouble,
        }
        for one in Mailbox.objects.select_related("team").order_by("address")
    ]
