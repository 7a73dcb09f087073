"""A model as it was asked for, and what of it stands in a trial."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

from serbench.canonical import digest
from serbench.errors import ModelError
from serbench.model import Factory, declared_version, settings
from serbench.registry import file_digest, is_path, load, module_digest


@dataclass(frozen=True)
class ModelChoice:
    """A model as it was asked for: a registered name or ``path.py:Class``, and all its settings.

    Parameters
    ----------
    spec
        As it was asked for.
    settings
        Every parameter, defaults filled in.
    chosen
        Those of them that the user set: a model's own choice for a corpus does not touch these.
    """

    spec: str
    settings: Mapping[str, Any]
    chosen: frozenset[str] = frozenset()

    @classmethod
    def of(cls, spec: str, chosen: Mapping[str, Any]) -> ModelChoice:
        """Fill in the defaults.

        Raises
        ------
        SerbenchError
            If there is no such model or setting.
        """
        return cls(spec, settings(load("models", spec), chosen), frozenset(chosen))

    def on(self, *corpora: str) -> ModelChoice:
        """The same with the settings that the model's author gives for a corpus.

        Across several corpora none of these hold: one training serves them all.

        Raises
        ------
        ModelError
            If the model gives a setting there that it does not have.
        """
        if len(corpora) > 1:
            return self
        (corpus,) = corpora
        own: Mapping[str, Any] = getattr(self.factory(), "corpus_settings", {}).get(corpus, {})
        if unknown := set(own) - set(self.settings):
            raise ModelError(
                f"the model {self.spec!r} gives {', '.join(sorted(unknown))} for {corpus}",
                expected="its own settings: " + ", ".join(self.settings),
            )
        kept = {name: value for name, value in own.items() if name not in self.chosen}
        read = settings(self.factory(), kept)  # 1 for a setting of 0.5 is 1.0, as from a user
        return replace(self, settings={**self.settings, **{name: read[name] for name in kept}})

    def variant(self, *corpora: str) -> dict[str, Any]:
        """The settings that differ from the defaults on these corpora, as they stand in a trial."""
        usual = ModelChoice.of(self.spec, {}).on(*corpora).settings
        stand = self._identified()
        return {
            name: stand[name]
            for name, value in self.settings.items()
            if value != usual[name] and stand[name] != usual[name]
        }

    def factory(self) -> Factory:
        factory: Factory = load("models", self.spec)
        return factory

    def identity(self) -> dict[str, Any]:
        """Name, version and settings as they stand in a trial.

        The version of a file's model is the file's SHA-256: nobody raises a number there.
        """
        factory = self.factory()
        path = is_path(self.spec)
        return {
            "name": self.spec.rpartition(":")[2] if path else self.spec,
            "version": file_digest(self.spec) if path else declared_version(factory),
            "settings": self._identified(),
        }

    def _identified(self) -> dict[str, Any]:
        return identified(self.factory(), self.settings)


def identified(factory: Factory, values: Mapping[str, Any]) -> dict[str, Any]:
    """A model's settings as they stand in a trial, which is the same on any machine.

    Raises
    ------
    ModelError
        If the model's ``identify`` gives other settings than the model has, or none that JSON
        holds; if a setting is a place on this machine and stands so in a trial.
    """
    identify = getattr(factory, "identify", None)
    stand = dict(identify(values) if callable(identify) else values)
    try:
        json.dumps(stand, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ModelError(
            f"identify returned {stand!r}", expected="settings as JSON values"
        ) from error
    if set(stand) != set(values):
        raise ModelError(
            f"identify returned the settings {', '.join(stand) or 'none'}",
            expected=", ".join(values),
        )
    for name, value in values.items():
        if _is_place(value) and stand[name] == value:
            raise ModelError(
                f"the setting {name!r} is a place on this machine, {value}, and stands so in "
                "a trial",
                expected="a trial that is the same on any machine",
                advice="a static method `identify(settings)` that puts in its place what lies "
                "there, such as a digest",
            )
    return stand


def _is_place(value: Any) -> bool:
    return isinstance(value, str) and os.sep in value and Path(value).expanduser().exists()


def code_digest(factory: Factory) -> str:
    """SHA-256 of the source of an installed model: provenance, not identity.

    Of the file that it stands in, and of those of its own package that this one takes from.
    """
    modules = sorted(_own_modules(str(getattr(factory, "__module__", ""))))
    digests = [module_digest(name) for name in modules]
    return digests[0] if len(digests) == 1 else digest(digests)


def _own_modules(first: str) -> set[str]:
    """A module and those of its package whose functions, classes or values' classes it holds."""
    package = first.partition(".")[0]
    found: set[str] = set()
    waiting = [first]
    while waiting:
        name = waiting.pop()
        if name in found or name not in sys.modules or name.partition(".")[0] != package:
            continue
        found.add(name)
        for value in vars(sys.modules[name]).values():
            is_module = isinstance(value, ModuleType)
            waiting.append(str(value.__name__ if is_module else getattr(value, "__module__", "")))
    return found
