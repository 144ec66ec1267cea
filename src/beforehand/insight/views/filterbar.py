"""The period and segment pickers for a page of a lower room, which fetches them by name."""

from dataclasses import replace
from typing import Any

from beforehand.insight.drilldown import ASKING
from beforehand.insight.filters import Filter
from beforehand.insight.views.board import BoardView


class FilterBarView(BoardView):
    """`for` is the page's path; the links lead back to it and keep what else it was asked for.

    A page that was asked for nothing shows everybody, so the bar then says all of the data.
    """

    template = part = "insight/_filters.html"
    empty = "insight/_no_filter.html"

    def show(self, reader: Any, chosen: Filter, **where: Any) -> dict[str, Any]:
        menu = chosen.link(**chosen.kept)
        own = replace(chosen, kept={key: value for key, value in chosen.kept.items() if key not in {"for", "before"}})
        if not ASKING & set(self.request.GET):
            own = replace(own, start=own.first, end=own.last, days=None)
        return {"filter": own, "segments_query": menu}
