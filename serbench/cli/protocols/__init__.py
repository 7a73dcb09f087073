"""``serbench protocols``: who trains, who tests, and the folds for other tools."""

import typer

from serbench.cli.protocols import exporting, listing, showing

app = typer.Typer(help="Protocols: who trains, who tests.", no_args_is_help=True)
app.command("list", epilog=listing.EXAMPLES)(listing.list_)
app.command(epilog=showing.EXAMPLES)(showing.show)
app.command(epilog=exporting.EXAMPLES)(exporting.export)
