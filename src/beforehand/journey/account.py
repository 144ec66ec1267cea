"""A company as its page shows it: who belongs to it, and what they did by stage and kind."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from beforehand.customers.models import Company, Customer, Membership
from beforehand.journey.lifeline import FIRST_SHOWN, PLURALS, Lifeline
from beforehand.journey.models import Journey, Kind, Stage
from beforehand.journey.person import MOST_TRAITS, Trait

MOST_PEOPLE = 1_000
DAYS = 91


class People(NamedTuple):
    """The people that a company's page shows, the latest seen first, and how many there are."""

    shown: list["Person"]
    total: int

    @property
    def left_out(self) -> int:
        return self.total - len(self.shown)


@dataclass
class Person:
    """A customer of a company: since when they were seen there, and their journey in numbers."""

    customer: Customer
    since: datetime
    journey: Journey | None = None


class Contacts(NamedTuple):
    """How often people of the company had to come to us in the last 91 days, of those who were seen in them."""

    n: int
    days: int
    active: int

    @property
    def per_person(self) -> float | None:
        return self.n / self.active if self.active else None


class StageRow(NamedTuple):
    """How many touchpoints of each kind there were in a stage, in the order of `kinds_of`."""

    label: str
    counts: list[int]
    total: int


def people_of(company: Company) -> People:
    """The customers with an identifier that was seen in the company; of very many those who were seen last."""
    since = dict(
        Membership.objects.filter(company=company).order_by("-since").values_list("identifier__customer", "since")
    )  # the earliest of each stays
    journeys = Journey.objects.filter(customer__identifiers__memberships__company=company).distinct()
    seen = {journey.customer_id: journey for journey in journeys.order_by("-last_time")[:MOST_PEOPLE]}
    unseen = sorted((customer for customer in since if customer not in seen), key=lambda customer: since[customer])
    chosen = [*seen, *unseen][:MOST_PEOPLE]
    customers = Customer.objects.in_bulk(chosen)
    people = [Person(customers[pk], since[pk], seen.get(pk)) for pk in chosen if pk in customers and pk in since]
    return People(sorted(people, key=lambda person: (person.journey is None, _last(person))), len(since))


def _last(person: Person) -> float:
    return -person.journey.last_time.timestamp() if person.journey else -person.since.timestamp()


def traits_of(company: Company) -> list[Trait]:
    shown = {
        key: value for key, value in company.traits.items() if key != "name" and isinstance(value, str | int | float)
    }
    return [Trait(key, str(shown[key])[:120]) for key in sorted(shown)][:MOST_TRAITS]


def kinds_of(life: Lifeline) -> list[str]:
    there = {life.meanings[cell.name].kind for cell in life.cells}
    return [kind for kind in FIRST_SHOWN if kind in there]


def stages(life: Lifeline) -> dict[str, object]:
    """Touchpoints by stage (in the order of the journey) and kind."""
    kinds = kinds_of(life)
    counts: Counter[tuple[str, str]] = Counter()
    for cell in life.cells:
        meaning = life.meanings[cell.name]
        counts[meaning.stage, meaning.kind] += cell.n
    order = [*Stage.objects.values_list("label", flat=True), ""]
    there = [stage for stage in order if any(counts[stage, kind] for kind in kinds)]
    rows = [
        StageRow(stage, [counts[stage, kind] for kind in kinds], sum(counts[stage, kind] for kind in kinds))
        for stage in there
    ]
    return {"kinds": [str(PLURALS[Kind(kind)]) for kind in kinds], "rows": rows}


def contacts(life: Lifeline, people: list[Person], now: datetime) -> Contacts:
    start = now - timedelta(days=DAYS)
    recent = [cell for cell in life.cells if start <= cell.time <= now]
    n = sum(cell.n for cell in recent if life.meanings[cell.name].kind == Kind.CONTACT)
    active = sum(1 for person in people if person.journey and person.journey.last_time >= start)
    return Contacts(n, DAYS, active)
