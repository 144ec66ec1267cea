"""A saved reply as a form: what it says, which files go with it, and what is done besides."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from beforehand.channels import handles
from beforehand.channels.handles import Handed
from beforehand.lib.trouble import Trouble
from beforehand.service.acts import drafting
from beforehand.service.forms import name_empty
from beforehand.service.models import Macro, MacroFile, Priority, Status
from beforehand.service.shortly import bytes_of
from beforehand.service.uploads import Uploads
from beforehand.team.models import Member, Team


class FilesField(forms.ModelMultipleChoiceField):
    """Files that are there, each with its size and a link to look at it."""

    def label_from_instance(self, one: Any) -> SafeString:
        link = '<a class="link" href="{}">{}</a> <small>{}</small>'
        return format_html(link, reverse("service:macro_file", args=[one.pk]), one.name, bytes_of(one.file.size))


class MacroForm(forms.ModelForm[Macro]):
    """A saved reply with what is done besides; each deed is one line of `actions`."""

    status = forms.ModelChoiceField(Status.objects.all(), label=gettext_lazy("Then it is"), required=False)
    tag = forms.CharField(label=gettext_lazy("Tag"), max_length=60, required=False)
    give = forms.ModelChoiceField(Team.objects.order_by("name"), label=gettext_lazy("Move to the team"), required=False)
    urgency = forms.TypedChoiceField(
        label=gettext_lazy("Priority"), coerce=int, empty_value=None, required=False,
        choices=[("", gettext_lazy("as it is")), *Priority.choices],
    )  # fmt: skip
    snooze = forms.CharField(
        label=gettext_lazy("Snooze until"), max_length=40, required=False, help_text=gettext_lazy("For instance: mon 9")
    )
    note = forms.CharField(label=gettext_lazy("Note for the team"), max_length=500, required=False)
    mine = forms.BooleanField(label=gettext_lazy("only for me"), required=False)
    kept = FilesField(
        label=gettext_lazy("Files that go with it"), queryset=MacroFile.objects.none(), required=False,
        widget=forms.CheckboxSelectMultiple, help_text=gettext_lazy("Untick one to take it off."),
    )  # fmt: skip
    uploads = forms.Field(label=gettext_lazy("Add files"), required=False, widget=Uploads(attrs={"multiple": True}))

    class Meta:
        model = Macro
        fields: ClassVar = ["name", "text", "team", "off"]
        widgets: ClassVar = {"text": forms.Textarea(attrs={"rows": 7})}
        help_texts: ClassVar = {
            "text": gettext_lazy(
                "Variables are filled in: {{ customer.first_name }}, {{ member.first_name }}, {{ conversation.number }}"
            )
        }

    def __init__(self, *args: Any, member: Member | None = None, **more: Any) -> None:
        super().__init__(*args, **more)
        self.member = member
        self.fields["off"].label = gettext_lazy("no longer offered")
        leave = gettext_lazy("as it is")
        name_empty(self, team=gettext_lazy("everybody"), status=leave, give=leave)
        known = {one.get("do"): one.get("value") for one in self.instance.actions or []}
        for name, does in DOES.items():
            self.fields[name].initial = known.get(does)
        self.fields["mine"].initial = self.instance.member_id is not None
        self.received: list[Handed] = []
        self._offer_kept()
        self.order_fields(["name", "text", "kept", "uploads"])

    def _offer_kept(self) -> None:
        there = MacroFile.objects.filter(macro=self.instance.pk or 0).select_related("file")
        field = self.fields["kept"]
        assert isinstance(field, FilesField)
        field.queryset, field.initial = there, list(there)
        if not there:
            del self.fields["kept"]

    def clean(self) -> dict[str, Any]:
        facts: dict[str, Any] = super().clean() or {}
        given = {does: facts.get(name) for name, does in DOES.items()}
        kept, uploads = list(facts.get("kept") or ()), list(facts.get("uploads") or ())
        if not facts.get("text", "").strip() and not any((*given.values(), kept, uploads)):
            raise ValidationError(_("A macro says something or does something."))
        try:
            drafting.check_files([*(one.file.size for one in kept), *(one.size or 0 for one in uploads)])
        except Trouble as problem:
            self.add_error("uploads", str(problem))
        self.instance.actions = [{"do": does, "value": _plain(value)} for does, value in given.items() if value]
        self.instance.member = self.member if facts.get("mine") else None
        if not self.errors:
            self.received = [handles.received(one) for one in uploads]
        return facts

    def save(self, commit: bool = True) -> Macro:
        macro: Macro = super().save(commit)
        macro.files.exclude(pk__in=[one.pk for one in self.cleaned_data.get("kept") or ()]).delete()
        MacroFile.objects.bulk_create([MacroFile(macro=macro, **one._asdict()) for one in self.received])
        return macro


DOES = {"status": "status", "tag": "tag", "give": "team", "urgency": "priority", "snooze": "snooze", "note": "note"}


def _plain(value: Any) -> Any:
    return value.pk if isinstance(value, Status | Team) else value
