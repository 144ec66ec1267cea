"""Where mail providers call: mail that came in, and how far ours got."""

import io

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from beforehand.channels.email import limits, webhooks
from beforehand.channels.email.provider import PROVIDERS
from beforehand.channels.models import Mailbox

MOST_BYTES = limits.MOST_BYTES * 3 // 2


@method_decorator([login_not_required, csrf_exempt], name="dispatch")
class WebhookView(View):
    """The signed address says which mailbox; what the library's check of the call itself says comes on top."""

    def head(self, request: HttpRequest, token: str, kind: str) -> HttpResponse:
        self._mailbox(token)
        return HttpResponse()

    def post(self, request: HttpRequest, token: str, kind: str) -> HttpResponse:
        """200 once everything is on disk. Anything but 200 makes the provider call again."""
        mailbox = self._mailbox(token)
        body = request.read(MOST_BYTES + 1)
        if len(body) > MOST_BYTES:
            return HttpResponse("Too large.", status=413, content_type="text/plain")
        # Django limits bodies for people's forms; this one is limited above.
        request._body = body
        request._stream = io.BytesIO(body)
        try:
            count = webhooks.take(mailbox, kind, request)
        except webhooks.Forged:
            return HttpResponse("The signature does not hold.", status=400, content_type="text/plain")
        return HttpResponse(f"{count}", content_type="text/plain")

    def _mailbox(self, token: str) -> Mailbox:
        mailbox = webhooks.mailbox_of(token)
        if mailbox is None or mailbox.provider not in PROVIDERS:
            raise Http404
        return mailbox
