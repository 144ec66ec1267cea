"""What members type about keys, messages, stages and names."""

from django import forms
from django.utils.translation import gettext_lazy as _

from beforehand.journey.models import Source

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
