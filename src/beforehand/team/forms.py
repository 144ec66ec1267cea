"""What members type about themselves, about each other and about the company."""

from typing import Any
from zoneinfo import available_timezones

from allauth.account import forms as allauth
from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from beforehand.team.models import ApiToken, Member, Workspace

PASSWORD_HINT = _("Ten characters or more; a few words are easier to remember than signs.")
MOST_IN_PASSWORD = 256
CURRENCIES = ["AUD", "BRL", "CAD", "CHF", "CZK", "DKK", "EUR", "GBP", "INR", "JPY", "NOK", "NZD", "PLN", "SEK", "USD"]


class Plain:
    """allauth's forms in our words: labels instead of placeholders, one hint under a new password."""

    fields: dict[str, forms.Field]
    words: dict[str, Any] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = self.words.get(name, field.label)
            field.help_text = PASSWORD_HINT if name == "password1" else ""
            if name.startswith("password") or name == "oldpassword":
                field.widget.attrs["maxlength"] = MOST_IN_PASSWORD


class LogInForm(Plain, allauth.LoginForm):
    words = {"login": _("E-mail"), "password": _("Password"), "remember": _("Stay logged in on this device")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs["autofocus"] = True


class ResetForm(Plain, allauth.ResetPasswordForm):
    words = {"email": _("E-mail")}


class ResetKeyForm(Plain, allauth.ResetPasswordKeyForm):
    words = {"password1": _("New password"), "password2": _("The same again")}


class ChangePasswordForm(Plain, allauth.ChangePasswordForm):
    words = {"oldpassword": _("Password until now"), "password1": _("New password"), "password2": _("The same again")}


class ReauthenticateForm(Plain, allauth.ReauthenticateForm):
    words = {"password": _("Password")}


class WelcomeForm(forms.Form):
    """The other end of a link: a name (unless it is known) and a password."""

    name = forms.CharField(label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    password = forms.CharField(
        label=_("Password"), help_text=PASSWORD_HINT, max_length=MOST_IN_PASSWORD, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip
    again = forms.CharField(
        label=_("The same again"), max_length=MOST_IN_PASSWORD, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": {"name": member.name}, **kwargs})
        self.member = member

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password, self.member)
        return password

    def clean(self) -> None:
        first, second = self.cleaned_data.get("password"), self.cleaned_data.get("again")
        if first and second and first != second:
            self.add_error("again", _("The two passwords differ. Type the second again."))


class InviteForm(forms.ModelForm[Member]):
    class Meta:
        model = Member
        fields = ["name", "email", "role"]

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].lower()
        if Member.objects.filter(email__iexact=email).exists():
            raise ValidationError(_("%(email)s is a member already; look at the list below."), params={"email": email})
        return email


class ProfileForm(forms.ModelForm[Member]):
    class Meta:
        model = Member
        fields = ["name"]


class WorkspaceForm(forms.ModelForm[Workspace]):
    language = forms.ChoiceField(
        label=_("Language"), required=False, help_text=_("Of the screens, the reports and the mail to members.")
    )

    class Meta:
        model = Workspace
        fields = ["name", "zone", "currency", "language"]
        help_texts = {
            "zone": _("A day begins and ends here. After a change the numbers by day are counted again."),
            "currency": _("Three letters, like EUR."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["zone"].widget.attrs |= {"list": "zones", "autocomplete": "off", "spellcheck": "false"}
        self.fields["currency"].widget.attrs |= {"list": "currencies", "autocomplete": "off", "spellcheck": "false"}
        language = self.fields["language"]
        assert isinstance(language, forms.ChoiceField)
        language.choices = [("", _("As each person's browser asks")), *settings.LANGUAGES]

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()


def zones() -> list[str]:
    """What the zone field proposes: places, not the old abbreviations."""
    return sorted(name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "SystemV/")))


class TokenForm(forms.Form):
    """A token for a program."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("The program that shows it: “Shop system”."))
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"), choices=ApiToken.Scope.choices, widget=forms.CheckboxSelectMultiple
    )
    days = forms.IntegerField(
        label=_("Ends after so many days"), required=False, min_value=1, max_value=3650, help_text=_("Empty: never.")
    )
