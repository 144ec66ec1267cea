"""How far the drain is."""

from beforehand.journey.models import DrainCursor


def drained_through() -> int:
    """The number of the last request of the intake that the record holds."""
    return DrainCursor.objects.values_list("position", flat=True).first() or 0
