"""What a manager says about a widget, as its row holds it, and back."""

import re
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from beforehand.channels.models import ChatWidget, Mailbox
from beforehand.journey.forms import SitesField
from beforehand.journey.models.intake import KeyNotPossible, site_of
from beforehand.team.models import Hours, Team

ASKED = [
    ("no", gettext_lazy("not asked")),
    ("may", gettext_lazy("asked, may be left empty")),
    ("must", gettext_lazy("asked, must be answered")),
]
MOST_TOPICS = 20
LONGEST_TOPIC = 80
UNREAD_MINUTES = 10


class WidgetForm(forms.Form):
    """A chat with its form: where it stands, who answers when, what it says and asks. A greeting for each language
    stands under `greeting_<code>`."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80, help_text=gettext_lazy("Yours: “Web shop”."))
    origins = SitesField(
        label=gettext_lazy("Sites"),
        required=False,
        max_length=4000,
        help_text=gettext_lazy("Where it may stand, one a line; empty means anywhere."),
    )
    team = forms.ModelChoiceField(
        Team.objects.order_by("name"), label=gettext_lazy("Team"), required=False, empty_label=gettext_lazy("no team")
    )
    hours = forms.ModelChoiceField(
        Hours.objects.order_by("name"),
        label=gettext_lazy("Hours"),
        required=False,
        empty_label=gettext_lazy("those of the team"),
        help_text=gettext_lazy("When somebody is there. Targets say by when we answer."),
    )
    mailbox = forms.ModelChoiceField(
        Mailbox.objects.order_by("address"),
        label=gettext_lazy("Mailbox"),
        required=False,
        empty_label=gettext_lazy("none yet"),
        help_text=gettext_lazy("Answers to what comes by the form leave from it."),
    )
    follow_up = forms.IntegerField(
        label=gettext_lazy("Minutes until an unread answer goes by mail"),
        required=False,
        min_value=0,
        max_value=1440,
        initial=UNREAD_MINUTES,
        help_text=gettext_lazy("To who left an address and the page, once, from the mailbox above. 0: never."),
    )
    ask_name = forms.ChoiceField(label=gettext_lazy("Name of the customer"), choices=ASKED)
    ask_email = forms.ChoiceField(
        label=gettext_lazy("E-mail address of the customer"),
        choices=ASKED,
        help_text=gettext_lazy("What is typed is a claim and shows nobody anything. The form always asks for it."),
    )
    topics = forms.CharField(
        label=gettext_lazy("What it is about"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Choices, one a line; empty: not asked."),
    )
    languages = forms.MultipleChoiceField(
        label=gettext_lazy("Languages"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None chosen means all. The language of the page decides."),
    )
    accent = forms.CharField(
        label=gettext_lazy("Colour"),
        required=False,
        max_length=7,
        help_text=gettext_lazy("Like #7d2f78; empty: the one of Beforehand."),
    )
    on = forms.BooleanField(label=gettext_lazy("On"), required=False, initial=True)

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        spoken = [(code, str(name)) for code, name in settings.LANGUAGES]
        self.fields["languages"].choices = spoken  # type: ignore[attr-defined]
        for code, name in spoken:
            label = _("First words in %(language)s") % {"language": name}
            self.fields[f"greeting_{code}"] = forms.CharField(label=label, required=False, max_length=400)
        self.order_fields([*(name for name in self.fields if name != "on"), "on"])

    def clean_origins(self) -> list[str]:
        try:
            return [site_of(origin) for origin in self.cleaned_data["origins"]]
        except KeyNotPossible as error:
            raise forms.ValidationError(str(error)) from None

    def clean_follow_up(self) -> int:
        minutes = self.cleaned_data["follow_up"]
        return UNREAD_MINUTES if minutes is None else int(minutes)

    def clean_accent(self) -> str:
        colour: str = self.cleaned_data["accent"].strip().lower()
        if colour and not re.fullmatch(r"#[0-9a-f]{6}", colour):
            raise forms.ValidationError(_("Write a colour as # and six digits, like #7d2f78."))
        return colour

    def clean_topics(self) -> list[str]:
        topics = [" ".join(line.split())[:LONGEST_TOPIC] for line in self.cleaned_data["topics"].splitlines()]
        return list(dict.fromkeys(filter(None, topics)))[:MOST_TOPICS]

    def values(self) -> dict[str, Any]:
        """The columns of the widget."""
        said = self.cleaned_data
        plain = ("name", "origins", "team", "hours", "mailbox", "follow_up", "languages", "accent", "on")
        greeting = {code: words for code, _name in settings.LANGUAGES if (words := said[f"greeting_{code}"].strip())}
        return {name: said[name] for name in plain} | {"greeting": greeting, "fields": self._fields()}

    def _fields(self) -> list[dict[str, Any]]:
        said, found = self.cleaned_data, []
        for name, kind, label in (("name", "text", _("Your name")), ("email", "email", _("Your e-mail address"))):
            if said[f"ask_{name}"] != "no":
                found.append({"name": name, "kind": kind, "label": label, "required": said[f"ask_{name}"] == "must"})
        if said["topics"]:
            found.append(
                {"name": "topic", "kind": "choice", "label": _("What is it about?"), "required": False}
                | {"choices": said["topics"]}
            )
        return found


def initial_of(widget: ChatWidget) -> dict[str, Any]:
    """What the form shows of a widget."""
    fields = {field["name"]: field for field in widget.fields}
    asked = {
        f"ask_{name}": "no" if name not in fields else "must" if fields[name].get("required") else "may"
        for name in ("name", "email")
    }
    plain = ("name", "team", "hours", "mailbox", "follow_up", "languages", "accent", "on")
    return (
        {name: getattr(widget, name) for name in plain}
        | {"origins": "\n".join(widget.origins), "topics": "\n".join(fields.get("topic", {}).get("choices", []))}
        | {f"greeting_{code}": words for code, words in widget.greeting.items()}
        | asked
    )
