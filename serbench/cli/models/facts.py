"""What there is to say of a model. What cannot be told here has its reason in its place.

An encoder that is not on this machine, or a library that is not installed, keeps a model from being
run and not from being described. Nothing is downloaded.
"""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from serbench.choice import ModelChoice
from serbench.errors import SerbenchError
from serbench.features.recipe import record
from serbench.labels import Classes
from serbench.model import (
    Factory,
    build,
    declared_inputs,
    declared_recipes,
    declared_targets,
    declared_version,
    is_deterministic,
)
from serbench.registry import registered

CLASSES = 7  # of EMO-DB and SAVEE; a model whose paper has others says so in `classes_shown`

T = TypeVar("T")


def facts(choice: ModelChoice, corpus: str | None, classes: int | None) -> dict[str, Any]:
    """A model as JSON.

    Parameters
    ----------
    corpus
        On which it stands with its own settings; None: on none.
    classes
        That it is to tell apart; None: what its paper has, or seven.

    Raises
    ------
    SerbenchError
        If it cannot be built, or the model's settings for the corpus are none of its own.
    """
    factory = choice.factory()
    choice = choice if corpus is None else choice.on(corpus)
    count = int(getattr(factory, "classes_shown", CLASSES)) if classes is None else classes
    task = Classes(tuple(f"class {i + 1}" for i in range(count)))
    model: Any = build(factory, choice.settings)
    unresolved: dict[str, str] = {}

    def told(what: str, tell: Callable[[], T]) -> T | None:
        try:
            return tell()
        except SerbenchError as error:
            unresolved[what] = str(error)
        except Exception as error:  # noqa: BLE001  a guest's model may raise anything
            unresolved[what] = f"{type(error).__name__}: {error}"
        return None

    with _nothing_downloaded():
        recipes = told("recipes", lambda: declared_recipes(model))
        size = getattr(model, "parameters_for", None)
        parameters = told("parameters", lambda: size(task)) if callable(size) else None
        cost = None
        if recipes is not None and _is_net(model):
            from serbench.nets.cost import cost as cost_of

            cost = told("macs_per_second", lambda: cost_of(model, task))
    if "recipes" in unresolved and _is_net(model):
        unresolved["macs_per_second"] = unresolved["recipes"]
    return {
        "name": choice.spec,
        "owner": ", ".join(c.owner for c in registered("models").get(choice.spec, ())) or None,
        "version": declared_version(factory),
        "about": (inspect.getdoc(factory) or "").partition("\n\n")[0],
        "corpus": corpus,
        "inputs": sorted(declared_inputs(model)),
        "targets": sorted(declared_targets(model)),
        "recipes": None if recipes is None else [described(recipe) for recipe in recipes],
        "encoders": [r.model_type for r in recipes or () if hasattr(r, "model_type")],
        "deterministic": is_deterministic(model),
        "classes": count,
        "parameters": parameters,
        "macs_per_second": None if cost is None else round(cost.per_second),
        "macs": None if cost is None else cost.macs,
        "seconds_counted": None if cost is None else cost.seconds,
        "arrays": None if cost is None else {k: list(shape) for k, shape in cost.arrays.items()},
        "settings": dict(choice.settings),
        "corpus_settings": _of_corpora(factory),
        "unresolved": unresolved,
    }


def described(recipe: Any) -> dict[str, Any]:
    """A recipe's record, and the length of its last axis."""
    return {**record(recipe), "dims": recipe.dims}


def _of_corpora(factory: Factory) -> dict[str, dict[str, Any]]:
    own: Mapping[str, Mapping[str, Any]] = getattr(factory, "corpus_settings", {})
    return {corpus: dict(settings) for corpus, settings in sorted(own.items())}


def _is_net(model: Any) -> bool:
    """Whether serbench trains it, without importing torch to find out."""
    nets = sys.modules.get("serbench.nets.net")
    return nets is not None and isinstance(model, nets.Net)


@contextmanager
def _nothing_downloaded() -> Iterator[None]:
    """Let the hub of encoders be asked for nothing that is not on this machine."""
    before = os.environ.get("HF_HUB_OFFLINE")
    os.environ["HF_HUB_OFFLINE"] = "1"  # read when huggingface_hub is imported,
    hub: Any = sys.modules.get("huggingface_hub.constants")
    was = getattr(hub, "HF_HUB_OFFLINE", None)
    if hub is not None:
        hub.HF_HUB_OFFLINE = True  # which may be the case
    try:
        yield
    finally:
        if before is None:
            del os.environ["HF_HUB_OFFLINE"]
        else:
            os.environ["HF_HUB_OFFLINE"] = before
        hub = sys.modules.get("huggingface_hub.constants")
        if hub is not None:
            hub.HF_HUB_OFFLINE = bool(before) and before != "0" if was is None else was
