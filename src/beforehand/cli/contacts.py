"""`beforehand contacts`: why customers had to come to us; overrule it, audit it, set what it costs."""

from datetime import datetime
from decimal import Decimal, InvalidOperation
from math import isnan
from typing import TYPE_CHECKING

import click

from beforehand.cli.ready import ready

if TYPE_CHECKING:
    from beforehand.journey.contacts.audit import Agreement
    from beforehand.journey.models import Contact
    from beforehand.lib.statistics import Interval
    from beforehand.team.models import Member

CAUSES = click.Choice(["value", "information", "failure", "chase", "rights"])
DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def contacts() -> None:
    """Contacts: the need that each is about, and its cause."""


@contacts.command()
@click.argument("number", type=int)
def show(number: int) -> None:
    """Show the contact of this NUMBER: its need, its cause, and why they are thought to be these."""
    ready()
    from beforehand.journey.contacts.telling import because
    from beforehand.journey.models import Need

    contact = _contact(number)
    need = Need.objects.filter(pk=contact.need).first()
    click.echo(f"{contact.time:%Y-%m-%d %H:%M}  {contact.name}  ({contact.channel or '–'})")
    click.echo(f"need:   {need or 'unknown'}")
    click.echo(f"cause:  {contact.cause}, {100 * contact.probability:.0f} % sure")
    if contact.repeat_of:
        click.echo(f"repeat: of contact {contact.repeat_of}")
    for reason in because(contact):
        click.echo(f"  - {reason}")


@contacts.command()
@click.argument("number", type=int)
@click.option("--cause", type=CAUSES, help="What the cause is.")
@click.option("--need", "need_id", type=int, help="The number of the need that it is about.")
@click.option("--why", default="", help="A sentence for whoever looks later.")
@click.option("--by", "email", help="The member whose word it is, by e-mail.")
@click.option("--forget", is_flag=True, help="Take back what people said: the machine's word holds again.")
def overrule(number: int, cause: str | None, need_id: int | None, why: str, email: str | None, forget: bool) -> None:
    """Overrule the cause of the contact of this NUMBER, or the need that it is linked to."""
    ready()
    from django.core.exceptions import ValidationError

    from beforehand.journey.contacts import judging
    from beforehand.journey.models import Need

    contact = _contact(number)
    need = Need.objects.filter(pk=need_id).first() if need_id is not None else None
    if need_id is not None and need is None:
        raise click.ClickException(f"There is no need {need_id}.")
    try:
        if forget:
            now = judging.forget(contact, _member(email), why)
        else:
            now = judging.judge(contact, _member(email), cause=cause or "", need=need, why=why)
    except ValidationError as error:
        raise click.ClickException(" ".join(error.messages)) from None
    click.echo(f"Contact {number}: {now.cause}, {100 * now.probability:.0f} % sure.")


@contacts.group()
def audit() -> None:
    """A random sample of contacts for people to judge, and how far they agree with the machine."""


@audit.command()
@click.option("--from", "first", type=DAY, required=True, help="The first day.")
@click.option("--to", "last", type=DAY, required=True, help="The last day.")
@click.option("--size", type=click.IntRange(1, 10_000), default=100, show_default=True, help="How many to draw.")
@click.option("--by", "email", help="The member who draws, by e-mail.")
def draw(first: datetime, last: datetime, size: int, email: str | None) -> None:
    """Draw a sample and list it: the number of the contact, and what was written."""
    ready()
    from datetime import timedelta

    from django.core.exceptions import ValidationError

    from beforehand.journey.contacts import audit as audits
    from beforehand.journey.contacts.reading import text_of
    from beforehand.journey.models import Touchpoint
    from beforehand.team.models import Workspace

    zone = Workspace.own().tzinfo
    start, end = first.replace(tzinfo=zone), last.replace(tzinfo=zone) + timedelta(days=1)
    try:
        made = audits.draw(start, end, size, by=_member(email))
    except ValidationError as error:
        raise click.ClickException(" ".join(error.messages)) from None
    for item in made.items.order_by("?"):
        said = Touchpoint.objects.filter(pk=item.contact).first()
        text = " ".join(text_of(said.properties).split()) if said else ""
        click.echo(f"{item.contact:>10}  {text[:160] or '(no text)'}")
    click.echo(f"\nSample {made.pk}. Judge each: beforehand contacts audit judge {made.pk} CONTACT CAUSE --by E-MAIL")


