"""All canaries over all folds of a listing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

import numpy as np

from serbench.canaries import keys
from serbench.canaries.canary import Binned, Canary, Drawn, Lookup, Majority, Memoriser
from serbench.canaries.flock import Decisions, Flock
from serbench.canaries.lookup import Answers, Indices
from serbench.canaries.spelled import Spelled
from serbench.errors import ProtocolError
from serbench.listing import Listing

# The rows of a board.
CANARIES: Mapping[str, Canary] = MappingProxyType(
    {
        "majority": Majority("nothing: the most frequent class of the training set"),
        "uniform": Drawn("nothing: every class alike"),
        "speaker": Lookup("who speaks", keys.speaker),
        "text": Lookup("what is said", keys.text),
        "dialogue": Lookup("which dialogue it is from", keys.dialogue),
        "scenario": Lookup("which scenario is played", keys.scenario),
        "duration": Binned("how long it lasts, in 20 bins"),
        "file": Lookup("rate, channels and format of the file", keys.file),
    }
)

# What an audit looks at beside them. The path spells the label in many corpora, by their design;
# who says what is a pair that some corpora record once, so that it tells what the label is not.
AUDITED: Mapping[str, Canary] = MappingProxyType(
    {
        **CANARIES,
        "speaker-text": Lookup("who says what", keys.both(keys.speaker, keys.text)),
        "samples": Memoriser("recordings that it was trained on", keys.samples),
        "path": Spelled("the file's path, or else the id"),
    }
)


def predict(
    listing: Listing,
    canaries: Mapping[str, Canary] = CANARIES,
    values: Mapping[str, float] | None = None,
) -> Flock:
    """What each canary says of each test utterance, learned from its fold's training set.

    Utterances without a label, with a label that is none of the classes, or that a fold names and
    the listing has not, are passed over: to report them is the audit's.

    Parameters
    ----------
    listing
        Utterances and folds.
    canaries
        Those to ask, by name. One whose key is unknown of every utterance is left out.
    values
        Utterance to its value, where the task is a scale and not to tell classes apart.

    Raises
    ------
    ProtocolError
        If a fold has no training utterance with an answer.
    """
    classes, answers = _answers(listing, values)
    known = np.isfinite(answers.y) if values is not None else answers.y >= 0
    position = {item.id: i for i, item in enumerate(listing.items) if known[i]}
    rules = {
        name: rule
        for name, canary in canaries.items()
        if (rule := canary.over(listing.items)) is not None
    }
    decisions: dict[tuple[str, str], Decisions] = {}
    for split in listing.splits:
        train = _positions(split.train, position)
        if not train.size:
            raise ProtocolError(
                f"the fold {split.fold!r} of {listing.name} trains on nothing",
                expected="an utterance with a label, or more",
            )
        learned = answers.at(train)
        for name, ids in split.tests.items():
            test = _positions(sorted(set(ids)), position)
            if not test.size:
                continue
            asked = [listing.items[i] for i in test]
            decisions[split.fold, name] = Decisions(
                tuple(item.id for item in asked),
                tuple(item.speaker for item in asked),
                answers.y[test],
                {canary: rule(train, learned, test) for canary, rule in rules.items()},
            )
    return Flock(classes, decisions)


def _answers(
    listing: Listing, values: Mapping[str, float] | None
) -> tuple[tuple[str, ...], Answers]:
    """The classes, and what is right of each item: -1, or NaN on a scale, where nothing is."""
    if values is not None:
        numbers = [values.get(item.id, np.nan) for item in listing.items]
        return (), Answers(np.array(numbers, dtype=np.float64), 0)
    classes = listing.classes or tuple(sorted({i.label for i in listing.items} - {""}))
    index = {name: i for i, name in enumerate(classes)}
    indices = [index.get(item.label, -1) for item in listing.items]
    return classes, Answers(np.array(indices, dtype=np.int64), len(classes))


def _positions(ids: Iterable[str], position: Mapping[str, int]) -> Indices:
    return np.array([position[name] for name in ids if name in position], dtype=np.int64)
