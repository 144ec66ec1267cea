"""One customer's contacts: each linked to a need and given its cause, from what was known when it happened.

Pure. A person's word (`$contact_judged`, see `judging`) is among the moments and has the last say.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from beforehand.journey.contacts import causes
from beforehand.journey.contacts.linking import last_trouble, link, topic_of
from beforehand.journey.contacts.reading import Reader, Reading
from beforehand.journey.contacts.situation import Before, features
from beforehand.journey.needs.definition import Definition
from beforehand.journey.needs.shapes import DAY, UNKNOWN, ContactTrace, Moment, NeedTrace
from beforehand.journey.promises.tracing import PromiseTrace, Rule, Rules, need_in, promises_of

JUDGED = "$contact_judged"
REPEAT_DAYS = 7
MOST_WORDS = 4


class Understanding:
    """What linking and explaining need to know, compiled once: the kinds' definitions, the rules of promises."""

    def __init__(self, definitions: Mapping[str, Definition], rules: Iterable[Rule] = ()) -> None:
        self.definitions = {kind: one for kind, one in definitions.items() if kind != UNKNOWN}
        self.reader = Reader(self.definitions)
        self.rules = Rules(rules)
        self.names = {kind: one.names() for kind, one in self.definitions.items()}

    def wants(self, name: str) -> bool:
        """Whether a touchpoint that no kind of need asks for is needed here all the same."""
        return name == JUDGED or name in self.rules.making or name in self.rules.keeping


def heard_by(definition: Definition) -> tuple[object, ...]:
    """What of a kind of need decides how contacts are linked and explained."""
    return definition.title, definition.topics, definition.key, definition.owner, definition.names()


def contacts_of(
    moments: Sequence[Moment],
    needs: Sequence[NeedTrace],
    understanding: Understanding,
    repeat_days: float = REPEAT_DAYS,
    before: Sequence[Moment] = (),
) -> tuple[list[ContactTrace], list[NeedTrace]]:
    """The contacts of one customer in order, and the unknown needs that some of them opened.

    `moments` by (time, id), bookkeeping `$contact_judged` included; `needs` by the time they opened. A contact's `need`
    counts through `needs` and on through the unknown ones. `before`: what was promised before these moments.
    """
    tracing = _Tracing(moments, needs, understanding, int(repeat_days * DAY), before)
    for place, moment in enumerate(moments):
        if moment.kind == "contact" and moment.actor != "company":
            tracing.meet(place, moment)
    return tracing.contacts, tracing.needs[len(needs) :]


