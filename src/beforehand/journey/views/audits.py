"""The sample of contacts that people judge without the machine's word, and how far the two agree."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views import View

from beforehand.journey import contact as telling
from beforehand.journey.contacts import audit
from beforehand.journey.forms import AuditForm
from beforehand.journey.models import AuditDraw, AuditItem, Contact, Need
from beforehand.team.access import MemberView

SHOWN = 20
FEW = 30


class AuditsPage(MemberView, View):
    needs = "may_see_customers"


class AuditsView(AuditsPage):
    """The samples that were drawn, what all of them together say, and the form that draws another."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(request, AuditForm())

    def post(self, request: HttpRequest) -> HttpResponseBase:
        form = AuditForm(request.POST)
        if not form.is_valid():
            return self._page(request, form, status=422)
        end = timezone.now()
        try:
            drawn = audit.draw(end - timedelta(days=form.cleaned_data["days"]), end, form.cleaned_data["size"], self.me)
        except ValidationError as problem:
            form.add_error(None, problem)
            return self._page(request, form, status=422)
        return redirect("journey:audit", drawn.pk)

    def _page(self, request: HttpRequest, form: AuditForm, status: int = 200) -> HttpResponse:
        counted = {"drawn": Count("items"), "judged": Count("items", filter=~Q(items__verdict=""))}
        draws = list(AuditDraw.objects.select_related("member").annotate(**counted)[:SHOWN])
        context: dict[str, Any] = {"title": _("Judge contacts"), "draws": draws, "form": form}
        if AuditItem.objects.filter(draw__in=draws).exclude(verdict="").exists():
            context |= _agreement(draws)
        return render(request, "journey/audits/list.html", context, status=status)


class AuditView(AuditsPage):
    """One sample: leads to the next contact that nobody judged, or says how far people and machine agree."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        draw = get_object_or_404(AuditDraw, pk=pk)
        context = {"title": _("Sample of %(day)s") % {"day": date_format(draw.time, "j M Y")}, "draw": draw}
        return render(request, "journey/audits/show.html", {**context, "next": _next(draw), **_agreement([draw])})


class AuditItemView(AuditsPage):
    """One contact of a sample, shown without what the machine takes for its cause."""

    def get(self, request: HttpRequest, pk: int, item: int) -> HttpResponseBase:
        found = self._item(pk, item)
        contact = Contact.objects.filter(pk=found.contact).first()
        if contact is None:
            messages.error(request, _("This contact is no longer in the record."))
            return self._on(found.draw)
        told = telling.tell([contact])[0]
        context = {
            "title": _("Why did they come?"),
            "item": found,
            "told": told,
            "causes": Contact.Cause.choices,
            "linked": self._linked(found, contact),
            "done": found.draw.items.exclude(verdict="").count(),
            "all": found.draw.items.count(),
        }
        return render(request, "journey/audits/item.html", context)

    def post(self, request: HttpRequest, pk: int, item: int) -> HttpResponseBase:
        found = self._item(pk, item)
        cause = request.POST.get("cause", "")
        right = {"yes": True, "no": False}.get(request.POST.get("need_right", ""))
        if cause not in Contact.Cause.values:
            messages.error(request, _("Choose one of the five causes."))
            return redirect("journey:audit_item", pk, item)
        try:
            audit.verdict(found, self.me, cause, right)
        except ValidationError as problem:
            messages.error(request, " ".join(problem.messages))
        return self._on(found.draw)

    def _item(self, draw: int, item: int) -> AuditItem:
        return get_object_or_404(AuditItem.objects.select_related("draw"), draw=draw, pk=item)

    def _on(self, draw: AuditDraw) -> HttpResponseBase:
        following = _next(draw)
        if following is None:
            return redirect("journey:audit", draw.pk)
        return redirect("journey:audit_item", draw.pk, following.pk)

    def _linked(self, item: AuditItem, contact: Contact) -> str:
        need = Need.objects.filter(
            kind=item.need_kind, opened_by=item.need_opened_by, customer=contact.customer_id
        ).first()
        return telling.about(telling.newest_titles().get(item.need_kind, item.need_kind), need)


def _next(draw: AuditDraw) -> AuditItem | None:
    """The next contact to judge. Some may have left the record since they were drawn."""
    open_ = list(draw.items.filter(verdict="").order_by("pk"))
    there = set(Contact.objects.filter(pk__in=[item.contact for item in open_]).values_list("pk", flat=True))
    return next((item for item in open_ if item.contact in there), None)


def _agreement(draws: list[AuditDraw]) -> dict[str, Any]:
    found = audit.agreement(draws)
    labels = dict(Contact.Cause.choices)
    return {
        "agreement": found,
        "by_cause": [(labels[cause], n, share) for cause, (n, share) in found.causes.items() if n],
        "bands": found.bands,
        "few": found.judged < FEW,
    }
