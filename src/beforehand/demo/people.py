"""The demo shop's customers: made up, and the same for the same seed."""

from dataclasses import dataclass
from random import Random

FIRST = """
    Ada Aoife Bram Carlos Chiara Ciarán Clara Dara Elif Emil Emma Farida Finn Grace Hanna Hugo Ines Ivan Jana Joris
    Kenji Lena Liam Lotte Luca Maeve Marta Mateo Mila Nadia Niamh Noah Nora Olga Omar Paula Priya Rafael Rosa Ruth
    Samir Sara Sofia Stefan Tariq Tess Tomás Vera Yara Zoë
"""
LAST = """
    Adeyemi Bakker Bauer Becker Byrne Costa Daly Dubois Eriksen Farrell Fischer Gallagher Garcia Haddad Hansen Hoffmann
    Ivanova Jansen Kaya Kelly Kowalska Lambert Larsen Lynch Maier Martín Moreau Müller Murphy Nagy Nolan Novák O'Brien
    Okafor Petrov Quinn Rahman Ricci Rossi Ryan Santos Schmidt Silva Singh Tanaka Visser Walsh Weber Yilmaz Zimmermann
"""
COMPANIES = """
    Anchor Dental, Blue Door Studio, Brook & Vale, Canal House Hotel, Copper Pot Kitchen, Corner Books, Eastside Physio,
    Fern Interiors, Gable Architects, Harbour Cycles, Hazel Nursery, Ivy Street School, Kestrel Films, Lantern Bakery,
    Meadow Vets, North Pier Rentals, Oak Lane Yoga, Pebble Coffee, Quayside Legal, Rowan Care Home, Sparrow Events,
    Tall Ship Tours, Umbra Lighting, Weaver Textiles, Yarrow Gardens
"""
PLATFORMS = {"mobile": 52, "desktop": 38, "tablet": 10}
REGIONS = {"North": 24, "South": 26, "East": 20, "West": 30}


@dataclass(frozen=True)
class Person:
    """Somebody who comes to the shop. A visitor never says who they are."""

    number: int
    name: str
    email: str
    platform: str
    app: bool
    region: str
    company: str
    visitor: bool
    browses_first: bool

    @property
    def user_id(self) -> str:
        return f"cust-{10_000 + self.number}"

    @property
    def device(self) -> str:
        return f"device-{self.number:05x}"


def people(dice: Random, count: int) -> list[Person]:
    return [_person(dice, number) for number in range(count)]


def pick(dice: Random, weights: dict[str, int]) -> str:
    return dice.choices(list(weights), list(weights.values()))[0]


def _person(dice: Random, number: int) -> Person:
    first, last = dice.choice(FIRST.split()), dice.choice(LAST.split())
    company = dice.choice(COMPANIES.split(",")).strip() if dice.random() < 0.12 else ""
    host = company.lower().replace(" & ", "-").replace(" ", "-") if company else "mail"
    platform = "desktop" if company and dice.random() < 0.6 else pick(dice, PLATFORMS)
    return Person(
        number=number,
        name=f"{first} {last}",
        email=f"{first}.{last}.{number}@{host}.example".lower().replace("'", ""),
        platform=platform,
        app=platform == "mobile" and dice.random() < 0.45,
        region=pick(dice, REGIONS),
        company=company,
        visitor=not company and dice.random() < 0.18,
        browses_first=dice.random() < 0.5,
    )
