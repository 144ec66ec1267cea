"""The panel beside the map: one touchpoint, or one flow between two."""

from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _

from beforehand.customers.models import Customer
from beforehand.insight import passages, shown
from beforehand.insight.charts.scale import ticks
from beforehand.insight.filters import Filter
from beforehand.insight.overview import ask, catalogue_of
from beforehand.insight.result import Group
from beforehand.insight.segments import Dimension, dimensions
from beforehand.insight.views.board import BoardView

LISTED = 6
Meaning = dict[str, tuple[str, str, str]]


class TouchpointView(BoardView):
    """What a touchpoint is, what follows it, what breaks there, and for whom that differs."""

    template = "insight/touchpoint.html"
    part = "insight/_touchpoint.html"

    def show(self, reader: Any, chosen: Filter, **where: Any) -> dict[str, Any]:
        name = where["name"]
        meaning = catalogue_of(reader)
        if name not in meaning:
            raise Http404(_("No touchpoint has the name “%(name)s”.") % {"name": name[:200]})
        return {"name": name, **details(reader, chosen, name, meaning)}


def details(reader: Any, chosen: Filter, name: str, meaning: Meaning) -> dict[str, Any]:
    """All that the panel of a touchpoint shows."""
    n, customers = (
        _of(name, ask(reader, chosen, measure, by="name").groups) for measure in ("touchpoints", "customers")
    )
    flows = ask(reader, chosen, "transitions").groups
    after = [flow for flow in flows if flow.key[0] == name]
    found = [one for one in shown.latest(reader, chosen.start, chosen.end) if name in (one.found.name, one.found.to)]
    label, stage, kind = meaning[name]
    stages = dict(reader.db.execute("select stage, label from stages").fetchall())
    return {
        "label": label,
        "stage": stages.get(stage, ""),
        "kind": kind,
        "n": n,
        "customers": customers,
        "breaks": found,
        "after": _shares(after, 0, meaning, chosen),
        "before": _shares([flow for flow in flows if flow.key[1] == name], 1, meaning, chosen),
        "customers_query": chosen.link(name=name),
        "split": split(reader, chosen, name, after, found, meaning) if after else None,
    }


def _of(name: str, groups: list[Group]) -> int:
    return next((group.n for group in groups if group.key[0] == name), 0)


def _shares(flows: list[Group], this: int, meaning: Meaning, chosen: Filter) -> dict[str, Any]:
    """The largest ways to or from a touchpoint, each with its share of all and its typical wait."""
    total = sum(flow.n for flow in flows)
    ways = sorted(flows, key=lambda flow: -flow.n)
    listed = ways[:LISTED]
    rows = [
        {
            "name": flow.key[1 - this], "label": meaning.get(flow.key[1 - this], (flow.key[1 - this],))[0],
            "n": flow.n, "share": flow.n / total, "median": flow.value, "p90": flow.extra.get("p90"),
            "url": chosen.link(start=flow.key[0], next=flow.key[1]),
        }
        for flow in listed
    ]  # fmt: skip
    return {
        "rows": rows,
        "total": total,
        "others": len(ways) - len(listed),
        "rest": total - sum(flow.n for flow in listed),
    }


def split(
    reader: Any, chosen: Filter, name: str, after: list[Group], found: list[shown.Shown],
    meaning: Meaning,
) -> dict[str, Any] | None:  # fmt: skip
    """For each value of a dimension, the share that goes on where it matters: to a break's end, else to a contact, else
    to the commonest next touchpoint."""
    known = dimensions(reader)
    if not known:
        return None
    dimension = _dimension(known, chosen, found)
    to, title = _end(name, after, found, meaning)
    shares = passages.by_dimension(reader, chosen, name, to, dimension)
    scale = ticks(0, max((share.high for share in shares), default=1.0), steps=4)
    return {"dimension": dimension, "title": title, "shares": shares, "end": scale[-1], "dimensions": known}


def _dimension(known: list[Dimension], chosen: Filter, found: list[shown.Shown]) -> Dimension:
    asked = chosen.kept.get("by", "")
    of_break = found[0].found.segment.partition("=")[0] if found else ""
    by_key = {dimension.key: dimension for dimension in known}
    return by_key.get(asked) or by_key.get(of_break) or known[0]


def _end(name: str, after: list[Group], found: list[shown.Shown], meaning: Meaning) -> tuple[list[str], str]:
    ends = [one.found.to for one in found if one.found.name == name and one.found.to in meaning]
    if ends:
        return ends[:1], _("On to %(label)s") % {"label": meaning[ends[0]][0]}
    doors = [flow.key[1] for flow in after if meaning.get(flow.key[1], ("", "", ""))[2] == "contact"]
    if doors and meaning[name][2] != "contact":
        return doors, _("Straight on to a contact")
    largest = max(after, key=lambda flow: flow.n).key[1]
    return [largest], _("On to %(label)s") % {"label": meaning.get(largest, (largest,))[0]}


class FlowView(BoardView):
    """One flow: how many, how long, who."""

    template = "insight/touchpoint.html"
    part = "insight/_flow.html"

    def show(self, reader: Any, chosen: Filter, **where: Any) -> dict[str, Any]:
        start, to = chosen.kept.get("start", ""), chosen.kept.get("next", "")
        meaning = catalogue_of(reader)
        if start not in meaning or to not in meaning:
            raise Http404(_("There is no such flow."))
        passed = passages.of_flow(reader, chosen, start, to)
        leaving = [flow for flow in ask(reader, chosen, "transitions").groups if flow.key[0] == start]
        found = passages.travellers(reader, chosen, start, to) if self.member.may_see_customers else []
        names = dict(Customer.objects.filter(pk__in=[one.customer for one in found]).values_list("pk", "name"))
        return {
            "flow": True,
            "start": start,
            "to": to,
            "start_label": meaning[start][0],
            "to_label": meaning[to][0],
            "passed": passed,
            "customers_query": chosen.link(name=start, then=to),
            "share": passed.n / max(sum(flow.n for flow in leaving), 1),
            "waits": passages.histogram(reader, chosen, start, to),
            "people": [(one, names.get(one.customer) or _("Customer %(id)s") % {"id": one.customer}) for one in found],
            "breaks": [
                one
                for one in shown.latest(reader, chosen.start, chosen.end)
                if (one.found.name, one.found.to) == (start, to)
            ],
        }
