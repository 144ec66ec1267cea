"""Saved replies: words with variables, and what is done besides."""

from django.db.models import F, Q

from beforehand.lib.trouble import Trouble
from beforehand.service.acts import deeds
from beforehand.service.models import Conversation, Macro
from beforehand.service.variables import fill_in
from beforehand.team.models import Member


def render(macro: Macro, conversation: Conversation, member: Member) -> str:
    return fill_in(macro.text, conversation, member)


def apply(macro: Macro, conversation: Conversation, member: Member) -> list[str]:
    """Do what the macro does besides; gives what could not be done, in plain words."""
    troubles = []
    for action in macro.actions:
        try:
            deeds.do(conversation, str(action.get("do", "")), action.get("value", ""), member)
        except Trouble as trouble:
            troubles.append(str(trouble))
    Macro.objects.filter(pk=macro.pk).update(used=F("used") + 1)
    return troubles


def usable_by(member: Member) -> Q:
    """Which macros a member may use: everybody's, those of their teams, their own."""
    return Q(member=member) | Q(member=None, team=None) | Q(member=None, team__places__member=member)
