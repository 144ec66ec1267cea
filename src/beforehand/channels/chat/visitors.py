"""Visitors: a browser gets a token when its first message leaves, and is known by it from then on."""

import secrets
import time
from datetime import timedelta
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from beforehand.channels.chat.identity import vouches
from beforehand.channels.models import ChatWidget, Visitor
from beforehand.channels.models.chat import digest_of
from beforehand.customers.identity import Claim, Link, connect, describe, identify
from beforehand.customers.models import Edge
from beforehand.lib.prepared import Prepared
from beforehand.lib.text import storable

_of_token = Prepared(
    lambda digest, key: Visitor.objects.filter(token=digest, widget__key=key, widget__on=True).select_related(
        "widget__team__hours", "widget__hours", "identifier__customer"
    ),
    str,
    str,
)
SEEN_EVERY = timedelta(minutes=1)
LONGEST_ANSWER = 300


class Introduction(NamedTuple):
    """What a page says of its visitor. Only a user id with a fitting signature is believed; all else is a claim."""

    language: str = ""
    answers: dict[str, str] = {}
    user: str = ""
    until: str = ""
    signature: str = ""
    tracker: str = ""


class NotVouched(Exception):
    """A signature that does not fit: the page is set up wrongly, or somebody forges."""


def meet(widget: ChatWidget, said: Introduction) -> tuple[Visitor, str]:
    """A new visitor and their token, which is kept nowhere here. Raises `NotVouched`.

    Every browser has an identifier of its own that nobody can claim. What it claims beside that (an address, the
    tracker's id) is tied to it unverified; a signed user id is verified, and the visitor is that user.
    """
    if said.user and not vouches(widget, said.user, said.signature, said.until):
        raise NotVouched
    token, now = secrets.token_urlsafe(32), time.time_ns() // 1000
    own = Claim("anonymous_id", f"chat-{secrets.token_hex(16)}", False)
    user = Claim("user_id", said.user, True)
    email = Claim("email", said.answers.get("email", ""), False)
    tracker = Claim("anonymous_id", said.tracker, False)
    with transaction.atomic():
        known = identify([own, *([user] if said.user else []), email, tracker])
        links = [
            Link(known[own], known[user], True, Edge.Strength.SIGNED, now, "signed by the page in chat"),
        ] if user in known else []  # fmt: skip
        links += [
            Link(known[own], known[claim], False, Edge.Strength.CLAIMED, now, "said in chat")
            for claim in (email, tracker)
            if claim in known
        ]
        traits = {name: said.answers[name] for name in ("name", "email") if said.answers.get(name)}
        if traits and user not in known:
            describe([(known[own], now, traits)])
        connect(links)
        visitor = Visitor.objects.create(
            widget=widget,
            token=digest_of(token),
            identifier_id=known.get(user, known[own]),
            language=said.language,
            asked=said.answers,
            first_seen=now,
            last_seen=now,
        )
    return Visitor.objects.select_related("widget", "identifier").get(pk=visitor.pk), token


def known_by(key: str, token: str) -> Visitor | None:
    """The visitor of a token, at the widget of this key as long as it is on."""
    visitor = _of_token.first(digest_of(token), key)
    if visitor is not None:
        _seen(visitor)
    return visitor


def _seen(visitor: Visitor) -> None:
    """Kept to the minute: it is asked for with every request."""
    if timezone.now() - visitor.last_seen > SEEN_EVERY:
        Visitor.objects.filter(pk=visitor.pk).update(last_seen=time.time_ns() // 1000)


def answers_in(widget: ChatWidget, given: object) -> tuple[dict[str, str], list[str]]:
    """The answers to what the widget asks first, and the names of those that are missing or wrong."""
    said = given if isinstance(given, dict) else {}
    answers: dict[str, str] = {}
    wrong: list[str] = []
    for field in widget.fields:
        name, value = field["name"], said.get(field["name"], "")
        text = " ".join(storable(value).split())[:LONGEST_ANSWER] if isinstance(value, str) else ""
        if text and not _fits(field, text):
            wrong.append(name)
        elif text:
            answers[name] = text
        elif field.get("required"):
            wrong.append(name)
    return answers, wrong


def _fits(field: dict[str, object], text: str) -> bool:
    if field.get("kind") == "email":
        mailbox, _, host = text.partition("@")
        return bool(mailbox) and "." in host and " " not in text and "@" not in host
    choices = field.get("choices") or []
    return not choices or (isinstance(choices, list) and text in choices)