class _Tracing:
    """The contacts so far, and what was between them."""

    def __init__(
        self,
        moments: Sequence[Moment],
        needs: Sequence[NeedTrace],
        understanding: Understanding,
        repeat: int,
        before: Sequence[Moment],
    ) -> None:
        self.moments = moments
        self.needs = list(needs)
        self.understanding = understanding
        self.repeat = repeat
        self.contacts: list[ContactTrace] = []
        self.last: dict[int, tuple[int, ContactTrace]] = {}
        self.unknown: dict[int, tuple[int, str]] = {}
        self.words = judgements(moments)
        making = understanding.rules.making
        told = [*before, *moments] if before else moments
        made = any(moment.name in making for moment in told)
        self.promises = promises_of(told, understanding.rules) if made else []

    def meet(self, place: int, moment: Moment) -> None:
        understanding = self.understanding
        reading, keys = understanding.reader.read(moment.properties)
        previous = (self.contacts[-1].need, self.contacts[-1].time) if self.contacts else None
        found = link(moment, reading, keys, self.needs, understanding.definitions, self.unknown, previous)
        word = self.words.get(moment.id)
        need, by = self._place(found.need, word), found.by
        topic = topic_of(reading)
        if need is None:
            need = self._open(moment)
        if self.needs[need].kind == UNKNOWN:
            self.unknown[need] = (moment.time, topic or self.unknown.get(need, (0, ""))[1])
        before = self._before(place, moment, need)
        about = self.needs[need]
        verdict = causes.judge(features(reading, about, moment.time, before, topic))
        contact = ContactTrace(
            moment.id, moment.time, moment.name, moment.channel, need, by, verdict.cause, verdict.probability
        )
        contact.repeat_of = before.earlier
        if word is not None:
            _overrule(contact, word, found.need)
        self._explain(contact, about, reading, before, verdict.reasons)
        self.contacts.append(contact)
        self.last[need] = (place, contact)

    def _place(self, found: int | None, word: Mapping[str, Any] | None) -> int | None:
        named = need_in(word.get("need")) if word is not None else None
        if named is None:
            return found
        return next((n for n, one in enumerate(self.needs) if (one.kind, one.opened_by) == named), found)

    def _open(self, moment: Moment) -> int:
        self.needs.append(NeedTrace(UNKNOWN, 0, "", moment.time, moment.id))
        return len(self.needs) - 1

    def _before(self, place: int, moment: Moment, need: int) -> Before:
        late, promised = self._promise(self.needs[need], moment.time)
        last = self.last.get(need)
        if last is None or moment.time - last[1].time > self.repeat:
            return Before(None, False, False, late, promised)
        since, contact = last
        names = self.understanding.names.get(self.needs[need].kind, set())
        between = [one for one in self.moments[since + 1 : place] if one.name[:1] != "$"]
        answered = any(one.kind == "service" for one in between)
        moved = any(one.name in names and one.kind not in {"contact", "service"} for one in between)
        return Before(contact.touchpoint, answered, not moved, late, promised)

    def _promise(self, need: NeedTrace, time: int) -> tuple[int | None, bool]:
        """The touchpoint of the latest promise about a need that is due and not kept; whether one is open."""
        open_ = [
            promise
            for promise in self.promises
            if promise.made <= time and promise.state(time) in {"open", "broken"} and concerns(promise, need)
        ]
        late = [promise.made_by for promise in open_ if promise.due <= time]
        return (late[-1] if late else None), bool(open_)

    def _explain(
        self, contact: ContactTrace, need: NeedTrace, reading: Reading, before: Before, reasons: tuple[str, ...]
    ) -> None:
        """Where the contact comes from, who owns that outside service, and what it was judged by."""
        contact.origin_step = need.step_at(contact.time)
        trouble = last_trouble(need, contact.time)
        if contact.cause in {causes.FAILURE, causes.CHASE}:
            if trouble is not None:
                contact.origin, contact.origin_name = trouble.touchpoint, trouble.name
            if before.promise is not None and (trouble is None or contact.cause == causes.CHASE):
                contact.origin = before.promise
                contact.origin_name = next(one.what for one in self.promises if one.made_by == before.promise)
        definition = self.understanding.definitions.get(need.kind)
        contact.owner = definition.owner if definition is not None else ""
        said = [phrase for label, phrase in reading.said if label == contact.cause][:MOST_WORDS]
        contact.evidence["because"] = list(reasons)
        if said:
            contact.evidence["words"] = said
        if contact.linked_by == "topic":
            contact.evidence["topic"] = [p for label, p in reading.said if label == need.kind][:MOST_WORDS]


def judgements(moments: Sequence[Moment]) -> dict[int, dict[str, Any]]:
    """What people said of contacts: contact -> {cause, need, by: touchpoint}; the latest word on each point holds."""
    words: dict[int, dict[str, Any]] = {}
    for moment in moments:
        if moment.name != JUDGED or not isinstance(contact := moment.properties.get("contact"), int):
            continue
        if moment.properties.get("forget"):
            words.pop(contact, None)
        else:
            said = {key: moment.properties[key] for key in ("cause", "need") if moment.properties.get(key)}
            if said:
                words[contact] = {**words.get(contact, {}), **said, "by": moment.id}
    return words


def _overrule(contact: ContactTrace, word: Mapping[str, Any], found: int | None) -> None:
    """A person's word holds; it overrules where it differs from the machine's, which stays as evidence."""
    machine: dict[str, Any] = {"cause": contact.cause, "probability": round(contact.probability, 4)}
    contact.evidence["machine"] = machine
    contact.evidence["judged"] = word["by"]
    moved = contact.need != found
    if word.get("cause") in causes.CAUSES:
        moved = moved or word["cause"] != contact.cause
        contact.cause, contact.probability = word["cause"], 1.0
    if moved:
        contact.overruled_by = word["by"]


def concerns(promise: PromiseTrace, need: NeedTrace) -> bool:
    """Whether a promise is about a need: it says so, or both go by one key, or neither says anything else."""
    if promise.need is not None:
        return promise.need == (need.kind, need.opened_by)
    if promise.key_value and need.key:
        return promise.key_value == need.key
    return not promise.key_value
