"""The protocols of the field within one corpus, beside random folds and one speaker out.

Papers' own folds stand with the papers' models (``serbench_baselines``).
"""

from __future__ import annotations

from serbench.grouped import LeaveOneSessionOut, OfficialFold, StratifiedSpeakerFolds
from serbench.protocols import Protocol
from serbench.splitters import StratifiedHoldout

KFOLD_SPEAKER = Protocol(
    name="kfold-speaker",
    title="10-fold over whole speakers, alike in size and classes",
    splitter=StratifiedSpeakerFolds(10),
    speaker_independent=True,
    trains="the speakers of nine folds",
    tests="those of the tenth, each fold in turn",
    alternatives=("loso", "loseso", "fixed", "kfold"),
    source="scikit-learn's StratifiedGroupKFold, which leaves fewer folds without a class than "
    "random folds of speakers do",
)

LOSESO = Protocol(
    name="loseso",
    title="leave one session out: both partners of a dialogue, and nobody else",
    splitter=LeaveOneSessionOut(),
    speaker_independent=True,
    trains="every recording session but one",
    tests="that session, each in turn",
    alternatives=("loso", "kfold-speaker", "fixed", "kfold"),
    reproduces="the usual five folds of IEMOCAP and six of MSP-IMPROV",
    source="IEMOCAP: Busso et al., LREV 2008; MSP-IMPROV: Busso et al., IEEE TAC 2017",
)

HOLDOUT = Protocol(
    name="holdout",
    title="one random division of the utterances, 80:20, stratified by class",
    splitter=StratifiedHoldout(0.2),
    speaker_independent=False,
    trains="four fifths of the utterances",
    tests="the other fifth; its speakers are heard in training",
    alternatives=("kfold", "fixed", "loso"),
    reproduces="TIM-Net, Fig. 3 (t-SNE), as to its 8:2 shares; which utterances they are is not "
    "known",
    source="Ye et al., ICASSP 2023",
)

FIXED = Protocol(
    name="fixed",
    title="the official split of the corpus's authors",
    splitter=OfficialFold(),
    speaker_independent=False,  # by the rule; of the split at hand, a board's badge tells
    trains="what the authors published for training; their validation set is held out of it",
    tests="what they published for testing",
    alternatives=("kfold-speaker", "loseso", "loso", "kfold"),
    reproduces="papers on CMU-MOSEI as to its standard folds, of 16,327, 1,871 and 4,662 segments "
    "(399 are in none); SWRR's 16,326, 1,871 and 4,659 are those of MMSA's edition",
    source="CMU Multimodal SDK, the standard folds of CMU-MOSEI; github.com/thuiar/MMSA",
)
