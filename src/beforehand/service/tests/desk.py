"""People and conversations for tests of the desk."""

from beforehand.customers.identity import Claim, identify
from beforehand.customers.models import Identifier
from beforehand.service.models import ClockRow, Conversation


def person(address="ines@example.org"):
    claim = Claim("email", address, True)
    return Identifier.objects.get(pk=identify([claim])[claim])


def asks(text="Order 1234 has not come. Where is it?", address="ines@example.org", subject="Where is it?", **more):
    conversation = Conversation.begin(person(address), "email", subject, **more)
    conversation.receive(text)
    return conversation


def fresh(conversation):
    return Conversation.objects.get(pk=conversation.pk)


def rows(running=True):
    """The rows of all clocks as values that can be compared; without `running`, not how far those are that run."""
    names = [field.attname for field in ClockRow._meta.concrete_fields if field.attname != "id"]
    found = [dict(row) for row in ClockRow.objects.values(*names)]
    for row in found:
        if row["ended"] is None and not running:
            row["elapsed"] = row["working"] = 0
    return sorted(str(row) for row in found)
