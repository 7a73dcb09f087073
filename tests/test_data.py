"""What a model is given, and what it is refused."""

import numpy as np
import pytest

from serbench.data import LabelledUtterances, Utterances
from serbench.errors import ModelError
from serbench.features.frames import LogMel
from serbench.labels import Classes

TASK = Classes(("a", "b"))


class Rows:
    """A source whose every sound is its row number."""

    def waveform(self, row, rate, channel):
        return np.full(4, row, np.float32)

    def feature(self, row, recipe):
        return np.full((2, 3), row, np.float32)

    def text(self, row):
        return "hello" if row else None


def labelled(speakers=(0, 0, 1, 1, 2, 2)):
    n = len(speakers)
    return LabelledUtterances(
        TASK, Rows(), range(10, 10 + n), y=np.arange(n) % 2, speakers=np.array(speakers)
    )


def test_rows_are_by_position():
    test = Utterances(TASK, Rows(), [5, 3])
    assert len(test) == 2
    assert test.waveform(1, 16000)[0] == 3


def test_nothing_public_names_an_utterance():
    test = Utterances(TASK, Rows(), [5, 3])
    public = {name for name in dir(test) if not name.startswith("_")}
    assert public == {"task", "waveform", "feature", "text", "groups", "at"}


def test_undeclared_input_is_refused():
    test = Utterances(TASK, Rows(), [5], inputs=())
    with pytest.raises(ModelError, match="asked for audio"):
        test.waveform(0)
    with pytest.raises(ModelError, match="asked for text"):
        Utterances(TASK, Rows(), [5]).text(0)


def test_undeclared_recipe_is_refused():
    test = Utterances(TASK, Rows(), [5], recipes=())
    with pytest.raises(ModelError, match="did not declare"):
        test.feature(0, LogMel())


def test_missing_transcript_is_said():
    test = Utterances(TASK, Rows(), [1, 0], inputs=("text",))
    assert test.text(0) == "hello"
    with pytest.raises(ModelError, match="no transcript"):
        test.text(1)


def test_subset_keeps_labels_with_sounds():
    part = labelled().subset([4, 1])
    assert part.waveform(0)[0] == 14
    assert part.y.tolist() == [0, 1]
    assert part.speakers.tolist() == [2, 0]


@pytest.mark.parametrize("share", [0.01, 0.34, 0.99])
def test_holdout_is_by_whole_speakers(share):
    train, held = labelled().holdout(share, seed=3)
    assert set(train.speakers) & set(held.speakers) == set()
    assert len(train) + len(held) == 6
    assert len(train)
    assert len(held)


def test_holdout_follows_its_seed():
    many = labelled(tuple(range(20)))
    first = many.holdout(0.2, seed=1)[1].speakers.tolist()
    assert first == many.holdout(0.2, seed=1)[1].speakers.tolist()
    assert first != many.holdout(0.2, seed=2)[1].speakers.tolist()


def test_holdout_of_one_speaker_is_refused():
    with pytest.raises(ModelError, match="one speaker"):
        labelled((0, 0)).holdout(0.5, seed=0)


def test_unknown_target_is_refused():
    with pytest.raises(ModelError, match="asked for the target 'gender'"):
        labelled().target("gender")
