"""What is done with one conversation: each verb is a resource. Pages and scripts post here; a page comes back."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from beforehand.lib.text import number_in, storable
from beforehand.lib.trouble import Trouble
from beforehand.service import when
from beforehand.service.models import Conversation, Field, Message, Status, Tag
from beforehand.service.views.conversations import ConversationPage
from beforehand.team.models import Member, Team

JSON = "application/json"


class ActView(ConversationPage):
    """Does one thing and says so: in JSON for a script, else on the page that one comes back to."""

    done: Any = ""
    undone: Any = ""

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        if request.POST.get("back"):
            return self.delete(request, pk)
        return self._answer(request, self._conversation(pk), self._do, request.POST, self.done)

    def delete(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        facts = request.POST if request.method == "POST" else QueryDict(request.body)
        return self._answer(request, self._conversation(pk), self._undo, facts, self.undone)

    def _do(self, conversation: Conversation, facts: QueryDict) -> str | None:
        raise Trouble(_("This cannot be done here."))

    def _undo(self, conversation: Conversation, facts: QueryDict) -> str | None:
        raise Trouble(_("This cannot be taken back here."))

    def _answer(
        self, request: HttpRequest, conversation: Conversation, verb: Any, facts: QueryDict, said: Any
    ) -> HttpResponseBase:
        try:
            told = verb(conversation, facts) or str(said)
        except Trouble as problem:
            return self._refused(request, conversation, str(problem))
        if JSON in request.headers.get("Accept", ""):
            return JsonResponse({"said": told, "conversation": conversation.pk})
        messages.success(request, told)
        return redirect("service:conversation", conversation.head_id or conversation.pk)

    def _refused(self, request: HttpRequest, conversation: Conversation, problem: str) -> HttpResponse:
        if JSON in request.headers.get("Accept", ""):
            return JsonResponse({"error": problem}, status=422)
        messages.error(request, problem)
        return redirect("service:conversation", conversation.pk)


class ResolutionView(ActView):
    def _do(self, conversation: Conversation, facts: QueryDict) -> str:
        conversation.resolve(self.me)
        return _("Done.")

    def _undo(self, conversation: Conversation, facts: QueryDict) -> str:
        conversation.reopen(self.me)
        return _("Open again.")


class StatusView(ActView):
    def _do(self, conversation: Conversation, facts: QueryDict) -> str:
        status = get_object_or_404(Status, pk=number(facts, "value"))
        conversation.set_status(status, self.me)
        return _("It is %(status)s now.") % {"status": status}


class OwnerView(ActView):
    def _do(self, conversation: Conversation, facts: QueryDict) -> str:
        owner = self.me if facts.get("value") == "me" else get_object_or_404(Member, pk=number(facts, "value"))
        conversation.assign(by=self.me, owner=owner)
        return _("%(name)s has it now.") % {"name": owner}

    def _undo(self, conversation: Conversation, facts: QueryDict) -> str:
        conversation.assign(by=self.me, owner=None)
        return _("Nobody has it now.")


class TeamView(ActView):
    def _do(self, conversation: Conversation, facts: QueryDict) -> str:
        team = get_object_or_404(Team, pk=number(facts, "value"))
        conversation.assign(by=self.me, team=team)
        return _("It is in the queue of %(team)s now.") % {"team": team}

    def _undo(self, conversation: Conversation, facts: QueryDict) -> str:
        conversation.assign(by=self.me, team=None)
        return _("It is in no team's queue now.")


class PriorityView(ActView):
    def _do(self, conversation: Conversation, facts: QueryDict) -> str:
        conversation.prioritise(number(facts, "value"), self.me)
        return _("The priority is %(value)s.") % {"value": conversation.get_priority_display()}


class SnoozeView(ActView):
    def _do(self, conversation: Conversation, facts: QueryDict) -> str:
        until = when.read(facts.get("value", ""), timezone.now(), timezone.get_current_timezone())
        conversation.snooze(until, self.me)
        return _("Snoozed until %(time)s.") % {"time": formats.date_format(timezone.localtime(until), "D j M, H:i")}

    def _undo(self, conversation: Conversation, facts: QueryDict) -> str:
        conversation.wake(self.me)
        return _("Awake again.")


class TagsView(ActView):
    def _do(self, conversation: Conversation, facts: QueryDict) -> str:
        conversation.tag(storable(facts.get("value", "")), self.me)
        return _("Tagged.")

    def _undo(self, conversation: Conversation, facts: QueryDict) -> str:
        value = storable(facts.get("value", ""))
        known = number_in(value)
        conversation.untag(get_object_or_404(Tag, pk=known).name if known else value, self.me)
        return _("The tag is off.")


class MergeView(ActView):
    def _do(self, conversation: Conversation, facts: QueryDict) -> str:
        into = self._conversation(number(facts, "value"))
        conversation.merge(into, self.me)
        return _("Merged: both are read as one, and it can be undone.")

    def _undo(self, conversation: Conversation, facts: QueryDict) -> str:
        conversation.unmerge(self.me)
        return _("Apart again.")


class SplitView(ActView):
    """A new conversation that begins with a message of this one."""

    def _do(self, conversation: Conversation, facts: QueryDict) -> str:
        message = get_object_or_404(Message, pk=number(facts, "value"), conversation=conversation)
        new = conversation.split(message, self.me)
        return _("Split off as #%(number)s.") % {"number": new.pk}


class NeedView(ActView):
    def _do(self, conversation: Conversation, facts: QueryDict) -> str:
        conversation.link(number(facts, "value"), self.me)
        return _("Linked to the need.")

    def _undo(self, conversation: Conversation, facts: QueryDict) -> str:
        conversation.link(None, self.me)
        return _("No longer linked.")


class CauseView(ActView):
    def _do(self, conversation: Conversation, facts: QueryDict) -> str:
        conversation.set_cause(facts.get("value", ""), self.me)
        return _("Your word on the cause stands in the record.")


class SpamView(ActView):
    def _do(self, conversation: Conversation, facts: QueryDict) -> str:
        conversation.mark_spam(self.me)
        return _("Spam. It is out of every queue.")

    def _undo(self, conversation: Conversation, facts: QueryDict) -> str:
        conversation.not_spam(self.me)
        return _("No spam. It is back at the desk.")


class JudgementView(ActView):
    """A message needs no answer, or does after all."""

    def _do(self, conversation: Conversation, facts: QueryDict) -> str:
        message = get_object_or_404(Message, pk=number(facts, "value"), conversation=conversation)
        conversation.judge(message, facts.get("verdict", "closing"), self.me)
        return _("Noted. The clocks follow your word.")


class FieldView(ActView):
    def _do(self, conversation: Conversation, facts: QueryDict) -> str:
        field = get_object_or_404(Field, slug=storable(facts.get("field", "")), off=False)
        conversation.fill(field, storable(facts.get("value", "")), self.me)
        return _("%(field)s is noted.") % {"field": field.label}


class BotView(ActView):
    """People take over from the assistant."""

    def _undo(self, conversation: Conversation, facts: QueryDict) -> str:
        conversation.hand_over(by=self.me)
        return _("It is yours now.")


def number(facts: QueryDict, name: str) -> int:
    """A number that was sent; what is none names nothing."""
    return number_in(facts.get(name, ""))
