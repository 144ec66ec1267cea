"""`beforehand keys`: make, list and revoke write keys; sign user ids for browsers."""

import click

from beforehand.cli.ready import ready


@click.group()
def keys() -> None:
    """Write keys: what trackers send to say where they belong."""


@keys.command()
@click.argument("source")
@click.option("--kind", type=click.Choice(["browser", "server"]), default="browser", show_default=True)
@click.option(
    "--origin", "origins", multiple=True, metavar="URL", help="A site that may use a browser's key; repeatable."
)
@click.option("--per-second", type=click.IntRange(1), help="How many messages a second it may bring.")
@click.option("--quiet", is_flag=True, help="Print the key and nothing else.")
def create(source: str, kind: str, origins: tuple[str, ...], per_second: int | None, quiet: bool) -> None:
    """Make a write key for SOURCE, a name such as “Web shop”."""
    ready()
    from beforehand.journey.models import WriteKey
    from beforehand.journey.models.intake import KeyNotPossible

    try:
        key, text = WriteKey.create(source, kind, origins=list(origins), per_second=per_second)
    except KeyNotPossible as error:
        raise click.ClickException(str(error)) from None
    if quiet:
        click.echo(text)
        return
    click.echo(f"Key {key.pk} for {source} ({kind}):\n\n    {text}\n")
    if not key.public:
        click.echo("Keep it where your secrets are: it is shown this once.")


@keys.command(name="list")
def list_() -> None:
    """List the write keys."""
    ready()
    from beforehand.journey.models import WriteKey

    rows = WriteKey.objects.select_related("source")
    if not rows:
        click.echo("There are no write keys. Make one: beforehand keys create “Web shop”")
    for key in rows:
        state = f"revoked {key.revoked:%Y-%m-%d}" if key.revoked else "in force"
        limits = [*key.origins, *([f"{key.per_second}/s"] if key.per_second else [])]
        click.echo("  ".join([f"{key.pk:>4}", key.source.kind.ljust(7), key.hint, key.source.name, state, *limits]))


@keys.command()
@click.argument("number", type=int)
def revoke(number: int) -> None:
    """Revoke the write key of this NUMBER: within seconds nothing more is taken with it."""
    ready()
    from beforehand.journey.models import WriteKey

    key = WriteKey.objects.filter(pk=number).first()
    if key is None:
        raise click.ClickException(f"There is no write key {number}. See: beforehand keys list")
    key.revoke()
    click.echo(f"{key.hint} is revoked.")


@keys.command()
@click.argument("user_id")
def token(user_id: str) -> None:
    """Print the identity token of USER_ID, which a browser sends so that the user id counts as proved."""
    ready()
    from beforehand.journey.keys import identity_token

    click.echo(identity_token(user_id))


@keys.command()
def secret() -> None:
    """Print the secret with which your own server makes identity tokens: HMAC-SHA256 over the user id, in hex."""
    ready()
    from beforehand.journey.keys import identity_secret

    click.echo(identity_secret())
