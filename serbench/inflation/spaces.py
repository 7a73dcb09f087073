"""The label space that all steps of a ladder share."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from serbench.corpus import Corpus
from serbench.errors import SerbenchError, UsageError
from serbench.given import protocol_of
from serbench.inflation.steps import ACROSS
from serbench.labels import Classes, LabelSpace, Task
from serbench.registry import load, registered


def one_space(asked: str | None, corpus: str, corpora: Sequence[Corpus]) -> LabelSpace:
    """The label space that all steps share.

    It tells the same classes apart on the tested corpus alone as among all of the corpora: the
    emotions that a company of corpora shares depend on the company, and a step within one corpus
    has none.

    Parameters
    ----------
    asked
        Its name; None: the corpus's own emotions if there is no other corpus, else the first of the
        cross-corpus protocol's spaces that fits.
    corpora
        The tested corpus first.

    Raises
    ------
    UsageError
        If no such space is known, with those that would do.
    """
    natives = {one.card.name: one.labels for one in corpora}
    alone = {corpora[0].card.name: corpora[0].labels}
    usual = ("own",) if len(corpora) == 1 else protocol_of(ACROSS).labels

    def fits(space: LabelSpace) -> bool:
        among = space.among(natives)
        tasks: set[Task] = {among.on(name).resolve(native) for name, native in natives.items()}
        tasks.add(space.among(alone).on(corpora[0].card.name).resolve(corpora[0].labels))
        (task, *more) = tasks
        lacking = any(among.lacks(name, native) for name, native in natives.items())
        return not more and isinstance(task, Classes) and len(task.names) > 1 and not lacking

    for name in (asked,) if asked is not None else usual:
        space: LabelSpace = load("labels", name)
        if fits(space):
            return space
    known = []
    for name in registered("labels"):
        with contextlib.suppress(SerbenchError):  # a guest's that is broken is no advice
            if fits(load("labels", name)):
                known.append(name)
    with_others = f" and {', '.join(list(natives)[1:])}" if len(natives) > 1 else ""
    raise UsageError(
        f"the label space {asked!r} does not tell the same classes apart at every step"
        if asked is not None
        else f"no usual label space tells the same classes apart on {corpus}{with_others}",
        expected="classes that every corpus has, whichever others stand beside it",
        advice=" or ".join(f"--labels {name}" for name in known)
        or "a label space of your own (docs/corpora.md), or other corpora",
    )
