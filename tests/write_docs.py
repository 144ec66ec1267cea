"""Writes the pages of the docs that follow from the code: docs/cli.md, docs/measures.md. `make docs` runs it, a test
compares.
"""

from collections.abc import Iterator
from pathlib import Path

import click

from beforehand.cli import cli

PAGE = Path(__file__).parents[1] / "docs" / "cli.md"
HEAD = """# The command line

Every command takes `--help`. All of them use the data folder of `--data` or `BEFOREHAND_DATA`, and bring it to the
shape of this version first, so that one command is enough on an empty folder. This page is made by `make docs`.
"""


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command with the words that call it."""
    context = click.Context(cli, info_name="beforehand")
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        assert command is not None
        yield from walk(f"beforehand {name}", command)


def walk(words: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    yield words, command
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from walk(f"{words} {name}", inner)


def help_of(words: str, command: click.Command) -> str:
    names = cli.context_settings["help_option_names"]
    context = click.Context(
        command, info_name=words, max_content_width=100, terminal_width=100, help_option_names=names
    )
    command._help_option = None  # click keeps the one that whoever called it first was shown
    return f"## {words}\n\n```text\n{command.get_help(context)}\n```\n"


def page() -> str:
    return HEAD + "".join(f"\n{help_of(words, command)}" for words, command in commands())


if __name__ == "__main__":
    from tests import write_measures

    PAGE.write_text(page(), encoding="utf-8")
    write_measures.main()
