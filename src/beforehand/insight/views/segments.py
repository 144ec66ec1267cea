"""The segment's menu: dimensions and their values. It comes when it is opened, since finding them reads the data."""

from typing import Any

from django.urls import reverse
from django.utils.text import capfirst

from beforehand.insight.filters import Filter
from beforehand.insight.models import SavedSegment
from beforehand.insight.segments import SAVED, Segment, dimensions
from beforehand.insight.views.board import BoardView
from beforehand.lib.pages import is_ours


class SegmentsView(BoardView):
    template = "insight/segments.html"
    part = "insight/_segments.html"

    def show(self, reader: Any, chosen: Filter, **where: Any) -> dict[str, Any]:
        page = self._page(chosen.kept.get("for", ""))
        own = Filter(
            chosen.start, chosen.end, chosen.first, chosen.last, chosen.days, chosen.segment, chosen.chosen,
            kept={key: value for key, value in chosen.kept.items() if key != "for"},
        )  # fmt: skip
        return {
            "everyone": page + own.segment_link(None),
            "saved": [
                {"label": one.name, "url": page + own.segment_link(segment), "current": segment == chosen.segment}
                for one in SavedSegment.objects.all()
                for segment in [Segment(SAVED, str(one.pk))]
            ],
            "dimensions": [
                {
                    "label": capfirst(dimension.name),
                    "open": bool(chosen.segment and chosen.segment.key == dimension.key),
                    "choices": [
                        {
                            "label": segment.word,
                            "url": page + own.segment_link(segment),
                            "current": segment == chosen.segment,
                        }
                        for segment in dimension.segments
                    ],
                }
                for dimension in dimensions(reader)
            ],
        }

    def _page(self, asked: str) -> str:
        """The path of the board that asked, on this host; the map for anything else."""
        path = asked.partition("?")[0].partition("#")[0]
        return path if is_ours(path) else reverse("insight:map")
