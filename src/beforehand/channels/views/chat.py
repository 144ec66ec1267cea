"""The protocol between the widget and us. docs/channels.md says it whole."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.templatetags.static import static
from django.utils import translation
from django.utils.translation import gettext as _

from beforehand.channels import files, handles
from beforehand.channels.chat import doors, texts, visitors
from beforehand.channels.chat import limits as bounds
from beforehand.channels.chat.asking import ask
from beforehand.channels.models import Arrival
from beforehand.channels.views.public import ChatDoor, Refused
from beforehand.lib.text import number_in, storable
from beforehand.lib.trouble import Trouble
from beforehand.team.models import Workspace

LOADER = """(()=>{const s=document.currentScript||document.querySelector('script[src*="/chat/%(key)s/"]');\
const u=new URL(s.src);const b=u.href.slice(0,u.href.indexOf("/chat/"));\
import(b+"%(module)s").then(m=>m.start(s,b,"%(key)s"))})();
"""


class LoaderView(ChatDoor):
    """The script tag's address: some lines that fetch the widget, whose own address changes with its content."""

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        module = static("channels/chat/widget.js")
        text = LOADER % {"key": self.widget.key, "module": module}
        answer = HttpResponse(text, content_type="text/javascript; charset=utf-8")
        answer["Cache-Control"] = "public, max-age=60"
        return answer


class HelloView(ChatDoor):
    """What the widget needs before anybody writes: words, questions, hours. Nothing in it is about a visitor."""

    def get(self, request: HttpRequest, key: str) -> JsonResponse:
        self.limit("hello", self.address, bounds.LOOKS)
        widget, language = self.widget, translation.get_language() or "en"
        answer = JsonResponse(
            {
                "company": Workspace.own().name,
                "language": language,
                "direction": texts.direction_of(language),
                "greeting": texts.greeting_of(widget, language),
                "fields": widget.fields,
                "accent": widget.accent,
                "texts": texts.texts(),
                "state": ask("chat.outlook", {"open": None, "opens": None, "by": None}, widget=widget),
                "limits": {"text": bounds.LONGEST_TEXT, "file": bounds.LARGEST_FILE, "files": bounds.MOST_FILES},
            }
        )
        answer["Cache-Control"] = "public, max-age=60"
        return answer


class VisitorsView(ChatDoor):
    """A browser whose first message is about to leave gets its token."""

    def post(self, request: HttpRequest, key: str) -> JsonResponse:
        self.limit("newcomer", f"{self.widget.pk} {self.address}", self._newcomers())
        said = self.said
        user = _text(said, "user", 200)
        answers, wrong = visitors.answers_in(self.widget, said.get("answers"))
        if wrong and not user:
            raise Refused(422, "answers_missing", _("Please fill in what is asked: %s.") % ", ".join(wrong))
        introduction = visitors.Introduction(
            language=translation.get_language() or "",
            answers=answers,
            user=user,
            until=_text(said, "until", 20),
            signature=_text(said, "signature", 200),
            tracker=_text(said, "tracker", 200),
        )
        try:
            visitor, token = visitors.meet(self.widget, introduction)
        except visitors.NotVouched:
            words = _("The page says who you are, but its signature does not fit. Load the page again.")
            raise Refused(403, "wrong_signature", words) from None
        return JsonResponse({"token": token, "signed": visitor.is_signed}, status=201)

    def _newcomers(self) -> bounds.Rate | None:
        return bounds.NEWCOMERS if bounds.of_address() else None


