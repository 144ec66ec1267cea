"""Long lists, a page at a time, without counting what nobody asked to have counted."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

SIZE = 50
LAST = 10_000

Source = QuerySet[Any] | Sequence[Any] | Callable[[int, int], Sequence[Any]]


@dataclass(frozen=True)
class Page:
    """One page of rows: `number` counts from 1, `more` says whether another follows, `total` may be unknown."""

    rows: list[Any]
    number: int
    size: int
    more: bool
    total: int | None = None

    def __iter__(self) -> Iterator[Any]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def first(self) -> int:
        return (self.number - 1) * self.size + 1 if self.rows else 0

    @property
    def last(self) -> int:
        return (self.number - 1) * self.size + len(self.rows)

    @property
    def earlier(self) -> int | None:
        return self.number - 1 if self.number > 1 else None

    @property
    def later(self) -> int | None:
        return self.number + 1 if self.more else None


def number_of(request: HttpRequest) -> int:
    """`?page=` as a number between 1 and LAST; anything else is the first page."""
    asked = request.GET.get("page", "1")
    return min(max(int(asked), 1), LAST) if asked.isascii() and asked.isdigit() and len(asked) < 10 else 1


def page_of(request: HttpRequest, source: Source, size: int = SIZE, total: int | None = None) -> Page:
    """The page that the request asks for. `source` is a queryset, a sequence or `fetch(offset, limit)`.

    One row more than fits is fetched, to know whether another page follows.
    """
    number = number_of(request)
    offset = (number - 1) * size
    fetched = source(offset, size + 1) if callable(source) else source[offset : offset + size + 1]
    rows = list(fetched)
    return Page(rows[:size], number, size, len(rows) > size, total)


def is_ours(path: str) -> bool:
    """Whether this is the address of one of our own pages, written from the host's root."""
    return path.startswith("/") and path.isprintable() and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
