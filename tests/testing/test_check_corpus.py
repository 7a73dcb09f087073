"""The contract of a corpus adapter: each breach of it is named.

What is registered is held against it in tests/test_contracts.py.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest

from serbench.corpus import Corpus, CorpusCard, Entry, Release, audio_files
from serbench.errors import CorpusError
from serbench.labels import Emotion
from serbench.testing import check_corpus
from serbench_corpora.emodb import EmoDB

CARD = CorpusCard(
    name="toy",
    title="Toy",
    language="none",
    licence="public domain",
    how_to_get="nowhere",
    citation="@misc{toy, title={Toy}}",
    releases=(Release("Toy 1", {"x": 2, "y": 2}, {"ann": 2, "bob": 2}),),
)


class Toy(Corpus):
    """``ann/x0.wav``: an adapter that keeps the contract."""

    card: ClassVar[CorpusCard] = CARD
    labels: ClassVar[Mapping[str, Emotion | str | None]] = {"x": Emotion.ANGER, "y": None}

    def entries(self, root: Path) -> Iterator[Entry]:
        for path in audio_files(root):
            yield self.entry(path)

    def entry(self, path: Path) -> Entry:
        name = f"{path.parent.name}/{path.stem}"
        return Entry(
            id=name,
            audio=path,
            file=f"{name}.wav",
            speaker=path.parent.name,
            native=path.stem[0],
        )

    def forged_path(self, speaker: str, native: str, take: int) -> str:
        return f"{speaker}/{native}{take}.wav"


def test_kept() -> None:
    check_corpus(Toy())


@pytest.mark.corpus("EMO-DB")
def test_kept_on_the_real_corpus(real_corpus: Callable[[str], Path]) -> None:
    check_corpus(EmoDB(), real_corpus("EMO-DB"))


def test_without_forged_path_only_the_card_is_read() -> None:
    class Unforgeable(Corpus):
        card: ClassVar[CorpusCard] = CARD
        labels: ClassVar[Mapping[str, Emotion | str | None]] = Toy.labels

        def entries(self, root: Path) -> Iterator[Entry]:
            raise NotImplementedError

    check_corpus(Unforgeable())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": "Toy"}, "name is 'Toy'"),
        ({"name": ""}, "name is ''"),
        ({"title": " "}, "title is empty"),
        ({"language": ""}, "language is empty"),
        ({"licence": ""}, "licence is empty"),
        ({"how_to_get": ""}, "how_to_get is empty"),
        ({"citation": "Toy et al."}, "citation begins 'Toy et al.'"),
        ({"releases": ()}, "no release"),
        ({"releases": CARD.releases * 2}, "release names occur more than once: Toy 1"),
        ({"releases": (Release("r", {"x": 2}, {"ann": 3}),)}, "2 utterances by label, 3 by"),
        ({"releases": (Release("r", {}, {}),)}, "0 utterances by label, 0 by"),
        ({"releases": (Release("r", {"z": 2}, {"ann": 2}),)}, "no mapping for z"),
    ],
)
def test_a_card_that_breaks_it(change: dict[str, Any], message: str) -> None:
    class Broken(Toy):
        card: ClassVar[CorpusCard] = dataclasses.replace(CARD, **change)

    with pytest.raises(CorpusError, match=re.escape(message)):
        check_corpus(Broken())


def test_a_label_in_capitals() -> None:
    class Broken(Toy):
        labels: ClassVar[Mapping[str, Emotion | str | None]] = {"x": "Anger", "y": None}

    with pytest.raises(CorpusError, match="label 'x' is mapped to 'Anger'"):
        check_corpus(Broken())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda e: {"id": e.speaker}, "2 ids occur more than once: ann, bob"),
        (lambda e: {"native": "z"}, "native labels that the card does not know: z"),
        (lambda e: {"speaker": "eve"}, "speakers that the card does not know: eve"),
        (lambda e: {"speaker": "ann"}, "2 forged utterances are read otherwise than written"),
        (lambda e: {"native": "x"}, "2 forged utterances are read otherwise than written"),
        (lambda e: {"audio": e.audio.with_name("gone.wav")}, "gone.wav does not exist"),
        (lambda e: {"file": str(e.audio)}, "file is '/"),
        (lambda e: {"file": ""}, "file is ''"),
        (lambda e: {"gender": "m"}, "gender is 'm'"),
        (lambda e: {"start": -1.0}, "lasts from -1.0 to None s"),
        (lambda e: {"start": 1.0, "end": 1.0}, "lasts from 1.0 to 1.0 s"),
    ],
)
def test_an_entry_that_breaks_it(change: Callable[[Entry], dict[str, Any]], message: str) -> None:
    class Broken(Toy):
        def entry(self, path: Path) -> Entry:
            entry = super().entry(path)
            return dataclasses.replace(entry, **change(entry))

    with pytest.raises(CorpusError, match=re.escape(message)):
        check_corpus(Broken())


def test_a_file_that_is_overlooked() -> None:
    class Broken(Toy):
        def entries(self, root: Path) -> Iterator[Entry]:
            return (entry for entry in super().entries(root) if entry.id != "bob/y0")

    with pytest.raises(CorpusError, match=r"1 forged .* bob/y0\.wav: .*'bob'.*'y' not found"):
        check_corpus(Broken())


def test_nothing_found() -> None:
    class Broken(Toy):
        def entries(self, root: Path) -> Iterator[Entry]:
            return iter(())

    with pytest.raises(CorpusError, match="no entry below"):
        check_corpus(Broken())


def test_macos_companions() -> None:
    class Broken(Toy):
        def entries(self, root: Path) -> Iterator[Entry]:
            return (self.entry(path) for path in sorted(root.rglob("*.wav")))

    with pytest.raises(CorpusError, match=r"entries changed when \._ files and __MACOSX appeared"):
        check_corpus(Broken())


def test_entries_that_change_between_readings() -> None:
    class Broken(Toy):
        readings = 0

        def entries(self, root: Path) -> Iterator[Entry]:
            type(self).readings += 1
            for entry in super().entries(root):
                yield dataclasses.replace(entry, id=f"{self.readings}/{entry.id}")

    with pytest.raises(CorpusError, match="entries differ between two readings"):
        check_corpus(Broken())
