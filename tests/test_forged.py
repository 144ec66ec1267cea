"""What no form of ours sends: nonsense to every address that takes something, by name and as a bare body."""

import inspect
import re
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.apps import apps
from django.db import transaction
from django.urls import URLPattern, get_resolver, reverse

from beforehand.channels.models import ChatWidget
from beforehand.lib.rate import limits
from beforehand.service import own_page
from beforehand.service.models import Conversation, Message
from tests.test_nonsense import NONSENSE, whole

__all__ = ["whole"]

FORM = "application/x-www-form-urlencoded"
LEAST = {"get": 80, "post": 80, "put": 3}
BODIES = (
    *(b"[", b"null", b"[]", b"1", b'"x"', b"\xff\xfe", b"[" * 100_000, b'{"x":1e999}', b'{"ids":[[]],"do":{}}'),
    b'{"ids":[1e999],"do":"done"}',
    rb'{"endpoint":"\u0000\ud800","text":"\u0000\ud800","name":"\ud800","email":"\u0000"}',
)
READ = re.compile(r'(?:GET\[|POST\[|get\(|getlist\(|facts, |POST, )"(\w+)"')
ENDS_THE_SESSION = {"team:departure", "team:profile"}
OF = {
    "customers/edges": "customers.edge",
    "customers": "customers.customer",
    "promises": "journey.promise",
    "breaks": "insight.break",
    "settings/members": "team.member",
    "settings/mailboxes": "channels.mailbox",
    "settings/chat": "channels.chatwidget",
}


def addresses(found: Any = None, space: str = "", before: str = "") -> Iterator[tuple[str, str, type, dict[str, Any]]]:
    """Name, path, view and parts (with what converts them) of each address that is ours."""
    for one in (found or get_resolver()).url_patterns:
        path = before + str(one.pattern).lstrip("^")
        if not isinstance(one, URLPattern):
            yield from addresses(one, f"{space}{one.namespace}:" if one.namespace else space, path)
        elif (view := getattr(one.callback, "view_class", None)) and view.__module__.startswith("beforehand"):
            yield f"{space}{one.name}", path, view, dict.fromkeys(one.pattern.regex.groupindex) | one.pattern.converters


def things_in(path: str, parts: dict[str, Any], conversation: Conversation) -> dict[str, Any]:
    """What the address names: something that is there, where there is one."""
    named = {"key": ChatWidget.objects.get().key, "token": own_page.address(conversation).rpartition("/")[2]}
    named["kind"] = "inbound"
    named["message"] = Message.objects.filter(conversation=conversation).first().pk
    model = next((apps.get_model(label) for prefix, label in OF.items() if path.startswith(prefix)), None)
    there = model and model.objects.order_by("-pk").first()
    named["pk"] = conversation.pk if path.startswith("conversations") else there.pk if there else 1
    is_number = {name: type(converter).__name__ in {"IntConverter", "Key"} for name, converter in parts.items()}
    return {name: named.get(name, 1 if is_number[name] else "x") for name in parts}


def sent_to(view: type, method: str) -> Iterator[tuple[str, bytes, str]]:
    """What is sent, in short and whole, and as what: nonsense under the names that the view's module reads, at once and
    one by one, and bodies that are no form."""
    is_read = method == "get"
    module = sys.modules[view.__module__]
    read = set(READ.findall(inspect.getsource(module)))
    fields = {name for one in vars(module).values() for name in getattr(one, "base_fields", ())}
    for kind in ("nothing", "no address") if is_read else NONSENSE:
        yield kind, urlencode(dict.fromkeys(sorted(read | fields), NONSENSE[kind][:2000])).encode(), FORM
    for name in sorted(read) if method in {"get", "post"} else ():
        yield f"{name} alone", urlencode({name: NONSENSE["nothing"]}).encode(), FORM
    for body in () if is_read else BODIES:
        yield f"{body[:20]!r}", body, "application/json"


@pytest.mark.slow
@pytest.mark.parametrize("methods", [("get",), ("post",), ("put", "patch", "delete")], ids=" ".join)
def test_no_address_fails_on_what_no_form_sends(methods, whole, client, ada):
    client.force_login(ada)
    conversation = Conversation.objects.filter(channel="email").first()
    wrong, count = set(), 0
    for name, path, view, parts in addresses():
        address = reverse(name, kwargs=things_in(path, parts, conversation))
        for method in (one for one in methods if hasattr(view, one)):
            count += 1
            for what, body, kind in sent_to(view, method):
                limits.clear()
                try:
                    with transaction.atomic():
                        asked = {"QUERY_STRING": body.decode()} if method == "get" else {}
                        answer = client.generic(method.upper(), address, body, kind, **asked)
                        answer.close()
                        transaction.set_rollback(True)
                    if answer.status_code >= 500:
                        wrong.add(f"{method} {address}, {what}: {answer.status_code}")
                except Exception as error:
                    wrong.add(f"{method} {address}, {what}: {error!r:.200}")
                if name in ENDS_THE_SESSION:
                    client.force_login(ada)
    assert count > LEAST[methods[0]], count
    assert not wrong, "\n".join(sorted(wrong))
