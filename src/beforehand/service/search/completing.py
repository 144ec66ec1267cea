"""Values of the record that complete a search: statuses, teams, tags, members."""

from django.db.models import QuerySet

from beforehand.channels.models import Mailbox
from beforehand.journey.models import NeedKind
from beforehand.service.forms import CATEGORIES
from beforehand.service.models import Status, Tag
from beforehand.team.models import Member, Team

MOST = 200


def names(operator: str, member: Member) -> list[tuple[str, str]]:
    """(value, what it is) that an operator takes, of those that the record knows."""
    if operator == "status":
        meanings = {str(category): title for category, title in CATEGORIES}
        return [(str(one), str(meanings.get(one.category, ""))) for one in Status.objects.all()]
    if operator == "owner":
        people = Member.objects.filter(is_active=True).exclude(role=Member.Role.VIEWER).order_by("name")
        return [(one.name or one.email, one.email) for one in people[:MOST]]
    source: dict[str, QuerySet] = {
        "team": Team.objects.order_by("name").values_list("name", flat=True),
        "tag": Tag.objects.order_by("name").values_list("name", flat=True),
        "need": NeedKind.objects.order_by("slug").values_list("slug", flat=True).distinct(),
        "to": Mailbox.objects.order_by("address").values_list("address", flat=True),
    }
    return [(str(one), "") for one in source[operator][:MOST]] if operator in source else []
