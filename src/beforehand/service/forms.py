"""What members set at the desk: statuses, tags, fields, views, goals, hours, teams, and their own desk."""

import re
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from beforehand.journey.channels import CHANNELS
from beforehand.lib.trouble import Trouble
from beforehand.service.clocks.ledger import Category, Name
from beforehand.service.clocks.policy import Goal, Policy, policy_in
from beforehand.service.models import (
    AskedShare,
    DeskSetting,
    Field,
    Notification,
    Priority,
    SavedView,
    ServicePolicy,
    Status,
    Tag,
)
from beforehand.service.search.query import parse
from beforehand.team.models import Availability, Member

OURS = ("email", "chat", "form", "api")
"""The channels by which conversations come."""
CATEGORIES = (
    (Category.NEW, gettext_lazy("new: nobody has looked at it")),
    (Category.OPEN, gettext_lazy("open: we work on it")),
    (Category.WAITING_CUSTOMER, gettext_lazy("we wait for the customer")),
    (Category.WAITING_US, gettext_lazy("we wait for ourselves or somebody else")),
    (Category.DONE, gettext_lazy("done")),
)
SPAN = re.compile(r"\s*(\d{1,4})\s*(min|m|h|d)\s*", re.IGNORECASE)
SECONDS = {"m": 60, "min": 60, "h": 3600, "d": 86_400}


POSITION = gettext_lazy("The lowest comes first.")


def name_empty(form: forms.ModelForm[Any], **words: Any) -> None:
    """What it means when nothing is chosen."""
    for name, word in words.items():
        field = form.fields[name]
        assert isinstance(field, forms.ModelChoiceField)
        field.empty_label = word


class StatusForm(forms.ModelForm[Status]):
    category = forms.ChoiceField(label=gettext_lazy("Means"), choices=CATEGORIES)

    class Meta:
        model = Status
        fields: ClassVar = ["name", "category", "position"]
        help_texts: ClassVar = {"position": POSITION}


class TagForm(forms.ModelForm[Tag]):
    class Meta:
        model = Tag
        fields: ClassVar = ["name"]

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        if Tag.objects.filter(name__iexact=name).exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("There is a tag of this name already."))
        return name


class FieldForm(forms.ModelForm[Field]):
    options = forms.CharField(
        label=gettext_lazy("Choices, one a line"), widget=forms.Textarea(attrs={"rows": 4}), required=False
    )

    class Meta:
        model = Field
        fields: ClassVar = ["label", "kind", "options", "required", "position", "off"]
        help_texts: ClassVar = {"position": POSITION}

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["off"].label = gettext_lazy("no longer asked")
        self.fields["options"].initial = "\n".join(self.instance.choices or [])

    def clean(self) -> dict[str, Any]:
        facts: dict[str, Any] = super().clean() or {}
        choices = [line.strip()[:300] for line in facts.get("options", "").splitlines() if line.strip()]
        if facts.get("kind") == Field.Kind.CHOICE and len(choices) < 2:
            self.add_error("options", _("Give at least two choices."))
        self.instance.choices = choices
        if not self.instance.slug:
            self.instance.slug = free_slug(facts.get("label", ""))
        return facts


