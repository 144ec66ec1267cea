"""Saved replies, and one act on many conversations."""

import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from beforehand.channels import files
from beforehand.channels.models import Outgoing, StoredFile
from beforehand.customers.identity import describe
from beforehand.journey.promises.making import make
from beforehand.lib.fields import to_micros
from beforehand.lib.trouble import Trouble
from beforehand.service import forgetting, macros, variables
from beforehand.service.acts import bulk, drafting
from beforehand.service.models import Attachment, Macro, MacroFile, Message
from beforehand.service.tests.desk import asks, fresh
from beforehand.team.models import Team, TeamMember

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def live(mailbox):
    return mailbox


def named(conversation, name):
    describe([(conversation.identifier_id, 1, {"name": name})])
    return fresh(conversation)


def test_variables_come_from_the_journey(ada):
    asked = named(asks(), "Ines Vogel")
    make(asked.identifier.customer_id, "Call back", timezone.now() + timedelta(days=2), ["Phone Call Made"], ada)
    text = (
        "Hello {{ customer.first_name }}, we said: {{promise.what}}. #{{ conversation.number }} {{ member.first_name }}"
    )
    assert variables.fill_in(text, asked, ada) == f"Hello Ines, we said: Call back. #{asked.pk} Ada"


@pytest.mark.parametrize(
    "text",
    [
        "{% load x %}",
        "{{ customer.__class__ }}",
        "{{ settings.SECRET_KEY }}",
        "{{ customer.first_name|upper }}",
        "{{ member.password }}",
        "${7*7} #{7*7} {{7*7}}",
    ],
)
def test_a_template_is_nothing_but_a_look_up(text, ada):
    assert variables.fill_in(text, asks(), ada) == text


def test_a_value_is_never_read_as_a_template(ada):
    asked = named(asks(), "{{ member.name }} {{ company.name }}")
    assert variables.fill_in("Hello {{ customer.name }}", asked, ada) == "Hello {{ member.name }} {{ company.name }}"


def test_what_has_no_value_is_not_sent(ada):
    asked = asks()
    text = variables.fill_in("Due {{ promise.due }}", asked, ada)
    with pytest.raises(variables.Left):
        asked.answer(text, ada)


def test_a_macro_does_what_it_says_besides(ada):
    asked = asks()
    Team.objects.create(name="Hubs")
    macro = Macro.objects.create(name="m", actions=[{"do": "team", "value": "Hubs"}, {"do": "tag", "value": "hub"}])
    assert macros.apply(macro, asked, ada) == []
    assert asked.team.name == "Hubs" and asked.taggings.get().tag.name == "hub"


def test_bulk_says_for_each_what_came_of_it_and_can_be_taken_back(ada, ben):
    first, second, far = asks("One"), asks("Two"), asks("Three")
    far.assign(ada, team=Team.objects.create(name="Others"))
    first.tag("late", ada)
    ids = [first.pk, second.pk, far.pk]
    assert bulk.preview({"do": "tag", "value": "late"}, ids, ben).beyond == 1
    run = bulk.run({"do": "tag", "value": "late"}, ids, ben)
    assert run.results[str(first.pk)] == run.results[str(second.pk)] == "done" != run.results[str(far.pk)]
    bulk.undo(run, ben)
    assert first.taggings.exists() and not second.taggings.exists()  # what was there before stays
    with pytest.raises(Trouble):
        bulk.undo(run, ben)


def test_bulk_answers_are_sent_once_each_and_can_be_taken_back(ada):
    first, second = asks("One"), asks("Two", "ben@example.org")
    action = {"do": "reply", "value": "Hello, your number is {{ conversation.number }}."}
    assert bulk.preview(action, [first.pk, second.pk], ada).sends == 2
    run = bulk.run(action, [first.pk, second.pk], ada)
    assert first.thread().last().text == f"Hello, your number is {first.pk}."
    bulk.undo(run, ada)
    assert fresh(first).waiting_since and fresh(second).waiting_since


@pytest.mark.parametrize(
    ("do", "value"), [("status", "done"), ("owner", "me"), ("priority", "high"), ("snooze", "in 2 days"), ("spam", "")]
)
def test_what_was_done_is_as_it_was_after_undo(do, value, ada):
    asked = asks()
    facts = ("status_id", "owner_id", "priority", "snoozed_until", "kept", "waiting_since")
    before = [getattr(fresh(asked), fact) for fact in facts]
    run = bulk.run({"do": do, "value": value}, [asked.pk], ada)
    assert run.results[str(asked.pk)] == "done" and [getattr(fresh(asked), fact) for fact in facts] != before
    bulk.undo(run, ada)
    assert [getattr(fresh(asked), fact) for fact in facts] == before


