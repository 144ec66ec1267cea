"""The map's promises hold for any data: nothing overlaps, nothing leaves the drawing, the same data draws the same."""

import re
from itertools import combinations, pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from beforehand.insight.journey_map import Flow, Mark, Node, Stage, draw
from beforehand.insight.journey_map.columns import cut, levels
from beforehand.insight.journey_map.lettering import fit, width

KINDS = ["value", "wait", "failure", "contact", "service", "outreach", "feedback"]
STAGES = [
    Stage(f"s{i}", label, i * 1000) for i, label in enumerate(["Awareness", "Consideration", "Ünder übersicht", "購入"])
]


@st.composite
def journeys(draw_):
    count = draw_(st.integers(0, 60))
    words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=30)
    names = [f"name {i}" for i in range(count)]
    nodes = [
        Node(
            name,
            draw_(words) or name,
            draw_(st.sampled_from(["", "", "s0", "s1", "s2", "s3", "gone"])),
            draw_(st.sampled_from(KINDS)),
            draw_(st.integers(0, 10 ** draw_(st.integers(0, 9)))),
            1,
        )
        for name in names
    ]
    ends = st.sampled_from(names) if names else st.nothing()
    pairs = draw_(st.lists(st.tuples(ends, ends), max_size=120, unique=True)) if names else []
    flows = [Flow(start, to, draw_(st.integers(0, 10**6)), 1.0, 2.0) for start, to in pairs]
    marks = [Mark(start, to, "+12.3 pts", "a break") for start, to in pairs[: draw_(st.integers(0, 5))]]
    return nodes, flows, draw_(st.sampled_from([[], STAGES])), marks


def coordinates(path):
    """Every point that a path names, the lines H and V included."""
    x = y = 0.0
    for command, numbers in re.findall(r"([MCSQLHVz])([^MCSQLHVz]*)", path):
        values = [float(number) for number in re.findall(r"-?[\d.]+", numbers)]
        if command == "H":
            x = values[0]
            yield x, y
        elif command == "V":
            y = values[0]
            yield x, y
        else:
            for x, y in zip(values[::2], values[1::2], strict=True):
                yield x, y


@settings(max_examples=80, deadline=None)
@given(journeys(), st.sampled_from([1020.0, 1320.0]))
def test_no_two_labels_meet_and_nothing_leaves_the_drawing(journey, wide):
    drawing = draw(*journey, width=wide)
    for one, other in combinations(drawing.boxes, 2):
        assert not (one.width and other.width and one.meets(other)), (one, other)
    for box in drawing.boxes:
        assert box.x >= 0 and box.y >= 0
        assert box.x + box.width <= drawing.width and box.y + box.height <= drawing.height
    for bar in drawing.bars:
        assert bar.x >= 0 and bar.x + bar.width <= drawing.width
        assert bar.y >= 0 and bar.bottom <= drawing.height
    for path in [ribbon.path for ribbon in drawing.ribbons] + [drain.path for drain in drawing.drains]:
        assert all(0 <= x <= drawing.width and 0 <= y <= drawing.height for x, y in coordinates(path)), path


@settings(max_examples=30, deadline=None)
@given(journeys())
def test_the_order_of_the_rows_does_not_change_the_map(journey):
    nodes, flows, stages, marks = journey
    assert draw(nodes, flows, stages, marks) == draw(nodes[::-1], flows[::-1], stages, marks)


@settings(max_examples=30, deadline=None)
@given(journeys())
def test_no_touchpoint_and_no_flow_is_lost(journey):
    nodes, flows, stages, marks = journey
    drawing = draw(nodes, flows, stages, marks, share=0.0)
    assert sum(bar.node.n for bar in drawing.bars) == sum(node.n for node in nodes)
    present = {node.name for node in nodes if node.n}
    whole = sum(flow.n for flow in flows if {flow.start, flow.to} <= present)
    if not drawing.hidden_flows:
        assert sum(ribbon.flow.n for ribbon in drawing.ribbons) == whole


