"""What is said when a page cannot be shown. Each says what is wrong and what to do next."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from beforehand.team.models import Member


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _say(request, 400, _("This request makes no sense"), _("Go back and try again."))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    text = str(exception) or _("Your role does not allow this. Ask an owner to change it.")
    return _say(request, 403, _("Not for your role"), text, icon="lock")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    text = _("The address may be mistyped, or what was here was removed or merged into another.")
    return _say(request, 404, _("There is nothing here"), text)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    text = _("The page was open too long, or cookies are off. Go back, load the page again and send it once more.")
    return _say(request, 403, _("This form was not accepted"), text, icon="lock")


def too_many(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    text = _("That was too often in a short time. Wait some minutes, then try again.")
    return _say(request, 429, _("Too many tries"), text, icon="clock")


def in_trouble(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _say(request, 503, _("This cannot be shown just now"), str(exception), icon="clock")


def _say(request: HttpRequest, status: int, title: str, text: str, icon: str = "search") -> HttpResponse:
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"code": status, "message": f"{title}. {text}"}, status=status)
    inside = isinstance(getattr(request, "user", None), Member)
    context = {"title": title, "what": title, "text": text, "icon": icon}
    context["layout"] = "web/base.html" if inside else "web/outside.html"
    return render(request, "web/problem.html", context, status=status)
