"""The pages of the desk: what they show, what they cost, what they refuse."""

import gzip
import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from beforehand.service.models import BulkRun, Conversation, Draft, Macro, Message, SavedView, Status, Tag
from beforehand.service.tests.deskful import asks, in_team
from beforehand.team.models import Hours, Team, TeamMember

pytestmark = pytest.mark.django_db
PART = {"HX-Request": "true"}
JSON = {"Accept": "application/json"}
MOST_QUERIES = 12
MOST_BYTES = 40_000


@pytest.fixture
def desk(client, ada):
    client.force_login(ada)
    return client


def queries(client, path, **more):
    client.get(path, **more)  # calendars are read once by a process
    with CaptureQueriesContext(connection) as seen:
        answer = client.get(path, **more)
    assert answer.status_code == 200
    return len(seen), answer


def test_the_list_and_an_open_conversation_take_twelve_queries_at_most_however_many_there_are(desk, ada, ben):
    in_team(ben, "Parcels")
    rows = [asks(f"Person{n} X", f"subject {n}", "text", minutes=n + 1) for n in range(8)]
    for row in rows[:3]:
        row.answer("an answer", ada, then="waiting_customer")
        row.receive("and one more thing")
        row.write_note("look", ada)
        row.tag("late", ada)
    Draft.objects.create(conversation=rows[0], member=ada, text="x", changed=timezone.now())
    asked = {
        reverse("service:desk"): {},
        f"{reverse('service:desk')}?as=table": {},
        f"{reverse('service:desk')}?view=waiting": PART,
        reverse("service:conversation", args=[rows[0].pk]): PART,
    }
    for path, headers in asked.items():
        taken, _answer = queries(desk, path, headers=headers)
        assert taken <= MOST_QUERIES, f"{path} takes {taken}"
    desk.force_login(ben)
    for path, headers in asked.items():
        assert queries(desk, path, headers=headers)[0] <= MOST_QUERIES, path


def test_the_inbox_stays_small(desk):
    for n in range(50):
        asks(f"Person{n} Whose-Name Is-Long", f"A subject of the usual length, number {n}", "text " * 40, minutes=n + 1)
    for path in ("/desk", "/desk?as=table"):
        answer = desk.get(path)
        assert answer.content.count(b'id="row-') == 50
        assert len(gzip.compress(answer.content)) < MOST_BYTES


def test_nobody_opens_what_they_may_not_reach(client, ben, vic):
    hidden = asks("Ines C", "parcel", "where", team=Team.objects.create(name="Returns"))
    message = hidden.messages.get()
    client.force_login(ben)
    for path in (
        f"/conversations/{hidden.pk}", f"/conversations/{hidden.pk}/context", f"/conversations/{hidden.pk}/clock",
        f"/conversations/{hidden.pk}/messages/{message.pk}/frame", f"/conversations/{hidden.pk}/state",
    ):  # fmt: skip
        assert client.get(path).status_code == 404, path
    for path in ("resolution", "owner", "messages", "notes", "draft", "spam", "tags", "presence", "reading"):
        assert client.post(f"/conversations/{hidden.pk}/{path}", {"text": "x", "value": "x"}).status_code == 404, path
    sent = {"do": "done", "value": "", "ids": [hidden.pk]}
    answer = client.post("/desk/acts", json.dumps(sent), content_type="application/json")
    assert answer.json()["done"] == []
    hidden.refresh_from_db()
    assert hidden.category == "new"
    client.force_login(vic)
    assert client.get("/desk").status_code == 403


def test_an_answer_is_sent_and_stands_in_the_thread(desk, ada):
    one = asks("Ines C", "parcel", "where is it")
    answer = desk.post(
        f"/conversations/{one.pk}/messages", {"text": "In Cork.", "then": "waiting_customer"}, headers=JSON
    )
    assert answer.status_code == 200
    assert answer.json()["seconds"] > 0
    one.refresh_from_db()
    assert (one.waiting_since, one.category) == (None, "waiting_customer")
    assert "In Cork." in desk.get(f"/conversations/{one.pk}", headers=PART).content.decode()


def test_an_answer_is_taken_back_and_its_text_is_the_draft(desk, ada):
    one = asks("Ines C", "parcel", "where is it")
    sent = desk.post(f"/conversations/{one.pk}/messages", {"text": "In Cork."}, headers=JSON).json()
    back = desk.delete(f"/conversations/{one.pk}/messages/{sent['message']}/sending", headers=JSON)
    assert back.json()["text"] == "In Cork."
    one.refresh_from_db()
    assert one.waiting_since is not None
    assert Draft.objects.get(conversation=one, member=ada).text == "In Cork."


