"""Who can log in, and what they may do: for owners."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views import View

from beforehand.team import invitation
from beforehand.team.access import MemberView
from beforehand.team.forms import InviteForm
from beforehand.team.models import AuditEntry, Member, short_name

FRESH_LINK = "fresh_link"


class OwnersView(MemberView, View):
    needs = "may_own"

    def _member(self) -> Member:
        return get_object_or_404(Member, pk=self.kwargs["pk"])


class MembersView(OwnersView):
    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(request, InviteForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = InviteForm(request.POST)
        if not form.is_valid():
            return self._page(request, form, status=422)
        data = form.cleaned_data
        member = Member.objects.invite(data["email"], data["name"], data["role"], by=self.me)
        offer_link(request, member)
        return redirect("team:members")

    def _page(self, request: HttpRequest, form: InviteForm, status: int = 200) -> HttpResponse:
        context = {
            "title": _("Members"),
            "form": form,
            "members": Member.objects.order_by(F("is_active").desc(), "name", "email"),
            "roles": [(role.value, short_name(role)) for role in Member.Role],
            "fresh": request.session.pop(FRESH_LINK, None),
            "days": invitation.DAYS,
        }
        return render(request, "team/members.html", context, status=status)


class RoleView(OwnersView):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        member, role = self._member(), request.POST.get("role", "")
        if role not in Member.Role.values:
            messages.error(request, _("Choose one of the roles in the list."))
            return redirect("team:members")
        return attempt(request, lambda: member.appoint(role, by=self.me), _("%s has another role now.") % member)


class LinkView(OwnersView):
    """A new link to choose a password: for an invitation that was lost, or a password that was."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        member = self._member()
        if not member.is_active:
            messages.error(request, _("This account is closed. Open it first."))
        else:
            AuditEntry.note("made a link for", member.email, self.me)
            offer_link(request, member)
        return redirect("team:members")


class DepartureView(OwnersView):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        member = self._member()
        return attempt(request, lambda: member.leave(by=self.me), _("%s can no longer log in.") % member)


class ReturnView(OwnersView):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        member = self._member()
        return attempt(request, lambda: member.come_back(by=self.me), _("%s can log in again.") % member)


def attempt(request: HttpRequest, verb: Callable[[], None], done: str) -> HttpResponse:
    try:
        verb()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, done)
    return redirect("team:members")


def offer_link(request: HttpRequest, member: Member) -> None:
    """Mail the link where mail is set up, and show it once to be passed on by hand."""
    link = request.build_absolute_uri(invitation.path_for(member))
    request.session[FRESH_LINK] = {"name": str(member), "link": link}
    if not invitation.mail_is_set_up():
        return
    try:
        invitation.send(member, link)
    except OSError as error:
        messages.error(request, _("The mail could not be sent (%s). Pass the link on yourself.") % error)
    else:
        messages.success(request, _("The link is on its way to %s.") % member.email)
