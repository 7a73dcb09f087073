"""``serbench plot``: figures as files, for papers."""

import typer

from serbench.cli.plot import corpora, courses, crossing, planes, standing, summed

app = typer.Typer(
    help="Draw what a results folder holds, as files for papers.", no_args_is_help=True
)
app.command(epilog=standing.FOREST)(standing.forest)
app.command(epilog=standing.DIFFERENCES)(standing.differences)
app.command(epilog=standing.STRIP)(standing.strip)
app.command(epilog=standing.STABILITY)(standing.stability)
app.command(epilog=standing.CONFUSION)(standing.confusion)
app.command(epilog=crossing.EXAMPLES)(crossing.heatmap)
app.command("critical-difference", epilog=summed.EXAMPLES)(summed.critical_difference)
app.command(epilog=courses.EXAMPLES)(courses.curves)
app.command(epilog=planes.EXAMPLES)(planes.tsne)
app.command(epilog=corpora.EXAMPLES)(corpora.corpus)
