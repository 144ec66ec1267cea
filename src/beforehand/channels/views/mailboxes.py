"""Settings: the mailboxes, from watching to live."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext
from django.views import View

from beforehand.channels import arriving, reasons
from beforehand.channels.email import fetching, smtp, webhooks
from beforehand.channels.forms import MailboxForm
from beforehand.channels.models import Arrival, Mailbox
from beforehand.channels.sending import NotNow
from beforehand.lib.trouble import Trouble
from beforehand.team.access import MemberView

SHOWN = 20
WAITING = Q(arrivals__state__in=[Arrival.State.QUARANTINE, Arrival.State.FAILED])
ACCESS = ("user", "proof", "password", "token_url", "client_id", "client_secret", "refresh_token", "scope")
GROUPS = (
    ("address", gettext_noop("Address"), ("address", "name", "team", "aliases")),
    ("way", gettext_noop("How it is reached"), ("way",)),
    ("reading", gettext_noop("Reading"), ("imap_host", "imap_port", "imap_security", "folder")),
    ("sending", gettext_noop("Sending"), ("smtp_host", "smtp_port", "smtp_security")),
    ("access", gettext_noop("Log-in"), ACCESS),
    ("provider", gettext_noop("Provider"), ("provider", "key", "second_key", "signing_key", "sender_domain")),
    ("words", gettext_noop("What customers see"), ("signature", "acknowledgement", "own_page")),
    ("trust", gettext_noop("Trust"), ("trusted_servers", "plus")),
)  # fmt: skip


class OwnersView(MemberView, View):
    needs = "may_own"

    def _mailbox(self) -> Mailbox:
        return get_object_or_404(Mailbox.objects.select_related("team", "state_by"), pk=self.kwargs["pk"])


class MailboxesView(OwnersView):
    def get(self, request: HttpRequest) -> HttpResponse:
        rows = Mailbox.objects.select_related("team", "state_by").order_by("address")
        rows = rows.annotate(
            waiting=Count("arrivals", filter=WAITING),
            shown=Count("arrivals", filter=Q(arrivals__state=Arrival.State.SHOWN)),
        )
        return render(request, "channels/mailboxes.html", {"title": _("Mailboxes"), "mailboxes": list(rows)})


class NewMailboxView(OwnersView):
    def get(self, request: HttpRequest) -> HttpResponse:
        return form_page(request, MailboxForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = MailboxForm(request.POST)
        if not form.is_valid():
            return form_page(request, form, status=422)
        mailbox = form.keep(self.me)
        messages.success(request, _("Added. It only watches: it reads, shows what it would do, and sends nothing."))
        return redirect("channels:mailbox", mailbox.pk)


class MailboxView(OwnersView):
    """One mailbox: what it does, what it would have done, and the switch."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        mailbox = self._mailbox()
        shown = mailbox.arrivals.filter(state=Arrival.State.SHOWN)
        latest: list[Any] = list(shown.order_by("-id")[:SHOWN])
        for arrival in latest:
            arrival.would, arrival.why = reasons.would_be(arrival), reasons.reason_of(arrival)
            arrival.kind = reasons.kind_of(arrival.verdict)
        hooks = []
        if mailbox.way == Mailbox.Way.PROVIDER:
            kinds = (("inbound", _("For mail that comes in")), ("tracking", _("For what became of ours")))
            hooks = [(title, request.build_absolute_uri(webhooks.webhook(mailbox, kind))) for kind, title in kinds]
        context = {
            "title": mailbox.address,
            "mailbox": mailbox,
            "latest": latest,
            "shown": shown.count(),
            "waiting": mailbox.arrivals.filter(state__in=[Arrival.State.QUARANTINE, Arrival.State.FAILED]).count(),
            "hooks": hooks,
        }
        return render(request, "channels/mailbox.html", context)


class MailboxAccessView(OwnersView):
    """Its address, servers, words and secrets."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return form_page(request, MailboxForm(instance=self._mailbox()))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = MailboxForm(request.POST, instance=self._mailbox())
        if not form.is_valid():
            return form_page(request, form, status=422)
        form.keep(self.me)
        messages.success(request, _("Saved. It holds within seconds."))
        return redirect("channels:mailbox", pk)


class ConnectionView(OwnersView):
    """Both servers tried, with what they say."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        mailbox = self._mailbox()
        for what, verb in (("IMAP", fetching.try_out), ("SMTP", smtp.try_out)):
            try:
                verb(mailbox)
                messages.success(request, _("%s works.") % what)
            except (NotNow, Trouble) as error:
                messages.error(request, f"{what}: {error}")
        return redirect("channels:mailbox", pk)


class MailboxStateView(OwnersView):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        mailbox, state = self._mailbox(), request.POST.get("state", "")
        if state not in Mailbox.State.values:
            return HttpResponse(status=422)
        mailbox.become(state, self.me)
        said = {
            Mailbox.State.LIVE: _("Live: what comes in is at the desk, and answers leave."),
            Mailbox.State.WATCHING: _("It only watches now: it reads, and sends nothing."),
            Mailbox.State.OFF: _("Off: nothing is read and nothing is sent."),
        }
        messages.success(request, said[Mailbox.State(state)])
        return redirect("channels:mailbox", pk)


class IntakeView(OwnersView):
    """What becomes of what came while it watched: taken in, or left (`leave`)."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        mailbox = self._mailbox()
        if request.POST.get("leave"):
            count = arriving.leave_all(mailbox, self.me)
            left = ngettext("%d mail is left out.", "%d mails are left out.", count) % count
            messages.success(request, f"{left} {_('They lie in quarantine, under Discarded.')}")
            return redirect("channels:mailbox", pk)
        if mailbox.state != Mailbox.State.LIVE:
            messages.error(request, _("Make the mailbox live first."))
            return redirect("channels:mailbox", pk)
        count = arriving.take_in_all(mailbox, self.me)
        said = ngettext("%d mail is being taken in.", "%d mails are being taken in.", count) % count
        messages.success(request, said)
        return redirect("channels:mailbox", pk)


def form_page(request: HttpRequest, form: MailboxForm, status: int = 200) -> HttpResponse:
    groups: list[dict[str, Any]] = [
        {"key": key, "title": _(title), "fields": [form[name] for name in names]} for key, title, names in GROUPS
    ]
    mailbox = form.instance if form.instance.pk else None
    title = _("Access of %s") % mailbox.address if mailbox else _("A new mailbox")
    context = {"title": title, "form": form, "groups": groups, "mailbox": mailbox}
    return render(request, "channels/mailbox_form.html", context, status=status)
