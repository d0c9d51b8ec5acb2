"""Write docs/commands.md out of what the program says of itself: every command with its help.

    python docs/write_commands.py [--check]

With ``--check`` nothing is written; status 1 says that the page is not what the program says.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import click

from sayso.cli import cli

PAGE = Path(__file__).with_name("commands.md")
WIDTH = 96
HEAD = """# Commands

What `sayso COMMAND --help` says, in one place. This page is written by `make docs`.
"""


def helps(command: click.Command, name: str, parent: click.Context | None = None) -> Iterator[tuple[str, str]]:
    """(name, help) of a command and of all under it."""
    settings = command.context_settings | {"terminal_width": WIDTH, "max_content_width": WIDTH}
    context = click.Context(command, info_name=name, parent=parent, **settings)
    yield context.command_path, command.get_help(context)
    if isinstance(command, click.Group):
        for under in command.list_commands(context):
            found = command.get_command(context, under)
            if found is not None and not found.hidden:
                yield from helps(found, under, context)


def page() -> str:
    """The whole page."""
    parts = [f"## {name}\n\n```\n{text.rstrip()}\n```\n" for name, text in helps(cli, "sayso")]
    return "\n".join([HEAD, *parts])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="only look whether the page is up to date")
    options = parser.parse_args()
    made = page()
    if options.check:
        return 0 if PAGE.exists() and PAGE.read_text("utf-8") == made else 1
    PAGE.write_text(made, "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
