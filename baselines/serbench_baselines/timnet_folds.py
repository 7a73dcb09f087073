"""TIM-Net's ten folds (Ye et al., ICASSP 2023), exactly, and the epoch that it scores in them.

The released code loads the features class by class, the classes in alphabetical order and the files
of each in natural order of their names, and cuts that list by scikit-learn's
``KFold(10, shuffle=True, random_state=seed)``: over utterances, not stratified, speakers on both
sides. The seed differs from corpus to corpus; the numbers are those of the released README.

All files of a class stand in one folder there, so a name is the file's own where that is unique
(RAVDESS, EMO-DB, EMOVO, IEMOCAP). SAVEE's is its flat edition's, ``DC_a01.wav``. What CASIA's files
were called in such a folder is not known: here they are in the order of speaker, then number.

The starred numbers of the paper are the last epoch of 500, which is what is scored here; the
double-starred ones the best epoch on the test fold of the same trainings.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import ClassVar

import numpy as np

from serbench.errors import ProtocolError
from serbench.protocols import Protocol
from serbench.splitters import Cut, Row, fold_name


@dataclass(frozen=True)
class ClassOrderedFolds:
    """Random folds over utterances that are ordered by class, then by file name."""

    kind: ClassVar[str] = "class-ordered-folds"
    k: int = 10

    def folds(self, table: Sequence[Row], seed: int) -> Iterator[Cut]:
        from natsort import natsort_keygen
        from sklearn.model_selection import KFold

        if len(table) < self.k:
            raise ProtocolError(f"{len(table)} utterances", expected=f"at least {self.k}")
        natural = natsort_keygen()
        names = flat_names([row.file for row in table])
        order = np.array(
            sorted(range(len(table)), key=lambda i: (table[i].label, natural(names[i])))
        )
        splitter = KFold(self.k, shuffle=True, random_state=seed)
        for number, (train, test) in enumerate(splitter.split(order), 1):
            yield Cut(fold_name(number, self.k), order[train], order[test])


def flat_names(files: Sequence[str]) -> list[str]:
    """Names for files that are put into one folder: their own, or with the folders before it.

    Examples
    --------
    >>> flat_names(["Actor_02/03-01.wav", "Actor_01/03-02.wav"])
    ['03-01.wav', '03-02.wav']
    >>> flat_names(["DC/a01.wav", "JE/a01.wav"])
    ['DC_a01.wav', 'JE_a01.wav']
    """
    own = [PurePosixPath(file).name for file in files]
    if len(set(own)) == len(own):
        return own
    return [file.replace("/", "_") for file in files]


LAST_EPOCH = Protocol(
    name="last-epoch",
    title="TIM-Net's random 10-fold over utterances, the last epoch scored",
    splitter=ClassOrderedFolds(10),
    speaker_independent=False,
    split_seed=0,  # of corpora for which the paper names none
    split_seeds={
        "casia": 32,
        "emodb": 46,
        "emovo": 1,
        "iemocap": 16,
        "ravdess": 46,
        "savee": 44,
    },
    trains="nine tenths of the utterances",
    tests="the other tenth; its speakers are heard in training",
    alternatives=("kfold", "holdout", "loso"),
    reproduces="TIM-Net, Table 1, rows marked * (last epoch); ** is best-on-test of the same folds",
    source="github.com/Jiaxin-Ye/TIM-Net_SER, README and Code/Model.py",
)
