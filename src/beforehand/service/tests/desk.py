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


def rows():
    """The rows of all clocks as values that can be compared."""
    names = [field.attname for field in ClockRow._meta.concrete_fields if field.attname != "id"]
    return sorted(str(dict(row)) for row in ClockRow.objects.values(*names))
