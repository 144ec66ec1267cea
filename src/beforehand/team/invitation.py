"""Links that let somebody in once: to an invitation, or to choose a new password where no mail is set up.

A link is signed, ends after DAYS, and names the password that it replaces, so that it is used up by being used. It
falls with the account, too.
"""

from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.core.mail import send_mail
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from beforehand.team.models import Member, Workspace

DAYS = 7
SALT = "beforehand.team.invitation"


class UsedUp(Exception):
    """The link is too old, was used, or was never ours."""


def token_for(member: Member) -> str:
    return signing.dumps([member.pk, _print_of(member)], salt=SALT)


def member_of(token: str) -> Member:
    """Whom the link lets in."""
    try:
        pk, fingerprint = signing.loads(token, salt=SALT, max_age=timedelta(days=DAYS))
        member = Member.objects.get(pk=pk, is_active=True)
    except (signing.BadSignature, Member.DoesNotExist, ValueError, TypeError):
        raise UsedUp from None
    if not constant_time_compare(fingerprint, _print_of(member)):
        raise UsedUp
    return member


def path_for(member: Member) -> str:
    return reverse("team:welcome", args=[token_for(member)])


def origin() -> str:
    """Where this installation is found, as far as the settings say."""
    return settings.CSRF_TRUSTED_ORIGINS[0] if settings.CSRF_TRUSTED_ORIGINS else f"http://{settings.BIND}"


def mail_is_set_up() -> bool:
    return bool(settings.EMAIL_HOST)


def send(member: Member, link: str) -> None:
    """Mail the link. Raises OSError when the mail server does not take it."""
    company = Workspace.own().name
    subject = _("%(company)s invites you to Beforehand") if member.is_invited else _("A new password for Beforehand")
    text = _(
        "Hello %(name)s,\n\nthis link lets you choose a password. It works once, for %(days)d days:\n\n"
        "%(link)s\n\n%(company)s"
    )
    facts = {"company": company, "name": member.name, "link": link, "days": DAYS}
    send_mail(subject % facts, text % facts, None, [member.email])


def _print_of(member: Member) -> str:
    """Changes with the password, the address and the last log-in; says nothing about them."""
    seen = member.last_login.isoformat() if member.last_login else ""
    return salted_hmac(SALT, f"{member.pk}{member.password}{member.email}{seen}", algorithm="sha256").hexdigest()[:32]
