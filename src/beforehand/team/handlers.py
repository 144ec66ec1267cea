"""What members do to their own log-in stands in the audit too."""

from typing import Any

from allauth.account.signals import password_changed, password_reset
from allauth.mfa.signals import authenticator_added, authenticator_removed
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver

from beforehand.team.models import AuditEntry, Member


@receiver(user_logged_in)
def logged_in(user: Member, **_: Any) -> None:
    AuditEntry.note("logged in", user.email, user)


@receiver(password_changed)
def changed(user: Member, **_: Any) -> None:
    AuditEntry.note("changed password", user.email, user)


@receiver(password_reset)
def reset(user: Member, **_: Any) -> None:
    AuditEntry.note("reset password", user.email, user)


@receiver(authenticator_added)
def second_step_on(user: Member, authenticator: Any, **_: Any) -> None:
    AuditEntry.note("turned on second step", user.email, user, type=str(authenticator.type))


@receiver(authenticator_removed)
def second_step_off(user: Member, authenticator: Any, **_: Any) -> None:
    AuditEntry.note("turned off second step", user.email, user, type=str(authenticator.type))
