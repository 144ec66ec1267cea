"""What the journey map and its table show of one period: names, flows between them, stages, breaks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from beforehand.insight.filters import Filter
from beforehand.insight.journey_map import Flow, Node, Stage
from beforehand.insight.query import Query
from beforehand.insight.result import Group, Result
from beforehand.insight.run import run
from beforehand.insight.shown import Shown


@dataclass(frozen=True)
class Overview:
    """The period's journeys in counts. `flows` are groups of the measure transitions: key (previous, name)."""

    names: dict[str, Node]
    flows: list[Group]
    stages: list[Stage]
    touchpoints: int
    customers: int

    @property
    def arrows(self) -> list[Flow]:
        return [
            Flow(flow.key[0], flow.key[1], flow.n, flow.extra.get("mean") or 0.0, flow.extra.get("p90") or 0.0)
            for flow in self.flows
        ]

    @property
    def has_contacts(self) -> bool:
        return any(node.kind == "contact" for node in self.names.values())

    def label(self, name: str) -> str:
        return self.names[name].label if name in self.names else name


def ask(reader: Any, chosen: Filter, measure: str, **more: Any) -> Result:
    """A measure over the period and segment of a filter."""
    return run(Query(measure, chosen.start, chosen.end, segment=chosen.segment, **more), reader)


def look(reader: Any, chosen: Filter) -> Overview:
    """The whole overview: four measures and the catalogue, from one reader."""
    touchpoints = ask(reader, chosen, "touchpoints", by="name")
    customers = ask(reader, chosen, "customers", by="name")
    by_stage = ask(reader, chosen, "customers", by="stage")
    flows = ask(reader, chosen, "transitions")
    meaning = catalogue_of(reader)
    people = {group.key[0]: group.n for group in customers.groups}
    names = {}
    for group in touchpoints.groups:
        label, stage, kind = meaning.get(group.key[0], (group.label, "", "value"))
        names[group.key[0]] = Node(group.key[0], label, stage, kind, group.n, people.get(group.key[0], 0))
    in_stage = {group.key[0]: group.n for group in by_stage.groups}
    rows = reader.db.execute("select stage, label from stages order by position, stage").fetchall()
    stages = [Stage(key, label, in_stage[key]) for key, label in rows if key in in_stage]
    return Overview(names, flows.groups, stages, touchpoints.n, customers.n)


def catalogue_of(reader: Any) -> dict[str, tuple[str, str, str]]:
    """Label, stage and kind of every name."""
    return {entry.name: (entry.label or entry.name, entry.stage or "", entry.kind) for entry in reader.catalogue}


def headline(breaks: Sequence[Shown], searched: bool) -> tuple[str, str]:
    """What the map says first: how many breaks there are, and the worst one's own sentence."""
    if not breaks and not searched:
        return _("How customers go."), _("Nobody has searched for breaks yet.")
    if not breaks:
        return _("No break found"), _("in these days. What you see is how customers go.")
    breaks = [one for one in breaks if not one.known]
    if not breaks:
        return _("No break that is not known."), ""
    if len(breaks) == 1:
        return _("One break."), breaks[0].sentence
    return _("%(n)s breaks.") % {"n": len(breaks)}, _("The worst: %(sentence)s") % {"sentence": breaks[0].sentence}
