"""A letter that we begin with: the page on which a member writes to somebody who did not write to us."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views import View

from beforehand.customers.models import Identifier
from beforehand.lib.text import number_in
from beforehand.lib.trouble import Trouble
from beforehand.service.acts import beginning
from beforehand.service.letter_form import LetterForm
from beforehand.team.access import MemberView


class LetterView(MemberView, View):
    needs = "may_see_customers"

    def get(self, request: HttpRequest) -> HttpResponse:
        boxes = beginning.mailboxes(self.me)
        to = request.GET.get("to", "")[:300] or _address_of(request.GET.get("customer", ""))
        return self._page(request, LetterForm(boxes, initial={"to": to, "subject": request.GET.get("subject", "")}))

    def post(self, request: HttpRequest) -> HttpResponseBase:
        form = LetterForm(beginning.mailboxes(self.me), request.POST, request.FILES)
        if not form.is_valid():
            return self._page(request, form, status=422)
        said = form.cleaned_data
        letter = beginning.Letter(
            said["to"], said["subject"], said["text"], said["cc"], said["bcc"], form.attached(), said["mailbox"]
        )
        try:
            message = beginning.write_to(letter, self.me, said["key"])
        except Trouble as problem:
            form.add_error(None, str(problem))
            return self._page(request, form, status=409)
        messages.success(request, _("Sent to %(name)s.") % {"name": ", ".join(said["to"])[:120]})
        return redirect("service:conversation", message.conversation_id)

    def _page(self, request: HttpRequest, form: LetterForm, status: int = 200) -> HttpResponse:
        context = {
            "title": _("Write to somebody"),
            "form": form,
            "none": not form.fields["mailbox"].queryset.exists(),  # type: ignore[attr-defined]
        }
        return render(request, "service/letter.html", context, status=status)


def _address_of(number: str) -> str:
    """The address that a customer proved first; empty for none, and for nonsense."""
    known = Identifier.objects.filter(customer=number_in(number), kind=Identifier.Kind.EMAIL)
    first = known.order_by("-proved", "id").first()
    return first.value if first else ""
