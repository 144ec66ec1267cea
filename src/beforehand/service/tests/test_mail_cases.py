"""Every hard case of mail has a number, a mail and a test; here all of them, and those that need a desk."""

import itertools
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from beforehand.channels import arriving, files
from beforehand.channels.email import tokens
from beforehand.channels.email.classifying import classify
from beforehand.channels.email.parsing import parse
from beforehand.channels.email.tests.cases import CASES as OTHERS
from beforehand.channels.email.tests.cases import HOW_MANY, KEYS
from beforehand.channels.email.tests.cases_of_bodies import BODIES
from beforehand.channels.email.tests.mails import mail
from beforehand.channels.models import Arrival, Mailbox, Outgoing
from beforehand.lib.signing import own_keys
from beforehand.service.models import Conversation, KnownId, Message
from beforehand.service.tests.desk import asks, fresh

COUNT = itertools.count(1)
ADA, BOB, EVE = "ada@customer.example", "bob@customer.example", "eve@x.example"
CASES = [*OTHERS, *BODIES]
THREADS: dict[str, Callable[..., None]] = {}
SMALL = [case for case in CASES if case.number not in {"B20", "B21", "B29", "B30"}]


@pytest.mark.parametrize("case", CASES, ids=[f"{case.number} {case.words}" for case in CASES])
def test_it_is_read_as_it_must_be(case):
    parsed = parse(case.made())
    assert case.holds(parsed), (parsed.senders, parsed.codes, parsed.subject, parsed.body.text[:100])
    verdict = classify(parsed, KEYS)
    assert verdict.kind.value == case.kind
    assert verdict.may_trigger == (case.kind == "human")


def test_every_number_has_its_mail():
    """98 cases; no two of their mails are the same."""
    numbers = [*(case.number for case in CASES), *THREADS]
    assert sorted(numbers) == sorted(f"{group}{n}" for group, many in HOW_MANY.items() for n in range(1, many + 1))
    mails = {case.made() for case in CASES}
    assert len(mails) == len(CASES) and len(mails) + len(THREADS) >= 60


@pytest.fixture
def box(db, settings, tmp_path):
    settings.FILES = tmp_path / "files"
    return Mailbox.objects.create(address="help@us.example", state="live", trusted_servers=["mx.us.example"])


@pytest.mark.django_db
def test_none_of_them_is_lost_and_no_machine_is_answered(box, caplog):
    """Each is a message or waits with its reason; the acknowledgement goes to persons alone."""
    box.acknowledgement = "We have your message."
    box.save()
    for case in SMALL:
        KnownId.objects.all().delete()  # Most have one Message-ID, and here each is to be the first.
        arrival = arriving.read(arriving.arrive("email", case.number, case.made(), box))
        assert arrival.state in {"placed", "quarantine"}, (case.number, arrival.reason)
        assert arrival.reason
        assert files.read(arrival.raw) == case.made()
        assert (arrival.state == "placed") == Message.objects.filter(arrival=arrival).exists()
        if case.kind != "human":
            assert not Outgoing.objects.filter(content__conversation=arrival.evidence.get("conversation", -1)).exists()
    assert Outgoing.objects.exists()


