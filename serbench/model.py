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
from serbench.features.recipe import AnyRecipe
from serbench.labels import Classes, Scale, Task
from serbench.typed import typed


@runtime_checkable
class Model(Protocol):
    """What serbench asks of a model.

    Optional attributes, read on the instance:

    ``inputs``
        A set of "audio" and "text"; absent: {"audio"}. Nothing else is handed over.
    ``recipes``
        The features it will ask for; absent: none. They are computed ahead, once for all models.
    ``targets``
        What it learns from beside the labels, such as {"gender"}; absent: nothing. A corpus that
        does not know it of every utterance is refused before anything is trained.
    ``instead``
        Input or target to the advice that is given where a corpus lacks it, such as
        {"gender": "--set gender=false"}.
    ``deterministic``
        True if the seed changes nothing: one seed is then enough.
    ``speaker_groups``
        True if it asks which test utterances have one speaker (``test.groups``).
    ``target_access``
        Where a model has several ways: what its settings make it ask of the test side; see
        :func:`serbench.access.needed_access`.
    ``check_settings()``
        Raises what is wrong with its settings, beside what its constructor refuses.
    ``version``
        A string, raised by its author when equal settings no longer give equal results; "1".

    Read on the class:

    ``corpus_settings``
        Corpus to settings that replace the defaults there, where a paper has them by corpus. What
        a user sets goes before.
    ``identify(settings)``
        A static method: the settings as they stand in a trial, where a setting names a place on
        this machine (a folder becomes the digest of what lies there).

    Where a scale is asked for, ``predict(test)``, float [utterances], takes the place of
    ``predict_proba``; of tags, ``predict_proba`` gives each one's probability independently.
    """

    def fit(self, train: LabelledUtterances, *, seed: int) -> Self:
        """Learn from the training set, and from nothing else."""

    def predict_proba(self, test: Utterances) -> NDArray[Any]:
        """Float [utterances, classes] in the order of ``test.task.names``; rows sum to one."""


Factory = Callable[..., Model]


def declared_inputs(model: Model) -> frozenset[str]:
    return frozenset(getattr(model, "inputs", ("audio",)))


def declared_recipes(model: Model) -> tuple[AnyRecipe, ...]:
    recipes = tuple(getattr(model, "recipes", ()))
    for recipe in recipes:
        if not _is_recipe(recipe):
            raise ModelError(
                f"the model declares the recipe {recipe!r}",
                expected="an instance of a recipe, such as serbench.features.frames.Mfcc()",
            )
    return recipes


def _is_recipe(thing: Any) -> bool:
    """By what it has, of which nothing is asked: the library that it names may not be here.

    (``isinstance`` of a protocol does the same from Python 3.12 on.)
    """
    sound = ("name", "rate", "channel", "dims", "extractor", "extract")
    text = ("name", "reads", "dims", "extractor", "extract_text")
    nothing = object()
    return any(
        all(inspect.getattr_static(thing, name, nothing) is not nothing for name in names)
        for names in (sound, text)
    )


def declared_targets(model: Model) -> frozenset[str]:
    return frozenset(getattr(model, "targets", ()))


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
        values[name] = typed(name, value, values[name])
    return values


def build(factory: Factory, values: Mapping[str, Any]) -> Model:
    """A model with these settings, held to the contract.

    Raises
    ------
    UsageError
        If the constructor refuses a value.
    ModelError
        If what it builds has no ``fit``, or neither ``predict_proba`` nor ``predict``.
    """
    try:
        model = factory(**values)
    except SerbenchError:
        raise
    except Exception as error:
        raise UsageError(
            f"the model {_name(factory)} refuses its settings: {type(error).__name__}: {error}"
        ) from error
    answers = [name for name in ("predict_proba", "predict") if hasattr(model, name)]
    if not hasattr(model, "fit") or not answers:
        missing = [name for name in ("fit", "predict_proba") if not hasattr(model, name)]
        raise ModelError(
            f"the model {_name(factory)} has no " + " and no ".join(missing),
            expected="fit(train, *, seed) and predict_proba(test), or predict(test) for a scale",
        )
    check = getattr(model, "check_settings", None)
    if callable(check):
        check()
    return model


def answer(model: Model, test: Utterances) -> NDArray[np.float32]:
    """What a model says of a test set, if it is what the contract asks for.

    Returns
    -------
    float32 [utterances, columns]: a column a class or a tag, one for a scale.

    Raises
    ------
    ModelError
        For a wrong shape, NaN or infinity; for probabilities outside of 0 to 1, or of classes that
        do not sum to one (1e-3); where a scale is asked for and the model has no ``predict``.
    """
    task = test.task
    check_tells(model, task)
    if isinstance(task, Scale):
        values = np.asarray(model.predict(test))  # type: ignore[attr-defined]
        return _checked("predict", values.reshape(-1, 1) if values.ndim == 1 else values, test, 1)
    array = _checked("predict_proba", model.predict_proba(test), test, len(task.names))
    if isinstance(task, Classes) and (abs(array.sum(axis=1) - 1) > 1e-3).any():
        raise ModelError(
            "predict_proba returned rows that are not probabilities",
            expected="values from 0 to 1 whose rows sum to 1",
            advice="end with a softmax, or divide each row by its sum",
        )
    if (array < -1e-6).any() or (array > 1 + 1e-3).any():
        raise ModelError(
            "predict_proba returned values that are not probabilities",
            expected="values from 0 to 1",
        )
    return array


def check_tells(model: Model, task: Task) -> None:
    """Refuse a model that has no answer of this kind.

    Raises
    ------
    ModelError
        If the task is a scale and the model has no ``predict``, or it is another and the model has
        no ``predict_proba``.
    """
    if not isinstance(task, Scale) and not callable(getattr(model, "predict_proba", None)):
        raise ModelError(
            "the model answers on a scale, and the label space has none",
            expected="a model with predict_proba(test), or a label space with a scale",
            advice="serbench labels list",
        )
    if isinstance(task, Scale) and not callable(getattr(model, "predict", None)):
        raise ModelError(
            f"the model tells classes apart, and the label space is {_words(task)}",
            expected="a model with predict(test), or a label space of classes",
            advice="serbench labels list",
        )


def _checked(name: str, said: Any, test: Utterances, columns: int) -> NDArray[np.float32]:
    array = np.asarray(said)
    if array.shape != (len(test), columns):
        shape = f"({len(test)}, {columns}): a row an utterance, a column a class"
        raise ModelError(
            f"{name} returned an array of shape {array.shape}",
            expected=f"({len(test)},): a number an utterance" if name == "predict" else shape,
        )
    with np.errstate(over="ignore"):
        array = array.astype(np.float32)
    if not np.isfinite(array).all():
        raise ModelError(
            f"{name} returned {np.count_nonzero(~np.isfinite(array))} values that are "
            "NaN or infinite, or that float32 cannot hold"
        )
    return array


def _words(task: Scale) -> str:
    return f"a scale from {task.low:g} to {task.high:g}"


def _name(factory: Factory) -> str:
    return str(getattr(factory, "__name__", factory))
