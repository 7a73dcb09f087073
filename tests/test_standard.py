"""Protocols within one corpus: whole speakers, sessions, a holdout, an official split."""

import itertools
import shutil
from collections import Counter

import numpy as np
import pytest
from sklearn.model_selection import StratifiedGroupKFold

from serbench.adapters import adapter
from serbench.corpus import Entry
from serbench.errors import ProtocolError
from serbench.protocols import LOSO
from serbench.registry import load
from serbench.splitters import LeaveOneSpeakerOut, Row
from serbench.standard import FIXED, HOLDOUT, KFOLD_SPEAKER, LOSESO
from serbench_baselines.sdcaff_folds import SDCAFF_5FOLD

CLASSES = ("anger", "neutral", "sadness")


def table(speakers=12, labels=CLASSES, takes=10, sessions=3):
    return [
        Row(f"toy/{s:02d}/{label}{take}", "", f"s{s:02d}", f"{s % sessions + 1}", label, "toy")
        for s, label, take in itertools.product(range(speakers), labels, range(takes))
    ]


def speakers_of(rows, ids):
    who = {row.id: row.speaker for row in rows}
    return {who[name] for name in ids}


def judged(splits):
    return [set(split.tests["toy"]) for split in splits]


def test_kfold_speaker_has_ten_folds_of_whole_speakers():
    rows = table(speakers=24)
    splits = KFOLD_SPEAKER.splits(rows)
    assert [split.fold for split in splits] == [f"{i:02d}" for i in range(1, 11)]
    groups = [speakers_of(rows, ids) for ids in judged(splits)]
    assert sum(map(len, groups)) == 24
    assert {len(group) for group in groups} == {2, 3}
    assert set().union(*judged(splits)) == {row.id for row in rows}
    # An independent construction, from the same rows in the order of their ids.
    rows.sort(key=lambda row: row.id)
    y, g = [row.label for row in rows], [row.speaker for row in rows]
    folds = StratifiedGroupKFold(10, shuffle=True, random_state=0).split(y, y, g)
    assert judged(splits) == [{rows[i].id for i in test} for _, test in folds]


@pytest.mark.filterwarnings("ignore:The least populated class")
def test_kfold_speaker_leaves_no_fold_empty():
    """One speaker speaks most of the corpus: dealt out by classes, a fold would have nobody."""
    sizes = [60, 13, 2, 4, 19, 67, 2, 7, 233, 1]
    rng = np.random.default_rng(0)
    while True:  # until what the rule guards against happens
        rows = [
            Row(f"toy/{s}/{i:03d}", "", f"s{s}", "", f"c{label}", "toy")
            for s, size in enumerate(sizes)
            for i, label in enumerate(rng.choice(5, size, p=rng.dirichlet(np.full(5, 0.1))))
        ]
        y, g = [row.label for row in rows], [row.speaker for row in rows]
        plain = StratifiedGroupKFold(10, shuffle=True, random_state=0).split(y, y, g)
        if not all(len(test) for _, test in plain):
            break
    assert sorted(len(ids) for ids in judged(KFOLD_SPEAKER.splits(rows))) == sorted(sizes)


def test_kfold_speaker_takes_classes_rarer_than_folds():
    rows = table(takes=1, labels=("anger",), speakers=12)[:9] + [
        Row(f"toy/x{i}", "", f"x{i}", "", f"only{i}", "toy") for i in range(6)
    ]
    assert sum(map(len, judged(KFOLD_SPEAKER.splits(rows)))) == 15


def test_kfold_speaker_wants_ten_speakers():
    with pytest.raises(ProtocolError, match=r"4 speakers \(s00, s01, s02, s03\)[\s\S]*at least 10"):
        KFOLD_SPEAKER.splits(table(speakers=4))


def test_loseso_has_a_fold_a_session_and_keeps_partners_together():
    rows = table(speakers=10, sessions=5)
    splits = LOSESO.splits(rows)
    assert [split.fold for split in splits] == ["1", "2", "3", "4", "5"]
    assert [len(speakers_of(rows, ids)) for ids in judged(splits)] == [2] * 5
    for split in splits:
        partners = speakers_of(rows, split.tests["toy"])
        assert not partners & speakers_of(rows, split.train)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([Row(f"toy/{i}", "", f"s{i % 3}", "", "anger", "toy") for i in range(6)],
         r"6 of 6 utterances are of no session \(toy/0"),
        (table(sessions=1), r"fit toy: 1 session\n"),
        ([Row(f"toy/{i}", "", "ann", str(i % 2), "anger", "toy") for i in range(6)],
         "speaker ann is heard in the sessions 0, 1"),
    ],
)  # fmt: skip
def test_loseso_wants_sessions_with_speakers_of_their_own(rows, said):
    with pytest.raises(ProtocolError, match=said):
        LOSESO.splits(rows)


def test_holdout_is_a_stratified_fifth():
    rows = table() + [Row(f"toy/f{i}", "", "s00", "1", "fear", "toy") for i in range(20)]
    (split,) = HOLDOUT.splits(rows)
    label = {row.id: row.label for row in rows}
    ids = split.tests["toy"]
    assert Counter(label[name] for name in ids) == dict.fromkeys(CLASSES, 24) | {"fear": 4}
    assert not set(ids) & set(split.train)
    assert len(ids) + len(split.train) == len(rows)


