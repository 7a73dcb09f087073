"""``serbench results``: finished trials, kept in few files."""

import typer

from serbench.cli.results import merging, packing

app = typer.Typer(
    help="Results folders: their finished trials, in few files.", no_args_is_help=True
)
app.command(epilog=packing.EXAMPLES)(packing.pack)
app.command(epilog=merging.EXAMPLES)(merging.merge)
