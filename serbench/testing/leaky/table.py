"""Every leak by name, with the rule that is to catch it, and what does catch it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from serbench.audit.auditing import audit
from serbench.audit.behaviour import watched
from serbench.audit.case import Case
from serbench.model import Model
from serbench.testing.examine import examine
from serbench.testing.leaky.batch_normaliser import BatchNormaliser
from serbench.testing.leaky.carried_state import CarriedState
from serbench.testing.leaky.cases import (
    with_copies,
    with_numbers,
    with_predictions,
    with_validation,
)
from serbench.testing.leaky.honest import NearestMean
from serbench.testing.leaky.path_reader import PathReader
from serbench.testing.leaky.plain_folds import FOLD, folds_of_speakers
from serbench.testing.leaky.target_peeker import TargetPeeker

Kind = Literal["model", "folds", "predictions", "numbers"]


@dataclass(frozen=True)
class Leak:
    """A fault that makes a number better than it is.

    Parameters
    ----------
    name
        As a list of them has it.
    rule
        The rule that is to catch it.
    kind
        What is at fault: a "model", the "folds", "predictions" or the "numbers" of a paper.
    does
        What it does, for people.
    look
        Runs every rule that can look at something of this kind, with the fault (True) or without,
        and gives the rules that found an error or something to warn of.
    """

    name: str
    rule: str
    kind: Kind
    does: str
    look: Callable[[bool], frozenset[str]]

    def found(self) -> frozenset[str]:
        """The rules that the fault breaks."""
        return self.look(True)

    def found_without(self) -> frozenset[str]:
        """The rules that the same breaks without its fault."""
        return self.look(False)


def _model(leaky: type[NearestMean]) -> Callable[[bool], frozenset[str]]:
    def look(fault: bool) -> frozenset[str]:
        return _examined(leaky) if fault else _examined_honest()

    return look


@functools.cache
def _examined_honest() -> frozenset[str]:
    return _examined(NearestMean)


def _examined(kind: type[NearestMean]) -> frozenset[str]:
    # A class of its own each time: what one examination leaves behind is not the next one's.
    fresh: type[Model] = type(kind.__name__, (kind,), {"__module__": kind.__module__})
    return _rules(Case(folds_of_speakers(), behaviour=watched([(FOLD, examine(fresh))])))


def _case(case: Callable[..., Case]) -> Callable[[bool], frozenset[str]]:
    def look(fault: bool) -> frozenset[str]:
        return _rules(case(leaky=fault))

    return look


def _rules(case: Case) -> frozenset[str]:
    return frozenset(finding.rule for finding in audit(case).found("warning"))


_ALL = (
    Leak(
        "test-batch normaliser",
        "L09",
        "model",
        "standardises test utterances by the mean and deviation of those it is asked about",
        _model(BatchNormaliser),
    ),
    Leak(
        "state carried across folds",
        "L20",
        "model",
        "remembers on its class which label each training utterance had, and the next fold tests "
        "some of these",
        _model(CarriedState),
    ),
    Leak(
        "path reader",
        "L18",
        "model",
        "digs the file's name out of what it is handed, and reads the label off it",
        _model(PathReader),
    ),
    Leak(
        "source and target peeker",
        "L22",
        "model",
        "finds the target corpus on the disk and adapts to it in training, under target access "
        '"none"',
        _model(TargetPeeker),
    ),
    Leak(
        "validation set is the test set",
        "L11",
        "folds",
        "chooses the epoch by the very utterances that it is then scored on",
        _case(with_validation),
    ),
    Leak(
        "augmented copies",
        "L08",
        "folds",
        "trains on noisy copies of test utterances: augmented first, split afterwards",
        _case(with_copies),
    ),
    Leak(
        "partial predictions",
        "L14",
        "predictions",
        "leaves out the fifth of the test set that the model is least sure of",
        _case(with_predictions),
    ),
    Leak(
        "best of each metric",
        "L12",
        "numbers",
        "reports the best WA of all epochs beside the best UA of all epochs",
        _case(with_numbers),
    ),
)
LEAKS: Mapping[str, Leak] = {leak.name: leak for leak in _ALL}
