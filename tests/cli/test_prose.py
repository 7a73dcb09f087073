"""Help that flows to the width of the terminal."""

import itertools

import pytest
import typer
from typer.testing import CliRunner

from serbench.cli.app import app
from serbench.cli.prose import flow, flowing


def test_paragraphs_stay_and_lines_go():
    assert flowing("One\n    two.\n\n    Three\n    four.\n") == "One two.\n\nThree four."


def test_commands_of_groups_flow_too():
    outer, inner = typer.Typer(), typer.Typer()

    @inner.command()
    def say():
        """First.

        One
        two.
        """

    outer.add_typer(inner, name="inner")
    flow(outer)
    assert inner.registered_commands[0].help == "First.\n\nOne two."


@pytest.mark.parametrize("command", [["run"], ["audit"], ["protocols", "export"]])
def test_no_line_breaks_in_the_middle_of_a_sentence(command, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERMINAL_WIDTH", "80")
    shown = CliRunner().invoke(app, [*command, "--help"]).stdout
    lines = [line.strip() for line in shown.partition("╭")[0].splitlines()]
    for line, after in itertools.pairwise(lines):
        if line and after and not line.startswith("Usage"):
            first = after.split()[0]
            assert len(line) + 1 + len(first) > 78, (line, after)