def test_a_send_is_stopped_when_the_thread_has_changed_and_the_text_is_kept(desk, ada):
    one = asks("Ines C", "parcel", "where is it")
    begun = one.through
    one.receive("It came! Forget it.")
    sent = {"text": "We look for it.", "based_on": begun}
    answer = desk.post(f"/conversations/{one.pk}/messages", sent, headers=JSON)
    assert answer.status_code == 409
    told = answer.json()
    assert told["changed"]
    assert "Forget it" in told["html"]
    assert not Message.objects.filter(kind="outbound").exists()
    assert Draft.objects.get(conversation=one).text == "We look for it."
    again = desk.post(f"/conversations/{one.pk}/messages", sent | {"based_on": told["through"]}, headers=JSON)
    assert again.status_code == 200


@pytest.mark.parametrize("text", ["I attached the invoice.", "Die Rechnung ist im Anhang.", "voir ci-joint"])
def test_a_forgotten_file_is_asked_about(desk, text):
    one = asks("Ines C", "parcel", "where is it")
    answer = desk.post(f"/conversations/{one.pk}/messages", {"text": text}, headers=JSON)
    assert answer.status_code == 409
    assert answer.json()["forgotten"]
    assert (
        desk.post(f"/conversations/{one.pk}/messages", {"text": text, "without_files": "1"}, headers=JSON).status_code
        == 200
    )


def test_what_is_only_quoted_promises_no_file(desk):
    one = asks("Ines C", "parcel", "where is it")
    answer = desk.post(f"/conversations/{one.pk}/messages", {"text": "> see attached\nThanks."}, headers=JSON)
    assert answer.status_code == 200


def test_files_wait_in_the_draft_and_leave_with_the_answer(desk):
    one = asks("Ines C", "parcel", "where is it")
    file = SimpleUploadedFile("../../etc/pass<wd>.txt", b"hello", "text/plain")
    shown = desk.post(f"/conversations/{one.pk}/draft/files", {"file": file, "mode": "reply"})
    assert (
        "etc" not in shown.content.decode().split("file_")[0].split("/etc/")[0] or "../" not in shown.content.decode()
    )
    desk.post(f"/conversations/{one.pk}/messages", {"text": "attached"}, headers=JSON)
    (sent,) = Message.objects.get(kind="outbound").attachments.all()
    assert "/" not in sent.name
    answer = desk.get(f"/files/{sent.pk}")
    assert b"".join(answer.streaming_content) == b"hello"
    assert "attachment" in answer["Content-Disposition"]


def test_a_draft_is_kept_and_gone_when_it_says_nothing(desk, ada):
    one = asks("Ines C", "parcel", "where is it")
    kept = desk.post(f"/conversations/{one.pk}/draft", {"text": "Dear Ines", "mode": "reply"}, headers=JSON)
    assert "draft kept" in kept.json()["kept"]
    assert "Dear Ines" in desk.get(f"/conversations/{one.pk}", headers=PART).content.decode()
    desk.post(f"/conversations/{one.pk}/draft", {"text": " ", "mode": "reply"}, headers=JSON)
    assert not Draft.objects.exists()


def test_a_note_is_labelled_and_never_sent(desk, ada):
    one = asks("Ines C", "parcel", "where is it")
    desk.post(f"/conversations/{one.pk}/notes", {"text": "secret"}, headers=JSON)
    page = desk.get(f"/conversations/{one.pk}", headers=PART).content.decode()
    assert "Note, your team only" in page
    assert Message.objects.get(kind="note").outgoing is None


