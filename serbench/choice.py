"""A model as it was asked for, and what of it stands in a trial."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from serbench.errors import ModelError
from serbench.model import Factory, declared_version, settings
from serbench.registry import file_digest, is_path, load, source_digest


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

    def on(self, corpus: str) -> ModelChoice:
        """The same with the settings that the model's author gives for a corpus.

        Raises
        ------
        ModelError
            If the model gives a setting there that it does not have.
        """
        own: Mapping[str, Any] = getattr(self.factory(), "corpus_settings", {}).get(corpus, {})
        if unknown := set(own) - set(self.settings):
            raise ModelError(
                f"the model {self.spec!r} gives {', '.join(sorted(unknown))} for {corpus}",
                expected="its own settings: " + ", ".join(self.settings),
            )
        kept = {name: value for name, value in own.items() if name not in self.chosen}
        return replace(self, settings={**self.settings, **kept})

    def variant(self, corpus: str) -> dict[str, Any]:
        """The settings that differ from the defaults on a corpus, as they stand in a trial."""
        usual = ModelChoice.of(self.spec, {}).on(corpus).settings
        stand = self._identified()
        return {name: stand[name] for name, value in self.settings.items() if value != usual[name]}

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
        """The settings without any place on this machine."""
        identify = getattr(self.factory(), "identify", None)
        return dict(identify(self.settings) if callable(identify) else self.settings)


def code_digest(factory: Factory) -> str:
    """SHA-256 of the source that an installed model stands in: provenance, not identity."""
    return source_digest(factory) or hashlib.sha256(b"").hexdigest()
