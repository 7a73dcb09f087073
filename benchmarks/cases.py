"""The trainings of ``stacking.py``: what is trained, on what, how many of them and how long.

============  ===================================================================================
timnet-emodb  TIM-Net on EMO-DB, the ten folds of ``last-epoch``, 500 epochs, each judged
timnet-cross  TIM-Net on five sources, ten seeds each, 500 epochs, the last kept: EMO-DB and RAVDESS
              whole, and noise of the size of CASIA (1200), EMOVO (588) and SAVEE (480)
dblmm-loso    DBL-MM on EMO-DB, each of ten speakers left out, 1024 units, 100 epochs, each judged
sdcaff-5fold  SD-CAFF on five random folds of noise of IEMOCAP's size (5531, anger counted twice),
              30 epochs, each judged
============  ===================================================================================

Small ones, of a few utterances and a few units, are there to try the script on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from carried import Arrays, Corpus
from numpy.typing import NDArray

from serbench.data import LabelledUtterances
from serbench.labels import Classes
from serbench.registry import load

CASES = ("timnet-emodb", "timnet-cross", "dblmm-loso", "sdcaff-5fold")
SEEDS = 10
STAND_INS = {"casia": 1200, "emovo": 588, "savee": 480}
SIZES = {"emodb": 535, "ravdess": 1440}  # where the real ones are not at hand
IEMOCAP = {"anger": 1103, "happiness": 1636, "neutral": 1708, "sadness": 1084}
FEW = 20  # utterances of a corpus in a small case

Shapes = Mapping[str, tuple[int | None, int]]  # frames (None: as speech is long) and dims, by name


@dataclass(frozen=True)
class Held:
    """A source of features that lie in memory, by the name of the recipe."""

    arrays: Sequence[Arrays]

    def waveform(self, row: int, rate: int | None, channel: str) -> NDArray[np.float32]:
        raise NotImplementedError

    def feature(self, row: int, recipe: Any) -> NDArray[np.float32]:
        return self.arrays[row][recipe.name]

    def text(self, row: int) -> str | None:
        return None


@dataclass(frozen=True)
class Training:
    """One of a case's trainings. Those of one group differ in fold or seed alone."""

    group: str
    train: LabelledUtterances
    test: LabelledUtterances | None  # judged after each epoch; None: the last epoch is kept alone
    seed: int

    @property
    def judged(self) -> int:
        return 0 if self.test is None else len(self.test)


@dataclass(frozen=True)
class Case:
    """Trainings of one net with one set of settings."""

    name: str
    net: Any
    trainings: tuple[Training, ...]
    data: str  # what of it is real, for people

    @property
    def epochs(self) -> int:
        return int(self.net.epochs)

    @property
    def recurrent(self) -> bool:
        """Whether most of it is an LSTM, of which processes may share a device."""
        return self.name in {"dblmm-loso", "sdcaff-5fold"}

    def twin(self) -> Any:
        """Another net of the same settings."""
        return type(self.net)(**self.net.settings)

    def groups(self) -> dict[str, list[Training]]:
        found: dict[str, list[Training]] = {}
        for training in self.trainings:
            found.setdefault(training.group, []).append(training)
        return found


def make(name: str, real: Mapping[str, Corpus], *, small: bool = False) -> Case:
    """The case of that name, of real features as far as they are at hand."""
    if name == "sdcaff-5fold":
        return sdcaff(small)
    if name == "timnet-cross":
        return cross(real, small)
    return folds(name, real, small)


def folds(name: str, real: Mapping[str, Corpus], small: bool) -> Case:
    """Ten folds of EMO-DB: those of TIM-Net, or speakers."""
    by_speaker = name == "dblmm-loso"
    kind = load("models", "dblmm" if by_speaker else "timnet")
    if by_speaker:
        net = kind(**({"hidden": 8, "epochs": 4, "batch": 8} if small else {}))
    else:
        net = kind(**kind.corpus_settings["emodb"], **({"epochs": 4, "batch": 8} if small else {}))
    emodb = real.get("emodb") or made(
        FEW if small else SIZES["emodb"], {name: frames_of(net)}, seed=1
    )
    features, y = emodb.features[name], emodb.y
    fold = emodb.speakers if by_speaker else emodb.folds
    if small:
        features, y, fold = cut(features[:FEW]), y[:FEW], np.arange(min(FEW, len(y))) % 2
    whole = labelled(features, y, emodb.speakers)
    parts = tuple(
        Training("a fold", whole.subset(np.flatnonzero(fold != at)),
                 whole.subset(np.flatnonzero(fold == at)), 0)
        for at in np.unique(fold)
    )  # fmt: skip
    told = "real features of EMO-DB" if "emodb" in real else "noise of EMO-DB's size"
    return Case(name, net, parts, told)


