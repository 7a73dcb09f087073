"""What went wrong, said so that the reader can mend it.

Every error that serbench raises on purpose says what was found, what was expected and what to do.
The command line prints just that, without a traceback, and exits with status 1, or with 2 where the
command line itself is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable

FEW = 5  # names that a message spells out


def few(names: Iterable[str]) -> str:
    """The first names, and that there are more."""
    every = list(names)
    return ", ".join(every[:FEW]) + (", ..." if len(every) > FEW else "")


class SerbenchError(Exception):
    """Something that the user, and not the programmer, can mend.

    Parameters
    ----------
    found
        What was found: names, paths and counts, as they are.
    expected
        What was expected in its place.
    advice
        What to do about it, a command where there is one.
    """

    def __init__(self, found: str, *, expected: str = "", advice: str = "") -> None:
        super().__init__(found, expected, advice)
        self.found = found
        self.expected = expected
        self.advice = advice

    def __str__(self) -> str:
        lines = [self.found]
        if self.expected:
            lines.append(f"expected: {self.expected}")
        if self.advice:
            lines.append(f"to mend it: {self.advice}")
        return "\n".join(lines)


class UsageError(SerbenchError):
    """A name, an option or a value on the command line that does not fit."""


class UnknownName(UsageError):
    """No corpus, model, protocol, label space or executor of that name is registered."""


class AmbiguousName(UsageError):
    """Two distributions claim one name; neither is loaded."""


class BrokenPlugin(SerbenchError):
    """A registered thing could not be imported, or is not what its group asks for."""


class MissingExtra(SerbenchError):
    """An optional dependency is not installed."""

    def __init__(self, package: str, extra: str, purpose: str) -> None:
        super().__init__(
            f"{purpose} needs the package {package!r}, which is not installed",
            advice=f"pip install 'serbench[{extra}]' -c constraints.txt",
        )


class CorpusError(SerbenchError):
    """A corpus folder that is not the corpus it is said to be, or not all of it."""


class AudioError(CorpusError):
    """A sound file that cannot be read whole, or holds no usable samples."""


class FeatureError(SerbenchError):
    """A feature that cannot be computed from an utterance."""


class EncoderError(SerbenchError):
    """A pretrained encoder that cannot be found, is not whole, or is of another kind."""


class CacheError(SerbenchError):
    """A feature cache that cannot be read or written."""


class CacheDamaged(CacheError):
    """A cached array that no longer matches its checksum."""


class ProtocolError(SerbenchError):
    """A protocol that does not fit the corpus, or a split that is not the one planned."""


class ModelError(SerbenchError):
    """A model that broke its contract: wrong shape, rows that do not sum to one, NaN."""


class TrainingDiverged(ModelError):
    """The training loss or a weight became NaN or infinite."""


class StoreError(SerbenchError):
    """A results folder that cannot be read or written."""
