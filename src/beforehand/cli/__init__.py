"""The command line. One module a noun; each command calls the same verbs as the screens.

Commands are loaded when they are asked for, so that `beforehand --help` and a restart of the server stay quick.
"""

import importlib
import os
import sys

import click

COMMANDS = {
    "import": "imports:import_file",
    "report": "report:report",
    "measures": "measures:measures",
    "breaks": "breaks:breaks",
    "causes": "causes:causes",
    "needs": "needs:needs",
    "contacts": "contacts:contacts",
    "promises": "promises:promises",
    "mail": "mail:mail",
    "desk": "desk:desk",
    "lake": "lake:lake",
    "catalogue": "catalogue:catalogue",
    "keys": "keys:keys",
    "failed": "failed:failed",
    "customers": "customers:customers",
    "members": "members:members",
    "serve": "serve:serve",
    "demo": "demo:demo",
    "simulate": "simulate:simulate",
    "backup": "backup:backup",
    "restore": "backup:restore",
    "django": "django:django",
}


class Rooms(click.Group):
    """Finds a command by its name in COMMANDS and imports only that module."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module, attribute = COMMANDS[name].split(":")
        command: click.Command = getattr(importlib.import_module(f"beforehand.cli.{module}"), attribute)
        return command


@click.command(cls=Rooms, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="beforehand")
@click.option("--data", type=click.Path(file_okay=False), help="The data folder (BEFOREHAND_DATA).")
def cli(data: str | None) -> None:
    """The whole journey of every customer, and where it breaks."""
    if data:
        os.environ["BEFOREHAND_DATA"] = data


def main() -> None:
    from beforehand.lib.env import BadSetting
    from beforehand.lib.trouble import Trouble

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "beforehand.settings")
    try:
        cli()
    except BadSetting as error:
        click.echo(f"beforehand: {error}", err=True)
        sys.exit(2)
    except Trouble as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(1)