def cross(real: Mapping[str, Corpus], small: bool) -> Case:
    """Five sources, ten seeds each."""
    name = "timnet-cross"
    net = load("models", "timnet")(**({"epochs": 4, "batch": 8} if small else {}))
    sources = {
        corpus: real.get(corpus)
        or made(FEW if small else size, {name: frames_of(net)}, seed=2 + number)
        for number, (corpus, size) in enumerate({**SIZES, **STAND_INS}.items())
    }
    parts = []
    for number, (corpus, held) in enumerate(sources.items()):
        size = FEW - 2 * number if small else len(held.y)
        features = cut(held.features[name][:size]) if small else held.features[name]
        train = labelled(features, held.y[:size], held.speakers)
        parts += [Training(corpus, train, None, seed) for seed in range(2 if small else SEEDS)]
    known = [name for name in SIZES if name in real]
    told = f"real features of {' and '.join(known) or 'none'}, noise of the size of the others"
    return Case(name, net, tuple(parts), told)


def sdcaff(small: bool) -> Case:
    """Five random folds; a copy stands beside its original."""
    kind = load("models", "sdcaff")
    net = kind(hidden=16, seconds=0.5, epochs=4, batch=8) if small else kind()
    counts = {name: 5 if small else count for name, count in IEMOCAP.items()}
    y = np.repeat(np.arange(len(counts)), list(counts.values()))
    reads = net.reads
    rng = np.random.default_rng(7)
    noise = rng.standard_normal((len(y), reads.frames, reads.dims), np.float32)
    whole = labelled([{reads.name: one} for one in noise], y, rng.integers(10, size=len(y)))
    share = rng.permutation(len(y)) * 5 // len(y)

    def side(wanted: NDArray[np.bool_]) -> LabelledUtterances:
        rows = np.flatnonzero(wanted)
        return whole.subset(np.concatenate([rows, rows[y[rows] == 0]]))

    parts = [Training("a fold", side(share != n), side(share == n), 0) for n in range(5)]
    return Case("sdcaff-5fold", net, tuple(parts), "noise of IEMOCAP's size")


def frames_of(net: Any) -> Shapes:
    """Frames (None: as long as speech is) and dims of each array that a net reads."""
    fixed = {each.name: getattr(each, "length", None) for each in net.recipes}
    return {
        each.name: (None if fixed[each.name] is None else 1 + fixed[each.name] // 512, each.dims)
        for each in net.recipes
    }


def made(count: int, read: Mapping[str, Shapes], seed: int) -> Corpus:
    """Noise: utterances as long as EMO-DB's, 1.2 to 8 s and 2.8 in the mean."""
    rng = np.random.default_rng(seed)
    frames = np.clip(rng.gamma(6.0, 270 / 6.0, count), 120, 800).astype(int)
    features = {
        case: [
            {
                name: rng.standard_normal((length or frames[i], dims), np.float32)
                for name, (length, dims) in arrays.items()
            }
            for i in range(count)
        ]
        for case, arrays in read.items()
    }
    numbers = np.arange(count)
    return Corpus(
        rng.integers(7, size=count), numbers % 10, rng.permutation(numbers) % 10, features
    )


def cut(features: Sequence[Arrays], most: int = 20) -> list[Arrays]:
    """A few frames of each, unequally many unless they were equal."""
    equal = len({len(one) for each in features for one in each.values()}) == 1
    return [
        {name: one[: most if equal else most - i % 5] for name, one in each.items()}
        for i, each in enumerate(features)
    ]


def labelled(
    features: Sequence[Arrays], y: NDArray[np.int64], speakers: NDArray[np.int64]
) -> LabelledUtterances:
    """All of a corpus, under nine classes, as many as EMO-DB and RAVDESS have between them."""
    rows = np.arange(len(features))
    return LabelledUtterances(
        Classes(tuple(f"class {i + 1}" for i in range(9))),
        Held(features),
        rows,
        y=np.asarray(y)[rows],
        speakers=np.asarray(speakers)[rows],
        targets={"gender": rows % 2},
    )
