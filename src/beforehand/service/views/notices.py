"""What waits for whoever is logged in: as a page, and for the desk that is open."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views import View

from beforehand.channels.models import PushDevice
from beforehand.channels.push import vouching
from beforehand.lib.text import number_in
from beforehand.service.lists import notices
from beforehand.team.access import MemberView


class NoticesView(MemberView, View):
    """GET tells what waits; POST says that it was seen: one (`notice`), or all."""

    needs = "may_see_customers"

    def get(self, request: HttpRequest) -> HttpResponse:
        found = notices.waiting_for(self.me)
        if "json" not in request.headers.get("Accept", ""):
            devices = PushDevice.objects.filter(member=self.me).order_by("pk")
            context = {"title": _("For you"), "notices": found, "devices": devices, "key": vouching.server_key()}
            return render(request, "service/notices.html", context)
        told = [{"id": one.id, "conversation": one.conversation, "title": one.title, "about": one.about[:120],
                 "url": one.url} for one in found]  # fmt: skip
        return JsonResponse({"notices": told, "quiet": notices.is_quiet(self.me)})

    def post(self, request: HttpRequest) -> HttpResponseBase:
        number = request.POST.get("notice")
        if number is None:
            notices.seen(self.me)
        elif known := number_in(number):
            notices.seen(self.me, known)
        return redirect("service:notices")
