"""What a page may load and do in a browser: only what comes from here, and nothing written into the page itself."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

CONTENT = {
    "default-src": "'self'",
    "img-src": "'self' data:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
HEADER = "; ".join(f"{source} {allowed}" for source, allowed in CONTENT.items())
FEATURES = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"


class ContentPolicy:
    """Sets the content security policy, unless a view has set a stricter or wider one of its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", HEADER)
        response.headers.setdefault("Permissions-Policy", FEATURES)
        return response
