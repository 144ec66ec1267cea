"""Settings: the chats and forms on the company's pages. The secret that signs visitors is shown once, to owners."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views import View

from beforehand.channels.chat.forms import WidgetForm, initial_of
from beforehand.channels.models import ChatWidget
from beforehand.team.access import MemberView


class ManagersView(MemberView, View):
    needs = "may_configure"


class WidgetsView(ManagersView):
    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(request, WidgetForm(initial={"ask_name": "no", "ask_email": "may", "on": True}))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = WidgetForm(request.POST)
        if not form.is_valid():
            return self._page(request, form, status=422)
        widget, _secret = ChatWidget.make(by=self.me, **form.values())
        messages.success(request, _("Made. Put the line below into your pages."))
        return redirect("channels:widget", widget.pk)

    def _page(self, request: HttpRequest, form: WidgetForm, status: int = 200) -> HttpResponse:
        widgets = ChatWidget.objects.select_related("team").order_by("name", "pk")
        context = {"title": _("Chat and form"), "widgets": widgets, "form": form}
        return render(request, "channels/widgets.html", context, status=status)


class WidgetView(ManagersView):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        widget = get_object_or_404(ChatWidget, pk=pk)
        return show(request, widget, WidgetForm(initial=initial_of(widget)))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        widget, form = get_object_or_404(ChatWidget, pk=pk), WidgetForm(request.POST)
        if not form.is_valid():
            return show(request, widget, form, status=422)
        widget.change(by=self.me, **form.values())
        messages.success(request, _("Saved."))
        return redirect("channels:widget", pk)


class SecretView(ManagersView):
    """A new secret, in the answer itself and nowhere else."""

    needs = "may_own"

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        widget = get_object_or_404(ChatWidget, pk=pk)
        secret = widget.renew_secret(by=self.me)
        return show(request, widget, WidgetForm(initial=initial_of(widget)), secret=secret)


class TryView(ManagersView):
    """A page with nothing on it but the chat, to look at it before customers do."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        widget = get_object_or_404(ChatWidget, pk=pk)
        context = {"widget": widget, "language": request.GET.get("lang", ""), "theme": request.GET.get("theme", "")}
        return render(request, "channels/try.html", context)


def show(request: HttpRequest, widget: ChatWidget, form: WidgetForm, status: int = 200, **more: Any) -> HttpResponse:
    host = request.build_absolute_uri("/").rstrip("/")
    context = {"title": widget.name, "widget": widget, "form": form, "host": host, **more}
    response = render(request, "channels/widget.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response
