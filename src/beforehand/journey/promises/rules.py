"""The rules that say which touchpoints are promises: ready-made ones, and those of the company, in versions."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from beforehand.journey.models import PromiseRule
from beforehand.journey.promises.tracing import VERBS, Rule, evidence_in
from beforehand.lib.bus import emit
from beforehand.lib.fields import to_micros
from beforehand.team.models import AuditEntry, Member

LONGEST = 10 * 365 * 86_400


def in_force() -> list[Rule]:
    """Every version of every rule: the company's own, and the ready-made ones of names for which it has none."""
    stored = list(PromiseRule.objects.all())
    own = {rule.name for rule in stored}
    ready = [rule for rule in ready_made_rules() if rule.name not in own]
    return ready + [_rule(**{fact: getattr(rule, fact) for fact in Rule._fields}) for rule in stored]


def ready_made_rules() -> list[Rule]:
    """Those that come with the house."""
    return [_rule(**facts) for facts in ready_made()]


@cache
def ready_made() -> list[dict[str, Any]]:
    facts: list[dict[str, Any]] = json.loads((Path(__file__).parent / "ready_made.json").read_text(encoding="utf-8"))
    return facts


def change(
    name: str,
    what: str,
    kept_by: list[Any],
    since: int,
    by: Member | None = None,
    key: str = "",
    due: str = "due",
    within: float = 7 * 86_400,
    off: bool = False,
) -> PromiseRule:
    """A new version of the rule of a touchpoint's name, from `since` (microseconds) on. Says what is wrong with it."""
    _check(name, kept_by, within, off)
    with transaction.atomic():
        last = PromiseRule.objects.filter(name=name).order_by("-version").first()
        if last is not None and to_int(last.since) > since:
            raise ValidationError(_("A rule of “%(name)s” holds from later on.") % {"name": name})
        rule = PromiseRule.objects.create(
            name=name,
            version=last.version + 1 if last else 1,
            what=what,
            kept_by=kept_by,
            key=key,
            due=due,
            within=within,
            since=since if last else 0,
            off=off,
            member=by,
        )
        emit("promises.rules")
        AuditEntry.note("changed", str(_("promise rule %(name)s") % {"name": name}), by, version=rule.version)
    return rule


def to_int(moment: Any) -> int:
    """Microseconds of what a `MomentField` gives: a number before it was saved, a datetime after."""
    return moment if isinstance(moment, int) else to_micros(moment)


def _check(name: str, kept_by: list[Any], within: float, off: bool) -> None:
    evidence = list(evidence_in(kept_by))
    if not name or name.startswith("$") or name in VERBS:
        raise ValidationError(_("Name the touchpoint that is a promise, such as “Refund Promised”."))
    if not off and not evidence:
        raise ValidationError(_("Say by which touchpoint the promise is kept, such as “Refund Issued”."))
    if any(one.name == name and not one.where for one in evidence):
        raise ValidationError(_("“%(name)s” cannot keep the promise that it makes.") % {"name": name})
    if not 0 < within <= LONGEST:
        raise ValidationError(_("Say within how long the promise is due: more than no time, at most ten years."))


def _rule(
    name: str,
    what: str,
    kept_by: list[Any],
    key: str = "",
    due: str = "due",
    within: float = 7 * 86_400,
    since: Any = 0,
    off: bool = False,
) -> Rule:
    return Rule(name, what, tuple(evidence_in(kept_by)), key, due, within, to_int(since), off)
