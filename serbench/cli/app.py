"""``serbench``: the command line, put together. Each command imports what it needs when it runs."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from serbench.cli import (
    audit,
    cache,
    compare,
    corpora,
    demo,
    doctor,
    inflation,
    labels,
    leaderboard,
    models,
    plan,
    plot,
    protocols,
    reproduce,
    results,
    run,
    site,
    status,
    submit,
    verify,
    work,
)
from serbench.cli.prose import flow
from serbench.errors import SerbenchError, UsageError

app = typer.Typer(
    name="serbench",
    help="Measure speech emotion recognition so that a reviewer believes it.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("run", epilog=run.EXAMPLES)(run.run)
app.command("plan", epilog=plan.EXAMPLES)(plan.plan)
app.command("work", epilog=work.EXAMPLES)(work.work)
app.command("status", epilog=status.EXAMPLES)(status.status)
app.command("leaderboard", epilog=leaderboard.EXAMPLES)(leaderboard.leaderboard)
app.command("compare", epilog=compare.EXAMPLES)(compare.compare)
app.command("site", epilog=site.EXAMPLES)(site.site)
app.command("inflation", epilog=inflation.EXAMPLES)(inflation.inflation)
app.command("reproduce", epilog=reproduce.EXAMPLES)(reproduce.reproduce)
app.command("audit", epilog=audit.EXAMPLES)(audit.audit)
app.command("submit", epilog=submit.EXAMPLES)(submit.submit)
app.command("verify", epilog=verify.EXAMPLES)(verify.verify)
app.command("demo", epilog=demo.EXAMPLES)(demo.demo)
app.command("doctor")(doctor.doctor)
app.add_typer(corpora.app, name="corpora")
app.add_typer(labels.app, name="labels")
app.add_typer(models.app, name="models")
app.add_typer(protocols.app, name="protocols")
app.add_typer(plot.app, name="plot")
app.add_typer(cache.app, name="cache")
app.add_typer(results.app, name="results")
flow(app)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"serbench {version('serbench')}")
        raise typer.Exit


@app.callback()
def serbench(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Measure speech emotion recognition so that a reviewer believes it."""


def main() -> None:
    """Run the command line. Whatever the user can mend is said in words, with exit status 1."""
    try:
        app()
    except UsageError as error:  # as typer itself: the command line is wrong, not the world
        _complain(str(error), 2)
    except SerbenchError as error:
        _complain(str(error))
    except KeyboardInterrupt:
        _complain("stopped", 130)
    except BrokenPipeError:  # the reader of our output has gone, as `| head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        _complain(f"{where}{error.strerror or error}")


def _complain(message: str, status: int = 1) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(stderr=True, soft_wrap=True, highlight=False)
    console.print(Text.assemble(("error: ", "bold red"), message))
    sys.exit(status)


if __name__ == "__main__":
    main()