def free_slug(label: str) -> str:
    from django.utils.text import slugify

    base = slugify(label)[:34] or "field"
    taken = set(Field.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    return next(one for one in (base, *(f"{base}-{n}" for n in range(2, 9999))) if one not in taken)


class ViewForm(forms.ModelForm[SavedView]):
    mine = forms.BooleanField(label=gettext_lazy("only for me"), required=False)

    class Meta:
        model = SavedView
        fields: ClassVar = ["name", "query", "team"]
        help_texts: ClassVar = {"query": gettext_lazy("As in the search field: waiting:>4h owner:nobody")}

    def __init__(self, *args: Any, member: Member | None = None, **more: Any) -> None:
        super().__init__(*args, **more)
        self.member = member
        self.fields["team"].label = gettext_lazy("for the team")
        name_empty(self, team=gettext_lazy("everybody"))
        self.fields["mine"].initial = self.instance.member_id is not None

    def clean_query(self) -> str:
        search = parse(self.cleaned_data["query"])
        if search.faults:
            raise ValidationError([fault.said for fault in search.faults])
        if not search:
            raise ValidationError(_("Say what the view is to find."))
        return str(search)

    def clean(self) -> dict[str, Any]:
        facts: dict[str, Any] = super().clean() or {}
        self.instance.member = self.member if facts.get("mine") else None
        return facts


class SpanField(forms.CharField):
    """A time such as 4 h, 30 min, 2 d, in microseconds; empty for none."""

    def clean(self, value: Any) -> int | None:
        text = super().clean(value)
        if not text:
            return None
        found = SPAN.fullmatch(text)
        if not found or not int(found[1]):
            raise ValidationError(_("Write a time such as 30 min, 4 h or 2 d."))
        return int(found[1]) * SECONDS[found[2].lower()] * 1_000_000


def span_text(span: int | None) -> str:
    if not span:
        return ""
    seconds = span // 1_000_000
    for unit, size in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{max(1, seconds // 60)} min"


GOALS = {"first": Name.FIRST_RESPONSE, "following": Name.NEXT_RESPONSE, "resolved": Name.RESOLUTION}


class PolicyForm(forms.ModelForm[ServicePolicy]):
    """For whom, and how long each clock may run."""

    first = SpanField(label=gettext_lazy("First answer within"), max_length=20, required=False)
    following = SpanField(label=gettext_lazy("Every other answer within"), max_length=20, required=False)
    resolved = SpanField(label=gettext_lazy("Done within"), max_length=20, required=False)
    always = forms.BooleanField(label=gettext_lazy("count every hour, not only working hours"), required=False)
    pauses = forms.BooleanField(
        label=gettext_lazy("“Done within” pauses while we wait for the customer"), required=False
    )
    channel = forms.ChoiceField(
        label=gettext_lazy("Only by"), required=False,
        choices=[("", gettext_lazy("any channel")), *((one, CHANNELS[one]) for one in OURS)],
    )  # fmt: skip
    priority = forms.TypedChoiceField(
        label=gettext_lazy("Only with priority"), coerce=int, empty_value=None, required=False,
        choices=[("", gettext_lazy("any")), *Priority.choices],
    )  # fmt: skip

    class Meta:
        model = ServicePolicy
        fields: ClassVar = ["name", "team", "channel", "priority", "hours", "position", "off"]
        help_texts: ClassVar = {"position": gettext_lazy("The lowest that fits holds.")}

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["off"].label = gettext_lazy("no longer in force")
        self.fields["team"].label = gettext_lazy("Only the team")
        name_empty(self, team=gettext_lazy("any team"), hours=gettext_lazy("those of the team, else every hour"))
        for name in GOALS:
            self.fields[name].help_text = gettext_lazy("Such as 30 min, 4 h or 2 d; empty for no target.")
        if self.instance.plain:
            policy = policy_in(self.instance.plain)
            for name, clock in GOALS.items():
                goal = policy.goal(clock)
                self.fields[name].initial = span_text(goal.span if goal else None)
            self.fields["always"].initial = any(not goal.working for goal in policy.goals)
            self.fields["pauses"].initial = any(goal.pauses for goal in policy.goals)

    def clean(self) -> dict[str, Any]:
        facts: dict[str, Any] = super().clean() or {}
        working = not facts.get("always")
        paused = (Category.WAITING_CUSTOMER.value,) if facts.get("pauses") else ()
        goals = [
            Goal(str(clock), facts[name], working, paused if clock == Name.RESOLUTION else ())
            for name, clock in GOALS.items()
            if facts.get(name)
        ]
        if not goals and not self.errors:
            raise ValidationError(_("Give at least one time to hold."))
        try:
            self.instance.plain = Policy(tuple(goals)).plain()
        except Trouble as problem:
            raise ValidationError(str(problem)) from problem
        return facts


def _hour(label: Any, help_text: Any = "") -> forms.TypedChoiceField:
    hours = [("", "–"), *((hour, f"{hour:02}:00") for hour in range(24))]
    return forms.TypedChoiceField(
        label=label, required=False, coerce=int, empty_value=None, choices=hours, help_text=help_text
    )


class OwnDeskForm(forms.ModelForm[DeskSetting]):
    class Meta:
        model = DeskSetting
        fields: ClassVar = ["single_keys", "after", "compact", "quiet_from", "quiet_to", "mails", "mailed_kinds"]

    quiet_from = _hour(gettext_lazy("Quiet from"))
    quiet_to = _hour(
        gettext_lazy("Quiet until"),
        gettext_lazy(
            "In these hours there is no sound, no notification, no push and no mail; what waits is told afterwards."
        ),
    )
    mailed_kinds = forms.MultipleChoiceField(
        label=gettext_lazy("Of these"), required=False, widget=forms.CheckboxSelectMultiple,
        choices=Notification.Kind.choices,
    )  # fmt: skip
    mails = forms.ChoiceField(
        label=gettext_lazy("What waits for me, by mail"), required=False, choices=DeskSetting.Mails.choices
    )

    def clean_mails(self) -> str:
        return self.cleaned_data["mails"] or self.instance.mails


class AskedForm(forms.ModelForm[AskedShare]):
    """How many are asked whether it is solved."""

    class Meta:
        model = AskedShare
        fields: ClassVar = ["percent"]
        labels: ClassVar = {"percent": gettext_lazy("Asked, of a hundred cases that are done")}
        help_texts: ClassVar = {
            "percent": gettext_lazy(
                "0 to ask nobody. By mail only customers are asked who gave leave for surveys, one in two months."
            )
        }


class AvailabilityForm(forms.ModelForm[Availability]):
    class Meta:
        model = Availability
        fields: ClassVar = ["state"]
