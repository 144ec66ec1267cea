"""The list of contacts, the latest first: narrowed by why they came, about what, how, what was said, when and who.

Days and segments are known to a room above, which says them as a condition (`contacts.within`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.http import HttpRequest

from beforehand.journey import lake
from beforehand.journey.contact import Told, newest_titles, tell
from beforehand.journey.contacts.reading import TEXTS
from beforehand.journey.models import Contact
from beforehand.lib import bus, pages
from beforehand.lib.text import storable

LONGEST = 200
MOST_WORDS = 8
PAGE = "select c.id from contacts c where {conditions} order by c.id desc limit {limit} offset {offset}"
COUNT = "select count(*) from contacts c where {conditions}"
TEXT = f"concat_ws(' ', {', '.join(f'''json_extract_string(t.properties, '$.{key}')''' for key in sorted(TEXTS))})"
WORDS = """c.id in (
    select t.id from touchpoints t join (select distinct name from contacts) using (name) where {said})"""
SAID = f"contains(strip_accents(lower({TEXT})), strip_accents(lower($word{{n}})))"


class Within(NamedTuple):
    """A condition on the lake's contacts, `c`, with the values that it takes by name, and what it means in words."""

    sql: str
    values: Mapping[str, Any]
    about: list[str]


@dataclass
class Asked:
    """What an address asks for: `kept` is what of it was understood, `about` what the room above made of it."""

    conditions: list[str] = field(default_factory=lambda: ["true"])
    values: dict[str, Any] = field(default_factory=dict)
    kept: dict[str, str] = field(default_factory=dict)
    about: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, asked: Mapping[str, str], reader: Any) -> "Asked":
        own = cls()
        clean = {key: storable(value).strip()[:LONGEST] for key, value in asked.items()}
        known = {"cause": Contact.Cause.values, "kind": newest_titles()}
        for name in ("cause", "kind", "channel", "owner"):
            value = clean.get(name, "")
            if value and value in known.get(name, [value]):
                own.narrow(f"c.{name} = ${name}", name, value)
        if clean.get("judged"):
            own.conditions.append("c.overruled_by is not null")
            own.kept["judged"] = "1"
        own.say(clean.get("q", ""))
        for within in bus.emit("contacts.within", asked=asked, reader=reader):
            if within is not None:
                own.conditions.append(within.sql)
                own.values |= within.values
                own.about += within.about
        return own

    def narrow(self, condition: str, name: str, value: str) -> None:
        self.conditions.append(condition)
        self.values[name] = self.kept[name] = value

    def say(self, text: str) -> None:
        """All of the words must stand in what was written, in any order, also within longer words."""
        words = {f"word{n}": word for n, word in enumerate(text.split()[:MOST_WORDS])}
        if words:
            self.kept["q"] = text
            self.values |= words
            said = " and ".join(SAID.format(n=n) for n in range(len(words)))
            self.conditions.append(WORDS.format(said=said))

    def ids(self, reader: Any, offset: int, limit: int) -> list[int]:
        return [id for (id,) in self._rows(reader, PAGE, limit=int(limit), offset=int(offset))]

    def count(self, reader: Any) -> int:
        ((count,),) = self._rows(reader, COUNT)
        return int(count)

    @property
    def narrowed(self) -> bool:
        return len(self.conditions) > 1

    def _rows(self, reader: Any, sql: str, **numbers: int) -> list[tuple[Any, ...]]:
        statement = sql.format(conditions=" and ".join(f"({one})" for one in self.conditions), **numbers)
        found: list[tuple[Any, ...]] = reader.db.execute(statement, self.values).fetchall()
        return found


@dataclass(frozen=True)
class Listed:
    """A page of contacts, and what it was narrowed to; `total` is counted where it was."""

    page: pages.Page
    told: list[Told]
    asked: Asked
    total: int | None


def listed(request: HttpRequest) -> Listed:
    with lake.reader() as reader:
        asked = Asked.of(request.GET.dict(), reader)
        page = pages.page_of(request, lambda offset, limit: asked.ids(reader, offset, limit))
        total = asked.count(reader) if asked.narrowed else None
    found = Contact.objects.in_bulk(page.rows)
    return Listed(page, tell([found[id] for id in page.rows if id in found]), asked, total)