def test_an_agent_may_use_macros_of_their_teams(ben, ada):
    team = Team.objects.create(name="Hubs")
    Macro.objects.create(name="ours", team=team)
    Macro.objects.create(name="ada's", member=ada)
    Macro.objects.create(name="all")
    Macro.objects.create(name="off", off=True)
    usable = Macro.usable_by(ben).values_list("name", flat=True)
    assert set(usable) == {"all"}
    TeamMember.objects.create(team=team, member=ben)
    assert set(usable.all()) == {"all", "ours"}


def used(macro, by, address, days, *then, left=True):
    """An answer with a saved reply so many days ago, and what the customer wrote after so many days more."""
    talk = asks(address=address)
    talk.answer("It comes.", by, macro=macro)
    when = to_micros(timezone.now() - timedelta(days=days))
    Message.objects.filter(conversation=talk, kind="outbound").update(time=when)
    Message.objects.filter(conversation=talk, kind="inbound").update(time=when - 3_600_000_000)
    Outgoing.objects.filter(message__conversation=talk).update(state="sent" if left else "held")
    for later, text in then:
        talk.receive(text, time=timezone.now() - timedelta(days=days - later))


def test_what_became_of_a_saved_reply_is_what_customers_did_after_it(ada, client):
    macro = Macro.objects.create(name="It comes", text="It comes.")
    used(macro, ada, "a@example.org", 20)
    used(macro, ada, "b@example.org", 20, (2, "It has not come. Where is it?"))
    used(macro, ada, "c@example.org", 20, (2, "Thank you!"))
    used(macro, ada, "d@example.org", 20, (9, "Something else: what does it cost?"))
    used(macro, ada, "e@example.org", 2)  # too early to tell
    used(macro, ada, "f@example.org", 100)
    used(macro, ada, "g@example.org", 20, left=False)
    used(None, ada, "h@example.org", 20)
    other = Macro.objects.create(name="Other", text="x")
    assert macros.outcomes([macro.pk, other.pk]) == {macro.pk: (5, 4, 3)}
    client.force_login(ada)
    page = client.get("/settings/desk/macros").content.decode()
    assert "used 5 times in 90 days, after 3 of 4 nobody had to write again within a week" in page


@pytest.fixture
def with_file(ada):
    macro = Macro.objects.create(name="Terms", text="Here they are.")
    MacroFile.objects.create(macro=macro, file=files.keep(b"%PDF terms"), name="terms.pdf", type="application/pdf")
    return macro


def test_a_saved_reply_puts_its_files_to_the_draft_once_and_they_leave_with_the_answer(with_file, ada, client):
    asked = asks()
    client.force_login(ada)
    at = f"/conversations/{asked.pk}"
    assert client.get(f"{at}/macros/{with_file.pk}").json()["files"] == 1
    for _twice in range(2):
        page = client.post(f"{at}/draft/files", {"macro": with_file.pk, "mode": "reply"}).content.decode()
        assert page.count("terms.pdf</span>") == 1
    (draft,) = Attachment.objects.filter(draft__conversation=asked)
    client.delete(f"{at}/draft/files/{draft.pk}")
    assert not Attachment.objects.exists() and with_file.files.exists()  # off the draft, not off the reply
    client.post(f"{at}/draft/files", {"macro": with_file.pk, "mode": "reply"})
    client.post(f"{at}/messages", {"text": "Here they are.", "macro": with_file.pk})
    (sent,) = fresh(asked).thread().last().attachments.all()
    assert (sent.name, sent.type, files.read(sent.file)) == ("terms.pdf", "application/pdf", b"%PDF terms")
    assert Outgoing.objects.get().content["files"][0]["file"] == sent.file_id


def test_an_answer_that_was_taken_back_is_a_draft_with_its_files(with_file, ada, client):
    asked = asks()
    client.force_login(ada)
    answer = asked.answer("Here.", ada, files=with_file.enclosed())
    assert asked.take_back(answer, ada) and not asked.take_back(answer, ada)
    assert [one.name for one in drafting.files_of(asked, ada, "reply")] == ["terms.pdf"]
    client.post(f"/conversations/{asked.pk}/messages", {"text": "Here they are."})
    assert fresh(asked).thread().last().attachments.get().name == "terms.pdf"


@pytest.mark.parametrize("mode", ["note", "forward"])
def test_files_go_with_what_is_written_in_that_mode(mode, with_file, ada, client):
    asked = asks()
    client.force_login(ada)
    at = f"/conversations/{asked.pk}"
    client.post(f"{at}/draft/files", {"macro": with_file.pk, "mode": mode})
    assert "terms.pdf" in client.get(f"{at}/draft/files?mode={mode}").content.decode()
    assert "terms.pdf" not in client.get(f"{at}/draft/files?mode=reply").content.decode()
    if mode == "note":
        client.post(f"{at}/notes", {"text": "Look."})
    else:
        client.post(f"{at}/sides", {"text": "Look.", "to": "hub@partner.example", "subject": "Terms"})
    assert Message.objects.latest("pk").attachments.get().name == "terms.pdf"


