"""What members type about customers."""

from django import forms
from django.utils.translation import gettext_lazy as _

from beforehand.customers.consent import PURPOSES

SOURCES = [
    ("by e-mail", _("by e-mail")),
    ("on the phone", _("on the phone")),
    ("in a chat", _("in a chat")),
    ("in person", _("in person")),
    ("on paper", _("on paper")),
    ("on a form", _("on a form")),
]


class ConsentForm(forms.Form):
    """What a customer said about being written to, and how we know."""

    purpose = forms.ChoiceField(label=_("For"), choices=list(PURPOSES.items()))
    given = forms.ChoiceField(label=_("They"), choices=[("yes", _("give leave")), ("no", _("withdraw it"))])
    source = forms.ChoiceField(label=_("They said so"), choices=SOURCES)
    remark = forms.CharField(label=_("Note"), max_length=200, required=False)