def thread(number: str, words: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    def note(case: Callable[..., None]) -> Callable[..., None]:
        THREADS[number] = case
        case.__doc__ = words
        return case

    return note


def comes(text="Where is it?\r\n", sender=ADA, box=None, proof="pass", raw=None, **headers):
    number = next(COUNT)
    said = f"mx.us.example; dmarc={proof} header.from={sender.rpartition('@')[2]}"
    headers = {"From": sender, "Message_ID": f"<{number}@customer.example>", "Authentication_Results": said} | headers
    box = box or Mailbox.objects.get(address="help@us.example")
    return arriving.read(arriving.arrive("email", f"INBOX/1/{number}", raw or mail(text, **headers), box))


def first(**headers):
    """Ada's mail, and the conversation that it opened."""
    arrival = comes(Message_ID="<first@customer.example>", **headers)
    return Conversation.objects.get(pk=arrival.evidence["conversation"])


def answers(text="More", **headers):
    return comes(
        text, In_Reply_To="<first@customer.example>", Subject=headers.pop("Subject", "Re: My order"), **headers
    )


def where(arrival):
    return arrival.evidence["conversation"]


@thread("T1", "the same mail to two mailboxes")
def _two_mailboxes(ada, move):
    other = Mailbox.objects.create(address="sales@us.example", state="live", trusted_servers=["mx.us.example"])
    raw = mail(Message_ID="<same@x>")
    assert [comes(raw=raw).state, comes(raw=b"Delivered-To: sales@us.example\r\n" + raw, box=other).state] == [
        "placed",
        "repeat",
    ]
    assert Message.objects.count() == 1


@thread("T2", "an answer to a done one, soon")
def _soon_after(ada, move):
    talk = first()
    talk.resolve(ada)
    assert where(answers()) == talk.pk
    assert fresh(talk).category == "open"


@thread("T3", "an answer to a done one, long after")
def _long_after(ada, move):
    talk = first()
    talk.resolve(ada)
    move(days=15)
    arrival = answers()
    assert arrival.reason == "done_too_long_ago" and where(arrival) != talk.pk
    assert Conversation.objects.get(pk=where(arrival)).follows_id == talk.pk
    assert fresh(talk).category == "done"


@thread("T4", "an answer to a merged one")
def _merged(ada, move):
    talk, into = first(), asks(address=ADA)
    talk.merge(into, ada)
    assert where(answers()) == into.pk


@thread("T5", "an answer by somebody in copy")
def _copied(ada, move):
    talk = first(Cc=BOB)
    arrival = answers(sender=BOB)
    assert where(arrival) == talk.pk and not arrival.evidence.get("suggested")
    assert not Message.objects.get(arrival=arrival).headers.get("stranger")


@thread("T6", "another subject in an answer")
def _subject(ada, move):
    talk = first()
    arrival = answers(Subject="Something else")
    assert where(arrival) == talk.pk and arrival.evidence["subject_changed"] == "Something else"


@thread("T7", "an old thread forwarded to begin something new")
def _forwarded(ada, move):
    talk = first()
    arrival = answers(Subject="Fwd: My order")
    assert where(arrival) != talk.pk and arrival.evidence["suggested"] == [talk.pk]


@thread("T8", "a colleague's own mail program")
def _colleague(ada, move):
    talk = first()
    to = tokens.address("help@us.example", tokens.Token(talk.pk, ada.pk), own_keys())
    assert comes("It comes.", sender=ada.email, To=to, proof="none").state == "quarantine"
    assert comes("It comes.", sender=EVE, To=to).state == "quarantine"
    assert not Message.objects.filter(kind="outbound").exists()
    assert comes("It comes.", sender=ada.email, To=to).reason == "colleague_by_mail"
    assert Message.objects.get(kind="outbound").member == ada


@thread("T9", "To and Cc are both ours")
def _both_ours(ada, move):
    Mailbox.objects.create(address="sales@us.example", state="live")
    talk = first(To="help@us.example", Cc="sales@us.example")
    assert [one.address for one in talk.participants.all()] == [ADA]


@thread("T10", "the number of another customer's in the text")
def _number_in_text(ada, move):
    talk = first()
    arrival = comes(f"This is about ticket #{talk.pk}.", sender=EVE, Subject="Hello")
    assert where(arrival) != talk.pk and talk.messages.count() == 1


@thread("T11", "a stranger who guessed the number")
def _guessed(ada, move):
    talk = first()
    arrival = comes(sender=EVE, Subject=f"Re: [#{talk.pk}] My order")
    assert where(arrival) != talk.pk and arrival.evidence["suggested"] == [talk.pk]
    assert Arrival.objects.get(pk=arrival.pk).reason == "number_only_suggests"


@pytest.mark.django_db
@pytest.mark.parametrize("number", sorted(THREADS, key=lambda one: int(one[1:])))
def test_it_goes_where_it_belongs(number, box, ada, monkeypatch):
    def move(days):
        later = timezone.now() + timedelta(days=days)
        monkeypatch.setattr("django.utils.timezone.now", lambda: later)

    THREADS[number](ada, move)
