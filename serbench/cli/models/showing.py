"""``serbench models show``: a model's settings, features and size."""

from __future__ import annotations

import json as json_
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from serbench.cli.options import JsonFlag, assignments, print_json
from serbench.errors import UnknownName, UsageError

EXAMPLES = """
[bold]Examples[/bold]

serbench models show dblmm

serbench models show timnet --corpus iemocap --classes 4

serbench models show dblmm --set hidden=64 --json

serbench models show my_model.py:MyModel
"""


def show(
    name: Annotated[str, typer.Argument(help="A registered model, or path/to/file.py:Class.")],
    corpus: Annotated[
        str | None,
        typer.Option(help="With the settings that the model's author gives for this corpus."),
    ] = None,
    classes: Annotated[
        int | None,
        typer.Option(help="How many classes to count for. Default: the paper's, or 7."),
    ] = None,
    set_: Annotated[
        list[str], typer.Option("--set", metavar="NAME=VALUE", help="A setting. Repeatable.")
    ] = [],  # noqa: B006
    json: JsonFlag = False,
) -> None:
    """A model's settings, features and size, and what it costs to run."""
    from serbench.choice import ModelChoice
    from serbench.cli.models.facts import facts

    if classes is not None and classes < 2:
        raise UsageError(f"--classes {classes}", expected="2 or more")
    chosen = {}
    for owner, key, value in assignments(set_):
        if owner not in ("", name):
            raise UsageError(f"--set {owner}:{key}={value}", expected=f"a setting of {name}")
        chosen[key] = value
    choice = ModelChoice.of(name, chosen)
    if corpus is not None:
        _check_corpus(corpus, getattr(choice.factory(), "corpus_settings", {}))
    found = facts(choice, corpus, classes)
    if json:
        print_json(found)
    else:
        _print(found)


def _check_corpus(corpus: str, own: Mapping[str, Any]) -> None:
    from serbench.adapters import corpus_names
    from serbench.registry import nearest

    known = sorted({*corpus_names(), *own})
    if corpus not in known:
        hint = nearest(corpus, known)
        raise UnknownName(
            f"no corpus is called {corpus!r}",
            expected="one of " + ", ".join(known),
            advice=f"did you mean {hint!r}?" if hint else "",
        )


def _print(found: Mapping[str, Any]) -> None:
    missing = found["unresolved"]
    typer.echo(f"{found['name']} (version {found['version']}, from {found['owner'] or 'a file'})")
    if found["about"]:
        typer.echo(found["about"])
    typer.echo("reads: " + (", ".join(found["inputs"]) or "nothing"))
    if found["targets"]:
        typer.echo("learns from the labels, and from: " + ", ".join(found["targets"]))
    if found["deterministic"]:
        typer.echo("deterministic: one seed is enough")
    typer.echo(f"parameters: {_parameters(found)}")
    if found["macs"] is not None or "macs_per_second" in missing:
        typer.echo(f"multiply-accumulates: {_macs(found)}")
    _print_features(found)
    where = f" on {found['corpus']}" if found["corpus"] else ""
    typer.echo(f"settings{where} (--set NAME=VALUE):")
    for key, value in found["settings"].items():
        typer.echo(f"  {key}={_typed(value)}")
    if not found["settings"]:
        typer.echo("  none")
    if found["corpus_settings"]:
        shown = "" if found["corpus"] else "; --corpus NAME shows all settings there"
        typer.echo(f"what its author sets by corpus (a run does so by itself{shown}):")
    for corpus, own in found["corpus_settings"].items():
        values = ", ".join(f"{key}={_typed(value)}" for key, value in own.items())
        typer.echo(f"  on {corpus}: {values}")


def _typed(value: Any) -> str:
    """A setting as --set takes it: true, null and numbers as JSON has them, words as they are."""
    return value if isinstance(value, str) and value else json_.dumps(value)


def _parameters(found: Mapping[str, Any]) -> str:
    if found["parameters"] is not None:
        return f"{found['parameters']:,} for {found['classes']} classes"
    if "parameters" in found["unresolved"]:
        return _reason(found["unresolved"]["parameters"])
    return "not a net"


def _macs(found: Mapping[str, Any]) -> str:
    if found["macs"] is None:
        if "recipes" in found["unresolved"]:
            return "cannot be told without its features"
        return _reason(found["unresolved"]["macs_per_second"])
    encoders = " and ".join(dict.fromkeys(found["encoders"]))
    without = f"; the encoder ({encoders}) is not counted" if encoders else ""
    arrays = ", ".join(f"{k} {n} x {dims}" for k, (n, dims) in found["arrays"].items())
    size, seconds = _short(found["macs"]), found["seconds_counted"]
    return (
        f"{_short(found['macs_per_second'])} per second of sound\n"
        f"  {size} for an utterance of {seconds:.2f} s ({arrays})\n"
        f"  matrix products, convolutions and recurrences{without}"
    )


def _print_features(found: Mapping[str, Any]) -> None:
    if found["recipes"] is None:
        typer.echo(f"features: {_reason(found['unresolved']['recipes'])}")
    elif not found["recipes"]:
        typer.echo("features: none")
    else:
        typer.echo("features:")
        for recipe in found["recipes"]:
            typer.echo(f"  {_recipe(recipe)}")


def _recipe(recipe: Mapping[str, Any]) -> str:
    """A recipe on one line: ``mfcc, 39 columns: rate 22050, channel mean, ...``."""
    columns = f", {recipe['dims']} columns" if "dims" in recipe else ""
    return f"{recipe['name']}{columns}: {_settings(recipe)}"


def _settings(recipe: Mapping[str, Any]) -> str:
    parts = []
    for key, value in recipe.items():
        if isinstance(value, Mapping):
            parts.append(f"{key} {value['name']} ({_settings(value)})")
        elif key not in {"name", "dims"} and value is not None:
            shown = " ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
            parts.append(f"{key} {shown[:16] + '...' if key == 'weights' else shown}")
    return ", ".join(parts)


def _short(count: float) -> str:
    """Three digits and a unit: "18.9 M"."""
    for unit, size in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if count >= 0.9995 * size:
            return f"{count / size:.3g} {unit}"
    return f"{count:.0f}"


def _reason(message: str) -> str:
    """Why something cannot be told, its further lines set in."""
    return "cannot be told here: " + message.replace("\n", "\n  ")
