"""``serbench cache``: the features that were computed, their size and their health."""

from __future__ import annotations

import typer

from serbench.cli.options import JsonFlag, print_json

app = typer.Typer(help="The feature cache: its size and its health.", no_args_is_help=True)


@app.command()
def info(json: JsonFlag = False) -> None:
    """Where the cache is and how large."""
    from serbench.features.cache import FeatureCache
    from serbench.folders import cache_folder

    folder = cache_folder()
    size = FeatureCache(folder).size()
    if json:
        print_json({"folder": str(folder), "bytes": size})
    else:
        typer.echo(f"{folder}: {size / 2**20:.1f} MiB of features")


@app.command()
def repair() -> None:
    """Hold every cached array against its checksum and remove those that fail."""
    from serbench.features.cache import FeatureCache
    from serbench.folders import cache_folder

    removed = FeatureCache(cache_folder()).repair()
    for path in removed:
        typer.echo(f"removed {path}")
    typer.echo(f"{len(removed)} damaged arrays removed; they are computed again when needed")


@app.command()
def clear() -> None:
    """Remove all cached features and scores. They are computed again when needed."""
    from serbench.features.cache import FeatureCache
    from serbench.folders import cache_folder
    from serbench.scorecache import ScoreCache

    FeatureCache(cache_folder()).clear()
    ScoreCache(cache_folder()).clear()
    typer.echo(f"{cache_folder()}: features and scores removed")
