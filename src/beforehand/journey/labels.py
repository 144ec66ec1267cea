"""What a touchpoint's name is called where it stands alone: the label of the catalogue's newest entry."""

from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Coalesce

from beforehand.journey.guess import readable
from beforehand.journey.models import CatalogueEntry


def called(names: set[str]) -> dict[str, str]:
    """The labels of those that are touchpoints' names; what is none (the words of a promise) is left out."""
    known = CatalogueEntry.objects.filter(name__in=names).order_by("version").values_list("name", "label")
    return {name: label or readable(name) for name, label in known}


def label_of(column: str) -> Coalesce:
    """The same in a query, for the name in a column; the name itself where it is none."""
    labels = CatalogueEntry.objects.filter(name=OuterRef(column)).exclude(label="").order_by("-version")
    return Coalesce(Subquery(labels.values("label")[:1]), F(column))
