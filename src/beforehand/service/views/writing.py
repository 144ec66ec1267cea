"""Writing: answers, notes, drafts with their files, side conversations, taking an answer back."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from beforehand.lib.text import storable
from beforehand.lib.trouble import Trouble
from beforehand.service import promises_said
from beforehand.service.acts import drafting
from beforehand.service.acts.answering import ThreadChanged
from beforehand.service.models import Attachment, Conversation, Draft, Macro, Message
from beforehand.service.views.acts import JSON, number
from beforehand.service.views.conversations import ConversationPage

UNSAID = "service/_stopped.html"


class WritingPage(ConversationPage):
    """Answers in JSON to a script, with a page to everybody else."""

    def _wants_json(self, request: HttpRequest) -> bool:
        return JSON in request.headers.get("Accept", "")

    def _told(self, request: HttpRequest, conversation: Conversation, said: str, **facts: Any) -> HttpResponseBase:
        if self._wants_json(request):
            return JsonResponse({"said": said, "conversation": conversation.pk, **facts})
        messages.success(request, said)
        return redirect("service:conversation", conversation.pk)

    def _stopped(self, request: HttpRequest, conversation: Conversation, why: str, **facts: Any) -> HttpResponseBase:
        """Nothing was sent; the text is kept."""
        drafting.keep(conversation, self.me, request.POST)
        if not self._wants_json(request):
            messages.error(request, why)
            return redirect("service:conversation", conversation.pk)
        new = facts.pop("new", None)
        html = render(request, UNSAID, {"new": new}).content.decode() if new else ""
        return JsonResponse({"error": why, "html": html, **facts}, status=409)


class MessagesView(WritingPage):
    """An answer to the customer. It is stopped when somebody wrote meanwhile, or a file was promised and forgotten."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        conversation = self._head(pk)
        sent = request.POST
        text = sent.get("text", "")
        files = drafting.enclosed(conversation, self.me, "reply")
        if not sent.get("without_files") and not files and drafting.names_a_file(text):
            return self._stopped(
                request, conversation, _("You write of an attachment, but there is none."), forgotten=True
            )
        try:
            message = conversation.answer(
                text,
                self.me,
                to=drafting.listed(sent, "to"),
                cc=drafting.listed(sent, "cc") or (),
                bcc=drafting.listed(sent, "bcc") or (),
                files=files,
                then=sent.get("then") or None,
                snooze=drafting.moment(sent.get("snooze", "")),
                not_before=drafting.moment(sent.get("later", "")),
                based_on=number(sent, "based_on") if sent.get("based_on") else None,
                macro=Macro.objects.filter(pk=number(sent, "macro")).first() if sent.get("macro") else None,
                key=storable(sent.get("key", "")) or None,
            )
        except ThreadChanged as changed:
            through = Conversation.objects.values_list("through", flat=True).get(pk=conversation.pk)
            return self._stopped(
                request, conversation, str(changed), changed=True, through=through, new=changed.messages
            )
        except Trouble as problem:
            return self._stopped(request, conversation, str(problem))
        name = conversation.identifier.customer.name or str(conversation.identifier)
        said = {"done": _("Sent to %(name)s, and done."), "waiting_customer": _("Sent to %(name)s, waiting for them.")}
        said_ = said.get(sent.get("then", ""), _("Sent to %(name)s.")) % {"name": name}
        return self._told(request, conversation, said_, message=message.pk, seconds=drafting.undo_seconds())


class SendingView(WritingPage):
    """An answer that has not left yet is taken back: its text is the draft again."""

    def delete(self, request: HttpRequest, pk: int, message: int) -> HttpResponseBase:
        conversation = self._head(pk)
        found = get_object_or_404(Message, pk=message, kind=Message.Kind.OUTBOUND)
        if found.conversation_id != conversation.pk and found.conversation.head_id != conversation.pk:
            found = get_object_or_404(Message, pk=-1)
        if not conversation.take_back(found, self.me):
            return JsonResponse({"error": _("It has left already: nothing can take it back.")}, status=409)
        return self._told(request, conversation, _("Taken back. The text is in the composer."), text=found.text)

    post = delete


