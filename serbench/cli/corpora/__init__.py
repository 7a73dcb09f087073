"""``serbench corpora``: what is known of each corpus, where it is, and whether it is whole."""

import typer

from serbench.cli.corpora import (
    adding,
    checking,
    exporting,
    getting,
    listing,
    removing,
    showing,
    starting,
)

app = typer.Typer(help="Speech emotion corpora: what there is, where it is.", no_args_is_help=True)
app.command("list", epilog=listing.EXAMPLES)(listing.list_)
app.command(epilog=showing.EXAMPLES)(showing.show)
app.command(epilog=adding.EXAMPLES)(adding.add)
app.command(epilog=removing.EXAMPLES)(removing.remove)
app.command(epilog=starting.EXAMPLES)(starting.new)
app.command(epilog=checking.EXAMPLES)(checking.check)
app.command(epilog=exporting.EXAMPLES)(exporting.export)
app.command(epilog=getting.EXAMPLES)(getting.get)
