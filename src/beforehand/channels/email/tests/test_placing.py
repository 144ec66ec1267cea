"""A mail goes where it belongs and nowhere else."""

import pytest

from beforehand.channels.email import tokens
from beforehand.channels.email.authenticating import check, read
from beforehand.channels.email.classifying import classify
from beforehand.channels.email.parsing import parse
from beforehand.channels.email.placing import Place, decide
from beforehand.channels.email.tests.mails import bounce, mail

KEYS = [b"new key", b"old key"]
ADA = "ada@customer.example"
PASS = "mx.us.example; dmarc=pass header.from={}"


class Desk:
    """Conversation 7 of Ada and Bob, merged into 9 when `head` says so."""

    def __init__(self, head=7, closed=None, stored=(), blocked=()):
        self.place = Place(7, head, frozenset({ADA, "bob@customer.example"}), "My order", closed)
        self.copies, self.blocked = stored, blocked

    def by_ids(self, ids):
        return {each: self.place for each in ids if each == "ours@us.example"}

    def conversation(self, number):
        return self.place if number == 7 else None

    def stored(self, message_id):
        return self.copies

    def member_address(self, member):
        return "agent@us.example"

    def is_blocked(self, address):
        return address in self.blocked


def placed(raw, desk=None, keys=KEYS):
    parsed = parse(raw)
    return decide(parsed, classify(parsed, keys), check(parsed, ["mx.us.example"]), desk or Desk(), keys)


def to(conversation=7, member=0, keys=KEYS):
    return tokens.address("help@us.example", tokens.Token(conversation, member), keys)


def answer(**headers):
    return mail(**{"In_Reply_To": "<ours@us.example>", "Message_ID": "<2@x>", **headers})


@pytest.mark.parametrize(
    ("raw", "place", "reason"),
    [
        (mail(), "new", "nothing_known"),
        (answer(), "thread", "ids_and_participant"),
        (answer(From="bob@customer.example"), "thread", "ids_and_participant"),
        (answer(In_Reply_To=None, References="<a@b> <ours@us.example> <c@d>"), "thread", "ids_and_participant"),
        (answer(In_Reply_To="<rewritten@relay> <ours@us.example>"), "thread", "ids_and_participant"),
        (answer(From="eve@x.example"), "new", "ids_without_participant"),
        (answer(From="ada@customer.example <eve@x.example>"), "new", "ids_without_participant"),
        (answer(Subject="Fwd: My order"), "new", "forward_of_a_conversation"),
        (mail(Subject="Re: [#7] My order", From="eve@x.example"), "new", "number_only_suggests"),
        (mail("about ticket #7", From="eve@x.example"), "new", "nothing_known"),
        (mail(To=to()), "thread", "token"),
        (mail(To=to().upper()), "thread", "token"),
        (mail(To=to(keys=[b"old key"])), "thread", "token"),
        (mail(To="sales@us.example", Cc=to()), "thread", "token"),
        (mail(To=to(), From="new@x.example"), "thread", "token_from_a_new_person"),
        (mail(Subject="Automatic reply: x"), "quarantine", "auto_reply_to_nothing_known"),
        (answer(Subject="Automatic reply: x"), "thread", "ids_and_participant"),
        (bounce(), "thread", "report_about_our_mail"),
        (bounce(original=mail()), "quarantine", "bounce_of_nothing_known"),
        (mail(From=None), "quarantine", "no_sender"),
        (mail(From="<>"), "quarantine", "no_sender"),
        (
            mail(Message_ID=f"<{tokens.message_id('us.example', tokens.Token(7), KEYS)}>"),
            "quarantine",
            "own_mail_came_back",
        ),
    ],
)
def test_where_a_mail_goes_and_why(raw, place, reason):
    decision = placed(raw)
    assert (decision.place, decision.reason) == (place, reason)
    assert (decision.conversation == 7) == (place == "thread")


def test_a_stranger_is_never_in_a_conversation_unmarked_but_suggested():
    assert placed(answer(From="eve@x.example")).suggested == (7,)
    assert placed(mail(Subject="[#7]", From="eve@x.example")).suggested == (7,)
    assert placed(mail(To=to(), From="new@x.example")).stranger


@pytest.mark.parametrize(
    "change",
    [lambda t: t[:-1] + ("a" if t[-1] != "a" else "b"), lambda t: "r" + "a" * 38, lambda t: t[:1] + "b" + t[2:]],
)
def test_a_forged_token_is_evidence_and_nothing_else(change):
    local, _, domain = to().rpartition("@")
    base, _, token = local.partition("+")
    decision = placed(mail(To=f"{base}+{change(token)}@{domain}", From="eve@x.example"))
    assert decision.place == "new" and decision.evidence[0][0] == "forged_token"


