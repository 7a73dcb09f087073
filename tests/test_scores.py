"""Scores of stored trials: pooled, by speaker, and equal to what other code makes of the arrays."""

import math

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import accuracy_score, f1_score, recall_score

from serbench.errors import StoreError
from serbench.predictions import Predictions
from serbench.ratings import Ratings, from_parquet, to_parquet
from serbench.scores import ClassScores, ScaleScores, class_scores, scale_scores
from serbench.sentiment import SCORES, sentiment_scores

# The worked example of the two conventions and of rounding halves to even.
TRUTH = [-2, -1, -1 / 3, 0, 0, 1 / 3, 2 / 3, 1, 5 / 3, 7 / 3, 8 / 3, 3]
SAID = [-1.4, 0.2, -0.6, 0.3, -0.2, 0, 0.4, 1.5, 2.5, -0.1, 3.4, 2.2]


def ratings(truth, values, speakers, start=0):
    ids = tuple(f"toy/{start + i:04}" for i in range(len(truth)))
    values = np.asarray(values, dtype=np.float32)
    return Ratings(ids, tuple(speakers), np.asarray(truth, dtype=np.float64), values)


def drawn(seed, n=300, speakers=12):
    """Truth and speakers of a corpus, and what two trainings said of it."""
    random = np.random.default_rng(seed)
    who = random.integers(0, speakers, n)
    truth = random.integers(-9, 10, n) / 3
    lean = random.normal(0, 0.5, speakers)[who]
    said = [0.6 * truth + lean + random.normal(0, 1, n) for _ in range(2)]
    return truth, [f"s{i}" for i in who], np.array(said, dtype=np.float32)


def in_folds(truth, who, said, folds=3):
    """A grid of trials, stored and read back."""
    trials = {}
    for seed, values in enumerate(said):
        for fold in range(folds):
            rows = np.arange(len(truth))[fold::folds]
            part = Ratings(
                tuple(f"toy/{i:04}" for i in rows), tuple(who[i] for i in rows), truth[rows],
                values[rows],
            )  # fmt: skip
            trials[seed, str(fold)] = from_parquet(to_parquet(part), "x")
    return trials


class TestScale:
    def test_the_worked_example_over_two_folds(self):
        trials = {
            (0, "1"): ratings(TRUTH[:5], SAID[:5], "aabbc"),
            (0, "2"): ratings(TRUTH[5:], SAID[5:], "aabbccc", start=5),
        }
        stored = {key: from_parquet(to_parquet(part), "x") for key, part in trials.items()}
        found = {name: one.estimate for name, one in scale_scores(stored).intervals.items()}
        assert found["acc7"] == pytest.approx(5 / 12)
        assert found["acc2_non0"] == pytest.approx(0.7)
        assert found["f1_non0"] == pytest.approx(0.7098901, abs=5e-8)
        assert found["acc2_has0"] == pytest.approx(0.75)
        assert found["f1_has0"] == pytest.approx(0.7605042, abs=5e-8)
        assert found["mae"] == pytest.approx(np.abs(np.subtract(TRUTH, SAID)).mean(), abs=1e-7)
        assert found["correlation"] == pytest.approx(np.corrcoef(TRUTH, SAID)[0, 1], abs=1e-7)

    def test_pooled_over_folds_and_averaged_over_seeds(self):
        truth, who, said = drawn(0)
        scores = scale_scores(in_folds(truth, who, said))
        expected = [vars(sentiment_scores(truth, values)) for values in said]
        for name, interval in scores.intervals.items():
            mean = np.mean([of_seed[name] for of_seed in expected])
            assert interval.estimate == pytest.approx(mean, rel=1e-12), name
        assert (scores.utterances, scores.speakers) == (300, 12)

    def test_the_interval_is_a_jackknife_over_speakers(self):
        """Against the array functions on what is left of the utterances without each speaker."""
        truth, who, said = drawn(1)
        scores = scale_scores(in_folds(truth, who, said[:1]))
        names = sorted(set(who))
        kept = [np.array([one != name for one in who]) for name in names]
        without = [vars(sentiment_scores(truth[rows], said[0][rows])) for rows in kept]
        for name, interval in scores.intervals.items():
            left = np.array([of_rest[name] for of_rest in without])
            se = math.sqrt(11 / 12 * ((left - left.mean()) ** 2).sum())
            half = stats.t.isf(0.025, 11) * se
            assert (interval.method, interval.df) == ("jackknife", 11)
            assert interval.high - interval.estimate == pytest.approx(half, rel=1e-9), name

    def test_seeds_that_differ_make_it_wider(self):
        truth, who, said = drawn(2)
        same = scale_scores(in_folds(truth, who, [said[0], said[0]]))
        other = scale_scores(in_folds(truth, who, [said[0], said[0] + 1]))
        assert same.intervals["mae"].method == "two-way"
        assert other.intervals["mae"].se > 1.5 * same.intervals["mae"].se

    def test_undefined_scores_are_none_and_the_others_stand(self):
        who = ["a", "a", "b", "b", "c", "c"]
        scores = scale_scores({(0, "1"): ratings([1, -2, 2, 0, -1, 1], [0.1] * 6, who)})
        record = scores.record()
        assert record["correlation"] is None
        assert record["correlation_low"] is None
        assert record["mae"] == pytest.approx((0.9 + 2.1 + 1.9 + 0.1 + 1.1 + 0.9) / 6)
        assert record["acc2_non0"] == pytest.approx(3 / 5)
        assert scores.flags == ("few_speakers",)

    def test_what_hangs_on_one_speaker_is_flagged(self):
        """Nobody but one strays from 0, so that without him no two sides are left."""
        who = ["a", "a", "b", "b", "c", "c", "d", "d"]
        truth = [1, -2, 0, 0, 0, 0, 0, 0]
        scores = scale_scores({(0, "1"): ratings(truth, np.linspace(-1, 1, 8), who)})
        assert "class_single_speaker" in scores.flags
        assert scores.intervals["acc7"].method == "jackknife"

    def test_intervals_end_where_the_score_does(self):
        """A few wild speakers: raw ends lie outside, shown ones do not."""
        who = ["a", "a", "b", "b", "c", "c"]
        truth = [3, -3, 2, -2, 1, -1]
        scores = scale_scores({(0, "1"): ratings(truth, [3, -3, 2, -2, -1, 1], who)})
        raw, record = scores.intervals, scores.record()
        assert raw["acc7"].high > 1 == record["acc7_high"]
        assert raw["correlation"].high > 1 == record["correlation_high"]
        assert raw["mae"].low < 0 == record["mae_low"]
        assert record["mae_high"] == raw["mae"].high > 1

    def test_fields(self):
        assert len(ScaleScores.FIELDS) == 3 * len(SCORES) == 21
        truth, who, said = drawn(3)
        assert tuple(scale_scores(in_folds(truth, who, said)).record()) == ScaleScores.FIELDS

    def test_the_headline_is_acc7(self):
        truth, who, said = drawn(3)
        scores = scale_scores(in_folds(truth, who, said))
        assert scores.headline is scores.intervals["acc7"]


