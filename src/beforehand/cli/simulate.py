"""`beforehand simulate`: a company whose truth is known, as files."""

import time
from datetime import UTC, datetime
from pathlib import Path

import click


@click.command()
@click.option("--customers", default=2_000, show_default=True, metavar="N", type=click.IntRange(1, 2_000_000))
@click.option("--days", default=180, show_default=True, metavar="D", type=click.IntRange(30, 3_650))
@click.option("--seed", default=1, show_default=True, metavar="S", type=click.IntRange(0, 2**63 - 1))
@click.option("--off", metavar="CAUSE", multiple=True, help="Leave a cause out. May be repeated.")
@click.option("--end", metavar="DATE", type=click.DateTime(["%Y-%m-%d"]), help="The day after the last. Else today.")
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="The folder to write to.")
def simulate(customers: int, days: int, seed: int, off: tuple[str, ...], end: datetime | None, out: Path) -> None:
    """Simulate a company and write what happened, with the truth beside it.

    touchpoints.parquet is what `beforehand import` reads. truth.json says what each cause did: release, courier,
    invoice, refund and setup, and beside them slow and everyday. The rows behind it are in contacts, needs, stuck and
    troubles.parquet, the kinds of need that occur in kinds.yaml. The same numbers, seed and day give the same files.
    """
    import django

    django.setup()
    from beforehand.demo.company import files
    from beforehand.demo.company.life import simulate as run

    began = time.perf_counter()
    day = end.replace(tzinfo=UTC) if end else datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    try:
        company = run(customers, days, seed, off, day)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
    told = files.write(company, out)
    (out / "kinds.yaml").write_text(files.kinds(company), encoding="utf-8")
    click.echo(
        f"{told['touchpoints']:,} touchpoints of {customers:,} customers over {days} days,"
        f" {told['contacts']:,} contacts, in {time.perf_counter() - began:.1f} s: {out}"
    )
    for cause, of in told["causes"].items():
        click.echo(f"  {cause:<9} {of['contacts']:>7,} contacts  €{of['money']:>10,.0f}  {of['what']}")
    share = told["needs"]["share"]
    click.echo(f"  needs met beforehand: {'too early to say' if share is None else f'{share:.1%}'}")
    click.echo(f"Next: beforehand import {out / 'touchpoints.parquet'} --customer customer --name name --at time")
