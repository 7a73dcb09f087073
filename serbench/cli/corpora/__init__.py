"""``serbench corpora``: what is known of each corpus, where it is, and whether it is whole."""

import typer

from serbench.cli.corpora.adding import add
from serbench.cli.corpora.checking import check
from serbench.cli.corpora.exporting import export
from serbench.cli.corpora.listing import list_
from serbench.cli.corpora.showing import show

app = typer.Typer(help="Speech emotion corpora: what there is, where it is.", no_args_is_help=True)
app.command("list")(list_)
app.command()(show)
app.command()(add)
app.command()(check)
app.command()(export)
