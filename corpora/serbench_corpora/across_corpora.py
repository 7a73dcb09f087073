"""Protocols over several corpora: five corpora of acted emotion, the five emotions they share."""

from __future__ import annotations

from serbench.across import EachToOthers, LeaveOneCorpusOut
from serbench.protocols import Protocol

FIVE = ("casia", "emodb", "emovo", "ravdess", "savee")
SPACES = ("shared5", "intersection")  # the second where a corpus lacks one of the five emotions
WITHIN = ("loso", "kfold-speaker", "fixed", "kfold")  # of one corpus: speakers apart first

CROSS_CORPUS = Protocol(
    name="cross-corpus",
    title="train on one corpus, test on every other: all ordered pairs",
    splitter=EachToOthers(),
    speaker_independent=True,
    seeds=10,
    labels=SPACES,
    corpora=FIVE,
    keep="last",
    trains="all of one corpus; one training serves all of its targets",
    tests="all of each other corpus",
    alternatives=("leave-one-corpus-out", *WITHIN),
    reproduces="TIM-Net, Table 2: 20 pairs of five corpora, mean of 10 runs. Whether it scored the "
    "last or the best epoch is not known; here it is the last",
    source="Ye et al., ICASSP 2023, Table 2",
)

LEAVE_ONE_CORPUS_OUT = Protocol(
    name="leave-one-corpus-out",
    title="train on every corpus but one, test on that one",
    splitter=LeaveOneCorpusOut(),
    speaker_independent=True,
    seeds=10,
    labels=SPACES,
    corpora=FIVE,
    keep="last",
    trains="all of every other corpus",
    tests="all of one corpus, each in turn",
    alternatives=("cross-corpus", *WITHIN),
)
