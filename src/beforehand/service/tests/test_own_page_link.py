"""The link of the customer's own page under answers: for whom, in which words, and that it joins nothing."""

import pytest

from beforehand.channels.email.outward import draft_of
from beforehand.channels.forms import MailboxForm
from beforehand.channels.models import Mailbox, Outgoing
from beforehand.service import own_page
from beforehand.service.models import Conversation
from beforehand.service.tests.test_arriving import box, comes, only

pytestmark = pytest.mark.django_db
__all__ = ["box"]
LINK = "https://desk.example/c/"


@pytest.fixture(autouse=True)
def wanted(box, settings):
    settings.URL = "https://desk.example"
    box.settings, box.signature = {"own_page": True}, "Parcels Ltd"
    box.save()


def answered(ada, text="It comes.", **more):
    only().answer(text, ada, **more)
    return draft_of(Outgoing.objects.order_by("pk").last())


def test_it_stands_in_both_parts_and_opens_the_page(ada, client):
    comes()
    draft = answered(ada, html="<p>It comes.</p>")
    assert "It comes.\n\n-- \nParcels Ltd\n\nEverything that was said" in draft.text
    link = next(word for word in draft.text.split() if word.startswith(LINK))
    assert f'<a href="{link}">{link}</a>' in draft.html
    page = client.get(link.removeprefix("https://desk.example"))
    assert page.status_code == 200 and "Where is it?" in page.content.decode()


def test_it_is_said_in_the_customers_language(ada):
    comes()
    Conversation.objects.update(language="de")
    assert "Alles, was gesagt wurde" in answered(ada).text


@pytest.mark.parametrize(
    "change",
    [{"settings": {}}, {"settings": {"own_page": False}}],
)
def test_a_mailbox_that_does_not_want_it_names_none(ada, box, change):
    Mailbox.objects.update(**change)
    comes()
    assert LINK not in answered(ada).text


def test_without_an_address_of_ours_it_is_left_out(ada, settings):
    settings.URL = ""
    comes()
    assert "/c/" not in answered(ada).text


@pytest.mark.parametrize(
    "whom", [{"cc": ["friend@else.example"]}, {"to": ["friend@else.example"]}, {"bcc": ["friend@else.example"]}]
)
def test_only_the_customer_alone_gets_it(ada, whom):
    comes()
    assert LINK not in answered(ada, **whom).text


def test_whoever_may_be_forged_and_whoever_is_asked_beside_it_get_none(ada):
    comes(proof="fail")
    assert LINK not in answered(ada).text
    side = only().side(["carrier@else.example"], "Where is it?", "Please look.", ada)
    assert own_page.offered(side, ["carrier@else.example"]) == []


def test_a_link_that_is_quoted_by_a_stranger_joins_nothing(ada):
    comes()
    draft = answered(ada)
    quoted = "".join(f"> {line}\r\n" for line in draft.text.splitlines())
    arrival = comes(f"Look at this.\r\n\r\n{quoted}", "eve@elsewhere.example", Subject=draft.subject)
    assert arrival.evidence["new"] and Conversation.objects.count() == 2
    comes(f"And when?\r\n\r\n{quoted}", In_Reply_To=f"<{draft.message_id}>")
    first = Conversation.objects.order_by("pk").first()
    assert Conversation.objects.count() == 2 and first.messages.count() == 3
    last = first.thread().last()
    assert last.text[: last.reply_ends].strip() == "And when?"  # the link is part of what is folded


def test_the_mailbox_is_asked_on_its_page_and_wants_none_by_itself(box):
    assert MailboxForm().fields["own_page"].initial is False
    assert MailboxForm(instance=box).fields["own_page"].initial is True
