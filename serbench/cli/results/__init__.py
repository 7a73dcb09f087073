"""``serbench results``: finished trials, kept, looked after and handed on."""

import typer

from serbench.cli.results import collecting, exporting, merging, packing, repairing

app = typer.Typer(
    help="Results folders: pack, merge, clean, repair and export finished trials.",
    no_args_is_help=True,
)
app.command(epilog=packing.EXAMPLES)(packing.pack)
app.command(epilog=merging.EXAMPLES)(merging.merge)
app.command(epilog=collecting.EXAMPLES)(collecting.gc)
app.command(epilog=repairing.EXAMPLES)(repairing.repair)
app.command(epilog=exporting.EXAMPLES)(exporting.export)
