"""Folds: complete, disjoint, the same everywhere, and a paper's own where it has them."""

import itertools
import random

import numpy as np
import pytest
from natsort import natsorted
from sklearn.model_selection import KFold

from serbench.canonical import digest
from serbench.errors import ProtocolError
from serbench.protocols import KFOLD, LOSO, split_digest
from serbench.registry import load, registered
from serbench.splitters import Row

LAST_EPOCH = load("protocols", "last-epoch")


WITHIN = [name for name in registered("protocols") if not load("protocols", name).across]
ONE_FOLD = {"holdout", "fixed"}  # which do not come round to every utterance


def table(speakers=4, labels=("anger", "neutral", "sadness"), takes=12, corpus="toy"):
    """A corpus that all protocols fit: with sessions, and an official split by speakers."""
    parts = ("train", "train", "valid", "test")
    return [
        Row(
            f"{corpus}/{s:02d}/{label}{take}", f"{s}/{label}{take}.wav", f"s{s}",
            f"session{s // 2}", label, corpus, parts[s % 4],
        )
        for s, label, take in itertools.product(range(speakers), labels, range(1, takes + 1))
    ]  # fmt: skip


@pytest.mark.parametrize("name", sorted(set(WITHIN) - ONE_FOLD))
def test_every_utterance_is_tested_once_and_never_trained_on_then(name):
    rows = table(speakers=12)
    splits = load("protocols", name).splits(rows)
    tested = [i for split in splits for i in split.tests["toy"]]
    assert sorted(tested) == sorted(row.id for row in rows)
    for split in splits:
        assert not set(split.train) & set(split.tests["toy"])
        assert set(split.train) | set(split.tests["toy"]) == {row.id for row in rows}


@pytest.mark.parametrize("name", sorted(set(WITHIN) & ONE_FOLD))
def test_one_fold_keeps_its_parts_apart(name):
    rows = table(speakers=12)
    (split,) = load("protocols", name).splits(rows)
    parts = [set(split.train), set(split.validation), set(split.tests["toy"])]
    assert sum(map(len, parts)) == len(set().union(*parts)) == len(rows)


@pytest.mark.parametrize("name", WITHIN)
def test_folds_do_not_depend_on_the_order_of_the_table(name):
    protocol, rows = load("protocols", name), table(speakers=12)
    shuffled = random.Random(1).sample(rows, len(rows))
    assert split_digest(protocol.splits(rows)) == split_digest(protocol.splits(shuffled))


@pytest.mark.parametrize("name", WITHIN)
def test_speaker_independence_is_as_declared(name):
    protocol, rows = load("protocols", name), table(speakers=12)
    speaker = {row.id: row.speaker for row in rows}
    shared = any(
        {speaker[i] for i in split.train} & {speaker[i] for i in split.tests["toy"]}
        for split in protocol.splits(rows)
    )
    if name == "fixed":  # as its authors drew it, which the rule does not promise
        assert not protocol.speaker_independent
    else:
        assert shared != protocol.speaker_independent


@pytest.mark.parametrize("name", WITHIN)
def test_one_corpus_at_a_time(name):
    with pytest.raises(ProtocolError, match="asked to cut here, there at once"):
        load("protocols", name).splits([*table(corpus="here"), *table(corpus="there")])


@pytest.mark.parametrize("name", registered("protocols"))
def test_alternatives_are_other_protocols(name):
    others = load("protocols", name).alternatives
    assert name not in others
    assert set(others) <= set(registered("protocols"))


@pytest.mark.parametrize("name", registered("protocols"))
def test_cards_are_hashed_and_say_who_trains_and_who_tests(name):
    card = load("protocols", name).card()
    assert card["trains"]
    assert card["tests"]
    without = {field: value for field, value in card.items() if field != "digest"}
    assert card["digest"] == digest(without)


