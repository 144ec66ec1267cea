"""What is handed out of a customer's conversations, and that nothing of them is left when they are forgotten."""

import pytest
from django.apps import apps

from beforehand.channels import files
from beforehand.channels.models import Arrival, Outgoing, StoredFile
from beforehand.customers.erasure import erase
from beforehand.lib import bus
from beforehand.service.models import Conversation, Message
from beforehand.service.tests.desk import asks, fresh, person

pytestmark = pytest.mark.django_db
WORD = "quicksilver"


@pytest.fixture(autouse=True)
def live(mailbox, settings, tmp_path):
    settings.FILES = tmp_path / "files"
    return mailbox


def everywhere(word):
    """Every table in which a word stands in any text."""
    found = []
    for model in apps.get_models():
        for row in model._default_manager.all().values():
            if any(word in str(value) for value in row.values()):
                found.append(model._meta.label)
    return sorted(set(found))


def test_everything_that_was_said_is_handed_out(ada):
    talk = asks(f"My {WORD} is late.")
    talk.answer("It comes.", ada)
    (part,) = [
        one
        for one in bus.emit("customers.export", customers=[], identifiers=[talk.identifier_id])
        if "conversations" in one
    ]
    texts = [message["text"] for message in part["conversations"][0]["messages"]]
    assert texts == [f"My {WORD} is late.", "It comes."]


def test_nothing_is_left_of_who_is_forgotten(ada):
    mine, theirs = asks(f"My {WORD} is late."), asks("Mine too.", "ben@example.org")
    kept = files.keep(WORD.encode())
    arrival = Arrival.objects.create(place="a", raw=kept, received=mine.opened, sender="ines@example.org")
    mine.receive(f"See the {WORD}.", arrival=arrival, files=[(kept, f"{WORD}.txt", "text/plain", "")])
    mine.answer(f"The {WORD} comes.", ada)
    mine.write_note(f"{WORD}!", ada)
    mine.side(["depot@carrier.example"], WORD, f"Where is the {WORD}?", ada)
    theirs.receive(f"I know of the {WORD}.", identifier=mine.identifier)
    theirs.merge(mine, ada)
    assert everywhere(WORD)
    erasure = erase(person().customer, ada)
    assert erasure.manifest["desk"]["conversations"] == 2
    assert everywhere(WORD) == [] and everywhere("ines@example.org") == []
    assert not files.path(kept).exists() and not StoredFile.objects.exists()
    left = fresh(theirs)
    assert (
        left.head is None and left.waiting_since and [one.text for one in left.thread()] == ["Mine too.", "[forgotten]"]
    )


def test_a_file_that_somebody_else_has_too_stays(ada):
    kept = files.keep(b"terms")
    for address in ("ines@example.org", "ben@example.org"):
        talk = Conversation.begin(person(address), "email", "Terms")
        talk.receive("See here.", files=[(kept, "terms.txt", "text/plain", "")])
    erase(person().customer, ada)
    assert files.path(kept).exists() and Message.objects.count() == 1
    assert not Outgoing.objects.exists()
