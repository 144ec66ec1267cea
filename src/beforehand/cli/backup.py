"""`beforehand backup` and `beforehand restore`: everything in one file, and back."""

from pathlib import Path

import click


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Copy record, lake, intake and secret key to FILE, a .tar. The server may go on running.

    The file holds everybody's data and the secret key: keep it as safe as the data folder.
    """
    from beforehand.cli.ready import ready

    ready()
    from beforehand.journey.backup import BackupFailed, back_up

    try:
        made = back_up(file.absolute())
    except (BackupFailed, OSError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{made.path}: {made.files:,} files, {made.bytes / 1e6:,.1f} MB.")
    click.echo(f"To get it back: beforehand --data EMPTY-FOLDER restore {file.name}")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Move what is in the data folder aside first.")
def restore(file: Path, replace: bool) -> None:
    """Make the data folder what it was when FILE was made. Stop the server first."""
    import django

    django.setup()
    from beforehand.journey.backup import BackupFailed
    from beforehand.journey.restore import restore as put_back

    try:
        restored = put_back(file, replace)
    except (BackupFailed, OSError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"Restored {restored.files:,} files, as they were on {restored.made[:16].replace('T', ' ')} UTC.")
    if restored.moved_to:
        click.echo(f"What was there before is in {restored.moved_to}; delete it when you are sure.")
    click.echo("Next: beforehand lake check, then beforehand serve")
