"""What members see before they send: what is added under it, and that nothing leaves just now."""

import pytest
from django.urls import reverse

from beforehand.channels import brake, outbox
from beforehand.channels.email.outward import draft_of
from beforehand.channels.models import Mailbox, Outgoing
from beforehand.service.tests.desk import asks

pytestmark = pytest.mark.django_db


@pytest.fixture
def talk(mailbox):
    Mailbox.objects.update(signature="{member}, Parcels <Ltd>", way=Mailbox.Way.FOLDER)
    return asks(mailbox=Mailbox.objects.get())


def page(client, path="/desk"):
    return client.get(path).content.decode()


def test_the_signature_stands_below_the_answer_as_it_will_leave(client, ada, talk):
    client.force_login(ada)
    shown = page(client, reverse("service:conversation", args=[talk.pk]))
    assert "-- Ada Osei, Parcels &lt;Ltd&gt;" in shown
    talk.answer("It comes.", ada)
    assert draft_of(Outgoing.objects.get()).text.endswith("-- \nAda Osei, Parcels <Ltd>\n")
    chat = asks(address="ben@example.org", widget=None)
    assert 'class="signature' not in page(client, reverse("service:conversation", args=[chat.pk]))


def test_the_brake_is_said_wherever_somebody_would_wonder_with_what_to_do(client, ada, ben, talk):
    client.force_login(ben)
    assert "Nothing leaves" not in page(client)
    brake.pull("More than 3 messages left within an hour.")
    for path in ("/desk", "/settings", reverse("service:conversation", args=[talk.pk]), "/customers"):
        shown = page(client, path)
        assert "Nothing leaves" in shown and "within an hour" in shown and "Ask an owner" in shown, path
    client.force_login(ada)
    assert reverse("channels:outgoing") in page(client)
    talk.answer("It comes.", ada)
    outbox.step()
    assert Outgoing.objects.get().held == "brake"
    client.post(reverse("channels:release"))
    assert "Nothing leaves" not in page(client)


@pytest.mark.parametrize(("state", "said"), [("off", "is off"), ("watching", "only watches"), ("live", "")])
def test_a_mailbox_that_does_not_send_says_so_before(client, ada, talk, state, said):
    Mailbox.objects.update(state=state)
    client.force_login(ada)
    shown = page(client, reverse("service:conversation", args=[talk.pk]))
    assert (said in shown) if said else "your answer is held" not in shown