@audit.command()
@click.argument("sample", type=int)
@click.argument("number", type=int)
@click.argument("cause", type=CAUSES)
@click.option("--by", "email", required=True, help="The member whose word it is, by e-mail.")
@click.option("--need-right/--need-wrong", default=None, help="Whether it is linked to the right need.")
def judge(sample: int, number: int, cause: str, email: str, need_right: bool | None) -> None:
    """Say the CAUSE of the contact of this NUMBER in a SAMPLE."""
    ready()
    from beforehand.journey.contacts import audit as audits
    from beforehand.journey.models import AuditItem

    item = AuditItem.objects.filter(draw=sample, contact=number).first()
    by = _member(email)
    if item is None or by is None:
        raise click.ClickException(f"Contact {number} is not in sample {sample}.")
    audits.verdict(item, by, cause, need_right)
    click.echo(f"Contact {number}: {cause}.")


@audit.command()
@click.argument("samples", type=int, nargs=-1)
def agreement(samples: tuple[int, ...]) -> None:
    """How far people agree with the machine, over these SAMPLES or all of them."""
    ready()
    from beforehand.journey.contacts import audit as audits
    from beforehand.journey.models import AuditDraw

    drawn = AuditDraw.objects.filter(pk__in=samples) if samples else AuditDraw.objects.all()
    _tell(audits.agreement(list(drawn)))


@contacts.command()
@click.argument("channel", required=False)
@click.argument("amount", required=False)
@click.option("--by", "email", help="The member who sets it, by e-mail.")
def cost(channel: str | None, amount: str | None, email: str | None) -> None:
    """List what a contact costs by CHANNEL, or set it to AMOUNT. “others” stands for all that are not listed."""
    ready()
    from django.core.exceptions import ValidationError

    from beforehand.journey.contacts import costs
    from beforehand.lib.format import money
    from beforehand.team.models import Workspace

    if channel is not None and amount is not None:
        try:
            costs.change("" if channel == "others" else channel, Decimal(amount), by=_member(email))
        except InvalidOperation:
            raise click.ClickException(f"“{amount}” is no amount. Write one like 4.50.") from None
        except ValidationError as error:
            raise click.ClickException(" ".join(error.messages)) from None
    currency = Workspace.own().currency
    for name, value in costs.costs().items():
        if channel is None or (name or "others") == channel:
            click.echo(f"{name or 'others':<10} {money(value, currency):>12}")


def _tell(found: "Agreement") -> None:
    click.echo(f"{found.judged} of {found.drawn} judged.")
    if not found.judged:
        return
    kappa = "" if found.kappa is None else f", kappa {found.kappa:.2f}"
    click.echo(f"cause agreed: {_share(found.share)}{kappa}")
    click.echo(f"need right:   {_share(found.needs)}")
    for cause, (n, share) in found.causes.items():
        if n:
            click.echo(f"  {cause:<12} {n:>5}  {_share(share)}")
    for band in found.bands:
        click.echo(f"  said {100 * band.said:>3.0f} % {band.n:>5}  {_share(band.right)}")


def _share(share: "Interval") -> str:
    if isnan(share.value):
        return "–"
    return f"{100 * share.value:.0f} % [{100 * share.low:.0f}–{100 * share.high:.0f}]"


def _contact(number: int) -> "Contact":
    from beforehand.journey.models import Contact

    contact = Contact.objects.filter(pk=number).first()
    if contact is None:
        raise click.ClickException(f"There is no contact {number}.")
    return contact


def _member(email: str | None) -> "Member | None":
    from beforehand.team.models import Member

    if email is None:
        return None
    member = Member.objects.filter(email__iexact=email).first()
    if member is None:
        raise click.ClickException(f"There is no member {email}. See: beforehand members list")
    return member
