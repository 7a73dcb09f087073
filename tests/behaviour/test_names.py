from __future__ import annotations

import pytest

from serbench.behaviour.names import check_names, under_other_names
from serbench.testing.leaky.honest import NearestMean
from serbench.testing.leaky.path_reader import PathReader
from serbench.testing.studio import studio


@pytest.fixture(scope="module")
def recordings():
    with studio(seconds=0.1) as made:
        yield made


def _checked(model, recordings):
    home, away = recordings.of("home"), recordings.of("away")
    model.fit(recordings.training(home, model), seed=0)
    with under_other_names(away) as renamed:
        test, again = recordings.test(away, model), recordings.test(renamed, model)
        return check_names(model, test, again)


def test_the_same_sounds_lie_under_names_that_say_nothing(recordings):
    away = recordings.of("away")
    with under_other_names(away) as renamed:
        for before, after in zip(away, renamed, strict=True):
            assert after.audio.read_bytes() == before.audio.read_bytes()
            assert not after.audio.is_symlink()
            assert not after.audio.samefile(before.audio)
            path = str(after.audio)
            assert not any(word in path for word in ("anger", "neutral", "sadness", "eli", "away"))
        folder = after.audio.parent
    assert not folder.exists()


def test_a_recording_with_several_utterances_is_copied_once(recordings):
    one = recordings.of("away")[0]
    with under_other_names([one, one]) as (first, second):
        assert first.audio == second.audio


def test_an_honest_model_does_not_care(recordings):
    assert _checked(NearestMean(), recordings) == []


def test_a_path_reader_is_found(recordings):
    (problem,) = _checked(PathReader(), recordings)
    assert problem.rule == "L18"
    assert problem.count == len(recordings.of("away"))


def test_a_reader_that_stumbles_over_a_strange_name_is_found(recordings):
    class Stumbling(NearestMean):
        def predict_proba(self, test):
            names = [clip.path.stem.split("-")[1] for clip in test._source._clips]
            return super().predict_proba(test) if names else None

    (problem,) = _checked(Stumbling(), recordings)
    assert problem.rule == "L18"
    assert "IndexError" in problem.message
