"""Who may open a page: one mixin for every view, so that a missing check is a missing base class."""

from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _


class MemberView(LoginRequiredMixin):
    """A page for members. `needs` names the property of Member that must hold, for instance `may_configure`."""

    needs: str | None = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.needs and request.user.is_authenticated and not getattr(request.user, self.needs):
            raise PermissionDenied(_("Your role does not allow this. Ask an owner to change it."))
        return super().dispatch(request, *args, **kwargs)
