"""The leaky folds and numbers as an audit is handed them, each beside its clean counterpart."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from serbench.audit.case import Case, Declared
from serbench.audit.evidence import Printed, Run, Training
from serbench.predictions import Predictions
from serbench.testing.leaky.augmented_copies import augmented_copies, augmented_training
from serbench.testing.leaky.best_of_each_metric import (
    Reported,
    best_of_each_metric,
    of_the_last_epoch,
    ua_of,
    wa_of,
)
from serbench.testing.leaky.dropped_utterances import judged_without_the_doubtful
from serbench.testing.leaky.plain_folds import (
    CORPUS,
    EMOTIONS,
    FOLD,
    LEARNT,
    folds_of_speakers,
    folds_of_utterances,
)
from serbench.testing.leaky.validation_is_test import validation_apart, validation_is_test

EPOCHS = 30
SUPPORT = (40, 80, 30)  # utterances per class of the make-believe test set that numbers are of
RECALLS = (0.6, 0.7, 0.5)  # of the make-believe model, about which each epoch scatters


def with_copies(*, leaky: bool) -> Case:
    """Augmented folds, of a protocol that says that speakers are on both sides.

    Of folds that claim to keep speakers apart, a copy of a test utterance breaks two rules.
    """
    listing = folds_of_utterances()
    augmented = augmented_copies(listing) if leaky else augmented_training(listing)
    return Case(augmented, Declared(speaker_independent=False))


def with_validation(*, leaky: bool) -> Case:
    """Folds with a validation set."""
    listing = folds_of_speakers()
    return Case(validation_is_test(listing) if leaky else validation_apart(listing, LEARNT[0]))


def with_predictions(*, leaky: bool) -> Case:
    """A finished run of one fold."""
    listing = folds_of_speakers()
    ids = listing.splits[0].tests[CORPUS]
    judged = judged_without_the_doubtful(_predictions(ids)) if leaky else ids
    run = Run(
        tested={0: {FOLD: {CORPUS: judged}}},
        planned=(FOLD,),
    )
    return Case(listing, run=run)


def with_numbers(*, leaky: bool) -> Case:
    """A finished run of one fold with its test curve, and what a paper says of it."""
    listing = folds_of_speakers()
    tables = _confusions()
    said = best_of_each_metric(tables) if leaky else of_the_last_epoch(tables)
    training = Training(
        fold=FOLD,
        seed=0,
        epochs=tuple(range(1, EPOCHS + 1)),
        curves={
            "ua": tuple(ua_of(table) for table in tables),
            "wa": tuple(wa_of(table) for table in tables),
        },
        reported={"ua": said.ua, "wa": said.wa},
    )
    ids = listing.splits[0].tests[CORPUS]
    run = Run(
        tested={0: {FOLD: {CORPUS: ids}}},
        planned=(FOLD,),
        trainings=(training,),
    )
    return Case(listing, run=run, printed=_printed(said))


def _printed(said: Reported) -> tuple[Printed, ...]:
    recalls = tuple(f"{100 * recall:.2f}" for recall in said.recalls)
    where = "a make-believe paper, table 1"
    return (
        Printed(where, "UA", f"{100 * said.ua:.2f}", SUPPORT, recalls=recalls),
        Printed(where, "WA", f"{100 * said.wa:.2f}", SUPPORT),
    )


def _predictions(ids: tuple[str, ...]) -> Predictions:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, len(EMOTIONS), len(ids))
    speakers = tuple(name.split("/")[1] for name in ids)
    said = rng.dirichlet(np.ones(len(EMOTIONS)), len(ids)).astype(np.float32)
    return Predictions(EMOTIONS, ids, speakers, truth, said)


def _confusions() -> list[NDArray[np.int64]]:
    """A training that has levelled out: each epoch scatters about the same recalls."""
    rng = np.random.default_rng(1)  # best UA after epoch 10, best WA after epoch 21
    tables = []
    for _ in range(EPOCHS):
        table = np.zeros((len(SUPPORT), len(SUPPORT)), dtype=np.int64)
        for row, (count, recall) in enumerate(zip(SUPPORT, RECALLS, strict=True)):
            hits = int(rng.binomial(count, recall))
            table[row, row] = hits
            table[row, (row + 1) % len(SUPPORT)] = count - hits
        tables.append(table)
    return tables
