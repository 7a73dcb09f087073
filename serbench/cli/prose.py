"""Help texts whose paragraphs flow to the width of the terminal.

typer keeps the line breaks of every paragraph but a docstring's first, so that lines of 100 columns
break in the middle of sentences on a terminal of 80.
"""

from __future__ import annotations

import inspect

import typer


def flow(app: typer.Typer) -> None:
    """Join the lines of each paragraph in the help of every command, those of groups too."""
    for command in app.registered_commands:
        text = command.help or (command.callback.__doc__ if command.callback else None)
        if text:
            command.help = flowing(text)
    for group in app.registered_groups:
        if group.typer_instance is not None:
            flow(group.typer_instance)


def flowing(text: str) -> str:
    r"""A text with a line for each paragraph.

    >>> flowing("One\ntwo.\n\n    Three\n    four.")
    'One two.\n\nThree four.'
    """
    paragraphs = inspect.cleandoc(text).split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)
