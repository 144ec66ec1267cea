"""The journey map, its table and its variants."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from beforehand.insight import shown
from beforehand.insight.filters import Filter
from beforehand.insight.journey_map import JourneyMap, Mark, draw
from beforehand.insight.journey_map.parts import Bar, Ribbon
from beforehand.insight.overview import Overview, headline, look
from beforehand.insight.shown import Shown
from beforehand.insight.views.board import BoardView
from beforehand.lib import format as plain

SHARES = (1, 2, 5, 10, 20)
SHARE = 5
BESIDE_PANEL, WHOLE = 1020.0, 1320.0


def segments(current: str, chosen: Filter) -> list[dict[str, Any]]:
    """Map, Table, Variants: three ways to see the same journeys."""
    views = (("map", _("Map")), ("table", _("Table")), ("variants", _("Variants")))
    return [
        {"title": title, "url": reverse(f"insight:{name}") + chosen.query, "current": name == current}
        for name, title in views
    ]


class MapView(BoardView):
    template = "insight/map.html"

    def show(self, reader: Any, chosen: Filter, **where: Any) -> dict[str, Any]:
        overview = look(reader, chosen)
        found = shown.latest(reader, chosen.start, chosen.end)
        share = _share(chosen.kept.get("over", ""))
        by_customers = chosen.kept.get("size") == "customers"
        selected = chosen.kept.get("touchpoint", "")
        closed = chosen.kept.get("panel") == "closed"
        drawing = draw(
            [node._replace(n=node.customers) for node in overview.names.values()] if by_customers
            else list(overview.names.values()),
            overview.arrows,
            overview.stages,
            [Mark(one.found.name, one.found.to, one.chip, one.sentence) for one in found if not one.known],
            share / 100,
            WHOLE if closed else BESIDE_PANEL,
        )  # fmt: skip
        said, worst = headline(found, bool(found) or shown.latest_scan() is not None)
        return {
            "overview": overview,
            "map": drawing,
            "flows": [_flow(ribbon, overview, chosen, selected) for ribbon in drawing.ribbons],
            "bars": [_bar(bar, chosen, selected) for bar in drawing.bars],
            "lists": _lists(drawing),
            "said": said,
            "worst": worst,
            "breaks": found,
            "segments": segments("map", chosen),
            "shares": [(one, chosen.link(**{**chosen.kept, "over": str(one)}), one == share) for one in SHARES],
            "share": share,
            "by_customers": by_customers,
            "size_links": [
                (_("touchpoints"), chosen.link(**{**chosen.kept, "size": None}), not by_customers),
                (_("customers"), chosen.link(**{**chosen.kept, "size": "customers"}), by_customers),
            ],
            "panel": None if closed else _panel(selected, found, overview),
            "closed": chosen.link(**{**chosen.kept, "panel": "closed", "touchpoint": None}),
        }


def _share(text: str) -> int:
    return int(text) if text in {str(share) for share in SHARES} else SHARE


def _panel(selected: str, found: list[Shown], overview: Overview) -> str:
    """The touchpoint whose panel is open at first: the one asked for, else the worst break's, else the largest."""
    candidates = [selected, *(one.found.name for one in found)]
    largest = max(overview.names.values(), key=lambda node: node.n, default=None)
    return next((name for name in candidates if name in overview.names), largest.name if largest else "")


def _flow(ribbon: Ribbon, overview: Overview, chosen: Filter, selected: str) -> dict[str, Any]:
    start, to = ribbon.flow.start, ribbon.flow.to
    known = start in overview.names and to in overview.names
    title = _("%(start)s → %(to)s: %(n)s, on average after %(mean)s") % {
        "start": overview.label(start) if start in overview.names else _("others"),
        "to": overview.label(to) if to in overview.names else _("others"),
        "n": plain.number(ribbon.flow.n, 0),
        "mean": plain.duration(ribbon.flow.mean),
    }
    url = f"{reverse('insight:flow')}{chosen.link(start=start, next=to)}" if known else ""
    return {
        "way": ribbon.way, "path": ribbon.path, "width": ribbon.width, "title": title, "url": url,
        "on": selected in (start, to), "start": start, "to": to,
    }  # fmt: skip


def _bar(bar: Bar, chosen: Filter, selected: str) -> dict[str, Any]:
    if bar.spot.folded:
        names = ", ".join(node.label for node in bar.spot.folded[:12])
        more = _(" and %(n)s more") % {"n": len(bar.spot.folded) - 12} if len(bar.spot.folded) > 12 else ""
        return {"shape": bar, "url": "", "chosen": False, "title": f"{names}{more}"}
    title = _("%(label)s, %(n)s touchpoints, %(customers)s customers") % {
        "label": bar.node.label,
        "n": plain.number(bar.node.n, 0),
        "customers": plain.number(bar.node.customers, 0),
    }
    return {
        "shape": bar,
        "url": reverse("insight:touchpoint", args=[bar.node.name]) + chosen.query,
        "address": here(chosen, bar.node.name),
        "chosen": bar.node.name == selected,
        "title": title,
    }


def here(chosen: Filter, name: str) -> str:
    """The map with this touchpoint's panel open: the address to keep, or to go to where the panel is closed."""
    return reverse("insight:map") + chosen.link(**{**chosen.kept, "touchpoint": name, "panel": None})


def _lists(drawing: JourneyMap) -> list[dict[str, Any]]:
    """The map as lists, for narrow screens: the same names under the same stages, in the same order."""
    most = max((bar.node.n for bar in drawing.bars), default=1)
    lists: list[dict[str, Any]] = [{"stage": heading.stage, "rows": []} for heading in drawing.headings]
    lists = lists or [{"stage": None, "rows": []}]
    edges = [heading.x for heading in drawing.headings] or [0.0]
    for bar in drawing.bars:
        place = max(index for index, edge in enumerate(edges) if bar.x >= edge)
        lists[place]["rows"].append({"bar": bar, "width": round(312 * bar.node.n / most, 1)})
    return lists
