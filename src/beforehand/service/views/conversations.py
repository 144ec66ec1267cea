"""One conversation: the thread, what stands beside it, its clock, who is here, how far it was read."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import View

from beforehand.channels.email.outward import signed
from beforehand.lib import htmx
from beforehand.service import beside, macros, presence, thread, thread_rows
from beforehand.service.acts import recipients
from beforehand.service.clocks import cases
from beforehand.service.clocks.clock_log import TITLES, WAITS
from beforehand.service.models import Conversation, Macro, Presence
from beforehand.service.views.desk import DeskPage
from beforehand.team.access import MemberView


class ConversationPage(MemberView, View):
    """A view of one conversation: what the member may not reach is not there. A merged one leads to its head."""

    needs = "may_see_customers"

    def _conversation(self, pk: int) -> Conversation:
        found = thread_rows.find(pk, self.me)
        if found is None:
            raise Http404
        return found

    def _head(self, pk: int) -> Conversation:
        conversation = self._conversation(pk)
        return self._conversation(conversation.head_id) if conversation.head_id else conversation


class ConversationView(ConversationPage, DeskPage):
    """The thread and the composer; alone for htmx, else within the desk."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        context = self._shown(request, pk)
        if not htmx.wants_part(request):
            view, _search, _teams = self._asked(request)
            context |= {
                "view": view, "words": request.GET.get("q", ""), "title": context["conversation"].subject,
                "showing": "thread", "setting": self._setting(), "kept": request.GET.urlencode(),
            }  # fmt: skip
        return htmx.render(request, "service/conversation.html", "service/_thread.html", context)

    def _shown(self, request: HttpRequest, pk: int) -> dict[str, Any]:
        head = self._head(pk)
        read = thread.read(head, self.me, everything="all" in request.GET)
        drafts = {one.mode: one for one in thread_rows.drafts(head.pk, self.me.pk)}
        return {
            "conversation": head,
            "thread": read,
            "suggested": recipients.suggested(head, read.last_inbound),
            "known_domains": thread.domains(read.messages),
            "drafts": drafts,
            "draft": drafts.get("reply") or drafts.get("note"),
            "tags": [one.tag for one in thread_rows.taggings(head.pk)],
            "words": request.GET.get("q", ""),
            "signature": self._signature(head),
        }

    def _signature(self, head: Conversation) -> str:
        """What is added under an answer that leaves by mail."""
        box = head.mailbox if head.channel != "chat" else None
        if box is None:
            return ""
        page = _("(and the link of their own page)") if box.settings.get("own_page") and not head.about_id else ""
        return "\n".join(filter(None, (signed(box.signature, str(self.me)), page)))


class ContextView(ConversationPage):
    """The panel at the side: who they are, their journey, what is open, what is promised, who has the same trouble."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        head = self._head(pk)
        return render(request, "service/_context.html", {"conversation": head, **beside.of(head, self.me)})


class ClockView(ConversationPage):
    """Everything that the clocks of the case say, line by line."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        head = self._head(pk)
        case = cases.case(head, cases.micros(timezone.now()))
        context = {"case": case, "titles": TITLES, "waits": WAITS.get(case.waits.who, ""), "conversation": head}
        return render(request, "service/_clock.html", context)


class PresenceView(ConversationPage):
    """A member looks at it, or types: others see it for a little while."""

    def post(self, request: HttpRequest, pk: int) -> JsonResponse:
        facts = {"typing": bool(request.POST.get("typing")), "gone": bool(request.POST.get("gone"))}
        presence.note(self._head(pk).pk, f"m:{self.me.pk}", str(self.me), **facts)
        there = Presence.objects.filter(conversation=pk, until__gt=timezone.now()).exclude(who=f"m:{self.me.pk}")
        return JsonResponse({"conversation": pk, "who": list(there.values("who", "name", "typing"))})


class ReadingView(ConversationPage):
    """The member has read it up to here."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        self._head(pk).read_by(self.me)
        return HttpResponse(status=204)


class StateView(ConversationPage):
    """How far a conversation is: pages that show it ask whether they are behind."""

    def get(self, request: HttpRequest, pk: int) -> JsonResponse:
        head = self._head(pk)
        return JsonResponse({"through": head.through, "status": head.status.name, "category": head.category})


class MacroView(ConversationPage):
    """A macro's words with its variables filled in, and what it does besides; POST does that."""

    def get(self, request: HttpRequest, pk: int, macro: int) -> JsonResponse:
        found = self._macro(macro)
        text = macros.render(found, self._head(pk), self.me)
        facts = {"macro": found.pk, "text": text, "actions": found.actions, "files": found.files.count()}
        return JsonResponse(facts)

    def post(self, request: HttpRequest, pk: int, macro: int) -> JsonResponse:
        troubles = macros.apply(self._macro(macro), self._head(pk), self.me)
        if troubles:
            return JsonResponse({"error": " ".join(troubles)}, status=422)
        return JsonResponse({"said": _("Macro applied.")})

    def _macro(self, pk: int) -> Macro:
        return get_object_or_404(Macro.usable_by(self.me), pk=pk)
