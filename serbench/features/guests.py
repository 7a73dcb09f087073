"""Recipes of guests: which of them another process can import, and how it gets the others.

A recipe whose class stands in an installed module goes to another process as it is, a frozen
dataclass. One that stands in a model's file (``path.py:Class``) has no name there; what is sent is
the model and its settings, and the other process asks the model for its recipes.
"""

from __future__ import annotations

import dataclasses
import functools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any, Protocol

from serbench.canonical import canonical
from serbench.errors import SerbenchError
from serbench.features.recipe import AnyRecipe, recipe_digest
from serbench.registry import is_path, load, source_digest


class Choice(Protocol):
    """A model and all its settings (:class:`serbench.choice.ModelChoice`)."""

    @property
    def spec(self) -> str:
        """A registered name or ``path.py:Class``."""

    @property
    def settings(self) -> Mapping[str, Any]:
        """Every parameter, defaults filled in."""


@dataclass(frozen=True, slots=True)
class Declared:
    """A recipe by the model that declares it."""

    spec: str
    settings: str  # canonical JSON
    digest: str  # of the recipe

    @classmethod
    def by(cls, choice: Choice, recipe: AnyRecipe) -> Declared:
        spec = choice.spec
        if is_path(spec):
            path, _, name = spec.rpartition(":")
            spec = f"{Path(path).expanduser().resolve()}:{name}"
        return cls(spec, canonical(dict(choice.settings)), recipe_digest(recipe))


def source_of(choice: Choice, recipe: AnyRecipe) -> AnyRecipe | Declared:
    """The recipe in the form in which another process can have it."""
    return recipe if is_portable(recipe) else Declared.by(choice, recipe)


@functools.lru_cache(maxsize=256)
def resolve(declared: Declared) -> AnyRecipe:
    """Build the model and find the recipe among those it declares.

    Raises
    ------
    SerbenchError
        If the model declares no such recipe here.
    """
    from serbench.model import build, declared_recipes

    model = build(load("models", declared.spec), json.loads(declared.settings))
    for recipe in declared_recipes(model):
        if recipe_digest(recipe) == declared.digest:
            return recipe
    raise SerbenchError(
        f"the model {declared.spec!r} no longer declares the recipe that was planned",
        advice="run the command again, so that it is planned anew",
    )


def is_portable(recipe: AnyRecipe) -> bool:
    """Whether another process can import the recipe's class, and those of recipes within it."""
    return all(_is_importable(kind) for kind in _classes(recipe))


def file_digests(recipe: AnyRecipe) -> list[str]:
    """SHA-256 of each file outside of any module that the recipe's code stands in.

    Nobody raises a version number in such a file; its arrays are made anew when it changes.
    """
    return sorted({source_digest(kind) for kind in _classes(recipe) if not _is_importable(kind)})


def _classes(value: Any) -> Iterator[type]:
    if dataclasses.is_dataclass(value):
        yield type(value)
        for field in dataclasses.fields(value):
            yield from _classes(getattr(value, field.name))
    elif isinstance(value, tuple | list):
        for inner in value:
            yield from _classes(inner)


@functools.cache
def _is_importable(kind: type) -> bool:
    package = kind.__module__.partition(".")[0]
    if package == "__main__" or "<locals>" in kind.__qualname__:
        return False
    return PathFinder.find_spec(package) is not None
