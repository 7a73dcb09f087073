"""``serbench models``: what can be run, whose it is, how large it is."""

from __future__ import annotations

import inspect
from typing import Annotated, Any

import typer

from serbench.cli.options import JsonFlag, assignments, print_json
from serbench.errors import UsageError

app = typer.Typer(help="Models: what can be run, and whose it is.", no_args_is_help=True)


@app.command("list")
def list_(json: JsonFlag = False) -> None:
    """Every registered model with its owner. None of them is imported."""
    from serbench.registry import registered

    rows = [
        {"name": name, "owner": claim.owner, "target": claim.target, "claims": len(claims)}
        for name, claims in registered("models").items()
        for claim in claims
    ]
    if json:
        print_json(rows)
        return
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    table = Table("name", "owner", "from", box=SIMPLE_HEAD, pad_edge=False)
    for row in rows:
        contested = " (contested)" if row["claims"] != 1 else ""
        table.add_row(f"{row['name']}{contested}", str(row["owner"]), str(row["target"]))
    Console(highlight=False).print(table)


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="A registered model, or path/to/file.py:Class.")],
    classes: Annotated[int, typer.Option(help="How many classes to count parameters for.")] = 7,
    set_: Annotated[
        list[str], typer.Option("--set", metavar="NAME=VALUE", help="A setting. Repeatable.")
    ] = [],  # noqa: B006
    json: JsonFlag = False,
) -> None:
    """A model's settings, features and size."""
    from serbench.choice import ModelChoice
    from serbench.features.recipe import record
    from serbench.labels import Classes
    from serbench.model import (
        build,
        declared_inputs,
        declared_recipes,
        declared_version,
        is_deterministic,
    )
    from serbench.registry import registered

    if classes < 2:
        raise UsageError(f"--classes {classes}", expected="2 or more")
    choice = ModelChoice.of(name, {key: value for _, key, value in assignments(set_)})
    factory = choice.factory()
    model = build(factory, choice.settings)
    count = getattr(model, "parameters_for", None)
    task = Classes(tuple(f"class {i + 1}" for i in range(classes)))
    facts: dict[str, Any] = {
        "name": name,
        "owner": ", ".join(claim.owner for claim in registered("models").get(name, ())) or None,
        "version": declared_version(factory),
        "about": (inspect.getdoc(factory) or "").partition("\n\n")[0],
        "inputs": sorted(declared_inputs(model)),
        "recipes": [record(recipe) for recipe in declared_recipes(model)],
        "deterministic": is_deterministic(model),
        "classes": classes,
        "parameters": count(task) if callable(count) else None,
        "settings": dict(choice.settings),
    }
    if json:
        print_json(facts)
        return
    typer.echo(f"{name} (version {facts['version']}, from {facts['owner'] or 'a file'})")
    typer.echo(facts["about"])
    size = facts["parameters"]
    typer.echo(
        f"parameters: {size:,} for {classes} classes"
        if size is not None
        else "parameters: not a net"
    )
    typer.echo("features: " + ("; ".join(_recipe(r) for r in facts["recipes"]) or "none"))
    typer.echo("settings (--set NAME=VALUE):")
    for key, value in facts["settings"].items():
        typer.echo(f"  {key} = {value!r}")


def _recipe(recipe: dict[str, Any]) -> str:
    values = ", ".join(f"{key}={value}" for key, value in recipe.items() if key != "name")
    return f"{recipe['name']}({values})"
