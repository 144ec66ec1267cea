"""What every part of the API shares: who asks, how often, what happens twice, and how a refusal reads.

Rooms have a `router` in their `api.py`; `urls.py` puts them together. A refusal is always {"code", "message"}.
"""

import functools
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, NoReturn

from django.contrib.auth.decorators import login_not_required
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import NinjaAPI, Router, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.parser import Parser
from ninja.security import HttpBearer
from pydantic import AwareDatetime, Field

from beforehand.lib.rate import Rate, limits
from beforehand.lib.trouble import Trouble
from beforehand.team.models import ApiAnswer, ApiToken, Member

SPEED = Rate(120, 600)
KEPT = timedelta(days=2)
LONGEST_KEY = 100
Moment = Annotated[AwareDatetime, Field(ge=datetime(1970, 1, 1, tzinfo=UTC), lt=datetime(3000, 1, 1, tzinfo=UTC))]
CHANGING = {"POST", "PUT", "PATCH", "DELETE"}


class Clean(Parser):
    """Leaves NUL out of what a program sends, which no database takes."""

    def parse_body(self, request: HttpRequest) -> Any:
        return _without_nul(super().parse_body(request))


class Refused(Exception):
    """Answered as {"code", "message"} with this status."""

    def __init__(self, status: int, code: str, message: str, wait: int = 0) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.wait = status, code, message, wait


class May(HttpBearer):
    """A token in force whose scopes name one of these."""

    def __init__(self, *scopes: str) -> None:
        super().__init__()
        self.scopes = scopes

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        found = ApiToken.of(token)
        if found is None:
            return None
        if seconds := limits.wait("api", str(found.pk), SPEED):
            raise Refused(429, "too_often", _("This token asks too often. Wait %d seconds.") % seconds, seconds)
        if self.scopes and not set(self.scopes) & set(found.scopes):
            raise Refused(403, "scope_missing", _("This token may not do that: it lacks “%s”.") % self.scopes[0])
        return found


def me(request: HttpRequest) -> Member:
    """The member as whom the token acts."""
    token: ApiToken = request.auth  # type: ignore[attr-defined]
    return token.member


api = NinjaAPI(
    title="Beforehand",
    version="1",
    description="docs/api.md says it in words.",
    urls_namespace="api",
    docs_url=None,
    auth=May(),
    parser=Clean(),
)
router = Router(tags=["token"])


class TokenOut(Schema):
    """The token that asks, and as whom it acts."""

    name: str
    scopes: list[str]
    member: str
    role: str


@router.get("/token", response=TokenOut)
def token(request: HttpRequest) -> dict[str, Any]:
    """What this token may do."""
    shown: ApiToken = request.auth  # type: ignore[attr-defined]
    return {"name": shown.name, "scopes": shown.scopes, "member": str(shown.member), "role": shown.member.role}


def _without_nul(sent: Any) -> Any:
    match sent:
        case str():
            return sent.replace("\0", "")
        case list():
            return [_without_nul(one) for one in sent]
        case dict():
            return {_without_nul(key): _without_nul(value) for key, value in sent.items()}
    return sent


def refuse(code: str, message: str, status: int = 422) -> NoReturn:
    raise Refused(status, code, message)


def answer(error: Refused) -> HttpResponse:
    response = JsonResponse({"code": error.code, "message": error.message}, status=error.status)
    if error.wait:
        response["Retry-After"] = str(error.wait)
    return response


@api.exception_handler(Refused)
def refused(request: HttpRequest, error: Refused) -> HttpResponse:
    return answer(error)


@api.exception_handler(AuthenticationError)
def unknown(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return answer(Refused(401, "no_token", _("Send a token that is in force: Authorization: Bearer bh_…")))


@api.exception_handler(Http404)
def missing(request: HttpRequest, error: Http404) -> HttpResponse:
    return answer(Refused(404, "not_found", _("There is nothing here that this token may see.")))


@api.exception_handler(Trouble)
def impossible(request: HttpRequest, error: Trouble) -> HttpResponse:
    code = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in type(error).__name__).strip("_")
    return answer(Refused(409, "not_possible" if code == "trouble" else code, str(error)))


@api.exception_handler(HttpError)
def http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    return answer(Refused(error.status_code, "bad_request", str(error)))


@api.exception_handler(ValidationError)
def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    wrong = [{"field": ".".join(map(str, one["loc"][1:])), "message": one["msg"]} for one in error.errors]
    words = "; ".join(f"{one['field']}: {one['message']}" for one in wrong[:5])
    return JsonResponse({"code": "invalid", "message": words, "fields": wrong}, status=422)


def addresses() -> tuple[Any, str, str]:
    """The API's addresses for `urls.py`: outside of the log-in, and what names itself happens once."""
    patterns, app, namespace = api.urls
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            pattern.callback = login_not_required(_once(pattern.callback))
    return patterns, app, namespace


def _once(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @functools.wraps(view)
    def answering(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        key = request.headers.get("Idempotency-Key", "")
        scheme, _space, text = request.headers.get("Authorization", "").partition(" ")
        token = ApiToken.of(text.strip()) if key and scheme.lower() == "bearer" else None
        if token is None or request.method not in CHANGING:
            return view(request, *args, **kwargs)
        if len(key) > LONGEST_KEY:
            return answer(Refused(422, "invalid", _("An idempotency key has at most %d characters.") % LONGEST_KEY))
        try:
            return _kept(token, key, request, lambda: view(request, *args, **kwargs))
        except IntegrityError:
            return answer(Refused(409, "in_progress", _("This request is being worked on. Ask again in a moment."), 1))

    return answering


class _Undone(Exception):
    """The request failed, so nothing of it is kept, and it may be sent again."""

    def __init__(self, response: HttpResponse) -> None:
        self.response = response


def _kept(token: ApiToken, key: str, request: HttpRequest, act: Callable[[], HttpResponse]) -> HttpResponse:
    """What was answered before, or what is answered now: kept in the transaction of what it did."""
    named = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode() + request.body).hexdigest()
    before = ApiAnswer.objects.filter(token=token, key=key).first()
    if before is not None:
        if before.request != named:
            return answer(Refused(422, "key_reused", _("This idempotency key stood for another request.")))
        response = HttpResponse(before.body, status=before.status, content_type="application/json; charset=utf-8")
        response["Idempotency-Replayed"] = "true"
        return response
    try:
        with transaction.atomic():
            ApiAnswer.objects.filter(time__lt=timezone.now() - KEPT).delete()
            row = ApiAnswer.objects.create(token=token, key=key, request=named)
            response = act()
            if response.status_code >= 400:
                raise _Undone(response)
            row.status, row.body = response.status_code, response.content.decode()
            row.save(update_fields=["status", "body"])
    except _Undone as failed:
        return failed.response
    return response