class MessagesView(ChatDoor):
    """GET: what was said, with the state. POST: say something; a repeat with the same key counts once."""

    def get(self, request: HttpRequest, key: str) -> JsonResponse:
        visitor = self.visitor
        self.limit("look", visitor.pk, bounds.LOOKS)
        found = ask("chat.history", [], visitor=visitor, after=number_in(request.GET.get("after", "")))
        return JsonResponse({"messages": found, "state": ask("chat.state", {}, visitor=visitor)})

    def post(self, request: HttpRequest, key: str) -> JsonResponse:
        visitor, said = self.visitor, self.said
        message_key, text = _text(said, "key", doors.LONGEST_KEY), storable(str(said.get("text") or "")).strip()
        self.limit("say", visitor.pk, bounds.MESSAGES)
        self.limit("say from", self.address, bounds.of_address())
        if not message_key:
            raise Refused(400, "no_key", _("A message needs a key of its own, so that it counts once."))
        if len(text) > bounds.LONGEST_TEXT:
            raise Refused(413, "too_long", _("This message is too long. Make it shorter, or send it as a file."))
        attached = self._files(said.get("files"), visitor.pk)
        if not text and not attached:
            raise Refused(400, "empty", _("There is nothing in this message."))
        page = {"url": _text(said, "page", bounds.LONGEST_URL), "title": _text(said, "title", 200)}

        def take(arrival: Arrival) -> Any:
            return ask("chat.said", visitor=visitor, arrival=arrival, text=text, files=attached, page=page)

        try:
            shown = doors.once(Arrival.Door.CHAT, f"{visitor.pk}:{message_key}", take)
        except Trouble as error:
            raise Refused(409, "not_taken", str(error)) from None
        return JsonResponse({"key": message_key, "message": shown}, status=201 if shown else 200)

    def _files(self, given: object, visitor: int) -> list[handles.Handed]:
        names = given if isinstance(given, list) else []
        if len(names) > bounds.MOST_FILES:
            raise Refused(422, "too_many_files", _("No more than %d files at once.") % bounds.MOST_FILES)
        found = [handles.taken_from(name, visitor) for name in names]
        if None in found:
            raise Refused(422, "unknown_file", _("A file is not here any more. Attach it again."))
        return [one for one in found if one]


class FilesView(ChatDoor):
    """One file, to be attached to the next message."""

    def post(self, request: HttpRequest, key: str) -> JsonResponse:
        visitor = self.visitor
        self.limit("file", visitor.pk, bounds.FILES)
        if int(request.headers.get("Content-Length") or 0) > bounds.LARGEST_FILE + 10_000:
            raise Refused(413, "too_large", _("A file may have %d MB.") % (bounds.LARGEST_FILE >> 20))
        sent = request.FILES.get("file")
        if sent is None or not sent.size:
            raise Refused(400, "no_file", _("There is no file in this request, or it is empty."))
        if sent.size > bounds.LARGEST_FILE:
            raise Refused(413, "too_large", _("A file may have %d MB.") % (bounds.LARGEST_FILE >> 20))
        handed = handles.received(sent)
        handle = handles.handle_of(handed, visitor.pk)
        return JsonResponse({"file": handle, "name": handed.name, "size": sent.size}, status=201)


class FileView(ChatDoor):
    """A file of a message, under a link that was handed out with it."""

    def get(self, request: HttpRequest, key: str, part: str) -> HttpResponseBase:
        handed = handles.linked(part)
        if handed is None:
            raise Refused(404, "no_file", _("This link is too old. Open the conversation again."))
        try:
            return files.download(handed.file, handed.name, handed.type)
        except Trouble as error:
            raise Refused(403, "infected", str(error)) from None


class TypingView(ChatDoor):
    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        visitor = self.visitor
        self.limit("sign", visitor.pk, bounds.SIGNS)
        ask("chat.presence", visitor=visitor, typing=self.said.get("typing") is True)
        return HttpResponse(status=204)


class ReadingView(ChatDoor):
    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        visitor, through = self.visitor, self.said.get("through")
        self.limit("sign", visitor.pk, bounds.SIGNS)
        if isinstance(through, int) and 0 < through < 1 << 62:
            ask("chat.read", visitor=visitor, through=through)
        return HttpResponse(status=204)


class ResolutionView(ChatDoor):
    """POST: it is solved. DELETE: it is not."""

    def post(self, request: HttpRequest, key: str) -> JsonResponse:
        return self._set(solved=True)

    def delete(self, request: HttpRequest, key: str) -> JsonResponse:
        return self._set(solved=False)

    def _set(self, solved: bool) -> JsonResponse:
        visitor = self.visitor
        self.limit("say", visitor.pk, bounds.MESSAGES)
        ask("chat.solved", visitor=visitor, solved=solved)
        return JsonResponse({"state": ask("chat.state", {}, visitor=visitor)})


class PersonView(ChatDoor):
    """A person, please."""

    def post(self, request: HttpRequest, key: str) -> JsonResponse:
        visitor = self.visitor
        self.limit("say", visitor.pk, bounds.MESSAGES)
        ask("chat.person", visitor=visitor)
        return JsonResponse({"state": ask("chat.state", {}, visitor=visitor)})


def _text(said: dict[str, Any], name: str, longest: int) -> str:
    value = said.get(name, "")
    value = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    return " ".join(storable(value).split())[:longest] if isinstance(value, str) else ""
