"""The API: as its member, within its scopes, once, and in plain words."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from beforehand.lib.rate import Rate, limits
from beforehand.service.models import Conversation, Message
from beforehand.team.models import ApiAnswer, ApiToken, Member, Team, TeamMember

ALL = [str(scope) for scope in ApiToken.Scope]


@pytest.fixture(autouse=True)
def fresh_limits():
    limits.clear()


class Program:
    def __init__(self, client, member, scopes=ALL, text=None):
        self.client = client
        self.text = text or ApiToken.make(member, "Program", list(scopes))[1]

    def ask(self, method, path, body=None, **headers):
        more = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        headers = {"Authorization": f"Bearer {self.text}"} | {k.replace("_", "-"): v for k, v in headers.items()}
        return getattr(self.client, method)(f"/api/v1/{path}", headers=headers, **more)


@pytest.fixture
def program(client, ada):
    return Program(client, ada)


def bring(program, key="k", **said):
    body = {
        "sender": {"kind": "email", "value": "ines@example.com", "name": "Inês"},
        "text": "Where is it?",
        "key": key,
    }
    return program.ask("post", "messages", body | said)


def test_a_message_is_brought_in_answered_and_read(program):
    brought = bring(program)
    assert brought.status_code == 201
    pk = brought.json()["conversation"]
    assert program.ask("get", f"conversations/{pk}").json()["customer_name"] == "Inês"
    program.ask("post", f"conversations/{pk}/notes", {"text": "Look at the depot"})
    kinds = [one["kind"] for one in program.ask("get", f"conversations/{pk}/messages").json()["items"]]
    assert kinds == ["inbound", "note"]


def test_a_message_with_one_key_is_one_message(program):
    assert [bring(program).status_code for _again in range(2)] == [201, 200]
    assert Message.objects.count() == 1


def test_a_token_is_needed_that_is_in_force(client, ada):
    for text in ("", "bh_made-up", "é"):
        answer = Program(client, ada, text=text or "x").ask("get", "conversations")
        assert answer.status_code == 401 and answer.json()["code"] == "no_token"
    program = Program(client, ada)
    token = ApiToken.objects.get()
    assert program.ask("get", "token").json()["member"] == "Ada Osei"
    token.revoke()
    assert program.ask("get", "token").status_code == 401


def test_a_token_ends_with_its_time_and_with_its_member(client, ada, ben):
    from datetime import timedelta

    from django.utils import timezone

    over = ApiToken.make(ada, "Over", ALL, timezone.now() - timedelta(seconds=1))[1]
    assert Program(client, ada, text=over).ask("get", "token").status_code == 401
    program = Program(client, ben)
    ben.leave()
    assert program.ask("get", "token").status_code == 401


def test_only_the_hash_of_a_token_is_kept(client, ada):
    program = Program(client, ada)
    assert program.text not in str(ApiToken.objects.values_list().get())


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("get", "conversations", "conversations:read"),
        ("post", "conversations/1/notes", "conversations:write"),
        ("get", "customers?q=a", "customers:read"),
        ("post", "customers/identifications", "customers:write"),
        ("post", "messages", "messages:receive"),
        ("get", "mailboxes", "mailboxes:read"),
    ],
)
def test_a_scope_that_is_missing_is_named(client, ada, method, path, scope):
    program = Program(client, ada, [one for one in ALL if one != scope])
    answer = program.ask(method, path, {} if method == "post" else None)
    assert answer.status_code == 403 and answer.json()["code"] == "scope_missing" and scope in answer.json()["message"]


def test_a_token_reaches_what_its_member_reaches(client, ada, ben, vic):
    pk = bring(Program(client, ada)).json()["conversation"]
    theirs = Team.objects.create(name="Theirs")
    Conversation.objects.update(team=theirs)
    for member in (ben, vic):
        program = Program(client, member)
        assert program.ask("get", f"conversations/{pk}").status_code == 404
        assert program.ask("get", "conversations").json()["items"] == []
        assert program.ask("post", f"conversations/{pk}/notes", {"text": "x"}).status_code == 404
        assert program.ask("post", f"conversations/{pk}/merge", {"into": pk}).status_code == 404
    TeamMember.objects.create(team=theirs, member=ben)
    assert Program(client, ben).ask("get", f"conversations/{pk}").status_code == 200
    assert Program(client, vic).ask("get", "customers?q=ines").status_code == 403


def test_what_names_itself_happens_once(program):
    pk = bring(program).json()["conversation"]
    first, again = [
        program.ask("post", f"conversations/{pk}/notes", {"text": "Once"}, Idempotency_Key="n1") for _again in range(2)
    ]
    assert first.json() == again.json() and again["Idempotency-Replayed"] == "true"
    assert Message.objects.filter(kind="note").count() == 1
    other = program.ask("post", f"conversations/{pk}/notes", {"text": "Other"}, Idempotency_Key="n1")
    assert other.status_code == 422 and other.json()["code"] == "key_reused"


def test_what_failed_may_be_sent_again_with_its_key(program):
    pk = bring(program).json()["conversation"]
    assert program.ask("post", f"conversations/{pk}/merge", {"into": 999}, Idempotency_Key="m").status_code == 404
    assert not ApiAnswer.objects.exists()


def test_everything_about_a_conversation_can_be_changed(program, ada):
    Team.objects.create(name="Second line")
    pk, other = bring(program).json()["conversation"], bring(program, "l").json()["conversation"]
    said = {"owner": "ada@example.com", "team": "Second line", "priority": 4, "status": "waiting_us"}
    changed = program.ask("patch", f"conversations/{pk}", said).json()
    assert (changed["owner"], changed["team"], changed["priority"], changed["category"]) == tuple(said.values())
    assert program.ask("patch", f"conversations/{pk}", {"owner": None}).json()["owner"] is None
    assert program.ask("post", f"conversations/{pk}/tags", {"name": "parcel"}).json()["tags"] == ["parcel"]
    assert program.ask("delete", f"conversations/{pk}/tags/parcel").json()["tags"] == []
    assert program.ask("post", f"conversations/{pk}/merge", {"into": other}).json()["merged_into"] == other
    assert program.ask("delete", f"conversations/{pk}/merge").json()["merged_into"] is None


def test_lists_go_page_by_page_and_search_as_the_desk_does(program):
    for number in range(5):
        bring(program, str(number), text=f"Parcel {number}", sender={"kind": "user_id", "value": f"u{number}"})
    seen, cursor = [], ""
    for _page in range(3):
        page = program.ask("get", f"conversations?limit=2&cursor={cursor}").json()
        seen += [one["id"] for one in page["items"]]
        cursor = page["next"]
    assert len(set(seen)) == 5 and cursor == ""
    assert program.ask("get", "conversations?q=is:nonsense").json()["code"] == "search_not_understood"


@pytest.mark.parametrize(
    "time", ["2026-11-22T10:00:00", "2026-11-22", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00"]
)
def test_a_time_without_a_zone_or_of_no_customers_life_is_refused(program, time):
    refused = bring(program, time=time)
    assert (refused.status_code, refused.json()["fields"][0]["field"]) == (422, "said.time")
    pk = bring(program, time="2026-11-22T10:00:00+01:00").json()["conversation"]
    assert program.ask("patch", f"conversations/{pk}", {"snoozed_until": time}).status_code == 422


def test_nul_is_left_out(program):
    said = bring(program, text="Where\0 is it?", subject="a\0b").json()
    assert said["text"] == "Where is it?"
    assert program.ask("get", f"conversations/{said['conversation']}").json()["subject"] == "ab"


def test_a_refusal_says_what_is_wrong(program):
    assert program.ask("get", "conversations?limit=1000").json()["fields"][0]["field"].endswith("limit")
    assert program.ask("post", "messages", {"text": ""}).json()["code"] == "invalid"
    nobody = bring(program, sender={"kind": "user_id", "value": "null"})
    assert nobody.status_code == 409 and nobody.json()["code"] == "not_possible"
    assert program.ask("get", "nothing").status_code == 404
    assert program.ask("get", f"conversations/{1 << 70}").status_code == 404
    pk = bring(program).json()["conversation"]
    assert program.ask("patch", f"conversations/{pk}", {"owner": "x@example.com"}).json()["code"] == "no_such_member"


def test_a_token_that_asks_too_often_waits(program, monkeypatch):
    monkeypatch.setattr("beforehand.team.api.SPEED", Rate(3, 1))
    answers = [program.ask("get", "token") for _again in range(4)]
    assert answers[0].status_code == 200 and answers[-1].status_code == 429
    assert answers[-1].json()["code"] == "too_often" and int(answers[-1]["Retry-After"]) > 0


def test_who_customers_are_is_said_and_asked(program):
    named = [{"kind": "user_id", "value": "u-1"}, {"kind": "email", "value": "Ines@Example.com"}]
    said = program.ask("post", "customers/identifications", {"identifiers": named, "traits": {"name": "Inês"}})
    assert said.status_code == 201 and said.json()["name"] == "Inês"
    (found,) = program.ask("get", "customers?q=ines@example.com").json()
    assert found["id"] == said.json()["id"] and {one["value"] for one in found["identifiers"]} == {
        "u-1",
        "ines@example.com",
    }


def test_a_page_of_another_site_cannot_use_a_members_session(client, ada):
    client.force_login(ada)
    assert client.get("/api/v1/conversations").status_code == 401


def test_the_schema_names_every_address(client, db):
    schema = client.get("/api/v1/openapi.json").json()
    assert {"/api/v1/conversations", "/api/v1/messages", "/api/v1/customers", "/api/v1/mailboxes"} <= set(
        schema["paths"]
    )
    undocumented = [
        path for path, verbs in schema["paths"].items() for verb in verbs.values() if not verb.get("description")
    ]
    assert not undocumented


def test_tokens_are_made_in_the_settings_and_shown_once(client, ada, ben):
    client.force_login(ben)
    assert client.get("/settings/tokens").status_code == 403
    client.force_login(ada)
    made = client.post("/settings/tokens", {"name": "Shop", "scopes": ["conversations:read"], "days": "30"})
    assert made.status_code == 201 and made["Cache-Control"] == "no-store"
    text = made.content.decode().split('id="token" value="')[1].split('"')[0]
    assert ApiToken.of(text).scopes == ["conversations:read"]
    assert text not in client.get("/settings/tokens").content.decode()
    assert client.post("/settings/tokens", {"name": "Shop", "scopes": ["everything"]}).status_code == 422
    client.post(f"/settings/tokens/{ApiToken.objects.get().pk}/revocation")
    assert ApiToken.of(text) is None


def test_a_manager_ends_their_own_tokens_only(client, ada):
    mia = Member.objects.create_user("mia@example.com", "four words of one", name="Mia", role="manager")
    token = ApiToken.make(ada, "Ada's", ALL)[0]
    client.force_login(mia)
    assert client.post(f"/settings/tokens/{token.pk}/revocation").status_code == 404


def upload(program, content=b"%PDF", name="../plan.pdf"):
    headers = {"Authorization": f"Bearer {program.text}"}
    return program.client.post("/api/v1/files", {"file": SimpleUploadedFile(name, content)}, headers=headers)


def test_files_go_in_and_out(program, mailbox):
    handle = upload(program).json()["file"]
    brought = bring(program, files=[handle]).json()
    assert [(one["name"], one["size"]) for one in brought["files"]] == [("plan.pdf", 4)]
    read = program.ask("get", f"files/{brought['files'][0]['id']}")
    assert b"".join(read.streaming_content) == b"%PDF" and "attachment" in read["Content-Disposition"]
    place = f"conversations/{brought['conversation']}/replies"
    replied = program.ask("post", place, {"text": "Here", "files": [handle]})
    assert [one["name"] for one in replied.json()["files"]] == ["plan.pdf"]


def test_a_file_that_was_never_laid_down_and_one_of_others_are_not_there(program, client, ben, mailbox):
    assert program.ask("post", "messages", {"files": ["x"]}).status_code == 422
    refused = bring(program, files=["made-up"])
    assert (refused.status_code, refused.json()["code"]) == (422, "no_such_file")
    assert not Message.objects.exists()
    private = bring(program, team=None, files=[upload(program).json()["file"]]).json()
    Conversation.objects.update(team=Team.objects.create(name="Others"), owner=None)
    assert Program(client, ben).ask("get", f"files/{private['files'][0]['id']}").status_code == 404
    assert Program(client, ben).ask("get", "files/99999999999999999999").status_code == 404


def test_only_who_may_write_lays_files_down(client, ada):
    reader = Program(client, ada, [ApiToken.Scope.READ])
    assert upload(reader).status_code == 403
    assert upload(Program(client, ada, [ApiToken.Scope.RECEIVE])).status_code == 201


def test_a_conversation_is_begun_with_our_words(program, mailbox):
    letter = {"to": ["cleo@example.org"], "subject": "Your order", "text": "It comes a day later."}
    began = program.ask("post", "conversations", letter, Idempotency_Key="one")
    assert began.status_code == 201
    again = program.ask("post", "conversations", letter, Idempotency_Key="one")
    assert again.json()["conversation"] == began.json()["conversation"]
    shown = program.ask("get", f"conversations/{began.json()['conversation']}").json()
    assert (shown["subject"], shown["category"], shown["last_by"]) == ("Your order", "waiting_customer", "member")
    wrong = program.ask("post", "conversations", letter | {"mailbox": "none@shop.example"})
    assert wrong.json()["code"] == "no_such_mailbox"
    assert program.ask("post", "conversations", letter | {"to": ["nonsense"]}).status_code == 409
