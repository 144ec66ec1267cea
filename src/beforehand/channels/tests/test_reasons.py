"""Codes stay with machines: a person reads words, whatever a mail has wrong."""

import pytest

from beforehand.channels import reasons
from beforehand.channels.email.authenticating import check
from beforehand.channels.email.parsing import parse
from beforehand.channels.email.tests.cases import CASES
from beforehand.channels.email.tests.cases_of_bodies import BODIES


@pytest.mark.parametrize("case", [*CASES, *BODIES], ids=lambda case: case.number)
def test_what_is_odd_about_a_sender_and_its_proof_have_words(case):
    mail = parse(case.made())
    assert set(mail.senders.defects) <= set(reasons.DEFECTS)
    for servers in ([], ["mx.us.example"]):
        assert check(mail, servers).reason in reasons.PROOFS


def test_an_unknown_code_stands_for_itself_and_no_word_comes_twice():
    assert reasons.proof_of("new_code") == "new_code"
    assert reasons.defects_of(["address_in_name", "name_is_another_address"]) == ["another address as its name"]
