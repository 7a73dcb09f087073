"""The contract of a model, in scikit-learn's habit, and the settings that a trial records.

A model is anything with ``fit`` and ``predict_proba``. It need not import serbench. What a trial
records of it are the keyword parameters of its constructor, defaults filled in, so these must be
JSON values: numbers, strings, booleans, null, and lists of them.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping
from typing import Any, Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from serbench.data import LabelledUtterances, Utterances
from serbench.errors import ModelError, SerbenchError, UsageError
from serbench.features.recipe import Recipe


@runtime_checkable
class Model(Protocol):
    """What serbench asks of a model.

    Optional attributes, read on the instance:

    ``inputs``
        A set of "audio" and "text"; absent: {"audio"}. Nothing else is handed over.
    ``recipes``
        The features it will ask for; absent: none. They are computed ahead, once for all models.
    ``deterministic``
        True if the seed changes nothing: one seed is then enough.
    ``version``
        A string, raised by its author when equal settings no longer give equal results; "1".
    """

    def fit(self, train: LabelledUtterances, *, seed: int) -> Self:
        """Learn from the training set, and from nothing else."""

    def predict_proba(self, test: Utterances) -> NDArray[Any]:
        """Float [utterances, classes] in the order of ``test.task.names``; rows sum to one."""


Factory = Callable[..., Model]


def declared_inputs(model: Model) -> frozenset[str]:
    return frozenset(getattr(model, "inputs", ("audio",)))


def declared_recipes(model: Model) -> tuple[Recipe, ...]:
    recipes = tuple(getattr(model, "recipes", ()))
    for recipe in recipes:
        if not isinstance(recipe, Recipe):
            raise ModelError(
                f"the model declares the recipe {recipe!r}",
                expected="an instance of a recipe, such as serbench.features.frames.Mfcc()",
            )
    return recipes


def declared_version(factory: Factory) -> str:
    return str(getattr(factory, "version", "1"))


def is_deterministic(model: Model) -> bool:
    return bool(getattr(model, "deterministic", False))


def defaults(factory: Factory) -> dict[str, Any]:
    """Every parameter of a model and its default.

    Raises
    ------
    ModelError
        If a parameter has no default, or one that JSON cannot hold.
    """
    values: dict[str, Any] = {}
    for parameter in inspect.signature(factory).parameters.values():
        if parameter.kind in {parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD}:
            raise ModelError(
                f"the model {_name(factory)} takes *{parameter.name}: a trial could not record it",
                expected="parameters with names and defaults",
            )
        if parameter.default is parameter.empty:
            raise ModelError(
                f"the parameter {parameter.name!r} of the model {_name(factory)} has no default",
                expected="a default for each parameter, so that the bare name runs",
            )
        try:
            json.dumps(parameter.default, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise ModelError(
                f"the parameter {parameter.name!r} of the model {_name(factory)} has the default "
                f"{parameter.default!r}",
                expected="a JSON value: number, string, boolean, null or a list of them",
            ) from error
        values[parameter.name] = parameter.default
    return values


def settings(factory: Factory, chosen: Mapping[str, str | Any]) -> dict[str, Any]:
    """All parameters: the defaults, and over them what was chosen.

    Strings from a command line are read as the default's kind: ``hidden=64`` gives an integer where
    the default is one.

    Raises
    ------
    UsageError
        If there is no such parameter, or the value cannot be read.
    """
    values = defaults(factory)
    for name, value in chosen.items():
        if name not in values:
            from serbench.registry import nearest

            hint = nearest(name, values)
            raise UsageError(
                f"the model {_name(factory)} has no parameter {name!r}",
                expected="one of " + (", ".join(values) or "none: it has no parameters"),
                advice=f"did you mean {hint!r}?" if hint else "",
            )
        values[name] = _read(name, value, values[name])
    return values


def build(factory: Factory, values: Mapping[str, Any]) -> Model:
    """A model with these settings, held to the contract.

    Raises
    ------
    UsageError
        If the constructor refuses a value.
    ModelError
        If what it builds has no ``fit`` or no ``predict_proba``.
    """
    try:
        model = factory(**values)
    except SerbenchError:
        raise
    except Exception as error:
        raise UsageError(
            f"the model {_name(factory)} refuses its settings: {type(error).__name__}: {error}"
        ) from error
    if not isinstance(model, Model):
        missing = [name for name in ("fit", "predict_proba") if not hasattr(model, name)]
        raise ModelError(
            f"the model {_name(factory)} has no " + " and no ".join(missing),
            expected="fit(train, *, seed) and predict_proba(test)",
        )
    return model


def check_probabilities(
    probabilities: NDArray[Any], utterances: int, classes: int
) -> NDArray[np.float32]:
    """What a model predicted, if it is what the contract asks for.

    Returns
    -------
    float32 [utterances, classes]

    Raises
    ------
    ModelError
        For a wrong shape, NaN or infinity, negative values, or rows that do not sum to one (1e-3).
    """
    array = np.asarray(probabilities)
    if array.shape != (utterances, classes):
        raise ModelError(
            f"predict_proba returned an array of shape {array.shape}",
            expected=f"({utterances}, {classes}): a row an utterance, a column a class",
        )
    if not np.isfinite(array).all():
        raise ModelError(
            f"predict_proba returned {np.count_nonzero(~np.isfinite(array))} values that are "
            "NaN or infinite"
        )
    if (array < -1e-6).any() or (abs(array.sum(axis=1) - 1) > 1e-3).any():
        raise ModelError(
            "predict_proba returned rows that are not probabilities",
            expected="values from 0 to 1 whose rows sum to 1",
            advice="end with a softmax, or divide each row by its sum",
        )
    return array.astype(np.float32)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON value")


def _name(factory: Factory) -> str:
    return str(getattr(factory, "__name__", factory))


def _read(name: str, value: Any, default: Any) -> Any:
    """A command line's string as the default's kind."""
    if not isinstance(value, str):
        return value
    if isinstance(default, str):
        return value
    try:
        read = json.loads(value, parse_constant=_refuse)
        json.dumps(read, allow_nan=False)  # 1e999 is read as infinity
    except ValueError as error:
        lowered = value.lower()
        if isinstance(default, bool) and lowered in {"true", "false"}:
            return lowered == "true"
        if default is None:
            return value
        raise UsageError(
            f"{name}={value} cannot be read", expected=f"a value like {json.dumps(default)}"
        ) from error
    kinds = {bool: (bool,), int: (int,), float: (int, float), list: (list,)}
    wanted = kinds.get(type(default))
    fits = wanted is None or isinstance(read, wanted)
    if fits and isinstance(read, bool) and not isinstance(default, bool) and default is not None:
        fits = False
    if not fits:
        raise UsageError(
            f"{name}={value} is of the wrong kind", expected=f"a value like {json.dumps(default)}"
        )
    return float(read) if isinstance(default, float) else read
