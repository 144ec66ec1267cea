"""Segments to keep: the list, the form to make or change one, and taking one away."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views import View

from beforehand.insight import saved
from beforehand.insight.forms import SegmentForm
from beforehand.insight.models import SavedSegment
from beforehand.insight.segments import dimensions
from beforehand.journey import lake
from beforehand.team.access import MemberView


class SavedSegmentsView(MemberView, View):
    def get(self, request: HttpRequest) -> HttpResponseBase:
        rows = [(one, saved.Conditions.of(one)) for one in SavedSegment.objects.select_related("member")]
        titles = dict(_kinds())
        described = [(one, _said(asked, titles)) for one, asked in rows]
        return render(request, "insight/saved_segments.html", {"rows": described})


class SegmentFormView(MemberView, View):
    """The form of a new segment, or of one that is there."""

    needs = "may_configure"

    def get(self, request: HttpRequest, pk: int | None = None) -> HttpResponseBase:
        return self._page(self._form(pk))

    def post(self, request: HttpRequest, pk: int | None = None) -> HttpResponseBase:
        form = self._form(pk, request.POST)
        if not form.is_valid():
            return self._page(form)
        kept = saved.keep(form.cleaned_data["name"], form.conditions, self.me, form.saved)
        messages.success(request, _("“%(name)s” is saved. It can be chosen in every board.") % {"name": kept.name})
        return redirect("insight:saved_segments")

    def _form(self, pk: int | None, data: Any = None) -> SegmentForm:
        one = get_object_or_404(SavedSegment, pk=pk) if pk is not None else None
        with lake.reader() as reader:
            known = dimensions(reader)
        return SegmentForm(data, dimensions=known, kinds=_kinds(), saved=one)

    def _page(self, form: SegmentForm) -> HttpResponseBase:
        status = 422 if form.is_bound else 200
        return render(self.request, "insight/saved_segment.html", {"form": form, "saved": form.saved}, status=status)


class SegmentRemovalView(MemberView, View):
    needs = "may_configure"

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        one = get_object_or_404(SavedSegment, pk=pk)
        saved.remove(one, self.me)
        messages.success(request, _("“%(name)s” is gone.") % {"name": one.name})
        return redirect("insight:saved_segments")


def _kinds() -> list[tuple[str, str]]:
    from beforehand.journey.needs.keeping import in_force

    return [(kind.slug, kind.title) for kind in in_force()]


def _said(asked: saved.Conditions, kinds: dict[str, str]) -> list[str]:
    """The conditions in words, one a line."""
    words = [f"{key.replace('_', ' ')}: {', '.join(values)}" for key, values in asked.values.items()]
    if asked.kinds or asked.state:
        titles = ", ".join(kinds.get(kind, kind) for kind in asked.kinds) or _("any need")
        state = str(saved.STATE_WORDS.get(asked.state, ""))
        words.append(f"{titles} ({state})" if state else titles)
    if asked.causes:
        from beforehand.insight.answer import WORDS

        words.append(
            _("came because of: %(causes)s") % {"causes": ", ".join(str(WORDS.get(c, c)) for c in asked.causes)}
        )
    return words
