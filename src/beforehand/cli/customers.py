"""`beforehand customers`: find people, say who is who, hand over or forget what is known of them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from beforehand.cli.ready import ready

if TYPE_CHECKING:
    from beforehand.customers.models import Customer, Edge


@click.group()
def customers() -> None:
    """Customers: who is who, export and erasure. CUSTOMER is a number or an identifier such as an e-mail address."""


@customers.command()
@click.argument("words")
def find(words: str) -> None:
    """Find customers whose name or identifier begins with WORDS."""
    ready()
    from beforehand.customers.finding import find

    found = find(words)
    if not found:
        click.echo(f"Nobody’s name or identifier begins with “{words}”.")
    for customer in found:
        click.echo(f"{customer.pk:>8}  {customer}")


@customers.command()
@click.argument("customer")
def show(customer: str) -> None:
    """Show a customer: identifiers, the evidence that joins them, companies."""
    ready()
    from django.db.models import Q

    from beforehand.customers.models import Edge, Membership

    person = _one(customer)
    click.echo(f"{person.pk}  {person}")
    for identifier in person.identifiers.order_by("id"):
        standing = "proved" if identifier.proved else "claimed"
        click.echo(f"  {identifier.kind:<13} {identifier.value}  ({standing})")
    ids = person.identifiers.values("pk")
    edges = Edge.objects.filter(Q(first__in=ids) | Q(second__in=ids), revocation=None)
    for edge in edges.select_related("first", "second").order_by("evidence_time"):
        click.echo(f"  {_told(edge)}")
    for membership in Membership.objects.filter(identifier__in=ids).select_related("company"):
        click.echo(f"  of {membership.company} since {membership.since:%Y-%m-%d}")


@customers.command()
@click.argument("one")
@click.argument("other")
def merge(one: str, other: str) -> None:
    """Make one customer of two. Nothing is moved; `undo` takes it back."""
    ready()
    from beforehand.customers.merging import CannotMerge, merge

    try:
        edge = merge(_one(one), _one(other))
    except CannotMerge as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"They are one customer now: {edge.first.customer_id}. To take it back: customers undo {edge.pk}")


@customers.command()
@click.argument("edge", type=int)
@click.option("--reason", default="", help="Why; kept beside the edge.")
def undo(edge: int, reason: str) -> None:
    """Take back the evidence with this number (`show` lists them): what it joined falls apart again."""
    ready()
    from beforehand.customers.merging import undo

    undo(_edge(edge), reason=reason)
    click.echo("Taken back.")


@customers.command()
@click.option("--limit", default=50, show_default=True, help="How many to show.")
def review(limit: int) -> None:
    """List evidence that was not followed and waits for somebody's word."""
    ready()
    from beforehand.customers.review import waiting

    edges = waiting()[:limit]
    for edge in edges:
        click.echo(_told(edge))
    if not edges:
        click.echo("Nothing waits for a decision.")


@customers.command()
@click.argument("edge", type=int)
def approve(edge: int) -> None:
    """Say that evidence of the review list is right: its two sides become one customer."""
    ready()
    from beforehand.customers.merging import approve

    click.echo(f"They are one customer now. To take it back: customers undo {approve(_edge(edge)).pk}")


@customers.command()
@click.argument("edge", type=int)
@click.option("--reason", default="", help="Why; kept beside the edge.")
def decline(edge: int, reason: str) -> None:
    """Say that evidence of the review list is wrong: it counts no longer."""
    ready()
    from beforehand.customers.merging import decline

    decline(_edge(edge), reason=reason)
    click.echo("Declined.")


