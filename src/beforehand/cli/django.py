"""Django's own commands (`migrate`, `shell`, `makemigrations`), for those who know them."""

import click


@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def django(arguments: tuple[str, ...]) -> None:
    """Run one of Django's own commands."""
    from django.core.management import execute_from_command_line

    execute_from_command_line(["beforehand django", *arguments])
