"""A letter that we begin with, as a form: to whom, from which mailbox, what it says, its files."""

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from beforehand.channels import handles
from beforehand.channels.handles import Handed
from beforehand.channels.models import Mailbox
from beforehand.lib.trouble import Trouble
from beforehand.service.acts import drafting
from beforehand.service.acts.messages import File
from beforehand.service.acts.recipients import apart, read
from beforehand.service.uploads import Uploads

DOOR = "letter"
LONGEST_LIST = 4_000


class Addresses(forms.CharField):
    """Addresses with commas between them; its value is a list of texts."""

    def __init__(self, **more: Any) -> None:
        super().__init__(max_length=LONGEST_LIST, **more)

    def clean(self, value: Any) -> list[str]:
        found = apart(super().clean(value))
        try:
            read(found)
        except Trouble as problem:
            raise ValidationError(str(problem)) from problem
        return found


class LetterForm(forms.Form):
    key = forms.CharField(max_length=60, widget=forms.HiddenInput)
    kept = forms.CharField(max_length=40_000, required=False, widget=forms.HiddenInput)
    """Handles of files of a try that was refused: nobody has to choose them again."""
    mailbox = forms.ModelChoiceField(Mailbox.objects.none(), label=gettext_lazy("From"), empty_label=None)
    to = Addresses(label=gettext_lazy("To"))
    cc = Addresses(label=gettext_lazy("Cc"), required=False)
    bcc = Addresses(label=gettext_lazy("Bcc"), required=False)
    subject = forms.CharField(label=gettext_lazy("Subject"), max_length=300)
    text = forms.CharField(
        label=gettext_lazy("Text"), max_length=drafting.LONGEST, strip=False,
        widget=forms.Textarea(attrs={"rows": 12, "dir": "auto"}),
    )  # fmt: skip
    uploads = forms.Field(label=gettext_lazy("Files"), required=False, widget=Uploads(attrs={"multiple": True}))

    def __init__(self, boxes: Sequence[Mailbox], *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        choice = self.fields["mailbox"]
        assert isinstance(choice, forms.ModelChoiceField)
        choice.queryset = Mailbox.objects.filter(pk__in=[box.pk for box in boxes])
        choice.initial = boxes[0] if boxes else None
        if len(boxes) == 1:
            choice.widget = forms.HiddenInput()
        self.fields["key"].initial = uuid.uuid4().hex
        self.held: list[Handed] = []

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        if not text.strip():
            raise ValidationError(_("Write something before you send it."))
        return text

    def clean_kept(self) -> list[Handed]:
        given = (handles.taken_from(one, DOOR) for one in self.cleaned_data["kept"].split())
        return [one for one in given if one]

    def clean(self) -> dict[str, Any]:
        facts: dict[str, Any] = super().clean() or {}
        uploads: list[UploadedFile] = facts.get("uploads") or []
        self.held = facts.get("kept") or []
        try:
            drafting.check_files([*(one.file.size for one in self.held), *(one.size or 0 for one in uploads)])
            self.held += [handles.received(one) for one in uploads]
        except Trouble as problem:
            self.add_error("uploads", str(problem))
        again = {"kept": " ".join(handles.handle_of(one, DOOR) for one in self.held)}
        self.data = {**{name: self.data[name] for name in self.data}, **again}
        return facts

    def attached(self) -> list[File]:
        return [(*one, "") for one in self.held]
