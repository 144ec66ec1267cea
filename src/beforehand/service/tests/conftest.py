import pytest

from beforehand.channels.models import Mailbox


@pytest.fixture
def mailbox(db):
    return Mailbox.objects.create(address="help@shop.example", state=Mailbox.State.LIVE)
