"""Kinds of need and customers with needs, for tests."""

from collections.abc import Sequence

from hypothesis import strategies as st

from beforehand.journey.needs.book import Book, Limit, Version
from beforehand.journey.needs.definition import Definition
from beforehand.journey.needs.reading import read
from beforehand.journey.needs.shapes import DAY, Moment

RECEIVE = {
    "kind": "receive",
    "title": "Receive my order",
    "key": "order_id",
    "opens": ["Order Completed"],
    "meets": ["Order Delivered"],
    "ends": ["Order Cancelled"],
    "steps": [
        {"step": "packed", "evidence": ["Order Packed"], "target": "1 day"},
        {"step": "shipped", "evidence": ["Order Shipped"], "target": "1 day"},
        {"step": "delivered", "evidence": ["Order Delivered"], "target": "3 days"},
    ],
    "trouble": ["Delivery Delayed"],
    "notices": ["Notice Sent"],
    "self_service": ["Tracking Page Viewed"],
    "topics": ["parcel", "order"],
    "horizon": "10 days",
    "owner": "logistics",
}
BUY = {
    "kind": "buy",
    "title": "Buy it",
    "opens": ["Product Added"],
    "meets": ["Order Completed"],
    "steps": [
        {"step": "address", "evidence": ["Address Given"]},
        {"step": "payment", "evidence": ["Payment Given"], "after": []},
        {"step": "paid", "evidence": ["Order Completed"], "after": ["address", "payment"]},
    ],
    "trouble": ["Payment Failed"],
    "guides": ["Guide Read"],
    "horizon": "3 days",
    "patience": "5 days",
}
UNKNOWN = {"kind": "unknown", "title": "Something else", "meets": ["Case Resolved"]}
SPOKEN = {"Email Received": "contact", "Email Sent": "service", "Case Resolved": "service", "Notice Sent": "outreach"}
NAMES = [
    "Order Completed",
    "Order Packed",
    "Order Shipped",
    "Order Delivered",
    "Order Cancelled",
    "Delivery Delayed",
    "Notice Sent",
    "Tracking Page Viewed",
    "Product Added",
    "Address Given",
    "Payment Given",
    "Payment Failed",
    "Guide Read",
    "Email Received",
    "Email Sent",
    "Case Resolved",
    "Page Viewed",
]


def definition(data: dict, **changes: object) -> Definition:
    return read({**data, **changes})


def book(*kinds: dict, limits: dict | None = None, versions: Sequence[Version] = ()) -> Book:
    """A book of these kinds, the usual ones if none are given."""
    chosen = kinds or (RECEIVE, BUY, UNKNOWN)
    numbers = {one["kind"]: 0 if one["kind"] == "unknown" else place for place, one in enumerate(chosen, 1)}
    return Book([*(Version(read(one)) for one in chosen), *versions], SPOKEN, limits or {}, numbers)


def limits(late: float | None = None, loops: int | None = None, kind: str = "receive", step: str = "packed") -> dict:
    return {(kind, 1, step): Limit(late, loops)}


def happened(*what: tuple) -> list[Moment]:
    """Touchpoints: (day, name) or (day, name, properties), numbered in the order given."""
    return [
        Moment(place, int(day * DAY), name, "", "customer", rest[0] if rest else {}, SPOKEN.get(name, "value"))
        for place, (day, name, *rest) in enumerate(what, 1)
    ]


orders = st.sampled_from([{}, {"order_id": 1}, {"order_id": "2"}, {"order_id": 3.0, "text": "where is my parcel"}])
moments = st.builds(lambda day, name, said: (day / 4, name, said), st.integers(0, 120), st.sampled_from(NAMES), orders)
lives = st.lists(moments, max_size=40).map(lambda what: happened(*what))
