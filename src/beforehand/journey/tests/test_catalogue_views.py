"""The pages of the catalogue and of the stages."""

import pytest
from django.urls import reverse

from beforehand.journey import catalogue, stages
from beforehand.journey.models import CatalogueEntry, Stage
from beforehand.journey.views import catalogue as views
from beforehand.team.models import Member

pytestmark = pytest.mark.django_db
PART = {"HX-Request": "true"}


@pytest.fixture
def ada(client):
    member = Member.objects.create_user("ada@shop.example", name="Ada", role=Member.Role.MANAGER)
    client.force_login(member)
    return member


@pytest.fixture
def names(monkeypatch):
    """A lake with three names."""
    counts = {"cart": 40, "payment_error": 7, "<b>odd</b>": 1}

    class Db:
        def execute(self, sql):
            return self

        def fetchall(self):
            return list(counts.items())

    class Reader:
        db = Db()

        def __enter__(self):
            return self

        def __exit__(self, *error):
            return None

    monkeypatch.setattr(views.lake, "reader", Reader)
    CatalogueEntry.objects.create(
        name="payment_error",
        stage_id="purchase",
        kind="failure",
        guessed=True,
        reason="the words “error” and “payment”",
    )
    return counts


def test_names_stand_with_their_guess_and_its_reason(client, ada, names):
    text = client.get(reverse("journey:catalogue")).content.decode()
    assert "guess: the words “error” and “payment”" in text
    assert "<b>odd</b>" not in text and "&lt;b&gt;odd&lt;/b&gt;" in text
    assert "Order Completed" not in text
    assert "Order Completed" in client.get(reverse("journey:catalogue") + "?show=starter").content.decode()
    guesses = client.get(reverse("journey:catalogue") + "?show=guesses").content.decode()
    assert "payment_error" in guesses


def test_one_click_confirms_a_guess(client, ada, names):
    answer = client.post(
        reverse("journey:catalogue"),
        {"name": "payment_error", "index": "2", "label": "Payment error", "stage": "purchase", "kind": "failure"},
        headers=PART,
    )
    text = answer.content.decode()
    assert answer.status_code == 200 and 'id="name-2"' in text and "guess:" not in text
    entry = {entry.name: entry for entry in catalogue.in_force()}["payment_error"]
    assert (entry.stage, entry.kind, entry.guessed) == ("purchase", "failure", False)
    assert CatalogueEntry.objects.get(name="payment_error", version=2).member == ada


def test_a_correction_works_without_script_and_a_name_nobody_sent_is_not_there(client, ada, names):
    address = reverse("journey:catalogue")
    answer = client.post(address, {"name": "cart", "stage": "", "kind": "wait", "label": "Basket"})
    assert answer.status_code == 302
    assert CatalogueEntry.objects.get(name="cart").label == "Basket"
    assert client.post(address, {"name": "never seen"}).status_code == 404
    client.post(address, {"name": "cart", "kind": "nonsense"}, headers=PART)
    assert CatalogueEntry.objects.filter(name="cart").count() == 1


def test_the_list_is_searched(client, ada, names):
    text = client.get(reverse("journey:catalogue") + "?q=CART", headers=PART).content.decode()
    assert "cart" in text and "payment_error" not in text
    assert "No name is written like that" in client.get(reverse("journey:catalogue") + "?q=zzz").content.decode()


@pytest.mark.parametrize("page", ["journey:catalogue", "journey:stages"])
def test_only_those_who_may_configure_come_in(client, page, names):
    assert client.get(reverse(page)).status_code == 302
    client.force_login(Member.objects.create_user("vi@shop.example", name="Vi", role=Member.Role.VIEWER))
    assert client.get(reverse(page)).status_code == 403
    assert client.post(reverse(page), {"name": "cart", "label": "x"}).status_code == 403


def test_stages_are_added_renamed_moved_and_removed(client, ada):
    client.post(reverse("journey:stages"), {"label": "  After  sales "})
    assert Stage.objects.last().key == "after-sales"
    client.post(reverse("journey:stage", args=["after-sales"]), {"label": "Aftercare"})
    client.post(reverse("journey:stage_position", args=["after-sales"]), {"to": "earlier"})
    order = list(Stage.objects.values_list("key", flat=True))
    assert order[-2:] == ["after-sales", "advocacy"]
    assert list(Stage.objects.values_list("position", flat=True)) == list(range(1, 10))
    assert "Aftercare" in client.get(reverse("journey:stages")).content.decode()
    client.post(reverse("journey:stage_removal", args=["purchase"]))
    assert {entry.name: entry for entry in catalogue.in_force()}["Order Completed"].stage is None


def test_a_stage_needs_a_name_of_its_own(client, ada):
    for label in ("", "Purchase", "x" * 61):
        assert client.post(reverse("journey:stages"), {"label": label}, headers=PART).status_code == 200
    assert Stage.objects.count() == 8
    with pytest.raises(stages.BadStage, match="already"):
        stages.add("Use")


def test_a_name_that_is_refused_is_there_to_be_mended(client, ada):
    for address in (reverse("journey:stages"), reverse("journey:stage", args=["use"])):
        answer = client.post(address, {"label": "y" * 61})
        assert answer.status_code == 422
        assert 'value="' + "y" * 61 in answer.content.decode()
    assert Stage.objects.get(key="use").label == "Use"


def test_moving_the_first_stage_earlier_changes_nothing(client, ada):
    before = list(Stage.objects.values_list("key", flat=True))
    stages.move(Stage.objects.first(), earlier=True)
    assert list(Stage.objects.values_list("key", flat=True)) == before
