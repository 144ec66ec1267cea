"""Single contacts beside the truth: the need that each is about, its cause, and how far its probability can be trusted.

The texts of the simulated company are not those that the weights were fitted on (`journey/contacts/examples.json`).
"""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from truth import companies
from truth.table import Line, clustered, percent

BANDS = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 1.01)


def judge(seed: int) -> dict[str, Any]:
    return {"seed": seed, "contacts": judged_of(companies.small_company(seed))}


def judged_of(company: Any) -> list[list[Any]]:
    """Every contact of a company: linked by, whether a key stood beside the text, need right, cause right, probability,
    cause said, true cause."""
    book, found = _book(company), defaultdict(list)
    for customer, moments in _moments(company, book).items():
        _trace(customer, moments, book, found)
    judged = []
    true_needs = _needs(company)
    for row in _contacts(company):
        for told in found.get((row["number_of_customer"], row["micros"]), ())[:1]:
            contact, need, keyed = told
            right = _same(need, true_needs.get(row["need"]), row["kind"])
            same = contact.cause == row["cause"]
            judged.append([contact.linked_by, keyed, right, same, contact.probability, contact.cause, row["cause"]])
    return judged


def lines(judged: Sequence[dict[str, Any]]) -> Iterable[Line]:
    every = [one["contacts"] for one in judged]
    n = sum(map(len, every))
    yield Line("contacts", f"{n:,}")
    text = [[c[2] for c in of if not c[1] and c[0] == "topic"] for of in every]
    yield _share("linked by the words of a text: the right need", text, 0.95, f"{sum(map(len, text)):,} contacts")
    number = [[c[2] for c in of if not c[1] and c[0] == "key"] for of in every]
    yield _share("linked by a number in the text: the right need", number, None, f"{sum(map(len, number)):,} contacts")
    yield _share("named a key beside the text: the right need", [[c[2] for c in of if c[1]] for of in every])
    rest = [[c[2] for c in of if not c[1] and c[0] not in ("key", "topic")] for of in every]
    yield _share("neither: what was open, or an unknown need", rest, None, f"{sum(map(len, rest)):,} contacts")
    yield _share("all: the right need", [[c[2] for c in of] for of in every])
    yield _share("cause right", [[c[3] for c in of] for of in every], 0.85)
    for cause in sorted({c[6] for of in every for c in of}):
        yield _share(f"  {cause}", [[c[3] for c in of if c[6] == cause] for of in every])
    off = 0.0
    for low, high in itertools.pairwise(BANDS):
        band = [[c for c in of if low <= c[4] < high] for of in every]
        size = sum(map(len, band))
        if size:
            said = sum(c[4] for of in band for c in of) / size
            right, a, b = clustered([[c[3] for c in of] for of in band if of])
            off += abs(said - right) * size / n
            yield Line(f"  said {100 * said:.0f} % sure", percent(right, a, b), note=f"{size:,} contacts")
    yield Line("mean distance between said and true", percent(off), "at most 5 %", off <= 0.05)


def _share(what: str, companies_: Sequence[Sequence[bool]], bar: float | None = None, note: str = "") -> Line:
    given = [of for of in companies_ if of]
    if not given:
        return Line(what, "–", note=note)
    value, low, high = clustered(given)
    if bar is None:
        return Line(what, percent(value, low, high), note=note)
    return Line(what, percent(value, low, high), f"at least {100 * bar:.0f} %", value >= bar, note)


def _book(company: Any) -> Any:
    from beforehand.demo.company.meanings import MEANINGS
    from beforehand.journey.needs.book import Book, Version
    from beforehand.journey.needs.keeping import ready_made
    from beforehand.journey.promises.rules import ready_made_rules

    kinds = {name: meaning[-1] for name, meaning in MEANINGS.items()}
    return Book([Version(one) for one in ready_made()], kinds, rules=tuple(ready_made_rules()))


def _moments(company: Any, book: Any) -> dict[int, list[Any]]:
    from beforehand.journey.needs.moments import moments_in

    rows = companies.tables(company).execute(
        "select customer, id, epoch_us(time), name, channel, actor, properties from touchpoints"
    )
    found: dict[int, list[Any]] = defaultdict(list)
    for customer, moment in moments_in(iter(rows.fetchall()), book):
        if moment.name in book.names:
            found[customer].append(moment)
    return found


def _trace(customer: int, moments: list[Any], book: Any, found: dict[tuple[int, int], list[Any]]) -> None:
    from beforehand.journey.needs.trace import trace

    traced = trace(moments, book)
    by_id = {moment.id: moment for moment in moments}
    for contact in traced.contacts:
        keyed = any(
            key in by_id[contact.touchpoint].properties for key in ("order_id", "invoice_id", "subscription_id")
        )
        found[customer, contact.time].append((contact, traced.needs[contact.need], keyed))


def _contacts(company: Any) -> list[dict[str, Any]]:
    from beforehand.demo.company import files

    rows = files.contacts(company).to_pylist()
    micros = files.micros(company, company.asked.time).tolist()
    customers = (company.asked.customer + 1).tolist()
    return [
        row | {"micros": moment, "number_of_customer": number}
        for row, moment, number in zip(rows, micros, customers, strict=True)
    ]


def _needs(company: Any) -> dict[int, tuple[str, str, int]]:
    from beforehand.demo.company import files

    rows = files.needs(company).to_pylist()
    opened = files.micros(company, company.needs.opened).tolist()
    return {
        row["key"]: (row["kind"], "" if row["number"] is None else str(row["number"]), moment)
        for row, moment in zip(rows, opened, strict=True)
    }


def _same(need: Any, true: tuple[str, str, int] | None, kind: str) -> bool:
    """The same kind, and the same number where it has one; what the truth does not know is an unknown need."""
    if true is None:
        return bool(need.kind == kind == "unknown")
    return bool(need.kind == true[0] and (not true[1] or not need.key or true[1] == need.key))
