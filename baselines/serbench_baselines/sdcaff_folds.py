"""SD-CAFF's five folds, by the rule of its released code, and the epochs that it scores in them.

The code draws a fifth of all sound files four times, what is left is the last fifth. It does so
before it looks at any label, so that the folds of what it keeps (improvised speech of four
emotions) differ in size. Speakers stand on both sides. Angry utterances count twice, on both sides:
that is the label space's doing (``sdcaff4``), and copies stay beside their original.

The rule is reproduced, the folds are not known to be: the code draws positions in a list of files
that its authors had renamed, in the order in which their disk gave them, and takes what is left
from a Python set, whose order is its own. Here files are in the order of their ids throughout.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from serbench.errors import ProtocolError
from serbench.protocols import Protocol
from serbench.splitters import Cut, Indices, Row, fold_name

SEED = 987654


@dataclass(frozen=True)
class DrawnShares:
    """Random shares of all files, drawn one after the other; the last fold is what is left.

    With k = 5 the first four hold a fifth of the files each, rounded down.
    """

    kind: ClassVar[str] = "drawn-shares"
    whole: ClassVar[bool] = True
    k: int = 5

    def folds(self, table: Sequence[Row], seed: int) -> Iterator[Cut]:
        if len(table) < self.k:
            raise ProtocolError(f"{len(table)} files", expected=f"at least {self.k}")
        # numpy's older generator: the newer ones draw other numbers from the same seed.
        draw = np.random.RandomState(seed)
        every = np.arange(len(table))
        rest, size = every, len(table) // self.k
        shares: list[Indices] = []
        for _ in range(self.k - 1):
            shares.append(np.sort(draw.choice(rest, size, replace=False)))
            rest = np.setdiff1d(rest, shares[-1])
        for number, test in enumerate([*shares, rest], 1):
            yield Cut(fold_name(number, self.k), np.setdiff1d(every, test), test)


SDCAFF_5FOLD = Protocol(
    name="sdcaff-5fold",
    title="SD-CAFF's five random folds, drawn over all files",
    splitter=DrawnShares(5),
    speaker_independent=False,
    split_seed=SEED,
    labels=("sdcaff4", "own"),
    trains="about four fifths of the utterances",
    tests="the others, each fifth in turn; its speakers are heard in training",
    alternatives=("kfold", "loseso", "loso"),
    reproduces="SD-CAFF, Tables 1 to 3: rule reproduced, file order unknown. The paper's numbers "
    "are best-on-test-per-metric of these folds, its highest WA and its highest UA of 30 epochs",
    source="github.com/keadriadong/SD-CAFF, dataPreprocessing/data_processing_IEMOCAP.py and "
    "methods/train_SD_CAFF.py",
)
