"""The address of every room."""

from importlib import import_module
from importlib.util import find_spec

from django.urls import include, path

from beforehand.team.api import addresses, api

ROOMS = ("web", "team", "customers", "journey", "insight", "channels", "service")

for room in ROOMS:
    if find_spec(f"beforehand.{room}.api"):
        api.add_router("", import_module(f"beforehand.{room}.api").router)

urlpatterns = [
    path("api/v1/", addresses()),
    *(path("", include(f"beforehand.{room}.urls")) for room in ROOMS if find_spec(f"beforehand.{room}.urls")),
    path("account/", include("allauth.urls")),
]

handler400 = "beforehand.web.views.problems.bad_request"
handler403 = "beforehand.web.views.problems.forbidden"
handler404 = "beforehand.web.views.problems.not_found"
handler429 = "beforehand.web.views.problems.too_many"
