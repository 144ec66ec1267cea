"""What waits for a member's word: evidence that was not followed, and what members said before."""

from django.db.models import QuerySet

from beforehand.customers.models import Edge


def waiting(reason: str | None = None) -> QuerySet[Edge]:
    """Evidence that was skipped, the newest first; two accounts and limits unless another reason is asked for."""
    reasons = [reason] if reason else [Edge.Skipped.ACCOUNTS, Edge.Skipped.LIMIT]
    edges = Edge.objects.filter(skipped__in=reasons, revocation=None)
    return edges.select_related("first__customer", "second__customer").order_by("-evidence_time", "-id")


def said() -> QuerySet[Edge]:
    """What members joined and did not take back, the newest first."""
    edges = Edge.objects.filter(strength=Edge.Strength.MEMBER, along=None, revocation=None)
    return edges.select_related("first__customer", "second__customer", "member").order_by("-evidence_time", "-id")


def taken_back() -> QuerySet[Edge]:
    """What members declined or undid, the newest first; it can be restored."""
    edges = Edge.objects.filter(revocation__isnull=False, along=None)
    return edges.select_related("first", "second", "revocation__member").order_by("-revocation__time", "-id")
