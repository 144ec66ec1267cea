"""Who may open a page, and whose company it is."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from beforehand.team.models import Member, Workspace


class MemberView(LoginRequiredMixin):
    """A page for members. `needs` names the property of Member that must hold, for instance `may_configure`."""

    needs: str | None = None
    request: HttpRequest

    @property
    def me(self) -> Member:
        """Who looks at the page; there is always somebody once `dispatch` has let them in."""
        assert isinstance(self.request.user, Member)
        return self.request.user

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.needs and request.user.is_authenticated and not getattr(request.user, self.needs):
            raise PermissionDenied(_("Your role does not allow this. Ask an owner to change it."))
        return super().dispatch(request, *args, **kwargs)


class OwnHouse:
    """Middleware: `request.workspace`, and dates and words as the company has set them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        workspace = Workspace.own()
        language = workspace.language or translation.get_language()
        request.workspace = workspace  # type: ignore[attr-defined]
        request.LANGUAGE_CODE = language
        with timezone.override(workspace.tzinfo), translation.override(language):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response