def test_stored_script_is_text_in_the_thread_and_dead_in_its_frame(desk):
    bad = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    one = asks("Ines C", bad, bad, html='<p data-remote="x">a</p><img data-remote="https://spy.example/p.png">')
    page = desk.get(f"/conversations/{one.pk}").content.decode()
    assert "<script>alert" not in page
    assert "onerror=alert" not in page.replace("&lt;img src=x onerror=alert", "")
    message = one.messages.get()
    frame = desk.get(f"/conversations/{one.pk}/messages/{message.pk}/frame")
    policy = frame["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "script" not in policy and "https:" not in policy
    assert 'src="https://spy' not in frame.content.decode()
    shown = desk.get(f"/conversations/{one.pk}/messages/{message.pk}/frame?images=1")
    assert 'src="https://spy.example/p.png"' in shown.content.decode()
    assert "script-src" not in shown["Content-Security-Policy"]
    assert "sandbox" in page


def test_one_act_is_done_on_many_and_undone(desk, ada):
    rows = [asks(f"Person{n} X", "s", "x") for n in range(3)]
    asked = {"do": "tag", "value": "late", "ids": [row.pk for row in rows]}
    preview = desk.post("/desk/acts/preview", json.dumps(asked), content_type="application/json").json()
    assert "3 conversations" in preview["said"]
    run = desk.post("/desk/acts", json.dumps(asked), content_type="application/json").json()
    assert sorted(run["done"]) == sorted(row.pk for row in rows)
    assert Tag.objects.get().taggings.count() == 3
    assert desk.post(f"/desk/acts/{run['run']}/undoing").status_code == 200
    assert Tag.objects.get().taggings.count() == 0
    assert desk.post("/desk/acts/undoing").status_code == 422


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"do": "x", "ids": [1]}', b'{"do": "done", "ids": "abc"}', b"\xff"]
)
def test_an_act_that_cannot_be_read_is_told_so(desk, body):
    answer = desk.post("/desk/acts", body, content_type="application/json")
    assert answer.status_code == 422
    assert answer.json()["error"]
    assert not BulkRun.objects.exists()


def test_every_verb_works_without_script(desk, ada, ben):
    one = asks("Ines C", "parcel", "where is it")
    other = asks("Kwame M", "address", "jumps")
    team = Team.objects.create(name="Returns")
    base = f"/conversations/{one.pk}"

    def do(part, **facts):
        answer = desk.post(f"{base}/{part}", facts)
        assert answer.status_code == 302, part
        one.refresh_from_db()

    do("owner", value=str(ben.pk))
    assert one.owner == ben
    do("owner", back="1")
    assert one.owner is None
    do("team", value=str(team.pk))
    assert one.team == team
    do("priority", value="4")
    assert one.priority == 4
    do("snooze", value="in 2 h")
    assert one.snoozed_until > timezone.now() + timedelta(hours=1)
    do("snooze", back="1")
    do("tags", value="late")
    do("status", value=str(Status.default("waiting_us").pk))
    assert one.category == "waiting_us"
    do("resolution")
    assert one.category == "done"
    do("resolution", back="1")
    assert one.category == "open"
    do("spam")
    assert one.kept == "spam"
    do("spam", back="1")
    do("merge", value=str(other.pk))
    assert one.head == other
    do("merge", back="1")
    assert one.head is None
    do("messages", text="Here it is.")
    assert Message.objects.filter(kind="outbound").count() == 1


def test_rows_come_again_as_they_are_now_if_they_still_belong(desk, ada):
    one, gone = asks("Ines C", "a", "x"), asks("Kwame M", "b", "x")
    gone.resolve(ada)
    gone.answer("y", ada, then="done")
    page = desk.get(f"/desk/rows?view=waiting&ids={one.pk},{gone.pk},abc").content.decode()
    assert f"row-{one.pk}" in page
    assert f"row-{gone.pk}" not in page


def test_the_panel_shows_nothing_of_a_journey_beside_a_false_sender(desk):
    one = asks("Ines C", "parcel", "where")
    message = one.messages.get()
    message.headers = {"from": [["Ines", "ines@example.org"]], "proof": {"verdict": "fail"}}
    message.save()
    panel = desk.get(f"/conversations/{one.pk}/context").content.decode()
    assert "not proven" in panel
    assert "timeline" not in panel


def test_a_search_says_what_it_did_not_understand(desk):
    asks("Ines C", "parcel", "where")
    page = desk.get("/desk?q=form:ines+where").content.decode()
    assert "Did you mean “from:”?" in page
    assert "parcel" in page
    assert "from:" in desk.get("/desk/completions?q=fro").content.decode()


@pytest.mark.parametrize(
    "what",
    ["owner", "team", "tag", "priority", "status", "snooze", "merge", "macro", "cause", "need", "case", "person"],
)
def test_every_chooser_answers(desk, what):
    one = asks("Ines C", "parcel", "where")
    for words in ("", "a", "tue 9", "<b>", "#1"):
        answer = desk.get(f"/desk/choices/{what}", {"conversation": one.pk, "q": words})
        assert answer.status_code == 200
        assert "<b>" not in answer.content.decode()


