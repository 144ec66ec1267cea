"""Contacts: the list, one contact with its cause, and a person's word on it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views import View

from beforehand.journey.contact import choices, needs_to_choose, said_of, tell
from beforehand.journey.contact_list import listed
from beforehand.journey.contacts.judging import forget, judge
from beforehand.journey.forms import CauseForm
from beforehand.journey.models import Contact
from beforehand.lib import htmx
from beforehand.team.access import MemberView

BOARDS = ("days", "from", "to", "segment")
"""What the address of a list has from the pickers that all boards share."""


class ContactsPage(MemberView, View):
    needs = "may_see_customers"

    def _shown(self, request: HttpRequest, contact: Contact, form: CauseForm, status: int = 200) -> HttpResponse:
        told = tell([contact])[0]
        context: dict[str, Any] = {
            "title": _("Contact"),
            "told": told,
            "contact": contact,
            "form": form,
            "part": htmx.wants_part(request),
            "earlier": tell(list(Contact.objects.filter(pk=contact.repeat_of))) if contact.repeat_of else [],
            **said_of(contact),
        }
        return htmx.render(request, "journey/contact.html", "journey/_contact.html", context, status=status)

    def _form(self, contact: Contact, sent: Any = None) -> CauseForm:
        return CauseForm(sent, contact=contact, needs=needs_to_choose(contact.customer_id))


class ContactsView(ContactsPage):
    """The latest contacts, narrowed by cause, kind of need, channel, owner, words, days and segment."""

    def get(self, request: HttpRequest) -> HttpResponse:
        found = listed(request)
        context = {
            "title": _("Contacts"),
            "found": found,
            "page": found.page,
            "told": found.told,
            "kept": found.asked.kept,
            "boards": {key: request.GET[key] for key in BOARDS if request.GET.get(key)},
            "part": htmx.wants_part(request),
            "any": bool(found.told) or Contact.objects.exists(),
            **choices(),
        }
        return htmx.render(request, "journey/contacts.html", "journey/_contacts.html", context)


class ContactView(ContactsPage):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        contact = get_object_or_404(Contact, pk=pk)
        return self._shown(request, contact, self._form(contact))


class CauseView(ContactsPage):
    """A person's word on the cause. A form that takes it back says `back`, since forms cannot DELETE."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        if request.POST.get("back"):
            return self.delete(request, pk)
        contact = get_object_or_404(Contact, pk=pk)
        form = self._form(contact, request.POST)
        if not form.is_valid():
            return self._shown(request, contact, form, status=422)
        need = form.cleaned_data["need"]
        try:
            judge(
                contact,
                self.me,
                form.cleaned_data["cause"],
                need if need is not None and need.pk != contact.need else None,
                form.cleaned_data["why"],
            )
        except ValidationError as problem:
            form.add_error(None, problem)
            return self._shown(request, contact, form, status=422)
        return self._answer(request, contact, _("Your word stands in the record. It holds from now on."))

    def delete(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        contact = get_object_or_404(Contact, pk=pk)
        try:
            forget(contact, self.me)
        except ValidationError as problem:
            messages.error(request, " ".join(problem.messages))
            return redirect("journey:contacts")
        return self._answer(request, contact, _("Taken back: what the machine says holds again."))

    def _answer(self, request: HttpRequest, contact: Contact, said: str) -> HttpResponseBase:
        messages.success(request, said)
        if not htmx.wants_part(request):
            return redirect("journey:contact", contact.pk)
        now = Contact.objects.get(pk=contact.pk)
        return self._shown(request, now, self._form(now))
