"""How people go through the demo shop, from an advertisement to telling a friend, and what goes wrong on the way.

Two stories are planted: for three weeks the checkout on mobile throws people back from the address to its start, and
for two weeks the courier of one region is late, so people ask where their parcel is. `STORIES` has the truth.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any, NamedTuple

from beforehand.demo.people import Person, pick

DAYS = 120
STORES = ["Store at the harbour", "Store on Main Street", "Store in the arcade"]
CATEGORIES = {"Kitchen": 30, "Lamps": 20, "Textiles": 25, "Garden": 15, "Desks": 10}
CONTACTS = {"chat": "Started a chat", "phone": "Called us", "email": "Wrote to us"}
CONTACT_CHANNELS = {"chat": 40, "email": 35, "phone": 25}


class Story(NamedTuple):
    """Something that goes wrong for one group between two moments, in days before the end."""

    what: str
    platform: str
    region: str
    begins: int
    ends: int


STORIES = {
    "loop": Story("The address step of the mobile checkout leads back to its start.", "mobile", "", 75, 54),
    "courier": Story("The courier in the West is late.", "", "West", 40, 26),
}


class Happening(NamedTuple):
    person: Person
    anonymous: bool
    name: str
    time: datetime
    channel: str
    place: str
    actor: str
    properties: dict[str, Any]


class Walk:
    """One person's way through the shop. Nothing happens after `end`."""

    def __init__(self, dice: Random, person: Person, end: datetime) -> None:
        self.dice = dice
        self.person = person
        self.end = end
        self.now = end - timedelta(days=dice.uniform(1, DAYS))
        self.known = not (person.visitor or person.browses_first)
        self.troubles = 0
        self.happened: list[Happening] = []

    def chance(self, share: float) -> bool:
        return self.dice.random() < share

    def wait(self, low: float, high: float) -> None:
        """Let minutes pass."""
        self.now += timedelta(minutes=self.dice.uniform(low, high))

    def wait_days(self, low: float, high: float) -> None:
        """Let days pass, and go on at an hour when people are awake."""
        self.now += timedelta(days=self.dice.uniform(low, high))
        self.now = self.now.replace(hour=min(22, max(7, int(self.dice.gauss(15, 4)))))

    def does(self, name: str, channel: str = "", place: str = "", by: str = "customer", **properties: Any) -> None:
        person = self.person
        where = {"platform": person.platform, "region": person.region}
        channel = channel or ("mobile app" if person.app else "web")
        anonymous = not self.known and by == "customer" and channel in {"web", "mobile app"}
        self.happened.append(Happening(person, anonymous, name, self.now, channel, place, by, where | properties))

    def meets(self, story: str) -> bool:
        """Whether a planted story touches this person now."""
        _, platform, region, begins, ends = STORIES[story]
        concerned = platform in ("", self.person.platform) and region in ("", self.person.region)
        return concerned and timedelta(days=ends) <= self.end - self.now < timedelta(days=begins)

    def go(self) -> list[Happening]:
        self.wait_days(0, 0)
        self.hears()
        for _ in range(6):
            self.visits()
            if self.now > self.end or not self.chance(0.62 if self.troubles == 0 else 0.35):
                break
            self.wait_days(4, 40)
            if self.chance(0.4):
                self.does("Newsletter opened", "email", by="customer")
                self.wait(1, 30)
        return [what for what in self.happened if what.time < self.end]

    def hears(self) -> None:
        how = pick(self.dice, {"ad": 40, "search": 30, "friend": 15, "walk": 15})
        if how == "ad":
            self.does("Advertisement seen", "social", by="company")
            self.wait(1, 600)
            if self.chance(0.6):
                self.does("Advertisement clicked", "social")
        elif how == "friend":
            self.does("Heard of us from a friend", "social")
        elif how == "walk":
            self.does("Visited the store", "store", self.dice.choice(STORES))
        self.wait(1, 120)

    def visits(self) -> None:
        self.does("Home page viewed", place="/")
        category = pick(self.dice, CATEGORIES)
        for _ in range(self.dice.randint(1, 4)):
            self.wait(0.3, 3)
            if self.chance(0.3):
                self.does("Searched the shop", place="/search", category=category)
                self.wait(0.2, 1)
            self.does("Product viewed", place=f"/{category.lower()}", category=category)
        if self.chance(0.6):
            self.wait(0.3, 4)
            self.does("Product added to cart", place="/cart", category=category)
            if self.chance(0.8):
                self.checks_out(category)

    def checks_out(self, category: str) -> None:
        self.wait(0.3, 3)
        self.does("Checkout started", place="/checkout")
        if not self.person.visitor:
            self.known = True
        for _ in range(self.loops()):
            self.wait(0.5, 4)
            self.does("Delivery address entered", place="/checkout/address")
            self.wait(0.1, 1.5)
            self.does("Checkout started", place="/checkout")
            self.troubles += 1
        self.wait(0.5, 3)
        self.does("Delivery address entered", place="/checkout/address")
        if self.person.visitor or self.chance(0.12 + 0.15 * min(self.troubles, 3)):
            return
        self.wait(0.4, 3)
        self.does("Payment started", place="/checkout/payment")
        if self.chance(0.05):
            self.wait(0.2, 2)
            self.does("Payment failed", place="/checkout/payment", by="system")
            self.wait(0.5, 5)
            self.does("Payment started", place="/checkout/payment")
        self.wait(0.2, 2)
        self.orders(category)

    def loops(self) -> int:
        if self.meets("loop") and self.chance(0.6):
            return self.dice.randint(1, 4)
        return 1 if self.chance(0.05) else 0

    def orders(self, category: str) -> None:
        self.does(
            "Order placed", place="/checkout/done", category=category, amount=round(self.dice.lognormvariate(4, 0.6), 2)
        )
        self.wait(0.5, 3)
        self.does("Order confirmation sent", "email", by="company")
        if self.chance(0.25):
            self.wait(1, 5)
            self.answers("Answered the effort question", "ces", 7, 6 - 2 * (self.troubles > 0))
        self.wait_days(0.6, 1.4)
        late = self.meets("courier")
        self.does("Parcel handed to the courier", "email", by="company")
        if late:
            self.troubles += 1
            self.wait_days(2.5, 4)
            if self.chance(0.55):
                self.asks("Where is my parcel?")
            self.wait_days(2, 4)
        else:
            self.wait_days(1, 2.6)
            if self.chance(0.03):
                self.asks("Where is my parcel?")
        self.does("Parcel delivered", "courier", by="company")
        self.lives_with_it(category)

    def asks(self, subject: str) -> None:
        channel = pick(self.dice, CONTACT_CHANNELS)
        self.does(CONTACTS[channel], channel, subject=subject)
        self.wait(2, 20) if channel != "email" else self.wait(60, 1500)
        self.does("We replied", channel, by="company", subject=subject)
        self.wait(5, 300)
        if self.chance(0.4):
            self.answers("Answered the satisfaction survey", "csat", 5, 4 - (self.troubles > 0))

    def answers(self, name: str, survey: str, top: int, usual: float) -> None:
        score = min(top, max(survey != "nps", round(self.dice.gauss(usual + 0.4, top / 6))))
        self.does(name, "email", survey=survey, score=int(score))

    def lives_with_it(self, category: str) -> None:
        self.wait_days(0.5, 4)
        if self.chance(0.3):
            self.does("Instructions viewed", place="/help", category=category)
            self.wait(1, 30)
        if self.chance(0.07):
            self.asks(self.dice.choice(["A part is missing", "The invoice", "How do I put it together?", "Broken"]))
        if self.chance(0.08):
            self.sends_back(category)
        if self.chance(0.3):
            self.wait_days(2, 7)
            self.answers("Answered the recommendation question", "nps", 10, 8.5 - 2.5 * (self.troubles > 0))
        if self.chance(0.15):
            self.wait(1, 600)
            self.does("Joined the bonus programme", place="/bonus")
        if self.chance(0.12 if self.troubles == 0 else 0.03):
            self.wait_days(0.5, 6)
            self.does("Product reviewed", place=f"/{category.lower()}", category=category)
        if self.chance(0.07 if self.troubles == 0 else 0.01):
            self.wait_days(0.5, 6)
            self.does("Recommended us to a friend", "social")

    def sends_back(self, category: str) -> None:
        self.does("Return requested", place="/returns", category=category)
        self.wait_days(3, 7)
        self.does("Return received", "courier", by="company", category=category)
        self.wait_days(1, 4)
        self.does("Refund paid", "email", by="company")
        self.troubles += 1


def walks(dice: Random, people: list[Person], end: datetime) -> Iterator[Happening]:
    """What happens to everybody, person by person."""
    for person in people:
        yield from Walk(dice, person, end).go()
