"""The canary that reads file names, as whoever is handed a path can.

Many corpora spell the emotion in the name: EMO-DB's ``03a01Fa.wav`` is F, happiness. There this
canary is all but perfect by the corpus's design, so it is no row of a board. It shows what a model
would gain from an id or a path, which is why none is ever given one, and it finds folders of splits
whose ids give the label away.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from serbench.canaries.canary import Rule
from serbench.canaries.lookup import Answers, Indices, Said, codes_of, learn, tells
from serbench.listing import Item

RUNS = 8  # of letters or of digits, that are read from either end of a path
LETTERS = 12  # that are read from either end of the last part's stem

_RUN = re.compile(r"[^\W\d_]+|\d+")


@dataclass(frozen=True)
class Spelled:
    """Finds the place in the path that tells the training labels best, and looks up what is there.

    Places are the runs of letters or digits, counted from either end of the path, and the single
    characters of the file's own stem, counted likewise. What a place tells is measured on the
    training set, of each utterance by the others (:func:`serbench.canaries.lookup.tells`).
    """

    looks_at: str

    def over(self, items: Sequence[Item]) -> Rule | None:
        places = _places([item.file or item.id for item in items])
        if not places:
            return None

        def rule(train: Indices, answers: Answers, test: Indices) -> Said:
            # Of places that tell as much, the one with fewer things to stand there.
            codes, keys = max(places, key=lambda p: (tells(p[0][train], p[1], answers), -p[1]))
            said: Said = learn(codes[train], keys, answers)[codes[test]]
            return said

        return rule


def _places(paths: Sequence[str]) -> list[tuple[Indices, int]]:
    """What stands at each place, as codes; without places where all or no two paths agree."""
    stems = [_stem(path) for path in paths]
    runs = [_RUN.findall(stem) for stem in stems]
    names = [stem.rpartition("/")[2] for stem in stems]
    found = [
        codes_of(part[at] if -len(part) <= at < len(part) else None for part in runs)
        for at in (*range(RUNS), *range(-RUNS, 0))
    ]
    found += [*_letters(names), *_letters([name[::-1] for name in names])[::-1]]
    return [(codes, keys) for codes, keys in found if 1 < keys <= len(paths) // 2]


def _letters(names: Sequence[str]) -> list[tuple[Indices, int]]:
    """The first characters of names as codes, by their place."""
    table = np.array(names, dtype=f"U{LETTERS}").view(np.uint32).reshape(len(names), LETTERS)
    found = []
    for column in table.T:
        letters, codes = np.unique(column, return_inverse=True)
        ends = int(0 in letters[:1])  # names that are shorter; 0 comes first
        found.append((codes.astype(np.int64) - ends, len(letters) - ends))
    return found


def _stem(path: str) -> str:
    folder, slash, name = path.rpartition("/")
    return folder + slash + (name.rpartition(".")[0] or name)
