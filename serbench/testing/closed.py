"""Utterances behind a door: a model is handed what the contract names, and caught at anything else.

In a trial the very same objects are handed over without the door, so what is refused here would go
unseen there.
"""

from __future__ import annotations

from typing import Any, TypeVar, cast

from serbench.data import LabelledUtterances, Utterances
from serbench.errors import ModelError

TO_JUDGE = ("task", "waveform", "feature", "text", "groups", "at")
TO_LEARN = (*TO_JUDGE, "y", "speakers", "target", "subset", "holdout")

U = TypeVar("U", bound=Utterances)


class NotShown(ModelError, AttributeError):
    """What no utterances have; ``hasattr`` and ``getattr`` with a default take it as usual."""


def closed(data: U) -> U:
    """The same utterances, with nothing to be reached but the contract's names.

    Whoever reaches for a private name (``_source``, ``_rows``) or assigns to one of theirs gets a
    :class:`ModelError`; for any other name, a :class:`NotShown`.
    """
    return cast("U", _Closed(data))


class _Closed:
    __slots__ = ("_inner",)

    def __init__(self, inner: Utterances) -> None:
        object.__setattr__(self, "_inner", inner)

    def __len__(self) -> int:
        return len(_open(self))

    def __getattribute__(self, name: str) -> Any:
        inner = _open(self)
        if name.startswith("__"):  # __class__ among them: isinstance() finds the real one
            return getattr(inner, name)
        learns = isinstance(inner, LabelledUtterances)
        shown = TO_LEARN if learns else TO_JUDGE
        what = "training set" if learns else "test set"
        if name not in shown:
            kind = ModelError if name.startswith("_") else NotShown
            raise kind(
                f"the model reached for {name!r} of a {what}",
                expected=f"one of {', '.join(shown)}: a model sees nothing else of an utterance",
            )
        value = getattr(inner, name)
        if name in {"at", "subset"}:
            return lambda rows: closed(value(rows))
        if name == "holdout":
            return lambda share, seed: tuple(closed(part) for part in value(share, seed))
        return value

    def __setattr__(self, name: str, value: Any) -> None:
        raise ModelError(
            f"the model assigned to {name!r} of the utterances that it was handed",
            expected="utterances left as they were: others read them too",
            advice="keep it on the model",
        )


def _open(door: _Closed) -> Utterances:
    inner: Utterances = object.__getattribute__(door, "_inner")
    return inner