def predictions(truth, probabilities, speakers, start=0):
    ids = tuple(f"toy/{start + i:04}" for i in range(len(truth)))
    array = np.asarray(probabilities, dtype=np.float32)
    return Predictions(("x", "y", "z"), ids, tuple(speakers), np.asarray(truth), array)


class TestClasses:
    def grid(self):
        random = np.random.default_rng(0)
        truth = random.integers(0, 3, 90)
        who = [f"s{i}" for i in random.integers(0, 5, 90)]
        said = [random.dirichlet(np.ones(3), 90) + 0.4 * np.eye(3)[truth] for _ in range(2)]
        trials = {
            (seed, str(half)): predictions(
                truth[rows], said[seed][rows], [who[i] for i in rows], start=45 * half
            )
            for seed in (0, 1)
            for half, rows in enumerate((range(45), range(45, 90)))
        }
        return truth, said, trials

    def test_as_scikit_learn_on_the_pooled_arrays(self):
        truth, said, trials = self.grid()
        scores = class_scores(trials)
        named = [one.argmax(axis=1) for one in said]
        ua = np.mean([recall_score(truth, one, average="macro") for one in named])
        assert scores.ua.estimate == pytest.approx(ua)
        wa = np.mean([accuracy_score(truth, one) for one in named])
        assert scores.wa.estimate == pytest.approx(wa)
        f1 = np.mean([f1_score(truth, one, average="macro") for one in named])
        assert scores.macro_f1 == pytest.approx(f1)
        halves = [
            recall_score(truth[part], one[part], average="macro")
            for one in named
            for part in (slice(45), slice(45, 90))
        ]
        assert scores.ua_fold == pytest.approx(np.mean(halves))
        assert scores.confusion.sum() == 180
        assert (scores.utterances, scores.speakers, scores.missing) == (90, 5, 0)
        assert scores.headline is scores.ua

    def test_fields(self):
        record = class_scores(self.grid()[2]).record()
        assert tuple(record) == ClassScores.FIELDS
        assert record["ua_low"] < record["ua"] < record["ua_high"]
        assert record["n_missing"] == 0

    def test_a_class_without_an_utterance(self):
        said = [[0.9, 0.1, 0], [0.2, 0.8, 0], [0.5, 0.5, 0]]
        scores = class_scores({(0, "1"): predictions([0, 1, 1], said, "aab")})
        assert scores.record()["ua"] is None
        assert scores.record()["wa"] == pytest.approx(2 / 3)
        assert scores.flags == ("undefined",)
        assert scores.tied == pytest.approx(1 / 3)


class TestWhatIsNoRow:
    def test_an_utterance_judged_twice(self):
        trials = {(0, fold): ratings([1, 2], [1, 2], "ab") for fold in "12"}
        with pytest.raises(StoreError, match="toy/0000 is judged in two folds"):
            scale_scores(trials)

    def test_seeds_of_other_utterances(self):
        trials = {(0, "1"): ratings([1, 2], [1, 2], "ab"), (1, "1"): ratings([1], [1], "a")}
        with pytest.raises(StoreError, match="differ in their utterances"):
            scale_scores(trials)

    def test_nothing_was_judged(self):
        with pytest.raises(StoreError, match="no utterance"):
            scale_scores({(0, "1"): ratings([], [], "")})
