"""`beforehand breaks`: where the journey goes wrong."""

import json

import click

from beforehand.cli.ready import ready


@click.command()
@click.option("--scan", "again", is_flag=True, help="Search now, also when the latest search is fresh.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for machines.")
def breaks(again: bool, as_json: bool) -> None:
    """List the breaks that the latest search found, the largest first. The first call searches."""
    ready()
    from beforehand.insight.breaks.knowing import known_of
    from beforehand.insight.breaks.storing import latest, run_scan
    from beforehand.insight.models import KnownBreak, Scan

    searched = Scan.objects.filter(finished__isnull=False).exists()
    found = run_scan() if again or not searched else latest()
    if as_json:
        click.echo(json.dumps([one.as_dict() for one in found], ensure_ascii=False, indent=2))
        return
    dismissed = list(KnownBreak.objects.all())
    for one in found:
        known = known_of(one, dismissed)
        click.echo(f"{one.rank}. {one.sentence}{f' (known: {known.why})' if known else ''}")
        for line in one.also:
            click.echo(f"   also {line}")
    if not found:
        click.echo("No break found: nothing here differs from the rest more than chance would make it.")
