"""What must not move an interval."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from serbench.intervals import jackknife
from serbench.metrics import macro_f1, ua, wa


def ends(interval):
    return interval.low, interval.high


@st.composite
def recordings(draw):
    """Counts [S, C, C] in which every speaker speaks every class."""
    speakers, classes = draw(st.integers(2, 6)), draw(st.integers(2, 4))
    shape = (speakers, classes, classes)
    counts = draw(hnp.arrays(np.int64, shape, elements=st.integers(0, 9)))
    return counts + np.eye(classes, dtype=np.int64)


class TestInvariances:
    @given(recordings(), st.integers(2, 5))
    def test_every_utterance_twice_changes_nothing(self, counts, times):
        for metric in (ua, wa, macro_f1):
            once, twice = jackknife(counts, metric), jackknife(counts * times, metric)
            assert ends(twice) == pytest.approx(ends(once), abs=1e-9)
            assert twice.df == once.df

    @given(recordings(), st.randoms(use_true_random=False))
    def test_the_order_of_the_speakers_does_not_matter(self, counts, random):
        order = random.sample(range(len(counts)), len(counts))
        assert ends(jackknife(counts[order], ua)) == pytest.approx(
            ends(jackknife(counts, ua)), abs=1e-9
        )

    @given(recordings(), st.randoms(use_true_random=False))
    def test_the_names_of_the_classes_do_not_matter(self, counts, random):
        name = random.sample(range(counts.shape[1]), counts.shape[1])
        renamed = counts[:, name][:, :, name]
        assert ends(jackknife(renamed, ua)) == pytest.approx(ends(jackknife(counts, ua)), abs=1e-9)

    @given(recordings())
    def test_exchanging_two_models_changes_only_the_sign(self, counts):
        other = counts.transpose(0, 2, 1)
        one = jackknife(np.stack([counts, other], axis=1), lambda p: wa(p[0]) - macro_f1(p[1]))
        two = jackknife(np.stack([other, counts], axis=1), lambda p: macro_f1(p[0]) - wa(p[1]))
        assert one.estimate == pytest.approx(-two.estimate, abs=1e-12)
        assert ends(one) == pytest.approx((-two.high, -two.low), abs=1e-9)
