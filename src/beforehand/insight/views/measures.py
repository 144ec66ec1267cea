"""The measures: all of them with their numbers, and a page for each."""

import csv
import io
from collections.abc import Callable, Mapping
from datetime import UTC
from typing import Any

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _

from beforehand.customers.models import Customer
from beforehand.insight import measures, reading, sqlwords
from beforehand.insight.answer import Names
from beforehand.insight.charts import explore
from beforehand.insight.charts.spark import HEIGHT, WIDTH, spark
from beforehand.insight.filters import Filter
from beforehand.insight.measure import Measure
from beforehand.insight.query import BadQuery, Query
from beforehand.insight.result import Rows
from beforehand.insight.run import rows
from beforehand.insight.segments import Dimension, dimensions
from beforehand.insight.views.board import BoardView
from beforehand.insight.views.table import plain_cell
from beforehand.lib.pages import page_of

SIZES = ((1140.0, 270.0), (358.0, 230.0))
ROWS = 25
TAKEN_AWAY = 100_000


def _dimensions(reader: Any, chosen: Filter) -> list[Dimension]:
    """By what a number can be split: by nothing more while it is that of one segment already."""
    return [] if chosen.segment else dimensions(reader)


def find(slug: str) -> Measure:
    try:
        return measures.find(slug)
    except BadQuery as problem:
        raise Http404(str(problem)) from problem


class MeasuresView(BoardView):
    """The list. Each line's number comes by itself, so that a slow one holds up nobody."""

    template = "insight/measures.html"

    def show(self, reader: Any, chosen: Filter, **where: Any) -> dict[str, Any]:
        return {"families": _families(list(measures.all().values()))}


def _families(known: list[Measure]) -> list[tuple[str, list[Measure]]]:
    """In the order in which they are read: what customers try to get done first, then when they had to come to us."""
    parts = (
        (
            _("What they try to get done"),
            ("needs-beforehand", "needs-met-how", "time-to-met", "stuck-now", "stuck-for", "step-time")
            + ("proactive-ratio", "lead-time"),
        ),
        (
            _("When they had to come to us"),
            ("contact-rate", "contacts-per-need", "contacts-per-order", "contacts-after", "contacts-by-cause")
            + ("failure-share", "chase-rate", "repeat-rate"),
        ),
        (
            _("What it took, and what part of it is service"),
            ("explained-again", "channel-changes", "wait-for-answer", "service-share", "service-share-of-waiting")
            + ("service-share-of-satisfaction",),
        ),
        (
            _("How long service lets them wait"),
            ("customer-wait", "first-response", "next-response", "time-to-resolution", "targets-met")
            + ("targets-missed-by", "reopened", "first-contact-resolution", "backlog-by-age", "arrivals"),
        ),
        (_("What customers say"), ("nps", "csat", "ces")),
        (_("How they go"), ("funnel", "transitions", "time-to-next", "back-and-forth", "dead-ends", "variants")),
        (_("Who comes, and comes back"), ("customers", "touchpoints", "retention", "retention-monthly")),
    )
    by_slug = {measure.slug: measure for measure in known}
    found = [(title, [by_slug.pop(slug) for slug in slugs if slug in by_slug]) for title, slugs in parts]
    return [part for part in [*found, (_("More"), list(by_slug.values()))] if part[1]]


class LineView(BoardView):
    """The numbers of one line of the list."""

    template = part = "insight/_measure_line.html"

    def show(self, reader: Any, chosen: Filter, **where: Any) -> dict[str, Any]:
        measure = find(where["slug"])
        now = reading.answer(reader, chosen, measure)
        history = reading.history(reader, chosen, measure)
        return {
            "measure": measure,
            "now": now,
            "spark": spark(history.trend),
            "spark_size": (WIDTH, HEIGHT),
            "change": reading.change(now, reading.before(reader, chosen, measure)),
        }


class MeasureView(BoardView):
    template = "insight/measure.html"

    def show(self, reader: Any, chosen: Filter, **where: Any) -> dict[str, Any]:
        measure = find(where["slug"])
        now = reading.answer(reader, chosen, measure)
        then = reading.before(reader, chosen, measure)
        history = reading.history(reader, chosen, measure)
        by = reading.by_of(measure, chosen.kept.get("by", ""), _dimensions(reader, chosen))
        return {
            "measure": measure,
            "now": now,
            "then": then,
            "change": reading.change(now, then),
            "charts": reading.charts(history, now, then, chosen, SIZES),
            "provisional": [point for point in history.trend if point.provisional],
            "tabs": [
                {"title": title, "url": chosen.link(**{**chosen.kept, "by": key}), "current": key == by}
                for key, title in reading.splits(measure, _dimensions(reader, chosen))
            ],
            "by": by,
            "split_query": chosen.link(**{**chosen.kept, "by": by}),
            "sql": sqlwords.shown(now.sql),
            "hits_query": chosen.link(rows="hits"),
            "cohorts": measure.keys == reading.COHORTS,
        }