def test_a_token_of_another_house_is_worth_nothing():
    assert placed(mail(To=to(keys=[b"their key"]))).place == "new"


def test_a_token_fits_into_an_address_and_carries_large_numbers():
    token = tokens.Token(2**47, 2**31)
    address = tokens.address("customer-service@us.example", token, KEYS)
    assert len(address.partition("@")[0]) <= 64
    assert tokens.find([address], [], KEYS).token == token


def test_a_colleague_answers_by_mail_only_when_proven():
    proven = {"From": "agent@us.example", "Authentication_Results": PASS.format("us.example")}
    decision = placed(mail(To=to(member=3), **proven))
    assert (decision.place, decision.member) == ("thread", 3)
    for headers in (
        {"From": "agent@us.example"},
        {**proven, "From": "agent@us.example <eve@x.example>"},
        {**proven, "From": ADA},
    ):
        decision = placed(mail(To=to(member=3), **headers))
        assert (decision.place, decision.reason) == ("quarantine", "not_proven_to_be_the_colleague")


def test_done_and_merged_conversations():
    assert placed(answer(), Desk(closed=3)).place == "thread"
    late = placed(answer(), Desk(closed=30))
    assert (late.place, late.follows) == ("new", 7)
    assert placed(answer(), Desk(head=9)).conversation == 9


def test_another_copy_is_a_repeat_and_a_reused_id_is_not():
    parsed = parse(mail())
    assert placed(mail(), Desk(stored=[(5, parsed.fingerprint)])).message == 5
    assert placed(mail("Your second parcel"), Desk(stored=[(5, parsed.fingerprint)])).place == "new"


def test_a_blocked_sender_waits_and_a_new_subject_is_noted():
    assert placed(mail(), Desk(blocked={ADA})).reason == "blocked"
    assert placed(answer(Subject="And another thing")).evidence[0][0] == "subject_changed"
    assert not placed(answer(Subject="AW: Re: My order")).evidence


@pytest.mark.parametrize(
    ("lines", "verdict"),
    [
        (["mx.us.example; dmarc=pass header.from=customer.example"], "pass"),
        (["MX.us.example 1; spf=pass smtp.mailfrom=x; dmarc=pass (p=reject) header.from=customer.example"], "pass"),
        (["mx.us.example; dmarc=fail header.from=customer.example"], "fail"),
        (["mx.us.example; dmarc=fail header.from=customer.example; dkim=pass header.d=customer.example"], "fail"),
        (["mx.us.example; dmarc=none; dkim=pass header.d=customer.example"], "pass"),
        (["mx.us.example; dmarc=none; dkim=pass header.d=evil.example"], "none"),
        (["mx.us.example; dmarc=pass header.from=evil.example"], "fail"),
        (["evil.example; dmarc=pass header.from=customer.example"], "none"),
        (["mx.us.example; none"], "none"),
        ([], "none"),
        (
            [
                "mx.us.example; dmarc=fail header.from=customer.example",
                "mx.us.example; dmarc=pass header.from=customer.example",
            ],
            "fail",
        ),
        (['mx.us.example; spf=fail reason="; dmarc=pass header.from=customer.example"'], "none"),
        (["mx.us.example; spf=fail (; dmarc=pass header.from=customer.example)"], "none"),
        (["mx.us.example (evil.example; dmarc=pass); dmarc=temperror"], "none"),
    ],
)
def test_only_the_topmost_word_of_our_own_server_counts(lines, verdict):
    raw = b"".join(f"Authentication-Results: {line}\r\n".encode() for line in lines) + mail()
    proof = check(parse(raw), {"mx.us.example"})
    assert proof.verdict == verdict
    assert proof.may_show_journey == (verdict != "fail") and proof.may_send_journey == (verdict == "pass")


def test_a_from_in_doubt_is_no_proof_whatever_the_server_says():
    raw = mail(From="a@customer.example <eve@x.example>", Authentication_Results=PASS.format("x.example"))
    assert check(parse(raw), {"mx.us.example"}).verdict == "fail"


def test_results_are_read_with_their_properties():
    assert read("mx; dkim=pass header.d=a.example; spf=softfail smtp.mailfrom=b")[0].properties == {
        "header.d": "a.example"
    }
