"""Whether an answer depends on what a file is called or where it lies (rule L18).

``03a01Fa.wav`` spells its own label. No model is handed a path, but Python hides nothing from who
digs. So the same sounds are laid out once more under names that say nothing, in a folder that says
nothing, and a trained model is asked about them again. The files are copies: a link would lead
back to the name.
"""

from __future__ import annotations

import dataclasses
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import numpy as np

from serbench.behaviour.invariance import TOLERANCE, differs
from serbench.behaviour.problem import Problem
from serbench.corpus import Utterance
from serbench.data import Utterances
from serbench.model import Model, answer


@contextmanager
def under_other_names(utterances: Sequence[Utterance]) -> Iterator[tuple[Utterance, ...]]:
    """The same utterances, read from copies that are called by numbers, as long as this lasts.

    Their ids, speakers, labels and what else an utterance says of itself are left as they are:
    no model is handed them.

    Raises
    ------
    OSError
        If there is no room for the copies.
    """
    with tempfile.TemporaryDirectory(prefix="serbench-") as folder:
        places: dict[Path, Path] = {}
        for utterance in utterances:
            path = utterance.audio
            if path not in places:
                # The digest's order is not that of the names, nor that of the classes.
                name = sha256(f"{len(places)} {utterance.samples}".encode()).hexdigest()[:16]
                places[path] = Path(folder, name).with_suffix(path.suffix)
                shutil.copyfile(path, places[path])
        yield tuple(
            dataclasses.replace(utterance, audio=places[utterance.audio])
            for utterance in utterances
        )


def check_names(
    model: Model, test: Utterances, renamed: Utterances, *, tolerance: float = TOLERANCE
) -> list[Problem]:
    """Ask a trained model about the same sounds under their own names and under others.

    Parameters
    ----------
    test, renamed
        The same utterances in the same order, ``renamed`` read from files of other names
        (:func:`under_other_names`).
    tolerance
        As in :func:`serbench.behaviour.invariance.check_answers`.

    Raises
    ------
    ModelError
        If an answer breaks the contract. A model that reads paths and finds other names may do
        anything; an exception of its own is a problem like another answer.
    """
    what = "of the same sound in a file of another name, the model answers otherwise"
    said = answer(model, test)
    try:
        then = answer(model, renamed)
    except Exception as error:  # noqa: BLE001  whatever a guest raises: the sounds are the same
        return [Problem("L18", len(test), f"{what}: {type(error).__name__}: {error}")]
    moved = differs(test.task, said, then, tolerance)
    if not moved.any():
        return []
    return [Problem.of("L18", what, (f"test utterance {row}" for row in np.flatnonzero(moved)))]
