"""``serbench models``: what can be run, whose it is, how large it is, and how to begin one."""

import typer

from serbench.cli.models import listing, showing, starting

app = typer.Typer(help="Models: what can be run, and whose it is.", no_args_is_help=True)
app.command("list", epilog=listing.EXAMPLES)(listing.list_)
app.command(epilog=showing.EXAMPLES)(showing.show)
app.command(epilog=starting.EXAMPLES)(starting.new)
