"""The customers: three kinds of them, where they live, what they hold in their hand, and who they are by name."""

import numpy as np

from beforehand.demo.company.plan import Plan, awake
from beforehand.demo.company.table import Table

KINDS = ["busy", "steady", "rare"]
KIND_SHARES = [0.20, 0.45, 0.35]
VISITS_A_DAY = np.array([0.085, 0.036, 0.013])
WRITES = np.array([1.7, 1.0, 0.65])
"""How much more or less a kind of customer writes to us, whatever happens."""
REGIONS = ["north", "south", "east", "west"]
PLATFORMS = ["ios", "android", "desktop", "tablet"]
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
FIRST_NAMES, LAST_NAMES = FIRST.split(), LAST.split()
COMPANY_NAMES = [name.strip() for name in COMPANIES.split(",")]


def people(plan: Plan) -> Table:
    """One row a customer. `joined` and `since` (the start of a subscription, or infinity) in seconds from the start."""
    dice, count = plan.dice, plan.customers
    number = np.arange(count, dtype=np.int32)
    key = dice.keys("customer", number)
    kind = dice.pick("kind", key, KIND_SHARES)
    length = plan.length
    joined = np.where(dice.chance("old customer", key, 0.6), -length, dice.between("joined", key, 0, length))
    platform = dice.pick("platform", key, [0.36, 0.24, 0.32, 0.08])
    since = np.maximum(dice.between("subscribes", key, -0.35 * length, 1.02 * length), joined)
    subscribes = dice.chance("subscriber", key, plan.subscribers)
    since = np.where(subscribes, awake(since), np.inf)
    visitor = ~subscribes & dice.chance("visitor", key, 0.10)
    works = ~visitor & dice.chance("works", key, 0.10)
    return Table(
        key=key,
        customer=number,
        kind=kind,
        joined=joined,
        since=since,
        visits=VISITS_A_DAY[kind] * dice.around("visits", key, 1.0, 0.3),
        writes=WRITES[kind] * dice.around("writes", key, 0.92, 0.4),
        region=dice.pick("region", key, [0.24, 0.26, 0.20, 0.30]),
        platform=platform,
        app=(platform < 2) & dice.chance("app", key, 0.45),
        visitor=visitor,
        browses_first=dice.chance("browses first", key, 0.5),
        second=dice.chance("second device", key, 0.08),
        blocks=dice.chance("blocker", key, 0.15),
        first_name=dice.pick("first name", key, [1] * len(FIRST_NAMES)),
        last_name=dice.pick("last name", key, [1] * len(LAST_NAMES)),
        company=np.where(works, dice.pick("company", key, [1] * len(COMPANY_NAMES)), -1).astype(np.int16),
        leaves=np.full(count, np.inf),
    )
