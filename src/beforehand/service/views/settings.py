"""The desk's settings: lists of things with a form for each, and what is each member's own."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django import forms
from django.contrib import messages
from django.db import transaction
from django.db.models import Model, ProtectedError, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views import View

from beforehand.journey.lines import shortened
from beforehand.service import macros
from beforehand.service.clocks.policy import policy_in
from beforehand.service.forms import (
    CATEGORIES,
    AvailabilityForm,
    FieldForm,
    OwnDeskForm,
    PolicyForm,
    StatusForm,
    TagForm,
    ViewForm,
    span_text,
)
from beforehand.service.hours_form import HoursForm, TeamForm
from beforehand.service.models import DeskSetting, Field, Macro, SavedView, ServicePolicy, Status, Tag
from beforehand.service.reply_form import MacroForm
from beforehand.team import availability
from beforehand.team.access import MemberView
from beforehand.team.models import AuditEntry, Availability, Hours, Member, Team

MEANINGS = dict(CATEGORIES)


class Setting(NamedTuple):
    """A sort of thing that is set: its rows, its form, what a row says besides its name."""

    slug: str
    title: str | Promise
    about: str | Promise
    new: str | Promise
    rows: Callable[[Member], QuerySet[Any]]
    form: type[forms.ModelForm]
    tell: Callable[[Any], str]
    own: bool = False
    """Whether a member without the right to configure may have some of their own."""
    wants_member: bool = False
    facts: Callable[[list[Any]], dict[int, str]] = lambda rows: {}
    """What is known of the rows besides, by their numbers."""

    @property
    def url(self) -> str:
        return f"service:{self.slug}"

    @property
    def one(self) -> str:
        return f"service:{self.slug}_one"

    @property
    def removal(self) -> str:
        return f"service:{self.slug}_removal"


def _of(model: type[Model], *order: str) -> Callable[[Member], QuerySet[Any]]:
    return lambda member: model._default_manager.order_by(*order)


def _owned(model: Any) -> Callable[[Member], QuerySet[Any]]:
    """Everybody's, and one's own; whoever may not configure sees their own alone."""

    def rows(member: Member) -> QuerySet[Any]:
        mine = Q(member=member)
        return model.objects.filter(mine | Q(member__isnull=True) if member.may_configure else mine).order_by("name")

    return rows


def _goals(policy: ServicePolicy) -> str:
    said = {"first_response": _("first answer"), "next_response": _("next answer"), "resolution": _("done")}
    goals = policy_in(policy.plain).goals if policy.plain else ()
    return ", ".join(f"{said[goal.clock]} {span_text(goal.span)}" for goal in goals)


def _outcomes(rows: list[Macro]) -> dict[int, str]:
    """How often a saved reply was used, and whether customers had to write again."""
    found = macros.outcomes(one.pk for one in rows)
    return {number: _said(one) for number, one in found.items()}


def _said(one: macros.Outcome) -> str:
    used = ngettext("used once in 90 days", "used %(n)d times in 90 days", one.used) % {"n": one.used}
    facts = {"settled": one.settled, "old": one.old}
    after = _("after %(settled)d of %(old)d nobody had to write again within a week") % facts
    return f"{used}, {after}" if one.old else used


STATUSES = Setting(
    "statuses", gettext_lazy("Statuses"), gettext_lazy("Names of your own, and what each means"),
    gettext_lazy("New status"), _of(Status, "position", "pk"), StatusForm,
    lambda one: str(MEANINGS.get(one.category, "")),
)  # fmt: skip
TAGS = Setting(
    "tags", gettext_lazy("Tags"), gettext_lazy("Words to find conversations by"), gettext_lazy("New tag"),
    _of(Tag, "name"), TagForm, lambda one: "",
)  # fmt: skip
FIELDS = Setting(
    "fields", gettext_lazy("Fields"), gettext_lazy("What is asked about every conversation"), gettext_lazy("New field"),
    _of(Field, "position", "pk"), FieldForm,
    lambda one: ", ".join(
        [str(one.get_kind_display()), *([_("needed")] if one.required else []), *([_("off")] if one.off else [])]
    ),
)  # fmt: skip
MACROS = Setting(
    "macros", gettext_lazy("Saved replies"), gettext_lazy("Texts with variables, and what is done with them"),
    gettext_lazy("New saved reply"), _owned(Macro), MacroForm,
    lambda one: (_("only mine") + " · " if one.member_id else "") + shortened(" ".join(one.text.split()), 80),
    True, True,
    facts=_outcomes,
)  # fmt: skip
VIEWS = Setting(
    "views", gettext_lazy("Views"), gettext_lazy("Searches under a name: “Keep as a view” beside a search makes one"),
    gettext_lazy("New view"),
    _owned(SavedView), ViewForm, lambda one: (_("only mine") + " · " if one.member_id else "") + one.query, True, True,
)  # fmt: skip
POLICIES = Setting(
    "policies", gettext_lazy("Targets"), gettext_lazy("By when we answer; the first that fits holds"),
    gettext_lazy("New target"), _of(ServicePolicy, "position", "pk"), PolicyForm, _goals,
)  # fmt: skip
HOURS = Setting(
    "hours", gettext_lazy("Working hours"), gettext_lazy("Windows, holidays, days of their own"),
    gettext_lazy("New working hours"), _of(Hours, "name"), HoursForm, lambda one: str(one.plain.get("zone", "")),
)  # fmt: skip
TEAMS = Setting(
    "teams", gettext_lazy("Teams"), gettext_lazy("Who shares a queue, and how it is handed out"),
    gettext_lazy("New team"), _of(Team, "name"), TeamForm,
    lambda one: f"{one.get_handing_display()} · " + _("%(n)d members") % {"n": one.places.count()},
)  # fmt: skip
SETTINGS = (STATUSES, TAGS, FIELDS, MACROS, VIEWS, POLICIES, HOURS, TEAMS)


class SettingPage(MemberView, View):
    needs = "may_see_customers"
    what: Setting = STATUSES

    def setup(self, request: HttpRequest, *args: Any, **more: Any) -> None:
        super().setup(request, *args, **more)
        if not self.what.own:
            self.needs = "may_configure"

    def _form(self, sent: Any = None, row: Any = None) -> forms.ModelForm:
        given: dict[str, Any] = {"member": self.me} if self.what.wants_member else {}
        return self.what.form(sent, self.request.FILES if sent else None, instance=row, **given)

    def _save(self, form: forms.ModelForm) -> Any:
        """What is not one's own is for whoever may configure."""
        if self.what.own and not self.me.may_configure:
            form.instance.member = self.me
        with transaction.atomic():
            new = form.instance.pk is None
            row = form.save()
            AuditEntry.note("made" if new else "changed", f"{self.what.slug} {row}"[:200], self.me)
        return row

    def _page(self, request: HttpRequest, form: forms.ModelForm, row: Any = None, status: int = 200) -> HttpResponse:
        context = {"title": self.what.title, "what": self.what, "form": form, "row": row}
        if row is None:
            rows = list(self.what.rows(self.me)[:500])
            facts = self.what.facts(rows)
            context["rows"] = [
                (one, " · ".join(filter(None, (self.what.tell(one), facts.get(one.pk, ""))))) for one in rows
            ]
        return render(request, "service/setting.html", context, status=status)


