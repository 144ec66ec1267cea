"""Kinds of need on a page and as YAML: kept in versions, refused with the reason beside the field, nothing lost."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.test import Client

from beforehand.journey.drafts import Draft, evidence_in, lines
from beforehand.journey.models import Contact, Need, NeedKind
from beforehand.journey.needs import keeping
from beforehand.journey.needs.definition import Evidence
from beforehand.journey.needs.reading import read, read_yaml, write_yaml
from beforehand.journey.tests.orders import MIA, NOW, followed, mia_waits, order
from beforehand.team.models import AuditEntry

NONSENSE = ["x" * 6000, "\0\1", "1' or 1=1 --", "<script>alert(1)</script>", "[[", "] x [a=b", "-3 days", "äöü\n\n,;"]
FIELDS = [
    "kind", "title", "current", "desired", "key", "owner", "opens", "meets", "ends", "trouble", "notices", "guides",
    "self_service", "excludes", "horizon", "target", "patience", "topics", "step-title", "step-step", "step-evidence",
    "step-target", "step-after", "step-help",
]  # fmt: skip


@pytest.fixture
def as_ada(client, ada):
    client.force_login(ada)
    return client


def typed(**changes):
    """A small kind as its form is sent: an exchange in two steps, the second row of steps empty."""
    return {
        "title": "Exchange a size", "kind": "", "current": "", "desired": "", "key": "order_id", "owner": "logistics",
        "opens": "Exchange Requested\nReturn Requested [reason=size|colour]", "meets": "Order Delivered", "ends": "",
        "horizon": "20 days", "target": "", "patience": "", "trouble": "", "notices": "", "guides": "",
        "self_service": "", "excludes": "", "topics": "size, exchange",
        "step-title": ["Handed in", "", "Sent"], "step-step": ["", "", ""],
        "step-evidence": ["Return Received", "", "Order Shipped"], "step-target": ["7 days", "", ""],
        "step-after": ["", "", ""], "step-help": ["article:how-to-exchange", "", ""],
        **changes,
    }  # fmt: skip


@pytest.mark.parametrize("kind", [one.kind for one in keeping.ready_made()])
def test_what_a_form_shows_of_a_kind_is_read_as_the_same_kind(db, kind):
    definition = next(one for one in keeping.ready_made() if one.kind == kind)
    shown = Draft.of(definition)
    sent = QueryDict(mutable=True)
    for name, text in shown.texts.items():
        sent[name] = text
    for name in ("step", "title", "evidence", "target", "after", "help"):
        sent.setlist(f"step-{name}", [step.texts.get(name, "") for step in shown.steps])
    assert Draft.sent(sent, kind).definition() == definition


def test_a_touchpoint_with_conditions_is_a_line():
    part = (
        Evidence("Order Completed"),
        Evidence("Payment Failed", (("platform", ("ios", "android")), ("tries", ("3",)))),
    )
    assert lines(part) == "Order Completed\nPayment Failed [platform=ios|android, tries=3]"
    assert evidence_in(lines(part)) == [
        "Order Completed",
        {"name": "Payment Failed", "where": {"platform": ["ios", "android"], "tries": ["3"]}},
    ]


@pytest.mark.django_db
def test_a_kind_is_made_changed_in_a_version_switched_off_and_on(as_ada, ada):
    made = as_ada.post("/settings/needs/new", typed())
    assert made.url == "/settings/needs/kinds/exchange-a-size"
    kind = NeedKind.objects.get(slug="exchange-a-size")
    definition = read(kind.definition)
    assert [step.step for step in definition.steps] == ["handed-in", "sent"] and kind.member == ada
    assert definition.opens[1].where == (("reason", ("size", "colour")),) and definition.steps[1].after == (
        "handed-in",
    )
    as_ada.post(made.url, typed(owner="warehouse"))
    assert [one.version for one in NeedKind.objects.filter(slug=kind.slug)] == [1, 2]
    as_ada.post(f"{made.url}/retirement")
    assert NeedKind.objects.filter(slug=kind.slug).latest("version").off
    assert "Switch it on again" in as_ada.get(made.url).content.decode()
    as_ada.post(f"{made.url}/retirement", {"back": "1"})
    assert not NeedKind.objects.filter(slug=kind.slug).latest("version").off
    assert AuditEntry.objects.filter(member=ada, subject="exchange-a-size").count() == 4


def as_shown(kind, **changes):
    """What the form of a kind that is kept sends."""
    draft = Draft.of(next(one for one in keeping.definitions() if one.kind == kind))
    steps = {
        f"step-{name}": [step.texts.get(name, "") for step in draft.steps]
        for name in ("step", "title", "evidence", "target", "after", "help")
    }
    return {**draft.texts, **steps, **changes}


@pytest.mark.django_db
def test_contacts_of_the_past_are_judged_by_new_words_and_the_page_says_so(as_ada):
    mia_waits()
    order(MIA, "", "Mail Received", ago=2, text="Will the gizmo fit?", channel="email")
    followed()
    asked = Contact.objects.latest("time")
    assert Need.objects.get(pk=asked.need).kind == "unknown"
    address = "/settings/needs/kinds/receive-my-order"
    other = as_ada.post(address, as_shown("receive-my-order", patience="40 days"), follow=True)
    assert "in the background" not in other.content.decode()
    words = as_shown("receive-my-order")["topics"]
    said = as_ada.post(address, as_shown("receive-my-order", topics=f"{words}, gizmo"), follow=True)
    assert "Needs and contacts of the past are traced again" in said.content.decode()
    followed()
    asked.refresh_from_db()
    assert Need.objects.get(pk=asked.need).kind == "receive-my-order" and asked.linked_by == "topic"


@pytest.mark.django_db
@pytest.mark.parametrize("field", ["title", "current", "desired", "key", "opens", "topics", "step-title", "step-help"])
def test_what_is_too_long_is_said_and_nothing_is_cut_off(as_ada, field):
    long = ("x" * 201) if field != "step-help" else "article:" + "x" * 201
    answer = as_ada.post("/settings/needs/new", typed(**{field: long}))
    page = answer.content.decode()
    assert answer.status_code == 422 and "t most 200 signs" in page and long in page


@pytest.mark.django_db
def test_a_change_can_hold_for_the_past_and_needs_that_nothing_moves_are_then_given_up(as_ada):
    mia_waits()
    address = "/settings/needs/kinds/receive-my-order"
    assert as_ada.get(address).status_code == 200
    sent = as_shown("receive-my-order", patience="4 days")
    as_ada.post(address, sent)
    followed()
    assert Need.objects.get(key="1002").abandoned > NOW
    as_ada.post(address, {**sent, "past": "1"})
    followed()
    assert Need.objects.get(key="1002").abandoned < NOW
    assert NeedKind.objects.filter(slug="receive-my-order").count() == 3


@pytest.mark.django_db
def test_what_cannot_be_is_said_beside_its_field_and_nothing_typed_is_lost(as_ada):
    wrong = typed(meets="", horizon="soon", owner="kept in mind", **{"step-evidence": ["", "", "Order Shipped"]})
    answer = as_ada.post("/settings/needs/new", wrong)
    shown = answer.content.decode()
    assert answer.status_code == 422 and not NeedKind.objects.filter(slug="exchange-a-size").exists()
    assert "soon" in shown and "kept in mind" in shown and "Return Requested [reason=size|colour]" in shown
    assert 'id="e-horizon"' in shown
    later = as_ada.post("/settings/needs/new", {**wrong, "horizon": "9 days"}).content.decode()
    helped = as_ada.post(
        "/settings/needs/new", typed(horizon="0", **{"step-help": ["how-to", "", ""]})
    ).content.decode()
    assert (
        "A duration of zero is over before it began." in helped and "Help is written as article:where-is-it" in helped
    )
    assert 'id="e-meets"' in later and "It can never be met" in later and 'id="s1-e"' in later


@pytest.mark.django_db
def test_a_circle_a_step_twice_and_a_target_of_zero_are_refused(as_ada):
    circle = typed(**{"step-after": ["sent", "", ""]})
    assert "go round in a circle" in as_ada.post("/settings/needs/new", circle).content.decode()
    twice = typed(**{"step-title": ["Sent", "", "Sent"]})
    assert "Two steps are called" in as_ada.post("/settings/needs/new", twice).content.decode()
    assert "zero" in as_ada.post("/settings/needs/new", typed(target="0 days")).content.decode()
    assert not NeedKind.objects.filter(slug="exchange-a-size").exists()


@pytest.mark.django_db
@pytest.mark.parametrize("field", FIELDS)
def test_nonsense_in_any_field_is_never_an_error_and_never_markup(as_ada, field):
    for nonsense in NONSENSE:
        value = [nonsense, "", "Sent"] if field.startswith("step-") else nonsense
        for path in ("/settings/needs/new", "/settings/needs/preview"):
            answer = as_ada.post(path, typed(**{field: value}))
            assert answer.status_code in {200, 302, 422}
            assert b"<script>alert" not in answer.content


@pytest.mark.django_db
def test_a_name_that_is_taken_is_not_written_over(as_ada):
    answer = as_ada.post("/settings/needs/new", typed(kind="receive-my-order"))
    assert answer.status_code == 422 and NeedKind.objects.filter(slug="receive-my-order").count() == 1


@pytest.mark.django_db
def test_more_steps_loses_nothing(as_ada):
    shown = as_ada.post("/settings/needs/new", typed(more="1", horizon="nonsense")).content.decode()
    assert shown.count('name="step-title"') == 4 and "nonsense" in shown and "Handed in" in shown


@pytest.mark.django_db
def test_the_preview_says_what_the_past_would_have_been(as_ada):
    mia_waits()
    found = keeping.definitions()
    draft = Draft.of(next(one for one in found if one.kind == "receive-my-order"))
    steps = {
        f"step-{name}": [step.texts.get(name, "") for step in draft.steps] for name in ("title", "step", "evidence")
    }
    shown = as_ada.post("/settings/needs/preview", {**draft.texts, **steps}).content.decode()
    assert "In the last 90 days this would have been <b>4</b> needs" in shown
    none = as_ada.post("/settings/needs/preview", typed()).content.decode()
    assert "no need at all" in none
    assert "Not yet complete" in as_ada.post("/settings/needs/preview", {}).content.decode()


@pytest.mark.django_db
def test_yaml_goes_out_and_comes_back_the_same(as_ada):
    text = as_ada.get("/settings/needs/yaml", {"download": "1"}).content.decode()
    assert read_yaml(text) == keeping.definitions()
    one = as_ada.get("/settings/needs/kinds/return-it/yaml", {"download": "1"})
    assert one["Content-Disposition"] == 'attachment; filename="return-it.yaml"'
    changed = one.content.decode().replace("owner: ", "owner: new-")
    assert as_ada.post("/settings/needs/kinds/return-it/yaml", {"text": changed}).status_code == 302
    assert NeedKind.objects.filter(slug="return-it").count() == 2
    file = SimpleUploadedFile(
        "mine.yaml",
        write_yaml(
            [read(NeedKind.objects.get(slug="renew").definition | {"kind": "my-renewal", "opens": ["Mine"]})]
        ).encode(),
    )
    assert as_ada.post("/settings/needs/yaml", {"file": file, "text": ""}).url == "/settings/needs/kinds/my-renewal"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "text", ["", "{", "kind: a\nnonsense: 1", "- 1\n- 2", "\0", "a: &a [*a]", "kind: other\ntitle: Other"]
)
def test_yaml_that_cannot_be_is_shown_again_with_the_reason(as_ada, text):
    answer = as_ada.post("/settings/needs/kinds/return-it/yaml", {"text": text})
    assert answer.status_code == 422 and 'class="error"' in answer.content.decode()
    assert NeedKind.objects.filter(slug="return-it").count() == 1
    large = SimpleUploadedFile("large.yaml", b"#" * (2 << 20))
    assert as_ada.post("/settings/needs/yaml", {"file": large}).status_code == 422


@pytest.mark.django_db
def test_ready_made_kinds_are_one_click_away_when_there_are_none(as_ada):
    NeedKind.objects.exclude(slug="unknown").delete()
    assert "Take them all" not in as_ada.get("/settings/needs").content.decode()
    NeedKind.objects.all().delete()
    shown = as_ada.get("/settings/needs").content.decode()
    assert "Take them all" in shown and "No kind of need yet" in shown
    as_ada.post("/settings/needs/ready-made", {"kind": "return-it"})
    assert [one.slug for one in NeedKind.objects.all()] == ["return-it"]
    as_ada.post("/settings/needs/ready-made")
    assert NeedKind.objects.count() == len(keeping.ready_made())


@pytest.mark.django_db
def test_only_who_may_configure_reaches_kinds_and_forms_are_guarded(ada, ben):
    agent, strict = Client(), Client(enforce_csrf_checks=True)
    agent.force_login(ben)
    strict.force_login(ada)
    base = "/settings/needs"
    pages = (base, f"{base}/new", f"{base}/yaml", f"{base}/kinds/return-it", f"{base}/kinds/return-it/yaml")
    posts = (f"{base}/new", f"{base}/preview", f"{base}/ready-made", f"{base}/kinds/return-it/retirement")
    assert {agent.get(path).status_code for path in pages} == {403}
    assert (
        {agent.post(path).status_code for path in posts} == {403} == {strict.post(path).status_code for path in posts}
    )
    assert NeedKind.objects.filter(slug="return-it").count() == 1
    assert ada and {Client().get(path).status_code for path in pages} == {302}
    owner = Client()
    owner.force_login(ada)
    assert (
        owner.get(f"{base}/kinds/no-such").status_code == 404
        and owner.post(f"{base}/kinds/no-such/retirement").status_code == 404
    )
