"""Trains the nets of a figure once more, for what no results folder holds: what they see inside.

Each panel is trained with the very settings, fold and seed of a stored trial, so that its answers
can be held against those that were stored.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from serbench.attending import Attended, attended
from serbench.choice import ModelChoice
from serbench.representing import Represented, represented
from serbench.reproducing.picture import Picture, Shown
from serbench.reproducing.running import Override, request_of
from serbench.request import Request
from serbench.watcher import Watcher


@dataclass(frozen=True, eq=False)
class Seen:
    """A panel, and what its net makes of a test set."""

    shown: Shown
    inside: Represented | Attended


def seen_again(
    picture: Picture, request: Request, watcher: Watcher, overrides: Sequence[Override] = ()
) -> tuple[Seen, ...]:
    """Train every measured panel of a figure once, and look inside; what it takes is told before.

    Parameters
    ----------
    request
        How it is trained; its models, protocols and corpora are not looked at.
    overrides
        Settings as they were asked for: where on this machine lies what a trial knows by its
        digest, such as an encoder's folder.

    Raises
    ------
    SerbenchError
        As of any run, in words.
    """
    return tuple(_again(picture, shown, request, watcher, overrides) for shown in picture.drawable)


def stored_settings(
    model: str, stored: Mapping[str, Any], overrides: Sequence[Override]
) -> dict[str, Any]:
    """The settings of a stored trial as this machine can train them.

    A digest that stands for a place gives way to the place itself, where the settings asked for or
    the model's own defaults name one that has this digest.
    """
    own = {name: value for of, name, value in overrides if of in {"", model}}
    choice = ModelChoice.of(model, own)
    if not any(isinstance(value, str) and ":" in value for value in stored.values()):
        return dict(stored)  # no digest stands among them
    stand = choice.identity()["settings"]
    return {
        name: choice.settings[name] if stand.get(name) == value else value
        for name, value in stored.items()
    }


def _again(
    picture: Picture,
    shown: Shown,
    request: Request,
    watcher: Watcher,
    overrides: Sequence[Override],
) -> Seen:
    assert shown.measured is not None
    held = shown.measured.held
    seed, fold = min(held.trials)
    settings = stored_settings(shown.panel.model, held.row["model"]["settings"], overrides)
    stored = dataclasses.replace(shown.panel.sought, settings=settings)
    own = request_of(stored, request)
    watcher.note(f"{shown.panel.title}, fold {fold}")
    if picture.figure.kind == "attention":
        inside: Represented | Attended = attended(own, fold=fold, seed=seed, watcher=watcher)
    else:
        inside = represented(own, fold=fold, seed=seed, test=None, watcher=watcher)
    if inside.same is not None:
        count = inside.count if isinstance(inside, Attended) else len(inside.ids)
        watcher.note(f"{inside.same} of {count} answers are those of the stored trial")
    return Seen(shown, inside)