@customers.command()
@click.argument("customer")
@click.option("--to", "target", type=click.Path(dir_okay=False, path_type=Path), help="A .zip or .json file.")
def export(customer: str, target: Path | None) -> None:
    """Write everything about a customer, as JSON or as a zip with one file a part."""
    ready()
    from beforehand.customers.export import archive, export

    document = export(_one(customer))
    if target is None:
        click.echo(json.dumps(document, ensure_ascii=False, indent=2, default=str))
        return
    with _plain_words(target):
        if target.suffix == ".zip":
            target.write_bytes(archive(document))
        else:
            target.write_text(json.dumps(document, ensure_ascii=False, indent=2, default=str), encoding="utf-8")
    click.echo(f"Written to {target}.")


@customers.command()
@click.argument("customer")
@click.option("--give", "given", metavar="PURPOSE", help="They give leave: notice, outreach or survey.")
@click.option("--withdraw", "withdrawn", metavar="PURPOSE", help="They withdraw it.")
@click.option("--source", default="", help="How they told us: on the phone, by e-mail …")
@click.option("--note", "remark", default="", help="Kept beside it.")
def consent(customer: str, given: str | None, withdrawn: str | None, source: str, remark: str) -> None:
    """Show what a customer may be written to for; note that they give or withdraw leave."""
    ready()
    from beforehand.customers.consent import PURPOSES, say, standing

    person = _one(customer)
    if given and withdrawn:
        raise click.UsageError("Either --give or --withdraw, not both.")
    purpose = given or withdrawn
    if purpose:
        if purpose not in PURPOSES:
            raise click.UsageError(f"“{purpose}” is no purpose. There are: {', '.join(PURPOSES)}.")
        if not source.strip():
            raise click.UsageError("Say with --source how they told us.")
        say(person, purpose, bool(given), source, remark)
    words = standing(person.pk)
    for word in words:
        channel = f", {word.channel}" if word.channel else ""
        told = f": {word.record.evidence}" if word.record.evidence else ""
        click.echo(
            f"{word.purpose}{channel}  {'given' if word.given else 'withdrawn'} {word.record.time:%Y-%m-%d}{told}"
        )
    if not words:
        click.echo(f"{person} has said nothing about being written to.")


@customers.command()
@click.argument("customer")
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase(customer: str, yes: bool) -> None:
    """Remove everything about a customer, for good. What is kept are numbers of what was removed."""
    ready()
    from beforehand.customers.erasure import erase

    person = _one(customer)
    if not yes:
        click.confirm(f"Remove everything about {person} (customer {person.pk})? This cannot be undone", abort=True)
    erasure = erase(person)
    for room, numbers in (erasure.manifest if erasure else {}).items():
        click.echo(f"{room}: " + ", ".join(f"{count} {what}" for what, count in numbers.items()))


def _one(words: str) -> "Customer":
    """The customer of this number or identifier; a number that was joined to another leads there."""
    from beforehand.customers.finding import exact, find
    from beforehand.customers.models import Identifier

    if words.isdigit() and len(words) < 19 and (home := Identifier.objects.filter(pk=int(words)).first()):
        return home.customer
    found = list(dict.fromkeys(exact(words))) or find(words, limit=2)
    if not found:
        raise click.ClickException(f"There is no customer “{words}”. Look for one: beforehand customers find …")
    if len(found) > 1:
        several = ", ".join(f"{customer.pk} ({customer})" for customer in found)
        raise click.ClickException(f"“{words}” is more than one customer, among them {several}. Give the number.")
    return found[0]


def _edge(number: int) -> "Edge":
    from beforehand.customers.models import Edge

    edge = Edge.objects.filter(pk=number).first()
    if edge is None:
        raise click.ClickException(f"There is no evidence number {number}. `customers show` and `review` list them.")
    return edge


def _told(edge: "Edge") -> str:
    standing = edge.get_strength_display() + (f", not followed: {edge.get_skipped_display()}" if edge.skipped else "")
    told = f"[{edge.pk}] {edge.first} ({edge.first.kind}) – {edge.second} ({edge.second.kind}): {standing}"
    return f"{told}; {edge.evidence}" if edge.evidence else told


@contextmanager
def _plain_words(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise click.ClickException(f"{target} cannot be written: {error.strerror}.") from None