def test_a_macro_fills_in_its_variables_and_acts(desk, ada):
    one = asks("Ines Carvalho", "parcel", "where")
    macro = Macro.objects.create(
        name="hello", text="Dear {{ customer.first_name }}", actions=[{"do": "tag", "value": "late"}]
    )
    assert desk.get(f"/conversations/{one.pk}/macros/{macro.pk}").json()["text"] == "Dear Ines"
    assert desk.post(f"/conversations/{one.pk}/macros/{macro.pk}").status_code == 200
    assert Tag.objects.get().taggings.filter(conversation=one).exists()


def test_settings_are_made_changed_and_taken_away(desk, ada, ben):
    assert desk.post("/settings/desk/tags", {"name": "late"}).status_code == 302
    assert desk.post("/settings/desk/tags", {"name": "LATE"}).status_code == 422
    tag = Tag.objects.get()
    desk.post(f"/settings/desk/tags/{tag.pk}", {"name": "very late"})
    desk.post(f"/settings/desk/tags/{tag.pk}/removal")
    assert not Tag.objects.exists()
    days = {f"day{n}": "09:00-12:00, 13:00-17:00" if n < 5 else "" for n in range(7)}
    hours = {
        "name": "Office",
        "zone": "Europe/Berlin",
        "country": "DE",
        "region": "by",
        "overrides": "2026-12-24 closed",
        **days,
    }
    assert desk.post("/settings/desk/hours", hours).status_code == 302
    made = Hours.objects.get()
    assert made.plain["week"][0] == [["09:00", "12:00"], ["13:00", "17:00"]]
    assert made.plain["holidays"][0]["region"] == "BY"
    assert desk.post("/settings/desk/hours", {**hours, "name": "x", "day0": "nonsense"}).status_code == 422
    policy = {
        "name": "Answers",
        "first": "4 h",
        "following": "4h",
        "resolved": "2 d",
        "pauses": "on",
        "position": "0",
        "hours": made.pk,
    }
    assert desk.post("/settings/desk/policies", policy).status_code == 302
    assert "first answer 4 h" in desk.get("/settings/desk/policies").content.decode()
    assert desk.post("/settings/desk/policies", {"name": "y", "position": "0"}).status_code == 422
    team = {
        "name": "Parcels",
        "handing": "in_turn",
        "most": "5",
        "members": [ben.pk],
        "skills": f"{ben.email}: de, refunds",
    }
    assert desk.post("/settings/desk/teams", team).status_code == 302
    assert TeamMember.objects.get().skills == ["de", "refunds"]
    view = {"name": "Old", "query": "waiting:>4h"}
    assert desk.post("/settings/desk/views", view).status_code == 302
    assert desk.post("/settings/desk/views", {**view, "query": "wating:>4h"}).status_code == 422
    assert SavedView.objects.get().member is None


def test_the_last_status_of_a_meaning_stays(desk):
    done = Status.default("done")
    page = desk.post(f"/settings/desk/statuses/{done.pk}/removal", follow=True).content.decode()
    assert "in use" in page
    assert Status.objects.filter(pk=done.pk).exists()


def test_an_agent_has_views_of_their_own_and_sets_nothing_for_others(client, ben):
    client.force_login(ben)
    assert client.get("/settings/desk/statuses").status_code == 403
    client.post("/settings/desk/views", {"name": "Old", "query": "waiting:>4h"})
    assert SavedView.objects.get().member == ben


def test_lines_can_be_narrow(desk):
    assert "data-compact" not in desk.get("/desk").content.decode()
    desk.post("/settings/desk", {"after": "play", "compact": "on", "quiet_from": "20", "quiet_to": "8"})
    assert '<option value="20" selected>20:00' in desk.get("/settings/desk").content.decode()
    page = desk.get("/desk").content.decode()
    assert " data-compact" in page and 'data-after="play"' in page


def test_single_keys_can_be_turned_off(desk, ada):
    desk.post("/settings/desk", {"after": "list"})
    assert 'data-keys-on="no"' in desk.get("/desk").content.decode()
    desk.post("/settings/desk", {"after": "list", "single_keys": "on"})
    assert 'data-keys-on="yes"' in desk.get("/desk").content.decode()


def test_a_merged_conversation_leads_to_its_head(desk, ada):
    one, into = asks("Ines C", "parcel", "zebra one"), asks("Ines C", "again", "zebra two")
    one.merge(into, ada)
    page = desk.get(f"/conversations/{one.pk}", headers=PART).content.decode()
    assert f'data-id="{into.pk}"' in page
    assert "zebra one" in page and "zebra two" in page
    assert Conversation.objects.get(pk=one.pk).head == into