class SettingsView(SettingPage):
    """All of one sort, and a form for a new one."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(request, self._form())

    def post(self, request: HttpRequest) -> HttpResponseBase:
        form = self._form(request.POST)
        if not form.is_valid():
            if "json" in request.headers.get("Accept", ""):
                said = " ".join(str(one) for problems in form.errors.values() for one in problems)
                return JsonResponse({"error": said}, status=422)
            return self._page(request, form, status=422)
        row = self._save(form)
        if "json" in request.headers.get("Accept", ""):
            return JsonResponse({"said": _("Saved."), "id": row.pk})
        messages.success(request, _("%(name)s is there.") % {"name": row})
        return redirect(f"service:{self.what.slug}")


class SettingView(SettingPage):
    """One of them."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = get_object_or_404(self.what.rows(self.me), pk=pk)
        return self._page(request, self._form(row=row), row)

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        row = get_object_or_404(self.what.rows(self.me), pk=pk)
        form = self._form(request.POST, row)
        if not form.is_valid():
            return self._page(request, form, row, status=422)
        self._save(form)
        messages.success(request, _("Saved."))
        return redirect(f"service:{self.what.slug}")


class RemovalView(SettingPage):
    """Takes one away; what is in use stays, and says so."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        row = get_object_or_404(self.what.rows(self.me), pk=pk)
        try:
            with transaction.atomic():
                self._check(row)
                AuditEntry.note("removed", f"{self.what.slug} {row}"[:200], self.me)
                row.delete()
        except ProtectedError:
            messages.error(request, _("%(name)s is in use, so it stays. Rename it, or turn it off.") % {"name": row})
        else:
            messages.success(request, _("%(name)s is gone.") % {"name": row})
        return redirect(f"service:{self.what.slug}")

    def _check(self, row: Any) -> None:
        last = self.what is STATUSES and Status.objects.filter(category=row.category).count() == 1
        if last:
            raise ProtectedError("the last one of its category", {row})


class OwnDeskView(MemberView, View):
    """How a member likes their desk, and whether they are there."""

    needs = "may_see_customers"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(request, OwnDeskForm(instance=self._setting()))

    def post(self, request: HttpRequest) -> HttpResponseBase:
        form = OwnDeskForm(request.POST, instance=self._setting())
        if not form.is_valid():
            return self._page(request, form, status=422)
        form.instance.member = self.me
        form.save()
        messages.success(request, _("Saved."))
        response = redirect("service:own_desk")
        kept = "on" if form.instance.single_keys else "off"
        response.set_cookie("single_keys", kept, max_age=31_536_000, samesite="Lax", secure=request.is_secure())
        return response

    def _setting(self) -> DeskSetting:
        return DeskSetting.objects.filter(member=self.me).first() or DeskSetting(member=self.me)

    def _page(self, request: HttpRequest, form: OwnDeskForm, status: int = 200) -> HttpResponse:
        state = availability.states([self.me.pk])[self.me.pk]
        context = {"title": _("Your desk"), "form": form, "states": Availability.State.choices, "state": state}
        return render(request, "service/own_desk.html", context, status=status)


class AvailabilityView(MemberView, View):
    """I am here, or I am not: what waits is handed on accordingly."""

    needs = "may_see_customers"

    def post(self, request: HttpRequest) -> HttpResponseBase:
        form = AvailabilityForm(request.POST)
        if form.is_valid():
            availability.say(self.me, form.cleaned_data["state"], self.me)
            messages.success(request, _("Noted."))
        return redirect("service:desk" if request.POST.get("back") == "/desk" else "service:own_desk")