def test_loso_has_a_fold_a_speaker():
    splits = LOSO.splits(table(speakers=5))
    assert [split.fold for split in splits] == ["s0", "s1", "s2", "s3", "s4"]


def test_kfold_is_stratified():
    for split in KFOLD.splits(table(speakers=5, takes=20)):
        labels = [i.rsplit("/", 1)[1].rstrip("0123456789") for i in split.tests["toy"]]
        assert {labels.count(label) for label in set(labels)} == {10}


def test_last_epoch_is_timnets_kfold_over_class_folders():
    """An independent construction: class folders in order, natsorted files, KFold by seed."""
    for corpus, seed in {"casia": 32, "emodb": 46, "emovo": 1, "iemocap": 16, "ravdess": 46,
                         "savee": 44, "toy": 0}.items():  # fmt: skip
        rows = table(takes=12, corpus=corpus)
        folders = {}
        for row in rows:
            folders.setdefault(row.label, {})[row.file] = row.id
        flat = [folders[c][f] for c in sorted(folders) for f in natsorted(folders[c])]
        expected = [
            [flat[i] for i in test]
            for _, test in KFold(10, shuffle=True, random_state=seed).split(np.arange(len(flat)))
        ]
        splits = LAST_EPOCH.splits(rows)
        assert [list(split.tests[corpus]) for split in splits] == expected


def test_natural_order_puts_2_before_10():
    rows = table(speakers=1, labels=("anger",), takes=12)
    fold = LAST_EPOCH.splits(rows)[0]
    order = [row.id for row in sorted(rows, key=lambda r: int(r.id.split("anger")[1]))]
    train = KFold(10, shuffle=True, random_state=0).split(np.arange(12)).__next__()[0]
    assert list(fold.train) == [order[i] for i in train]


def test_what_does_not_fit_is_explained():
    with pytest.raises(ProtocolError, match="1 speaker"):
        LOSO.splits(table(speakers=1))
    with pytest.raises(ProtocolError, match="utterances are labelled"):
        KFOLD.splits(table(speakers=1, takes=3))


def test_record_holds_the_seed_that_draws_the_folds():
    assert LAST_EPOCH.record(["emodb"])["split_seed"] == 46
    assert LAST_EPOCH.record(["other"])["split_seed"] == 0


def test_files_that_lie_in_folders_of_speakers_are_ordered_as_in_one_folder():
    """RAVDESS's real names: the class folder sorts by intensity and repetition before the actor."""
    files = [
        f"Actor_{actor:02d}/03-01-05-{intensity:02d}-01-{take:02d}-{actor:02d}.wav"
        for actor in range(1, 25)
        for intensity in (1, 2)
        for take in (1, 2)
    ]
    rows = [Row(file, file, file[:8], "", "anger", "ravdess") for file in files]
    flat = natsorted(files, key=lambda file: file.rpartition("/")[2])
    assert flat[:2] == [
        "Actor_01/03-01-05-01-01-01-01.wav", "Actor_02/03-01-05-01-01-01-02.wav",
    ]  # fmt: skip
    folds = KFold(10, shuffle=True, random_state=46).split(np.arange(len(flat)))
    expected = [[flat[i] for i in test] for _, test in folds]
    found = LAST_EPOCH.splits(rows)
    assert [list(split.tests["ravdess"]) for split in found] == expected


def test_files_whose_names_repeat_are_ordered_with_their_speaker():
    """SAVEE's flat edition: DC_a01.wav, DC_a02.wav, ..., JE_a01.wav."""
    files = [f"{who}/a{n:02d}.wav" for who in ("JE", "DC") for n in range(1, 16)]
    rows = [Row(file, file, file[:2], "", "anger", "savee") for file in files]
    flat = natsorted(files, key=lambda file: file.replace("/", "_"))
    train = next(KFold(10, shuffle=True, random_state=44).split(np.arange(len(flat))))[0]
    assert list(LAST_EPOCH.splits(rows)[0].train) == [flat[i] for i in train]
