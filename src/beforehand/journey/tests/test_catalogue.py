"""What names mean: starter, guesses and a person's word."""

from itertools import pairwise

import pytest

from beforehand.journey import catalogue
from beforehand.journey.catalogue import Entry
from beforehand.journey.guess import Flow, guess_all, readable, words
from beforehand.journey.models import CatalogueEntry, Stage
from beforehand.team.models import AuditEntry

SHOP = [
    Flow("home", "catalog", 800), Flow("catalog", "product_view", 1700), Flow("product_view", "review_page", 170),
    Flow("review_page", "product_view", 140), Flow("product_view", "cart", 250), Flow("cart", "shipping_details", 170),
    Flow("shipping_details", "payment_details", 150), Flow("payment_details", "payment_error", 30),
    Flow("payment_error", "support_chat", 25), Flow("payment_details", "step_9", 110),
    Flow("step_9", "payment_details", 90),
]  # fmt: skip
DESK = [
    Flow("Assign seriousness", "Take in charge ticket", 4000), Flow("Take in charge ticket", "Wait", 1400),
    Flow("Wait", "Resolve ticket", 1300), Flow("Take in charge ticket", "Resolve ticket", 2700),
    Flow("Resolve ticket", "Closed", 4000), Flow("Take in charge ticket", "Require upgrade", 100),
]  # fmt: skip


def names(flows):
    return {flow.name for flow in flows} | {flow.previous for flow in flows}


def force(monkeypatch, flows):
    monkeypatch.setattr(catalogue, "_names", lambda: names(flows))
    monkeypatch.setattr(catalogue, "_flows", lambda: flows)


def test_words_are_found_however_a_name_is_written():
    assert words("PaymentError") == words("payment_error") == words("Payment error") == ["payment", "error"]
    assert readable("shipping_details") == "Shipping details"
    assert readable("Take in charge ticket") == "Take in charge ticket"


def test_a_shop_is_guessed_from_words():
    guesses = guess_all(names(SHOP), {}, SHOP)
    assert guesses["shipping_details"][:2] == ("purchase", "value")
    assert guesses["payment_error"][:2] == ("purchase", "failure")
    assert guesses["support_chat"][:2] == ("assistance", "contact")
    assert guesses["support_chat"].reason == "the words “support” and “chat”"


def test_position_says_which_sense_of_a_word_is_meant():
    assert guess_all(names(SHOP), {}, SHOP)["review_page"].stage == "consideration"
    late = [Flow("purchase", "review", 300), Flow("purchase", "nps_survey", 300), Flow("nps_survey", "review", 300)]
    assert guess_all(names(late), {}, late)["review"][:2] == ("advocacy", "feedback")


def test_a_name_without_a_known_word_is_placed_by_its_neighbours():
    guess = guess_all(names(SHOP), {}, SHOP)["step_9"]
    assert guess.stage == "purchase"
    assert guess.reason == "comes mostly after “payment_details”"


def test_a_help_desk_gets_kinds_but_no_forced_stage():
    guesses = guess_all(names(DESK), {}, DESK)
    assert {guess.stage for guess in guesses.values()} == {None}
    assert guesses["Wait"].kind == "wait"
    assert guesses["Take in charge ticket"].kind == "service"


def test_two_hundred_odd_names_are_guessed_without_harm():
    odd = ["", " ", "…", "日本語", "a" * 200, "%s {0}", "404", "<b>"] + [f"evt-{n}" for n in range(200)]
    guesses = guess_all(odd, {}, [Flow(first, second, 3) for first, second in pairwise(odd)])
    assert len(guesses) == len(odd)
    assert guesses["404"].kind == "failure"
    assert guesses["evt-7"] == (None, "value", "")


@pytest.mark.django_db
def test_the_starter_is_there_from_the_first_moment_and_only_once():
    assert Stage.objects.count() == 8
    before = CatalogueEntry.objects.count()
    catalogue.install_starter()
    assert CatalogueEntry.objects.count() == before
    entry = {entry.name: entry for entry in catalogue.in_force()}["Order Completed"]
    assert entry == Entry("Order Completed", "Order placed", "purchase", 3, "value", False, "starter catalogue")


@pytest.mark.django_db
def test_every_stage_and_kind_of_the_starter_exists():
    stages = set(Stage.objects.values_list("key", flat=True))
    for entry in CatalogueEntry.objects.all():
        entry.full_clean()
        assert entry.stage_id in stages


@pytest.mark.django_db
def test_names_in_the_data_are_guessed_once_and_marked_as_guesses(monkeypatch):
    force(monkeypatch, SHOP)
    assert catalogue.guess_missing() == len(names(SHOP))
    assert catalogue.guess_missing() == 0
    assert all(entry.guessed for entry in catalogue.in_force() if entry.name in names(SHOP))


@pytest.mark.django_db
def test_a_name_written_like_one_of_the_starter_takes_its_meaning(monkeypatch):
    force(monkeypatch, [Flow("order_completed", "Product  viewed", 5)])
    catalogue.guess_missing()
    entry = {entry.name: entry for entry in catalogue.in_force()}["order_completed"]
    assert (entry.label, entry.stage, entry.guessed) == ("Order placed", "purchase", True)


@pytest.mark.django_db
def test_a_persons_word_is_a_new_version_that_no_guess_overwrites(monkeypatch):
    force(monkeypatch, SHOP)
    catalogue.guess_missing()
    catalogue.correct("cart", stage="use", kind="wait", label="Basket")
    force(monkeypatch, [*SHOP, Flow("cart", "basket_offer", 40)])
    catalogue.guess_missing()
    entry = {entry.name: entry for entry in catalogue.in_force()}["cart"]
    assert (entry.label, entry.stage, entry.kind, entry.guessed) == ("Basket", "use", "wait", False)
    assert list(CatalogueEntry.objects.filter(name="cart").values_list("version", flat=True)) == [1, 2]
    assert AuditEntry.objects.filter(verb="catalogued", subject="cart").exists()


@pytest.mark.django_db
def test_confirming_a_guess_keeps_what_it_says(monkeypatch):
    force(monkeypatch, SHOP)
    catalogue.guess_missing()
    entry = catalogue.correct("payment_error")
    assert (entry.stage_id, entry.kind, entry.guessed, entry.version) == ("purchase", "failure", False, 2)


@pytest.mark.django_db
def test_a_stage_can_be_taken_away_and_a_wrong_kind_is_refused():
    assert catalogue.correct("Order Completed", stage="").stage is None
    with pytest.raises(ValueError, match="is no kind"):
        catalogue.correct("Order Completed", kind="nice")
    with pytest.raises(Stage.DoesNotExist):
        catalogue.correct("Order Completed", stage="nowhere")