class SplitView(BoardView):
    """The measure's parts, each with its interval and what became of it."""

    template = "insight/split.html"
    part = "insight/_split.html"

    def show(self, reader: Any, chosen: Filter, **where: Any) -> dict[str, Any]:
        measure = find(where["slug"])
        by = reading.by_of(measure, chosen.kept.get("by", ""), _dimensions(reader, chosen))
        if measure.keys == reading.COHORTS:
            return {"measure": measure, "heat": explore.retention(reading.cohorts(reader, chosen, measure))}
        lines, groups = reading.lines(reader, chosen, measure, by)
        whole = reading.answer(reader, chosen, measure)
        return {
            "measure": measure,
            "by": by,
            "lines": lines,
            "more": groups - len(lines),
            "whole": whole,
            "scale": reading.scale(lines),
            "titles": dict(reading.splits(measure, _dimensions(reader, chosen))),
        }


class ScoresView(BoardView):
    """NPS, CSAT and CES, those of them that anybody answered."""

    template = "insight/scores.html"
    part = "insight/_scores.html"

    def show(self, reader: Any, chosen: Filter, **where: Any) -> dict[str, Any]:
        found = []
        for slug in ("nps", "csat", "ces"):
            measure = find(slug)
            now = reading.answer(reader, chosen, measure)
            if now.n:
                found.append((now, reading.change(now, reading.before(reader, chosen, measure))))
        return {"scores": found}


class RowsView(BoardView):
    """The rows that the number was made from."""

    template = "insight/rows.html"
    part = "insight/_rows.html"
    needs = "may_see_customers"

    def show(self, reader: Any, chosen: Filter, **where: Any) -> dict[str, Any]:
        measure = find(where["slug"])
        query = Query(measure.slug, chosen.start, chosen.end, chosen.segment)
        columns: list[str] = []

        only_hits = _only_hits(chosen)

        def fetch(offset: int, limit: int) -> list[tuple[Any, ...]]:
            found = rows(query, limit, offset, reader=reader, only_hits=only_hits)
            columns[:] = found.columns
            return found.rows

        page = page_of(self.request, fetch, size=ROWS)
        return {
            "measure": measure,
            "page": page,
            "rows_query": chosen.link(rows="hits" if only_hits else None),
            "which": [
                {"title": title, "url": chosen.link(rows=value), "current": only_hits is bool(value)}
                for title, value in ((_("All"), None), (_("Only those that count"), "hits"))
            ]
            if measure.has_hits
            else [],
            **_table(Rows(columns, list(page)), measure, reader),
        }


def _only_hits(chosen: Filter) -> bool:
    return chosen.kept.get("rows") == "hits"


def _table(found: Rows, measure: Measure, reader: Any) -> dict[str, Any]:
    """Columns with their titles, and cells with what they are: a customer, a moment, a wait, a number, a text."""
    hidden = {"id", "need", *(["day"] if "time" in found.columns else [])}
    kept, hits = [column for column in found.columns if column not in hidden], measure.has_hits
    names = Names(reader.db)
    customers = {row[found.columns.index("customer")] for row in found.rows} if "customer" in found.columns else set()
    people = dict(Customer.objects.filter(pk__in=customers).values_list("pk", "name"))
    waits = WAITS | ({"value"} if measure.unit == "seconds" else set())
    titles = {column: title() for column, title in TITLES.items()} | (
        {"value": _("counts")} if measure.has_hits else {}
    )
    return {
        "columns": [titles.get(column) or column.replace("_", " ") for column in kept],
        "rows": [_cells(row | _called(row, measure), kept, waits, people, names, hits) for row in found.as_dicts()],
    }


def _called(row: Mapping[str, Any], measure: Measure) -> dict[str, str]:
    """What the measure itself calls values of a row."""
    return {column: str(words) for (column, value), words in measure.called.items() if str(row.get(column)) == value}


