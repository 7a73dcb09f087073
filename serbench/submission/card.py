"""The card of a submission: what its trials say of each model, and what its authors add.

``CARD.toml`` is the authors' part. What stands at its top holds for every model; a table
``[models.NAME]`` for one alone::

    title = "Attention over syllables"
    authors = ["A. Author", "B. Author"]
    contact = "a.author@example.org"
    url = "https://example.org/code"
    licence = "MIT"
    description = "A two-layer network; Section 3 of the paper."
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from serbench.canonical import canonical
from serbench.errors import UsageError
from serbench.planned import Plan
from serbench.registry import nearest
from serbench.trained import Trained

TEXTS = ("title", "contact", "url", "licence", "description")
FIELDS = ("title", "authors", "contact", "url", "licence", "description")
MODELS = "models"
LONGEST = 10_000  # characters of a text


@dataclass(frozen=True)
class Card:
    """A ``CARD.toml`` as read.

    Parameters
    ----------
    shared
        What holds for every model.
    models
        Name to what holds for that one.
    """

    shared: Mapping[str, Any] = field(default_factory=dict)
    models: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def of(self, model: str) -> dict[str, Any]:
        """What the authors say of a model; None of what they do not say."""
        return {**dict.fromkeys(FIELDS), **self.shared, **self.models.get(model, {})}


def read_card(path: Path, models: Iterable[str]) -> Card:
    """Read a ``CARD.toml``.

    Parameters
    ----------
    models
        Those that are submitted.

    Raises
    ------
    UsageError
        If it cannot be read, or holds a key or a model that there is not.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"{path} cannot be read: {reason}", expected="a TOML file") from error
    own = content.pop(MODELS, {})
    if not isinstance(own, dict):
        raise UsageError(f"{path}: {MODELS} is {own!r}", expected=f"tables [{MODELS}.NAME]")
    known = sorted(set(models))
    for name in own:
        if name not in known:
            raise _unknown(path, f"[{MODELS}.{name}]", name, known, "model that is submitted")
        if not isinstance(own[name], dict):
            raise UsageError(f"{path}: {MODELS}.{name} is {own[name]!r}", expected="a table")
    return Card(
        _fields(path, content, (*FIELDS, MODELS)),
        {name: _fields(path, values, FIELDS) for name, values in own.items()},
    )


def described(
    rows: Iterable[tuple[Plan, Iterable[Mapping[str, Any]]]], card: Card
) -> list[dict[str, Any]]:
    """Each model of a submission, as JSON values, in the order of names and versions.

    ``code`` are the SHA-256 of its source that its trials recorded, ``pretraining`` the corpora
    that it declares to have heard before ([]: none; None: it does not say), ``parameters`` how many
    it trains, a number for each of its settings, None where it cannot say.

    Parameters
    ----------
    rows
        Each row's plan, and the provenance of its trials.
    """
    told: dict[tuple[str, str], list[tuple[Plan, list[Mapping[str, Any]]]]] = defaultdict(list)
    for plan, provenances in rows:
        model = plan.row["model"]
        told[str(model["name"]), str(model["version"])].append((plan, list(provenances)))
    found = []
    for (name, version), own in sorted(told.items()):
        heard = [plan.notes.get("pretraining", []) for plan, _ in own]
        sizes = {Trained.of(provenances).parameters for _, provenances in own}
        found.append(
            {
                "name": name,
                "version": version,
                "code": sorted({str(one.get("code", "")) for _, every in own for one in every}),
                "pretraining": None
                if any(one is None for one in heard)
                else sorted({str(corpus) for one in heard for corpus in one}),
                "parameters": sorted(sizes, key=canonical),
                **card.of(name),
            }
        )
    return found


def _fields(path: Path, content: Mapping[str, Any], known: tuple[str, ...]) -> dict[str, Any]:
    for name, value in content.items():
        if name not in known:
            raise _unknown(path, repr(name), name, known, "key of a card")
        if name == "authors":
            if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
                raise UsageError(f"{path}: authors is {value!r}", expected='["A. Author", ...]')
        elif not isinstance(value, str):
            raise UsageError(f"{path}: {name} is {value!r}", expected="a text")
        if len(canonical(value)) > LONGEST:
            raise UsageError(f"{path}: {name} is longer than {LONGEST} characters")
    return dict(content)


def _unknown(path: Path, what: str, name: str, known: Iterable[str], kind: str) -> UsageError:
    hint = nearest(name, known)
    return UsageError(
        f"{path}: {what} is no {kind}",
        expected="one of " + ", ".join(known),
        advice=f"did you mean {hint!r}?" if hint else "",
    )
