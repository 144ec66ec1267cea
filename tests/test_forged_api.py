"""What no careful program sends: nonsense in each parameter and each field of every address of the API."""

import itertools
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.db import transaction

from beforehand.lib.rate import limits
from beforehand.service.models import Attachment, Conversation
from beforehand.team.models import ApiToken
from tests.test_forged import BODIES
from tests.test_nonsense import NONSENSE, whole

__all__ = ["whole"]

NO_NUMBERS = [-1, 0, 2**63 - 1, 2**63, 10**30, 1.5]
NO_TIMES = ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "1969-12-31", "2026-11-22T10:00:00", 1e18, -1e18]
NO_VALUES = [None, True, [], {}, "", "\ud800", float("inf"), float("nan"), *NO_NUMBERS, *NO_TIMES, *NONSENSE.values()]
LISTED = [[value] for value in ["", None, *NONSENSE.values()]] + [["a@b.example"] * 1000]
TRAITS = [{key: 1} for key in ("", "\0", "x" * 10_000)] + [{"a": value} for value in NO_VALUES]
INES = {"kind": "email", "value": "ines@customer.example"}
FIRM = {
    "post /conversations": {"to": ["ines@customer.example"], "subject": "Hello", "text": "Good day"},
    "post /conversations/{pk}/replies": {"text": "It is on its way.", "to": ["ines@customer.example"]},
    "post /conversations/{pk}/notes": {"text": "Look at the depot"},
    "patch /conversations/{pk}": {},
    "post /conversations/{pk}/tags": {"name": "refund"},
    "post /conversations/{pk}/merge": {"into": 1},
    "post /messages": {
        "sender": INES,
        "text": "Where is it?",
        "key": "k",
    },
    "post /customers/identifications": {"identifiers": [INES]},
}


class Operation:
    """An operation of the API's own description, and what may be sent to it."""

    def __init__(self, schema: dict[str, Any], path: str, method: str) -> None:
        self.schema, self.said = schema, schema["paths"][path][method]
        self.path, self.method = path.removeprefix("/api/v1"), method
        self.firm = FIRM.get(f"{method} {self.path}", {})

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def body(self) -> dict[str, Any]:
        """The properties of its JSON body; none where it takes no such body."""
        told = self.said.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
        return self._whole(told).get("properties", {})

    def _whole(self, told: dict[str, Any]) -> dict[str, Any]:
        return self.schema["components"]["schemas"][told["$ref"].rpartition("/")[2]] if "$ref" in told else told

    def bodies(self) -> Iterator[Any]:
        """Each field nonsense while the others hold; what lies within a field as well."""
        for name, told in self.body.items():
            for value in [*NO_VALUES, *LISTED, *(TRAITS if name == "traits" else ())]:
                yield self.firm | {name: value}
            for inner, value in itertools.product(self._whole(told).get("properties", {}), NO_VALUES):
                yield self.firm | {name: {**self.firm.get(name, {}), inner: value}}
            for inner, value in itertools.product(self._whole(told.get("items", {})).get("properties", {}), NO_VALUES):
                yield self.firm | {name: [{**self.firm[name][0], inner: value}]}
        if self.body:
            yield from ([], None, 3, "x", {})

    def addresses(self, there: dict[str, Any]) -> Iterator[str]:
        """Each parameter nonsense while the others hold."""
        yield self.address(there, {})
        for one in self.said.get("parameters", []):
            for value in [*map(str, NO_NUMBERS), *map(str, NO_TIMES), *NONSENSE.values()]:
                if one["in"] == "path":
                    yield self.address(there | {one["name"]: value[:2000]}, {})
                else:
                    yield self.address(there, {one["name"]: value[:2000]})

    def address(self, parts: dict[str, Any], asked: dict[str, str]) -> str:
        path = self.path
        for name, value in parts.items():
            path = path.replace(f"{{{name}}}", quote(str(value), safe=""))
        return f"/api/v1{path}?{urlencode(asked)}"


@pytest.mark.slow
def test_no_address_of_the_api_fails_on_nonsense(whole, client, ada):
    schema = client.get("/api/v1/openapi.json").json()
    token = ApiToken.make(ada, "Program", [str(scope) for scope in ApiToken.Scope])[1]
    shown = {"Authorization": f"Bearer {token}"}
    talk = Conversation.objects.filter(channel="email", head=None).order_by("-pk").first()
    of_files = Attachment.objects.filter(message__isnull=False).first()
    operations = [Operation(schema, path, method) for path, methods in schema["paths"].items() for method in methods]
    assert {str(one) for one in operations if one.body} == set(FIRM)
    statuses, wrong = set(), set()
    for one in operations:
        there = {"pk": talk.pk if "conversations" in one.path else of_files.pk if of_files else 1, "name": "refund"}
        sent = [(address, one.firm) for address in one.addresses(there)]
        sent += [(one.address(there, {}), body) for body in one.bodies()]
        told = [(address, json.dumps(body).encode() if one.body else b"") for address, body in sent]
        for address, data in [*told, *((one.address(there, {}), body) for body in BODIES)]:
            limits.clear()
            with transaction.atomic():
                try:
                    answer = client.generic(one.method.upper(), address, data, "application/json", headers=shown)
                    statuses.add(answer.status_code)
                    if answer.status_code >= 500:
                        wrong.add(f"{one} {address[:200]} {data[:200]!r}: {answer.status_code}")
                except Exception as error:
                    wrong.add(f"{one} {address[:200]} {data[:200]!r}: {error!r:.200}")
                transaction.set_rollback(True)
    assert statuses >= {200, 201, 404, 409, 422}
    assert not wrong, "\n".join(sorted(wrong))
