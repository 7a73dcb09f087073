"""Rules over several corpora: who is heard whole, on which side."""

import pytest

from serbench.across import EachToOthers, LeaveOneCorpusOut
from serbench.errors import ProtocolError
from serbench.protocols import LOSO, Protocol
from serbench.splitters import Row

ROWS = [
    Row(f"{corpus}/{i}", f"{i}.wav", f"s{i % 2}", "", "ah"[i % 2], corpus)
    for corpus in ("north", "south", "west")
    for i in range(4)
]
EACH = Protocol(name="each", title="", splitter=EachToOthers(), speaker_independent=True)
OUT = Protocol(name="out", title="", splitter=LeaveOneCorpusOut(), speaker_independent=True)


def names(ids):
    return {name.partition("/")[0] for name in ids}


def test_one_training_serves_all_targets():
    splits = EACH.splits(ROWS)
    assert [split.fold for split in splits] == ["north", "south", "west"]
    for split in splits:
        assert names(split.train) == {split.fold}
        assert set(split.tests) == {"north", "south", "west"} - {split.fold}
        for target, ids in split.tests.items():
            assert names(ids) == {target}
            assert len(ids) == 4


def test_under_unlabelled_access_each_pair_is_a_training():
    splits = EACH.under("unlabelled").splits(ROWS)
    assert len(splits) == 6
    assert [split.fold for split in splits][:2] == ["north>south", "north>west"]
    assert all(len(split.tests) == 1 for split in splits)


def test_leaving_one_corpus_out_trains_on_all_others():
    splits = OUT.splits(ROWS)
    assert [split.fold for split in splits] == ["north", "south", "west"]
    for split in splits:
        assert names(split.train) == {"north", "south", "west"} - {split.fold}
        assert {name: names(ids) for name, ids in split.tests.items()} == {split.fold: {split.fold}}
    assert OUT.under("unlabelled").splits(ROWS) == splits  # a fold has one target already


@pytest.mark.parametrize("protocol", [EACH, OUT])
def test_one_corpus_is_too_few(protocol):
    with pytest.raises(ProtocolError, match="does not fit north: 1 corpus") as error:
        protocol.splits(ROWS[:4])
    assert "--corpus" in error.value.advice


def test_a_rule_for_one_corpus_is_never_shown_two():
    with pytest.raises(ProtocolError, match="cut north, south, west at once"):
        LOSO.splits(ROWS)


def test_what_the_label_space_leaves_out_is_in_no_fold():
    rows = [*ROWS, Row("west/9", "9.wav", "s1", "", "", "west")]
    assert all("west/9" not in split.train for split in EACH.splits(rows))
    assert all("west/9" not in ids for split in EACH.splits(rows) for ids in split.tests.values())
