"""A model as it was asked for, and what of it stands in a trial."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from serbench.model import Factory, declared_version, settings
from serbench.registry import file_digest, is_path, load, source_digest


@dataclass(frozen=True)
class ModelChoice:
    """A model as it was asked for: a registered name or ``path.py:Class``, and all its settings."""

    spec: str
    settings: Mapping[str, Any]

    @classmethod
    def of(cls, spec: str, chosen: Mapping[str, Any]) -> ModelChoice:
        """Fill in the defaults.

        Raises
        ------
        SerbenchError
            If there is no such model or setting.
        """
        return cls(spec, settings(load("models", spec), chosen))

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
            "settings": dict(self.settings),
        }


def code_digest(factory: Factory) -> str:
    """SHA-256 of the source that an installed model stands in: provenance, not identity."""
    return source_digest(factory) or hashlib.sha256(b"").hexdigest()