@pytest.mark.parametrize("takes", [1, 2])
def test_holdout_wants_enough_of_each_class(takes):
    with pytest.raises(ProtocolError, match="utterances"):
        HOLDOUT.splits(table(speakers=1, takes=takes))


def official(*folds):
    return [
        Row(f"toy/{i:02d}", "", f"s{i}", "", CLASSES[i % 3], "toy", fold)
        for i, fold in enumerate(folds)
    ]


def test_fixed_is_the_official_split():
    rows = official("train", "train", "valid", "test", "", "train", "test", "valid", "other")
    (split,) = FIXED.splits(rows)
    assert split.train == ("toy/00", "toy/01", "toy/05")
    assert split.tests == {"toy": ("toy/03", "toy/06")}
    assert split.validation == ("toy/02", "toy/07")
    (split,) = FIXED.splits(official("train", "test"))
    assert split.validation == ()


@pytest.mark.parametrize(
    ("folds", "said"),
    [
        (["", "", ""], "no official split"),
        (["train", "train", "valid"], "official split of 2 in 'train', 1 in 'valid'"),
        (["test", ""], "official split of 1 in 'test'"),
    ],
)
def test_fixed_wants_a_split_to_train_and_test_on(folds, said):
    with pytest.raises(ProtocolError, match=said):
        FIXED.splits(official(*folds))


def test_loso_refuses_hundreds_of_trainings():
    rows = table(speakers=201, takes=1, labels=("anger",))
    with pytest.raises(ProtocolError, match=r"201 speakers[\s\S]*200 speakers at most"):
        LOSO.splits(rows)
    assert len(LOSO.splits(table(speakers=200, takes=1, labels=("anger",)))) == 200
    assert len(list(LeaveOneSpeakerOut(most=300).folds(rows, 0))) == 201
    with pytest.raises(ProtocolError, match=r"1 speaker \(s00\)"):
        LOSO.splits(table(speakers=1))


@pytest.fixture
def mosei(tmp_path, real_corpus):
    """CMU-MOSEI's rows by its real labels and folds, without a sound."""
    shutil.copy(real_corpus("CMU-MOSEI-labels") / "CMU_MOSEI_Labels.csv", tmp_path)
    entries = (e for e in adapter("cmu-mosei", tmp_path).entries(tmp_path) if isinstance(e, Entry))
    return [
        Row(f"cmu-mosei/{e.id}", e.file, e.speaker, "", e.native, "cmu-mosei", e.fold or "")
        for e in entries
    ]


@pytest.mark.corpus("CMU-MOSEI-labels")
def test_mosei_has_its_standard_folds_and_too_many_speakers_for_loso(mosei):
    (split,) = FIXED.splits(mosei)
    assert (len(split.train), len(split.validation), len(split.tests["cmu-mosei"])) == (
        16327, 1871, 4662,
    )  # fmt: skip
    assert len(mosei) == 23259
    assert sum(not row.fold for row in mosei) == 399
    who = {row.id: row.speaker for row in mosei}
    sides = [{who[name] for name in ids} for ids in (split.train, split.tests["cmu-mosei"])]
    assert not sides[0] & sides[1]
    with pytest.raises(ProtocolError, match="3,293 speakers, and as many trainings"):
        LOSO.splits(mosei)


def wide(files=53):
    """A corpus most of whose files the label space leaves out."""
    return [
        Row(f"toy/{i:03d}", "", f"s{i % 4}", "", CLASSES[i % 3] if i % 5 else "", "toy")
        for i in range(files)
    ]


def test_sdcaff_draws_fifths_of_all_files():
    """An independent construction: numpy's global generator, as the released code uses it."""
    rows, n = wide(), 53
    state = np.random.get_state()  # noqa: NPY002
    np.random.seed(987654)  # noqa: NPY002
    rest, clusters = list(range(n)), []
    for _ in range(4):
        clusters.append(list(np.random.choice(rest, int(n * 0.2), replace=False)))  # noqa: NPY002
        rest = sorted(set(rest) - set(clusters[-1]))
    np.random.set_state(state)  # noqa: NPY002
    kept = {i for i in range(n) if rows[i].label}
    expected = [{rows[i].id for i in cluster if i in kept} for cluster in [*clusters, rest]]
    splits = SDCAFF_5FOLD.splits(rows)
    assert [split.fold for split in splits] == ["1", "2", "3", "4", "5"]
    assert judged(splits) == expected
    for split in splits:
        assert set(split.train) == {rows[i].id for i in kept} - set(split.tests["toy"])
    assert len({len(ids) for ids in expected}) > 1  # what is kept falls unevenly
    assert SDCAFF_5FOLD.record(["iemocap"])["split_seed"] == 987654


def test_sdcaff_wants_five_files():
    with pytest.raises(ProtocolError, match="4 files"):
        SDCAFF_5FOLD.splits(wide(4))


@pytest.mark.parametrize("protocol", [KFOLD_SPEAKER, LOSESO, HOLDOUT, FIXED, SDCAFF_5FOLD])
def test_cards_say_all(protocol):
    card = protocol.card()
    for part in ("title", "trains", "tests", "source"):
        assert card[part], part
    assert card["selection"] == "last"
    assert card["alternatives"]
    assert protocol.name not in card["alternatives"]


def test_the_label_space_of_sdcaff_is_the_papers():
    assert load("labels", SDCAFF_5FOLD.labels[0]).repeat == {"anger": 2}
