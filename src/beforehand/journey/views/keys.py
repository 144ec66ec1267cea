"""Write keys: what may send touchpoints to us. For owners."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views import View

from beforehand.journey.forms import KeyForm, LimitsForm
from beforehand.journey.keys import identity_secret
from beforehand.journey.models import WriteKey
from beforehand.journey.models.intake import KeyNotPossible
from beforehand.team.access import MemberView


class OwnersView(MemberView, View):
    needs = "may_own"


class KeysView(OwnersView):
    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(request, KeyForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        """The new key is in the answer itself: a server's key is stored nowhere, not even until the next page."""
        form = KeyForm(request.POST)
        if not form.is_valid():
            return self._page(request, form, status=422)
        try:
            key, text = WriteKey.create(by=self.me, **form.cleaned_data)
        except KeyNotPossible as error:
            form.add_error(None, str(error))
            return self._page(request, form, status=422)
        return self._page(request, KeyForm(), status=201, fresh=key, key_text=text)

    def _page(self, request: HttpRequest, form: KeyForm, status: int = 200, **more: Any) -> HttpResponse:
        keys = list(WriteKey.objects.select_related("source"))
        context = {
            "title": _("Write keys"),
            "form": form,
            "keys": [key for key in keys if not key.revoked],
            "revoked": [key for key in keys if key.revoked],
            "host": request.build_absolute_uri("/").rstrip("/"),
            **more,
        }
        response = render(request, "journey/keys.html", context, status=status)
        response["Cache-Control"] = "no-store"
        return response


class KeyView(OwnersView):
    """One key: where it may be used, how fast, and the lines that set a tracker up."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        key = self._key()
        return self._page(
            request, key, LimitsForm(initial={"origins": "\n".join(key.origins), "per_second": key.per_second})
        )

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        key, form = self._key(), LimitsForm(request.POST)
        if not form.is_valid():
            return self._page(request, key, form, status=422)
        try:
            key.limit(by=self.me, **form.cleaned_data)
        except KeyNotPossible as error:
            form.add_error("origins", str(error))
            return self._page(request, key, form, status=422)
        messages.success(request, _("Saved. It holds within seconds."))
        return redirect("journey:key", pk)

    def _key(self) -> WriteKey:
        return get_object_or_404(WriteKey.objects.select_related("source"), pk=self.kwargs["pk"])

    def _page(self, request: HttpRequest, key: WriteKey, form: LimitsForm, status: int = 200) -> HttpResponse:
        context = {
            "title": key.source.name,
            "key": key,
            "form": form,
            "key_text": key.hint if key.public else _("YOUR WRITE KEY"),
            "host": request.build_absolute_uri("/").rstrip("/"),
        }
        return render(request, "journey/key.html", context, status=status)


class RevocationView(OwnersView):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        key = get_object_or_404(WriteKey.objects.select_related("source"), pk=pk)
        key.revoke(by=self.me)
        messages.success(
            request, _("The key of %s is revoked. Within seconds nothing more is taken with it.") % key.source
        )
        return redirect("journey:keys")


class IdentitySecretView(OwnersView):
    """The secret with which the company's own server signs user ids; shown when asked for, and not before."""

    def post(self, request: HttpRequest) -> HttpResponse:
        response = render(request, "journey/_identity_secret.html", {"secret": identity_secret()})
        response["Cache-Control"] = "no-store"
        return response