def test_two_hundred_names_stay_readable():
    nodes = [Node(f"step {i}", f"Step number {i}", "", "value", 1_000_000 // (i + 1), 1) for i in range(200)]
    flows = [Flow(f"step {i}", f"step {(i * 7 + 3) % 200}", 1000 // (i + 1), 60.0, 90.0) for i in range(200)]
    drawing = draw(nodes, flows)
    assert len(drawing.bars) < 60
    assert drawing.folded_names >= 150
    assert any(bar.text.endswith("others") for bar in drawing.bars)
    assert drawing.height < 800


def test_without_stages_names_stand_in_the_order_in_which_customers_meet_them():
    names = ["seen", "bought", "packed", "delivered"]
    nodes = [Node(name, name, "", "value", 100, 100) for name in names]
    flows = [Flow(start, to, 90, 60.0, 90.0) for start, to in pairwise(names)]
    flows.append(Flow("packed", "bought", 10, 60.0, 90.0))
    drawing = draw(nodes, flows)
    places = {bar.node.name: bar.x for bar in drawing.bars}
    assert sorted(names, key=places.__getitem__) == names
    assert len(set(places.values())) == 4
    assert [
        ribbon.way for ribbon in drawing.ribbons if ribbon.flow.start == "packed" and ribbon.flow.to == "bought"
    ] == ["back"]


def test_with_stages_the_stages_come_from_left_to_right_and_the_unsorted_where_customers_meet_them():
    nodes = [
        Node("b", "b", "s1", "value", 5, 5),
        Node("a", "a", "s0", "value", 5, 5),
        Node("c", "c", "", "value", 5, 5),
    ]
    on = [Flow("a", "b", 5, 1.0, 1.0)]
    headings = ["Awareness", "Consideration"]
    for flows, place in (([Flow("c", "a", 5, 1.0, 1.0)], 0), ([Flow("b", "c", 5, 1.0, 1.0)], 2)):
        drawing = draw(nodes, on + flows, STAGES)
        expected = headings[:place] + ["No stage"] + headings[place:]
        assert [heading.stage.label for heading in drawing.headings] == expected
        places = {bar.node.name: bar.x for bar in drawing.bars}
        assert places["a"] < places["b"]
        assert [ribbon.way for ribbon in drawing.ribbons] == ["on", "on"]


def test_a_break_that_ends_at_service_drains_to_it():
    nodes = [
        Node("pay", "Pay", "", "value", 50, 50),
        Node("chat", "Chat", "", "contact", 20, 20),
        Node("end", "End", "", "value", 9, 9),
    ]
    flows = [Flow("pay", "chat", 20, 60.0, 90.0), Flow("pay", "end", 9, 60.0, 90.0)]
    drawing = draw(
        nodes, flows, marks=[Mark("pay", "chat", "+18 pts", "more go to chat"), Mark("pay", "end", "x", "y")]
    )
    assert [drain.mark.to for drain in drawing.drains] == ["chat"]
    assert next(bar for bar in drawing.bars if bar.node.name == "pay").chip.text == "+18 pts"


def test_small_flows_are_hidden_and_counted_but_never_the_only_way():
    nodes = [Node(name, name, "", "value", 1000, 10) for name in "abcd"]
    flows = [
        Flow("a", "b", 980, 1.0, 1.0),
        Flow("a", "c", 15, 1.0, 1.0),
        Flow("b", "c", 900, 1.0, 1.0),
        Flow("a", "d", 5, 1.0, 1.0),
    ]
    drawing = draw(nodes, flows, share=0.05)
    assert {(r.flow.start, r.flow.to) for r in drawing.ribbons} == {("a", "b"), ("b", "c"), ("a", "d")}
    assert drawing.hidden_flows == 1


def test_levels_exist_for_loops_and_for_names_without_flows():
    nodes = [Node(name, name, "", "value", 1, 1) for name in "abcd"]
    flows = [
        Flow("a", "b", 5, 1.0, 1.0),
        Flow("b", "c", 5, 1.0, 1.0),
        Flow("c", "a", 1, 1.0, 1.0),
        Flow("a", "a", 99, 1.0, 1.0),
    ]
    level = levels(nodes, flows)
    assert level["a"] < level["b"] < level["c"]
    assert level["d"] == 0.0


def test_cutting_keeps_close_levels_together_and_no_column_too_full():
    level = {"a": 0.0, "b": 0.1, "c": 1.0, "d": 1.1, "e": 5.0}
    assert cut("abcde", level, 3, 7) == [["a", "b"], ["c", "d"], ["e"]]
    assert [len(part) for part in cut("abcde", level, 1, 2)] == [2, 2, 1]


def test_labels_that_begin_alike_are_told_apart():
    names = [f"Search result of the shop {word}" for word in ("opened", "closed", "rated")]
    nodes = [Node(name, name, "", "value", 10, 10) for name in names]
    texts = [bar.text for bar in draw(nodes, [Flow(names[0], names[1], 5, 1.0, 1.0)], width=120.0).bars]
    assert len(set(texts)) == 3 and all("…" in text for text in texts)


def test_a_label_is_shortened_to_its_room():
    assert fit("Shipping details", 200, 11.5) == "Shipping details"
    short = fit("Shipping details", 60, 11.5)
    assert short.endswith("…") and width(short, 11.5) <= 60
    assert fit("Shipping", 2, 11.5) == ""
