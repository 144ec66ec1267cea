"""The address of every room."""

from django.urls import include, path

urlpatterns = [
    path("", include("beforehand.web.urls")),
    path("account/", include("allauth.urls")),
]
