"""What the pages say is what the program does: commands, options, exit statuses, links, figures."""

from __future__ import annotations

import importlib.util
import re
import shlex
from pathlib import Path

import click
import pytest

from sayso.cli import cli
from sayso.export import FORMATS, schema

ROOT = Path(__file__).resolve().parents[1]
PAGES = [
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "training/README.md",
    "src/sayso/model/CARD.md",
    "docs/archive.md",
    "docs/forecasts.md",
    "docs/ledger.md",
    "docs/scores.md",
    "docs/serving.md",
]
README = (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("name", list(cli.commands))
def test_every_command_is_in_the_readme(name: str) -> None:
    assert f"`sayso {name}" in README or f"\nsayso {name}" in README


@pytest.mark.parametrize("option", [o.opts[0] for o in cli.commands["read"].params if isinstance(o, click.Option)])
def test_every_option_of_read_is_in_the_readme(option: str) -> None:
    assert f"`{option}" in README


def test_the_page_of_commands_is_what_the_program_says() -> None:
    spec = importlib.util.spec_from_file_location("write_commands", ROOT / "docs" / "write_commands.py")
    assert spec is not None
    assert spec.loader is not None
    written = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(written)
    assert (ROOT / "docs" / "commands.md").read_text("utf-8") == written.page(), "run `make docs`"


def test_every_format_is_in_the_readme() -> None:
    assert [form for form in FORMATS if f"`{form}`" not in README] == []


def test_every_field_of_a_claim_is_in_the_readme() -> None:
    assert [field for field in schema()["properties"] if f"`{field}`" not in README] == []


def shown() -> list[str]:
    """The lines of the pages' code blocks that call sayso."""
    lines = []
    for page in PAGES:
        for block in re.findall(r"^```\n(.*?)^```", (ROOT / page).read_text("utf-8"), re.MULTILINE | re.DOTALL):
            lines += re.findall(r"^(?:\$ |.*\| )?(sayso .*)$", block, re.MULTILINE)
    return lines


@pytest.mark.parametrize("line", shown())
def test_every_command_line_that_is_shown_can_be_given(line: str) -> None:
    command: click.Command = cli
    rest = shlex.split(re.split(r" {2,}| > ", line)[0])[1:]
    while isinstance(command, click.Group):
        # A group may have a command of its own for what names none (`sayso archive INPUT`).
        command = command.commands[rest.pop(0) if rest[0] in command.commands else "run"]
    with click.Context(command) as context:
        command.parse_args(context, rest)


def test_some_command_lines_are_shown() -> None:
    assert len(shown()) >= 8


@pytest.mark.parametrize("page", PAGES)
def test_what_is_linked_and_named_is_there(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    here = (ROOT / page).parent
    linked = [name for name in re.findall(r"\]\(([^)#:]+)\)", text) if not (here / name).exists()]
    named = [
        name
        for name in re.findall(r"`((?:src|tests|benchmarks|training|examples|\.ci)/[\w./-]+)`", text)
        if not (ROOT / name).exists()
    ]
    assert linked + named == []


@pytest.mark.parametrize("page", PAGES)
def test_every_make_target_that_is_named_is_there(page: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = set(re.findall(r"(?:`|^)make ([a-z]+)", (ROOT / page).read_text("utf-8"), re.MULTILINE))
    assert named <= targets


def test_figures_are_those_that_were_measured() -> None:
    import publish

    for path in publish.PAGES:
        page = path.read_text("utf-8")
        assert publish.filled(page, publish.RESULTS) == page, "run benchmarks/publish.py"