TITLES: dict[str, Callable[[], str]] = {
    "customer": lambda: _("customer"),
    "time": lambda: _("time"),
    "day": lambda: _("day"),
    "name": lambda: _("touchpoint"),
    "channel": lambda: _("channel"),
    "value": lambda: _("value"),
    "previous": lambda: _("the one before"),
    "gap": lambda: _("wait"),
    "came_from": lambda: _("came from"),
    "went_to": lambda: _("went to"),
    "next_name": lambda: _("the next"),
    "next_time": lambda: _("time of the next"),
    "contact": lambda: _("contact"),
    "score": lambda: _("score"),
    "top": lambda: _("highest"),
    "cohort": lambda: _("cohort"),
    "age": lambda: _("age"),
    "step": lambda: _("step"),
    "variant": lambda: _("way"),
    "need_kind": lambda: _("need"),
    "at_step": lambda: _("step"),
    "key": lambda: _("key"),
    "opened": lambda: _("opened"),
    "met": lambda: _("met"),
    "outcome": lambda: _("how it ended"),
    "waited": lambda: _("waited"),
    "stuck_at": lambda: _("stuck since"),
    "cause": lambda: _("cause"),
    "probability": lambda: _("probability"),
    "origin_name": lambda: _("comes from"),
    "owner": lambda: _("owner"),
    "repeat_of": lambda: _("repeats"),
    "first_trouble": lambda: _("first trouble"),
    "first_contact": lambda: _("first contact"),
    "noticed_by": lambda: _("noticed by"),
    "lead": lambda: _("lead"),
    "contacts": lambda: _("contacts"),
    "changes": lambda: _("changes of channel"),
    "answered": lambda: _("answered"),
    "open_for": lambda: _("open for"),
    "base": lambda: _("counted among"),
    "conversation": lambda: _("conversation"),
    "team": lambda: _("team"),
    "clock": lambda: _("clock"),
    "state": lambda: _("state"),
    "due": lambda: _("due"),
    "ended": lambda: _("ended"),
    "late": lambda: _("hours late"),
    "hours_late": lambda: _("how late"),
    "hours_waited": lambda: _("how long"),
    "how": lambda: _("how it ended"),
    "with_bot": lambda: _("with the assistant"),
    "counted": lambda: _("how it is counted"),
    "weekday": lambda: _("day of the week"),
    "hour": lambda: _("hour"),
    "channels": lambda: _("channels"),
    "came_again": lambda: _("came again"),
    "solved": lambda: _("solved"),
    "by_need": lambda: _("by its need"),
}
WAITS = {"gap", "waited", "lead", "open_for"}


def _cells(
    row: dict[str, Any], kept: list[str], waits: set[str], people: dict[int, str], names: Names, hits: bool
) -> list[dict[str, Any]]:
    """The cells of one row; a text is called what the catalogue and the kinds of need call it."""
    return [_cell(column, row[column], waits, people, hits) or _said(column, row, names) for column in kept]


def _said(column: str, row: dict[str, Any], names: Names) -> dict[str, Any]:
    value = row[column]
    beside = {"need_kind": str(row.get("need_kind", ""))}
    return {"is": "text", "text": "" if value is None else names.word(column, str(value), beside)}


def _cell(column: str, value: Any, waits: set[str], people: dict[int, str], hits: bool) -> dict[str, Any] | None:
    """None for a text."""
    if column == "customer":
        name = people.get(value) or _("Customer %(id)s") % {"id": value}
        return {"is": "customer", "text": name, "pk": value}
    if column == "value" and hits:
        return {"is": "hit", "value": value == 1}
    if column in waits:
        return {"is": "wait", "value": value}
    if hasattr(value, "hour"):
        return {"is": "moment", "value": value.replace(tzinfo=UTC)}
    if isinstance(value, int | float) and not isinstance(value, bool):
        return {"is": "number", "value": value}
    return None


class RowsCsv(BoardView):
    """The same rows as a file, as they are in the data."""

    needs = "may_see_customers"

    def show(self, reader: Any, chosen: Filter, **where: Any) -> HttpResponse:
        measure = find(where["slug"])
        query = Query(measure.slug, chosen.start, chosen.end, chosen.segment)
        found = rows(query, TAKEN_AWAY, reader=reader, only_hits=_only_hits(chosen))
        response = HttpResponse(_written(found), content_type="text/csv; charset=utf-8")
        name = f"{measure.slug}-{chosen.start}-{chosen.end}.csv"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response


def _written(found: Rows) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(found.columns)
    writer.writerows([plain_cell(value) if isinstance(value, str) else value for value in row] for row in found.rows)
    return text.getvalue()
