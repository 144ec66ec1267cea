"""Customers with orders on the way, for the tests of pages about needs, contacts and promises."""

from datetime import UTC, datetime, timedelta

from beforehand.customers.identity import Claim, describe
from beforehand.journey import journeys
from beforehand.journey.needs import projection
from beforehand.journey.promises import projection as promises
from beforehand.journey.tests.people import catalogued, happened
from beforehand.lib.fields import to_micros
from beforehand.team.models import Workspace

NOW = datetime.now(UTC).replace(microsecond=0)
MIA = Claim("user_id", "mia", True)
LEO = Claim("user_id", "leo", True)
DAY = timedelta(days=1)


def order(who, number, *names, ago=1.0, each=0.1, text="", channel="web"):
    """Touchpoints about an order, the first so many days ago, `each` days apart."""
    said = {"order_id": number, **({"message": text} if text else {})}
    return happened(who, *((name, said) for name in names), start=NOW - ago * DAY, step=each * DAY, channel=channel)


def followed():
    """Everything that follows from the record, as the scheduler would have it."""
    journeys.follow()
    projection.follow()
    promises.follow()


def mia_waits():
    """Mia: an order on the way and one that is stuck, about which she wrote, and one that came. Gives her number."""
    Workspace.own()
    catalogued()
    mia = order(MIA, "1001", "Order Completed", "Order Packed", ago=0.5)
    order(MIA, "1002", "Order Completed", "Order Packed", "Order Shipped", ago=9)
    order(MIA, "1002", "Delivery Delayed", ago=5)
    order(MIA, "1002", "Mail Received", ago=4, text="Where is my parcel? It is late.", channel="email")
    order(MIA, "1000", "Order Completed", "Order Packed", "Order Shipped", "Order Delivered", ago=30)
    describe([(mia, to_micros(NOW), {"name": "Mia Weber"})])
    order(LEO, "2001", "Order Completed", ago=0.2)
    followed()
    return mia
