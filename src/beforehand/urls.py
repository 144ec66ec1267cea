"""The address of every room."""

from importlib.util import find_spec

from django.urls import include, path

ROOMS = ("web", "team", "customers", "journey", "insight", "channels", "service")

urlpatterns = [
    *(path("", include(f"beforehand.{room}.urls")) for room in ROOMS if find_spec(f"beforehand.{room}.urls")),
    path("account/", include("allauth.urls")),
]

handler400 = "beforehand.web.views.problems.bad_request"
handler403 = "beforehand.web.views.problems.forbidden"
handler404 = "beforehand.web.views.problems.not_found"
handler429 = "beforehand.web.views.problems.too_many"
