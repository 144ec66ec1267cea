from django import template

from beforehand.team import invitation
from beforehand.team.models import Member

register = template.Library()


@register.simple_tag
def mail_is_set_up() -> bool:
    return invitation.mail_is_set_up()


@register.simple_tag
def nobody_yet() -> bool:
    """True until the first member can log in."""
    return not Member.objects.exists()
