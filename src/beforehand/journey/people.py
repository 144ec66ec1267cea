"""People as the drain meets them: looks up claims in bulk, remembers what it knows, tells customers what is new."""

from collections.abc import Iterable

from django.db import connection
from django.db.models import Max

from beforehand.customers.identity import Claim, Link, belong, connect, describe, identify
from beforehand.customers.models import Edge, Erasure
from beforehand.journey.ties import EVIDENCE, Tie, Ties
from beforehand.journey.wire.message import Message, Traits
from beforehand.lib.rows import relation

MOST_REMEMBERED = 400_000


class People:
    """Remembers identifiers and links between groups of messages. Erasing somebody makes it forget everything."""

    def __init__(self) -> None:
        self.erasures: int | None = None
        self.forget()

    def forget(self) -> None:
        """Know nothing any more: a transaction was undone, or somebody was erased."""
        self.known: dict[Claim, int] = {}
        self.linked: dict[tuple[int, int, bool], tuple[int, int]] = {}
        self.belonging: dict[tuple[int, str], int] = {}
        self._heard_nothing()

    def _heard_nothing(self) -> None:
        self.links: list[Link] = []
        self.traits: list[tuple[int, int, Traits]] = []
        self.groups: list[tuple[int, str, int, Traits]] = []

    def find(self, claims: Iterable[Claim]) -> dict[Claim, int]:
        """Identifier ids of the claims; those that name nobody are left out."""
        self._keep_up()
        new = [claim for claim in dict.fromkeys(claims) if claim not in self.known]
        if new:
            found = identify(new)
            self.known |= found
            self._tie_twins({id for claim, id in found.items() if claim.kind != "anonymous_id"})
        return self.known

    def _keep_up(self) -> None:
        erasures = Erasure.objects.aggregate(last=Max("pk"))["last"]
        if erasures != self.erasures or len(self.known) + len(self.linked) + len(self.belonging) > MOST_REMEMBERED:
            self.forget()
            self.erasures = erasures

    def _tie_twins(self, identifiers: set[int]) -> None:
        """What a browser claims to be and the proved one of the same name may be one person: for a member to say."""
        if not identifiers:
            return
        given, rows = relation({"id": "bigint"}, [(id,) for id in identifiers])
        with connection.cursor() as cursor:
            cursor.execute(
                "select one.id, other.id from " + given + " as given"
                " join customers_identifier as one on one.id = given.id"
                " join customers_identifier as other on other.kind = one.kind and other.value = one.value"
                " and other.proved <> one.proved",
                [rows],
            )
            twins = cursor.fetchall()
        self.links += [
            Link(a, b, False, Edge.Strength.CLAIMED, 0, "the same name, claimed and proved") for a, b in twins
        ]

    def hear(self, message: Message, hang: int, ties: Ties, verified: bool) -> None:
        """Note what a message says of people; `tell` passes it on."""
        for tie in ties.ties:
            self._hear_tie(tie, message)
        if message.traits:
            self.traits.append((hang, message.time, message.traits))
        if message.group:
            self._hear_group(message, hang, verified)

    def _hear_tie(self, tie: Tie, message: Message) -> None:
        first, second = self.known.get(tie.first), self.known.get(tie.second)
        if first is None or second is None:
            return
        pair = (min(first, second), max(first, second), tie.verified)
        before = self.linked.get(pair)
        if before is None or (-tie.strength, message.time) < before:
            self.linked[pair] = (-tie.strength, message.time)
            evidence = EVIDENCE.get(message.name.lstrip("$"), message.name)
            self.links.append(Link(*pair, tie.strength, message.time, evidence))

    def _hear_group(self, message: Message, hang: int, verified: bool) -> None:
        """A visitor may say where they belong, but not what that company is called."""
        traits = message.group_traits if verified else {}
        before = self.belonging.get((hang, message.group))
        if traits or before is None or message.time < before:
            self.belonging[hang, message.group] = min(message.time, before or message.time)
            self.groups.append((hang, message.group, message.time, traits))

    def tell(self) -> None:
        """Pass on what was heard, in bulk."""
        links, traits, groups = self.links, self.traits, self.groups
        self._heard_nothing()
        if traits:
            describe(traits)
        if groups:
            belong(groups)
        if links:
            connect(links)
