"""Devices that a member lets be pushed to, and what makes the desk an app on them."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.templatetags.static import static
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View

from beforehand.channels.models import PushDevice
from beforehand.channels.push import vouching
from beforehand.channels.push.encrypting import CURVE
from beforehand.channels.push.outward import is_service
from beforehand.lib.text import object_in, storable
from beforehand.lib.trouble import Trouble
from beforehand.service.acts import pushing
from beforehand.team.access import MemberView
from beforehand.team.models import Workspace

MOST = 10
LONGEST_ENDPOINT = 1000
AUTH_BYTES = 16
BROWSERS = {"Edg": "Edge", "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"}
SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS": "Mac",
    "Linux": "Linux",
}
WORKER = Path(__file__).parents[1] / "static" / "service" / "worker.js"


class DevicesView(MemberView, View):
    """POST lets this browser be pushed to (a PushSubscription as JSON); DELETE ends it."""

    needs = "may_see_customers"

    def post(self, request: HttpRequest) -> HttpResponse:
        try:
            facts = _read(request.body)
        except Trouble as problem:
            return JsonResponse({"error": str(problem)}, status=422)
        name = _name(request.headers.get("User-Agent", ""))
        endpoint = facts.pop("endpoint")
        PushDevice.objects.update_or_create(endpoint=endpoint, defaults={**facts, "member": self.me, "name": name})
        kept = PushDevice.objects.filter(member=self.me).order_by("-pk").values("pk")[:MOST]
        PushDevice.objects.filter(member=self.me).exclude(pk__in=list(kept.values_list("pk", flat=True))).delete()
        request.session[pushing.HERE] = endpoint
        return JsonResponse({"said": _("This device is told from now on.")})

    def delete(self, request: HttpRequest) -> HttpResponse:
        endpoint = storable(str((object_in(request.body) or {}).get("endpoint", "")))
        PushDevice.objects.filter(member=self.me, endpoint=endpoint).delete()
        return JsonResponse({"said": _("This device is told nothing any more.")})


class DeviceRemovalView(MemberView, View):
    """One of one's own devices, from any other."""

    needs = "may_see_customers"

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        get_object_or_404(PushDevice, member=self.me, pk=pk).delete()
        return redirect("service:notices")


@method_decorator(login_not_required, name="dispatch")
class WorkerView(View):
    """The script that shows pushes. It lies below /desk/, so that this is what it may speak for."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse(
            _worker(), content_type="text/javascript; charset=utf-8", headers={"Cache-Control": "no-cache"}
        )


@method_decorator(login_not_required, name="dispatch")
class ManifestView(View):
    """What makes the desk an app that can be put on a home screen."""

    def get(self, request: HttpRequest) -> HttpResponse:
        mark = {"src": static("web/mark.svg"), "sizes": "any", "type": "image/svg+xml"}
        told = {
            "name": f"{Workspace.own().name or 'Beforehand'}: {_('Desk')}",
            "short_name": _("Desk"),
            "start_url": reverse("service:desk"),
            "scope": "/",
            "display": "standalone",
            "icons": [mark],
        }
        return JsonResponse(told, content_type="application/manifest+json")


def _read(body: bytes) -> dict[str, str]:
    """A browser's PushSubscription. Raises Trouble for what cannot be pushed to."""
    sent = object_in(body) or {}
    given = sent.get("keys")
    keys: dict[str, Any] = given if isinstance(given, dict) else {}
    facts = {
        "endpoint": str(sent.get("endpoint", "")),
        "p256dh": str(keys.get("p256dh", "")),
        "auth": str(keys.get("auth", "")),
    }
    if len(facts["endpoint"]) > LONGEST_ENDPOINT or not is_service(facts["endpoint"]):
        raise Trouble(_("The push service of this browser is not known here. Your administrator can allow it."))
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(CURVE, vouching.bytes_of(facts["p256dh"]))
        fits = len(vouching.bytes_of(facts["auth"])) == AUTH_BYTES
    except ValueError:
        fits = False
    if not fits:
        raise Trouble(_("This browser gave no usable key. Load the page again, then try once more."))
    return facts | {"made_for": vouching.server_key()}


def _name(agent: str) -> str:
    """“Firefox, Linux”, as far as a browser says what it is."""
    browser = next((name for sign, name in BROWSERS.items() if sign in agent), _("a browser"))
    system = next((name for sign, name in SYSTEMS.items() if sign in agent), "")
    return f"{browser}, {system}" if system else browser


@lru_cache(1)
def _worker() -> str:
    return WORKER.read_text(encoding="utf-8")
