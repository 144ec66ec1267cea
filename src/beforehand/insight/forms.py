"""What members type about boards: a segment to keep."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from beforehand.insight.answer import WORDS
from beforehand.insight.models import SavedSegment
from beforehand.insight.saved import STATE_WORDS, Conditions
from beforehand.insight.segments import Dimension

CAUSES = ("value", "information", "failure", "chase", "rights")
Choices = Sequence[tuple[str, Any]]


def ticks(label: Any, hint: Any = "") -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, required=False, widget=forms.CheckboxSelectMultiple, help_text=hint
    )  # fmt: skip


class SegmentForm(forms.Form):
    """A name and what must hold of a customer. Choices that the data no longer has stay, if they were chosen before."""

    name = forms.CharField(label=_("Name"), max_length=80)
    kinds = ticks(_("Customers who have a need"), _("Any of those that are ticked."))
    state = forms.ChoiceField(label=_("The need is"), required=False)
    causes = ticks(_("Customers who came to us because of"), _("Any of those that are ticked."))
    touchpoints = ticks(
        _("Customers with a touchpoint"),
        _("Of one property any of the values; of several properties all must be found."),
    )

    def __init__(
        self,
        *args: Any,
        dimensions: Sequence[Dimension],
        kinds: Choices,
        saved: SavedSegment | None = None,
        **more: Any,
    ) -> None:
        self.saved = saved
        before = Conditions.of(saved) if saved else Conditions()
        if saved and "initial" not in more:
            more["initial"] = {"name": saved.name, **before.as_dict()}
        super().__init__(*args, **more)
        lists: dict[str, Choices] = {
            "kinds": _with(kinds, before.kinds),
            "causes": [(cause, WORDS[cause]) for cause in CAUSES],
            "touchpoints": _pairs(dimensions, before.touchpoints),
            "state": [("", _("in any state")), *STATE_WORDS.items()],
        }
        for name, choices in lists.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        others = SavedSegment.objects.filter(name__iexact=name)
        if self.saved:
            others = others.exclude(pk=self.saved.pk)
        if others.exists():
            raise forms.ValidationError(_("There is a segment of this name already."))
        return name

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if not self.errors and not self.conditions:
            raise forms.ValidationError(_("Tick something: without it, these would be all customers."))
        return told

    @property
    def conditions(self) -> Conditions:
        told = self.cleaned_data
        lists = {name: tuple(told.get(name) or ()) for name in ("touchpoints", "kinds", "causes")}
        return Conditions(state=told.get("state", ""), **lists)


def _with(known: Choices, before: Sequence[str]) -> Choices:
    there = {key for key, _title in known}
    return [*known, *((key, key) for key in before if key not in there)]


def _pairs(dimensions: Sequence[Dimension], before: Sequence[str]) -> Choices:
    """The values by property."""
    groups = {capfirst(one.name): [(str(segment), segment.word) for segment in one.segments] for one in dimensions}
    there = {pair for choices in groups.values() for pair, _value in choices}
    for pair in before:
        if pair not in there:
            key, _colon, value = pair.partition(":")
            groups.setdefault(key.replace("_", " ").capitalize(), []).append((pair, value))
    return list(groups.items())
