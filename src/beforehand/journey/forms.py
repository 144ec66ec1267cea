"""What members type about keys, messages, stages and names."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from beforehand.journey.channels import channel_word
from beforehand.journey.models import Contact, Need, Source

MOST_SITES = 50


class SitesField(forms.CharField):
    """Sites, one a line."""

    widget = forms.Textarea(attrs={"rows": 2, "spellcheck": "false", "placeholder": "https://shop.example"})

    def clean(self, value: str | None) -> list[str]:
        text: str = super().clean(value)
        sites = list(dict.fromkeys(text.replace(",", " ").split()))
        if len(sites) > MOST_SITES:
            raise forms.ValidationError(_("At most %(most)d sites.") % {"most": MOST_SITES})
        return sites


class LimitsForm(forms.Form):
    """Where a key may be used, and how fast."""

    origins = SitesField(
        label=_("Sites"),
        required=False,
        max_length=4000,
        help_text=_("Where a browser's key may be used, one a line; empty means anywhere."),
    )
    per_second = forms.IntegerField(
        label=_("Messages a second"),
        required=False,
        min_value=1,
        max_value=1_000_000,
        help_text=_("More than that is asked to come again a little later."),
    )


class KeyForm(LimitsForm):
    """A new key for a source."""

    field_order = ("name", "kind", "origins", "per_second")
    name = forms.CharField(
        label=_("What sends"), max_length=120, help_text=_("A site, an app or a service of yours: “Web shop”.")
    )
    kind = forms.ChoiceField(
        label=_("Where it runs"),
        choices=[
            (
                Source.Kind.BROWSER,
                _("In browsers and apps: anybody can read the key, so it only claims who somebody is"),
            ),
            (Source.Kind.SERVER, _("On a server: the key is a secret, and what comes with it is taken as true")),
        ],
        widget=forms.RadioSelect,
        initial=Source.Kind.BROWSER,
    )


class CauseForm(forms.Form):
    """A person's word on a contact."""

    cause = forms.ChoiceField(label=_("Why they came"), choices=Contact.Cause.choices, widget=forms.RadioSelect)
    need = forms.ModelChoiceField(label=_("What it is about"), queryset=Need.objects.none(), required=False)
    why = forms.CharField(label=_("What makes you say so"), max_length=500, required=False)

    def __init__(self, *args: Any, contact: Contact, needs: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["need"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Need.objects.filter(customer=contact.customer_id)
        field.widget = forms.Select(choices=needs)
        self.initial.setdefault("cause", contact.cause)
        self.initial.setdefault("need", contact.need)


class PromiseForm(forms.Form):
    """A promise to a customer: what, until when, and the touchpoint by which it will be known that it was kept."""

    what = forms.CharField(label=_("What is promised"), max_length=200)
    due = forms.DateTimeField(label=_("Due"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))
    kept_by = forms.CharField(
        label=_("Kept by the touchpoint"),
        max_length=200,
        help_text=_("By which touchpoint it will be known, such as “Refund Issued”."),
        widget=forms.TextInput(attrs={"list": "names", "autocomplete": "off"}),
    )
    need = forms.ModelChoiceField(label=_("About the need"), queryset=Need.objects.none(), required=False)

    def __init__(self, *args: Any, customer: int, needs: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["need"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Need.objects.filter(customer=customer)
        field.widget = forms.Select(choices=[("", _("none in particular")), *needs])


class DueForm(forms.Form):
    """Another time for a promise."""

    due = forms.DateTimeField(label=_("Due"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))
    why = forms.CharField(label=_("Why"), max_length=300, required=False)


class KeepingForm(forms.Form):
    """That a promise was kept."""

    why = forms.CharField(label=_("What makes you say so"), max_length=300, required=False)


class WithdrawalForm(forms.Form):
    """Why a promise is taken back."""

    why = forms.CharField(label=_("Why"), max_length=300, required=False)


class CostsForm(forms.Form):
    """What a contact costs, a field for each channel; the empty channel stands for all others."""

    def __init__(self, *args: Any, costs: Mapping[str, Decimal], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.channels = {f"cost-{place}": channel for place, channel in enumerate(costs)}
        for name, channel in self.channels.items():
            self.fields[name] = forms.DecimalField(
                label=capfirst(channel_word(channel)) or _("All others"),
                min_value=0,
                max_digits=9,
                decimal_places=2,
                initial=costs[channel],
            )

    @property
    def changes(self) -> dict[str, Decimal]:
        """What was set anew, by channel."""
        return {
            channel: self.cleaned_data[name] for name, channel in self.channels.items() if name in self.changed_data
        }


class AuditForm(forms.Form):
    """A sample of contacts to judge."""

    days = forms.IntegerField(label=_("Of the last days"), min_value=1, max_value=3650, initial=28)
    size = forms.IntegerField(label=_("Contacts"), min_value=1, max_value=1000, initial=100)
