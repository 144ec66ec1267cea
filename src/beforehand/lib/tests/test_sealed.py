"""What is sealed opens only here, for its own purpose, and with the keys of before."""

import pytest

from beforehand.lib import sealed
from beforehand.lib.trouble import Trouble


def test_it_opens_to_what_it_was_and_shows_nothing():
    text = sealed.seal({"password": "tulips & pliers ü"}, "mailbox")
    assert "tulips" not in text
    assert sealed.unseal(text, "mailbox") == {"password": "tulips & pliers ü"}


def test_a_key_that_was_replaced_still_opens_and_a_forgotten_one_says_what_to_do(settings):
    text = sealed.seal("x", "mailbox")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another one", [settings.SECRET_KEY]
    assert sealed.unseal(text, "mailbox") == "x"
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(Trouble, match="Enter it again"):
        sealed.unseal(text, "mailbox")


@pytest.mark.parametrize("change", [lambda text: text[:-4] + "AAAA", lambda text: "", lambda text: "not sealed"])
def test_what_was_changed_or_is_of_another_purpose_does_not_open(change):
    text = sealed.seal("x", "mailbox")
    for bad, purpose in ((change(text), "mailbox"), (text, "chat")):
        with pytest.raises(Trouble):
            sealed.unseal(bad, purpose)
