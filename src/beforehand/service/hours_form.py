"""Working hours and teams as forms: windows of each day as text, holidays of a country, days of their own."""

from typing import Any, ClassVar
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from beforehand.lib.trouble import Trouble
from beforehand.lib.working import calendar_in
from beforehand.lib.working.public import countries
from beforehand.service.forms import name_empty
from beforehand.team.models import Hours, Member, Team, TeamMember, Workspace

DAYS = (
    gettext_lazy("Monday"), gettext_lazy("Tuesday"), gettext_lazy("Wednesday"), gettext_lazy("Thursday"),
    gettext_lazy("Friday"), gettext_lazy("Saturday"), gettext_lazy("Sunday"),
)  # fmt: skip
LONGEST_NUMBER = 19
CLOSED = ("closed", "–", "-", "")


def windows_in(text: str) -> list[list[str]]:
    """ "09:00-12:00, 13:00-17:00" as pairs. What they mean is the calendar's to check."""
    text = text.strip().replace("–", "-")
    if text.lower() in CLOSED:
        return []
    pairs = [[part.strip() for part in one.split("-")] for one in text.replace(";", ",").split(",") if one.strip()]
    if any(len(pair) != 2 for pair in pairs):
        raise ValidationError(_("Write windows such as 09:00-12:00, 13:00-17:00; leave a closed day empty."))
    return pairs


def windows_text(windows: list[list[str]]) -> str:
    return ", ".join("-".join(pair) for pair in windows)


class HoursForm(forms.ModelForm[Hours]):
    zone = forms.ChoiceField(label=gettext_lazy("Time zone"))
    country = forms.ChoiceField(label=gettext_lazy("Holidays of"), required=False)
    region = forms.CharField(
        label=gettext_lazy("Region"),
        max_length=8,
        required=False,
        help_text=gettext_lazy("For instance BY for Bavaria"),
    )
    overrides = forms.CharField(
        label=gettext_lazy("Days of their own, one a line"), widget=forms.Textarea(attrs={"rows": 4}), required=False,
        help_text=gettext_lazy("2026-12-24 closed, or 2026-12-31 09:00-12:00"),
    )  # fmt: skip

    class Meta:
        model = Hours
        fields: ClassVar = ["name"]

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        plain = self.instance.plain or {}
        week = plain.get("week") or [[["09:00", "17:00"]]] * 5 + [[], []]
        zones = self.fields["zone"]
        assert isinstance(zones, forms.ChoiceField)
        zones.choices = [(one, one) for one in sorted(available_timezones())]
        zones.initial = plain.get("zone") or Workspace.own().zone
        for number, day in enumerate(DAYS):
            windows = forms.CharField(label=day, max_length=120, required=False)
            windows.initial = windows_text(week[number])
            self.fields[f"day{number}"] = windows
        known = self.fields["country"]
        assert isinstance(known, forms.ChoiceField)
        known.choices = [("", _("no country")), *((one, one) for one in countries())]
        holidays: dict[str, str] = next(iter(plain.get("holidays") or []), {})
        known.initial, self.fields["region"].initial = holidays.get("country", ""), holidays.get("region", "")
        own = sorted((plain.get("overrides") or {}).items())
        self.fields["overrides"].initial = "\n".join(f"{day} {windows_text(of) or 'closed'}" for day, of in own)
        order = ["name", "zone", *(f"day{number}" for number in range(7)), "country", "region", "overrides"]
        self.order_fields(order)

    def clean(self) -> dict[str, Any]:
        facts: dict[str, Any] = super().clean() or {}
        if self.errors:
            return facts
        holidays = (
            [{"country": facts["country"], "region": facts["region"].strip().upper()}] if facts["country"] else []
        )
        own = dict(self._own_day(line) for line in facts["overrides"].splitlines() if line.strip())
        week = [windows_in(facts[f"day{number}"]) for number in range(7)]
        try:
            made = calendar_in({"zone": facts["zone"], "week": week, "overrides": own, "holidays": holidays})
        except Trouble as problem:
            raise ValidationError(str(problem)) from problem
        self.instance.plain = made.plain()
        return facts

    def _own_day(self, line: str) -> tuple[str, list[list[str]]]:
        day, _space, windows = line.strip().partition(" ")
        return day, windows_in(windows)


class SomeMembers(forms.ModelMultipleChoiceField):
    """A number that no database takes is nobody's."""

    def clean(self, value: Any) -> Any:
        return super().clean([one if len(str(one)) < LONGEST_NUMBER else "0" for one in value or ()])


class TeamForm(forms.ModelForm[Team]):
    """A team with its members; skills as “name: word, word”, one member a line."""

    members = SomeMembers(
        Member.objects.filter(is_active=True).exclude(role=Member.Role.VIEWER).order_by("name"),
        label=gettext_lazy("Members"), widget=forms.CheckboxSelectMultiple, required=False,
    )  # fmt: skip
    skills = forms.CharField(
        label=gettext_lazy("Skills, one member a line"), widget=forms.Textarea(attrs={"rows": 4}), required=False,
        help_text=gettext_lazy("For instance: bram@example.com: de, refunds"),
    )  # fmt: skip

    class Meta:
        model = Team
        fields: ClassVar = ["name", "hours", "handing", "most", "back_after"]

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["most"].required = False
        self.fields["most"].help_text = gettext_lazy("0 for as many as come.")
        self.fields["back_after"].required = False
        self.fields["back_after"].help_text = gettext_lazy(
            "A customer's message that its owner has not opened by then goes back to the team. 0 for never."
        )
        name_empty(self, hours=gettext_lazy("every hour"))
        places = (
            list(TeamMember.objects.filter(team=self.instance).select_related("member")) if self.instance.pk else []
        )
        self.fields["members"].initial = [one.member_id for one in places]
        told = [f"{one.member.email}: {', '.join(one.skills)}" for one in places if one.skills]
        self.fields["skills"].initial = "\n".join(told)

    def clean_most(self) -> int:
        return self.cleaned_data.get("most") or 0

    def clean_back_after(self) -> int:
        return self.cleaned_data.get("back_after") or 0

    def clean_skills(self) -> dict[str, list[str]]:
        found = {}
        for line in self.cleaned_data["skills"].splitlines():
            email, colon, words = line.partition(":")
            if line.strip() and not colon:
                raise ValidationError(_("Write each line as an address, a colon and words: bram@example.com: de"))
            if colon:
                found[email.strip().lower()] = [word.strip()[:40] for word in words.split(",") if word.strip()][:20]
        return found

    def clean(self) -> dict[str, Any]:
        facts: dict[str, Any] = super().clean() or {}
        there = {one.email for one in facts.get("members") or ()}
        strangers = [email for email in facts.get("skills") or () if email not in there]
        if strangers:
            self.add_error("skills", _("Not ticked as a member: %(who)s.") % {"who": ", ".join(strangers)})
        return facts

    def _save_m2m(self) -> None:
        """The places follow the ticks; a place that stays keeps its turn."""
        team, wanted = self.instance, {one.pk: one for one in self.cleaned_data["members"]}
        TeamMember.objects.filter(team=team).exclude(member__in=wanted).delete()
        for member in wanted.values():
            skills = self.cleaned_data["skills"].get(member.email, [])
            TeamMember.objects.update_or_create(team=team, member=member, defaults={"skills": skills})
