"""A look-up whose SQL is put together once. Django does so anew each time, which costs ten times what running it does.

    of_owner = Prepared(lambda owner: Conversation.objects.filter(owner=owner).order_by("-id"), int)
    of_owner(7)

The queryset is built once, with marks in the places of what is asked for; so nothing in it may hang on their values.
Numbers for an `__in` are one argument: `pk__in=numbers(ids)` in the queryset, a str, asked for with `listed`. Rows are
those that the queryset gives, with what it selects beside them, or tuples after `values_list`; `prefetch_related` does
not count.

PostgreSQL too reads such a statement once for a connection (`statements`). What the queryset itself says stands in its
text, so only what is asked for is left out when it is planned.

Use it where Django can say the look-up: with joins, or columns of its own. Rows of one model by a condition in SQL, or
locked: `rows.found`. What are no rows of a model: `statements`.
"""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from types import SimpleNamespace
from typing import Any, Generic, NamedTuple, TypeVar, cast

from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.query import ModelIterable

from beforehand.lib.statements import ask

M = TypeVar("M", bound=Model)
NUMBER, TEXT = 0x7E57_0BE5_0000, "\N{HEAVY CHECK MARK} mark "
_PLACE = re.compile("%%|%s")


class Statement(NamedTuple):
    """`places`: for each parameter of the SQL the argument that goes there, or None and its own value."""

    sql: str
    places: list[tuple[int | None, Any]]

    @classmethod
    def of(cls, sql: str, parameters: Iterable[Any], marks: Sequence[int | str], every: bool = True) -> "Statement":
        """`every`: each argument must be in the SQL."""
        if connection.vendor == "postgresql":
            sql, parameters = _with_what_stays(sql, parameters, marks)
        places = [(marks.index(one) if one in marks else None, one) for one in parameters]
        assert not every or {place for place, _one in places} >= set(range(len(marks))), (
            "An argument is not in the SQL."
        )
        return cls(sql, places)

    def asked(self, *values: int | str) -> list[Any]:
        """The parameters, with these values in the places of the marks."""
        return [given if place is None else values[place] for place, given in self.places]

    def rows(self, *values: int | str) -> list[tuple[Any, ...]]:
        return ask(self.sql, self.asked(*values))


def _with_what_stays(sql: str, parameters: Iterable[Any], marks: Sequence[int | str]) -> tuple[str, list[Any]]:
    """A statement whose parameters are the marks alone: all others are in its text."""
    given, asked, operations = iter(parameters), list[Any](), cast(Any, connection.ops)

    def spelled(place: re.Match[str]) -> str:
        if place[0] == "%%":
            return place[0]
        if (one := next(given)) in marks:
            asked.append(one)
            return place[0]
        return str(operations.compose_sql("%s", [one])).replace("%", "%%")

    return _PLACE.sub(spelled, sql), asked


def numbers(mark: str) -> RawSQL:
    """The numbers of an argument, for an `__in`."""
    if connection.vendor == "postgresql":
        return RawSQL("select value::bigint from jsonb_array_elements_text(%s::jsonb)", [mark])
    return RawSQL("select value from json_each(%s)", [mark])


def listed(ids: Iterable[int]) -> str:
    """Numbers as an argument."""
    return json.dumps(list(ids))


class Made(NamedTuple):
    iterable: Any
    compiler: Any
    converters: Any
    statement: Statement


def marks_of(*kinds: type) -> list[int | str]:
    """A mark for each argument, int or str: nothing else has such values."""
    return [NUMBER + n if kind is int else f"{TEXT}{n}" for n, kind in enumerate(kinds)]


class Prepared(Generic[M]):
    """`kinds`: int or str for each argument of `build`."""

    def __init__(self, build: Callable[..., QuerySet[M]], *kinds: type) -> None:
        self.build = build
        self.marks = marks_of(*kinds)
        self._made: dict[str, Made] = {}

    def __call__(self, *values: int | str) -> list[M]:
        made = self.made
        asking = _Asking(made, values)
        if not issubclass(made.iterable, ModelIterable):
            rows: list[Any] = [tuple(row) for row in asking.results_iter(asking.execute_sql())]
            return rows
        query = SimpleNamespace(get_compiler=lambda **_which: asking)
        return list(made.iterable(SimpleNamespace(query=query, db=connection.alias, _known_related_objects={})))

    def first(self, *values: int | str) -> M | None:
        """The first row: say in the queryset how many are read."""
        return next(iter(self(*values)), None)

    @property
    def made(self) -> Made:
        return self._made.get(connection.vendor) or self._make()

    def _make(self) -> Made:
        queryset = self.build(*self.marks)
        compiler = queryset.query.get_compiler(using=connection.alias)
        sql, parameters = compiler.as_sql()
        converters = compiler.get_converters([column[0] for column in compiler.select])
        made = Made(queryset._iterable_class, compiler, converters, Statement.of(sql, parameters, self.marks))
        self._made[connection.vendor] = made
        return made


class _Asking:
    """As much of Django's compiler as reading rows takes."""

    def __init__(self, made: Made, values: Sequence[int | str]) -> None:
        self.made, self.values = made, values
        self.select, self.klass_info = made.compiler.select, made.compiler.klass_info
        self.annotation_col_map = made.compiler.annotation_col_map

    def execute_sql(self, **_how: Any) -> list[Any]:
        return self.made.statement.rows(*self.values)

    def results_iter(self, rows: list[Any]) -> Any:
        return self.made.compiler.apply_converters(rows, self.made.converters) if self.made.converters else rows
