"""Kinds of need: the list, the form with its preview, the same as YAML, and switching one off."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views import View

from beforehand.journey.draft_fields import shown
from beforehand.journey.drafts import Draft
from beforehand.journey.models import CatalogueEntry, NeedKind
from beforehand.journey.needs import counting, keeping, projection
from beforehand.journey.needs.definition import Definition
from beforehand.journey.needs.preview import DAYS, preview
from beforehand.journey.needs.reading import LARGEST, BadKind, read, read_yaml, write_yaml
from beforehand.journey.needs.shapes import UNKNOWN
from beforehand.lib.text import storable
from beforehand.lib.trouble import Trouble
from beforehand.team.access import MemberView

MOST_NAMES = 400


class KindsPage(MemberView, View):
    needs = "may_configure"

    def _kind(self, slug: str) -> NeedKind:
        found = NeedKind.objects.filter(slug=slug).order_by("-version").first()
        if found is None:
            raise Http404(_("There is no such kind of need."))
        return found


class KindsView(KindsPage):
    """Every kind with its version and how its needs go, and the ready-made ones that are not there."""

    def get(self, request: HttpRequest) -> HttpResponse:
        kept = {kind.slug for kind in keeping.in_force()}
        context = {
            "title": _("Kinds of need"),
            "rows": counting.kinds(),
            "ready": [one for one in keeping.ready_made() if one.kind not in kept and one.kind != UNKNOWN],
        }
        return render(request, "journey/kinds/list.html", context)


class ReadyMadeView(KindsPage):
    """Take a ready-made kind (`kind`), or all that are not there yet."""

    def post(self, request: HttpRequest) -> HttpResponseBase:
        kept = {kind.slug for kind in keeping.in_force()}
        wanted = request.POST.get("kind", "")
        chosen = [one for one in keeping.ready_made() if one.kind not in kept and wanted in {"", one.kind}]
        try:
            keeping.keep_all(chosen, self.me)
        except Trouble as problem:
            messages.error(request, str(problem))
        else:
            count = len(chosen)
            messages.success(request, ngettext("%d kind was added.", "%d kinds were added.", count) % count)
        return redirect("journey:kinds")


class NewKindView(KindsPage):
    def get(self, request: HttpRequest) -> HttpResponse:
        return _form(request, Draft.empty())

    def post(self, request: HttpRequest) -> HttpResponseBase:
        draft = Draft.sent(request.POST)
        if not draft.errors and NeedKind.objects.filter(slug=draft.texts["kind"]).exists():
            draft.errors["kind"] = [_("There is a kind of this name already. Change that one, or choose another name.")]
        return _save(request, draft, self.me)


class KindView(KindsPage):
    """One kind: change it (in a new version), and see the versions that there were."""

    def get(self, request: HttpRequest, kind: str) -> HttpResponse:
        found = self._kind(kind)
        return _form(request, Draft.of(read(found.definition)), found)

    def post(self, request: HttpRequest, kind: str) -> HttpResponseBase:
        found = self._kind(kind)
        return _save(request, Draft.sent(request.POST, found.slug), self.me, found)


class PreviewView(KindsPage):
    """What the kind in the form would have found in the past; also what is wrong with it."""

    def post(self, request: HttpRequest) -> HttpResponse:
        draft = Draft.sent(request.POST)
        definition = draft.definition()
        seen = preview(definition, DAYS) if definition is not None else None
        share = seen.beforehand / seen.known if seen and seen.known else None
        context = {"draft": draft, "wrong": draft.wrong, "seen": seen, "share": share, "days": DAYS}
        return render(request, "journey/kinds/_preview.html", context)


class KindTextView(KindsPage):
    """A kind as YAML: to read, to change, to download (`?download=1`)."""

    def get(self, request: HttpRequest, kind: str) -> HttpResponse:
        found = self._kind(kind)
        text = write_yaml([read(found.definition)])
        if request.GET.get("download"):
            return _file(text, f"{found.slug}.yaml")
        return _text(request, text, found)

    def post(self, request: HttpRequest, kind: str) -> HttpResponseBase:
        found = self._kind(kind)
        text = ""
        try:
            text = _sent_text(request)
            kinds = read_yaml(text)
            if [one.kind for one in kinds] != [found.slug]:
                raise BadKind(found.slug, [_("The text holds another kind, or several. Load those from the list.")])
            return _kept(request, kinds, self.me)
        except BadKind as problem:
            return _text(request, text, found, problem.reasons, status=422)


class KindsTextView(KindsPage):
    """All kinds as one YAML file, to download; and one or many to load."""

    def get(self, request: HttpRequest) -> HttpResponse:
        if request.GET.get("download"):
            return _file(write_yaml(keeping.definitions()), "needs.yaml")
        return _text(request, "", None)

    def post(self, request: HttpRequest) -> HttpResponseBase:
        text = ""
        try:
            text = _sent_text(request)
            return _kept(request, read_yaml(text), self.me)
        except BadKind as problem:
            return _text(request, text, None, problem.reasons, status=422)


class RetirementView(KindsPage):
    """Switch a kind off; a form that takes it back says `back`."""

    def post(self, request: HttpRequest, kind: str) -> HttpResponseBase:
        if request.POST.get("back"):
            return self.delete(request, kind)
        keeping.switch_off(self._kind(kind).slug, self.me)
        messages.success(request, _("Off: from now on no such need opens. Those that are open go on."))
        return redirect("journey:kind", kind)

    def delete(self, request: HttpRequest, kind: str) -> HttpResponseBase:
        try:
            keeping.keep(read(self._kind(kind).definition), self.me)
            messages.success(request, _("On again: such needs open from now on."))
        except BadKind as problem:
            messages.error(request, " ".join(problem.reasons))
        return redirect("journey:kind", kind)


def _save(request: HttpRequest, draft: Draft, by: Any, kind: NeedKind | None = None) -> HttpResponseBase:
    definition = draft.definition()
    if request.POST.get("more"):
        draft.errors.clear()
        return _form(request, draft.with_room(), kind)
    if definition is None:
        return _form(request, draft, kind, status=422)
    return _kept(request, [definition], by)


def _kept(request: HttpRequest, kinds: list[Definition], by: Any) -> HttpResponseBase:
    """Keep them and say so; `BadKind` where one cannot be."""
    done = keeping.keep_all(kinds, by, since=0 if request.POST.get("past") else None)
    if projection.is_asked_again():
        messages.info(request, _("Needs and contacts of the past are traced again with it, in the background."))
    for kind, notes in done:
        messages.success(request, _("“%(title)s” is kept, version %(n)d.") % {"title": kind.title, "n": kind.version})
        for note in notes:
            messages.info(request, note)
    return redirect("journey:kind", done[0][0].slug) if len(done) == 1 else redirect("journey:kinds")


def _form(request: HttpRequest, draft: Draft, kind: NeedKind | None = None, status: int = 200) -> HttpResponse:
    names = CatalogueEntry.objects.order_by("name").values_list("name", flat=True).distinct()[:MOST_NAMES]
    context = {
        "title": kind.title if kind else _("New kind of need"),
        "groups": shown(draft),
        "draft": draft.with_room(),
        "past": bool(request.POST.get("past")),
        "kind": kind,
        "versions": _versions(kind) if kind else [],
        "names": names,
        "days": DAYS,
    }
    return render(request, "journey/kinds/form.html", context, status=status)


def _versions(kind: NeedKind) -> Any:
    return NeedKind.objects.filter(slug=kind.slug).select_related("member").order_by("-version")


def _text(
    request: HttpRequest, text: str, kind: NeedKind | None, reasons: list[str] | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "title": kind.title if kind else _("Kinds of need as YAML"),
        "text": text,
        "kind": kind,
        "past": bool(request.POST.get("past")),
        "reasons": reasons or [],
        "rows": min(max(text.count("\n") + 2, 14), 40),
    }
    return render(request, "journey/kinds/text.html", context, status=status)


def _sent_text(request: HttpRequest) -> str:
    """What was typed, or the file that was sent."""
    file = request.FILES.get("file")
    if file is None:
        return storable(request.POST.get("text", "")).replace("\r\n", "\n")
    if (file.size or 0) > LARGEST:
        raise BadKind("", [_("The file is larger than 1 MB, which no list of kinds is.")])
    return file.read().decode("utf-8", errors="replace")


def _file(text: str, name: str) -> HttpResponse:
    answer = HttpResponse(text, content_type="application/yaml; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