class NotesView(WritingPage):
    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        conversation = self._head(pk)
        try:
            files = drafting.enclosed(conversation, self.me, "note")
            message = conversation.write_note(request.POST.get("text", ""), self.me, files=files)
        except Trouble as problem:
            return self._stopped(request, conversation, str(problem))
        return self._told(request, conversation, _("Noted. Only your team sees it."), message=message.pk, seconds=0)


class SidesView(WritingPage):
    """A side conversation: somebody else is asked beside it; the customer never sees it."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        conversation = self._head(pk)
        sent = request.POST
        files = drafting.enclosed(conversation, self.me, "forward")
        try:
            to = drafting.listed(sent, "to") or []
            side = conversation.side(
                to, sent.get("subject") or conversation.subject, sent.get("text", ""), self.me, files=files
            )
        except Trouble as problem:
            return self._stopped(request, conversation, str(problem))
        Draft.objects.filter(conversation=conversation, member=self.me, mode="forward").delete()
        return self._told(request, conversation, _("Asked. The answer comes here."), side=side.pk, seconds=0)


class DraftView(WritingPage):
    """What the member is writing, kept on the server."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        draft = drafting.keep(self._head(pk), self.me, request.POST)
        if self._wants_json(request):
            at = f"{timezone.localtime(draft.changed):%H:%M}" if draft else ""
            return JsonResponse({"kept": _("draft kept %(time)s") % {"time": at} if draft else ""})
        return redirect("service:conversation", pk)

    def delete(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        Draft.objects.filter(conversation=self._head(pk), member=self.me).delete()
        return HttpResponse(status=204)


class DraftFilesView(WritingPage):
    """Files of what is being written; `macro` brings those of a saved reply."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._files(request, self._head(pk), drafting.mode_of(request.GET))

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        conversation = self._head(pk)
        mode = drafting.mode_of(request.POST)
        try:
            if "macro" in request.POST:
                macro = get_object_or_404(Macro.usable_by(self.me), pk=number(request.POST, "macro"))
                drafting.attach_saved(conversation, self.me, mode, macro)
            else:
                drafting.attach(conversation, self.me, mode, request.FILES.getlist("file"))
        except Trouble as problem:
            return JsonResponse({"error": str(problem)}, status=422)
        return self._files(request, conversation, mode)

    def _files(self, request: HttpRequest, conversation: Conversation, mode: str) -> HttpResponse:
        files = drafting.files_of(conversation, self.me, mode)
        return render(request, "service/_draft_files.html", {"files": files, "conversation": conversation})


class DraftFileView(DraftFilesView):
    http_method_names = ["delete"]

    def delete(self, request: HttpRequest, pk: int, file: int) -> HttpResponseBase:
        conversation = self._head(pk)
        found = get_object_or_404(Attachment, pk=file, draft__conversation=conversation, draft__member=self.me)
        mode = found.draft.mode if found.draft else "reply"
        found.delete()
        return self._files(request, conversation, mode)


class SaidView(WritingPage):
    """Promises in what is being written, as rows to be taken over; and making one of them."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        conversation = self._head(pk)
        if what := request.POST.get("what"):
            return self._make(request, conversation, what)
        found = promises_said.found(
            request.POST.get("text", "")[:20_000], timezone.now(), timezone.get_current_timezone()
        )
        return render(request, "service/_said.html", {"found": found[:5], "conversation": conversation})

    def _make(self, request: HttpRequest, conversation: Conversation, what: str) -> HttpResponseBase:
        try:
            due = drafting.moment(request.POST.get("due", ""))
            drafting.promise(conversation, what, due, self.me)
        except Trouble as problem:
            return JsonResponse({"error": str(problem)}, status=422)
        return self._told(request, conversation, _("Promised: it stands in the ledger until it is kept."))
