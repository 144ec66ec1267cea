"""`beforehand causes`: which troubles bring contacts, and how many."""

import json

import click

from beforehand.cli.ready import ready


@click.command()
@click.option("--scan", "again", is_flag=True, help="Search now, also when the latest search is fresh.")
@click.option("--all", "everything", is_flag=True, help="Also what was judged and is not blamed.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for machines.")
def causes(again: bool, everything: bool, as_json: bool) -> None:
    """List the troubles that bring contacts, those with the most first.

    The first call searches, and the first after kinds of need, rules of promises or costs have changed.
    """
    ready()
    from beforehand.insight.causes import current, run_search
    from beforehand.insight.causes.words import sentence
    from beforehand.journey import catalogue
    from beforehand.team.models import Workspace

    findings = run_search() if again else current()
    shown = findings.causes if everything else findings.found
    currency = Workspace.own().currency
    if as_json:
        rows = [one.as_dict() | {"per_thousand": findings.per_thousand(one)} for one in shown]
        whole = findings.summary() | {"currency": currency, "causes": rows}
        click.echo(json.dumps(whole, ensure_ascii=False, indent=2))
        return
    labels = {entry.name: entry.label for entry in catalogue.in_force()}
    for one in shown:
        click.echo(f"{one.rank}. {sentence(one, labels, currency)}")
    if not findings.found:
        click.echo("Nobody is blamed: no trouble brings more contacts than come anyway.")
    else:
        share = findings.attributed / findings.contacts
        click.echo(f"Together {findings.attributed:,.0f} of {findings.contacts:,} contacts ({share:.0%}).")