def test_files_of_a_saved_reply_keep_the_limits_of_a_draft(with_file, ada, client, monkeypatch):
    asked = asks()
    client.force_login(ada)
    monkeypatch.setattr(drafting, "LARGEST", 12)
    at = f"/conversations/{asked.pk}/draft/files"
    client.post(at, {"file": SimpleUploadedFile("a.txt", b"abc"), "mode": "reply"})
    refused = client.post(at, {"macro": with_file.pk, "mode": "reply"})
    assert refused.status_code == 422 and "25 MB" in refused.json()["error"]
    assert Attachment.objects.get().name == "a.txt"


def test_files_of_a_saved_reply_are_for_whoever_may_use_it(with_file, ada, ben, vic, client):
    team = Team.objects.create(name="Hubs")
    Macro.objects.filter(pk=with_file.pk).update(team=team)
    asked, file = asks(), with_file.files.get()
    place, draft = f"/settings/desk/macros/files/{file.pk}", f"/conversations/{asked.pk}/draft/files"
    client.force_login(vic)
    assert client.get(place).status_code == 403
    client.force_login(ben)
    assert client.get(place).status_code == 404
    assert client.post(draft, {"macro": with_file.pk, "mode": "reply"}).status_code == 404
    TeamMember.objects.create(team=team, member=ben)
    answer = client.get(place)
    assert b"".join(answer.streaming_content) == b"%PDF terms" and "attachment" in answer["Content-Disposition"]
    Macro.objects.filter(pk=with_file.pk).update(team=None, member=ben)
    client.force_login(ada)
    assert client.get(place).status_code == 404  # another member's own
    Macro.objects.filter(pk=with_file.pk).update(member=None, off=True)
    assert b"".join(client.get(place).streaming_content) == b"%PDF terms"  # for who may change it
    StoredFile.objects.update(scan="infected", found="Own.Test")
    assert client.get(place).status_code == 410


def test_a_form_puts_files_to_a_saved_reply_and_takes_them_off(ada, client, monkeypatch):
    client.force_login(ada)
    two = [SimpleUploadedFile("terms.pdf", b"x" * 2000, "application/pdf"), SimpleUploadedFile("../a.txt", b"a")]
    assert client.post("/settings/desk/macros", {"name": "Terms", "uploads": two}).status_code == 302
    macro = Macro.objects.get()
    assert [(one.name, one.type) for one in macro.files.all()] == [
        ("terms.pdf", "application/pdf"),
        ("a.txt", "text/plain"),
    ]
    page = client.get(f"/settings/desk/macros/{macro.pk}").content.decode()
    assert 'enctype="multipart/form-data"' in page and "2\xa0kB" in page and page.count("checked") >= 2
    kept = macro.files.first()
    more = SimpleUploadedFile("c.txt", b"c")
    client.post(f"/settings/desk/macros/{macro.pk}", {"name": "Terms", "kept": [kept.pk], "uploads": [more]})
    assert [one.name for one in macro.files.all()] == ["terms.pdf", "c.txt"]
    monkeypatch.setattr(drafting, "MOST_FILES", 2)
    refused = client.post(
        f"/settings/desk/macros/{macro.pk}", {"name": "Terms", "kept": [kept.pk], "uploads": [more, more]}
    )
    assert refused.status_code == 422 and macro.files.count() == 2
    client.post(f"/settings/desk/macros/{macro.pk}", {"name": "Terms"})
    assert macro.files.count() == 2  # a macro that says and does nothing is none
    client.post(f"/settings/desk/macros/{macro.pk}", {"name": "Terms", "text": "Ask us."})
    assert not macro.files.exists()


def test_an_answer_to_many_brings_the_files_and_counts_for_its_saved_reply(with_file, ada, client):
    first, second = asks("One"), asks("Two", "ben@example.org")
    client.force_login(ada)
    act = {"do": "answer", "value": str(with_file.pk), "ids": [first.pk, second.pk]}
    client.post("/desk/acts", json.dumps(act), content_type="application/json")
    for talk in (first, second):
        said = fresh(talk).thread().last()
        assert said.macro == with_file and said.attachments.get().name == "terms.pdf"


def test_nobody_answers_many_with_a_saved_reply_of_somebody_else(with_file, ada, ben):
    Macro.objects.filter(pk=with_file.pk).update(member=ada)
    asked = asks()
    bulk.run({"do": "reply", "value": {"text": "Hello.", "macro": with_file.pk}}, [asked.pk], ben)
    said = fresh(asked).thread().last()
    assert said.macro is None and not said.attachments.exists()


def test_a_file_that_a_saved_reply_has_stays_when_a_customer_is_forgotten(with_file, ada):
    asked = asks()
    asked.answer("Here.", ada, files=with_file.enclosed())
    forgetting.erase([asked.identifier_id])
    assert files.read(with_file.files.get().file) == b"%PDF terms"
