"""95% confidence intervals of a score, with the speaker as the unit of independence.

Utterances of one speaker resemble each other, so an interval that treats them as independent is far
too narrow. The default is the delete-one-speaker jackknife with Student's t on S - 1 degrees of
freedom: it needs no random numbers, and it kept its 95% in simulation from four speakers up. With
several seeds, a two-way analysis of its pseudo-values adds what the seeds vary. Where leaving a
speaker out makes the score undefined, because that speaker alone speaks a class, the whole-speaker
bootstrap supplies the standard error in the jackknife's place.

A score enters as a function of pooled counts: of a confusion matrix [C, C] for `metrics.ua` or
`metrics.wa`, or of any other array of counts or sums. The difference of two models on the same
speakers is ``lambda pair: ua(pair[0]) - ua(pair[1])`` over counts of shape [speakers, 2, C, C].
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Counts = NDArray[np.int64 | np.float64]
Metric = Callable[[NDArray[Any]], float]

LEVEL = 0.95
FEW_SPEAKERS = 3  # up to here, half the width is 2.5 (S = 3) or 9 (S = 2) standard deviations
DRAWS = 10_000  # standard error of the bootstrap's own standard error: 0.7%
MOST_EXACT = 5  # speakers; 5**5 = 3,125 draws are all there are
SEED = 0
FEWEST_CORPORA = 4  # below, the pairs without one corpus are two or none


@dataclass(frozen=True)
class Interval:
    """A score with its 95% interval, raw: the ends may lie outside of what the score can reach.

    Parameters
    ----------
    estimate
        The score on all speakers, the mean over the seeds if there are several.
    low, high, se, df
        The ends, the standard error and the degrees of freedom of t; NaN where there is none.
    method
        "jackknife", "two-way" (jackknife, speakers x seeds), "bootstrap", "two-way bootstrap",
        "leave-one-corpus-out" or "none".
    flags
        What the reader must be told: "undefined" (the score is NaN), "single_speaker" (no
        interval), "few_speakers" (2 or 3), "class_single_speaker" (hence the bootstrap),
        "no_spread" (every speaker left out leaves the same score: zero width claims too much),
        "few_corpora" (no interval over corpora).

    """

    estimate: float
    low: float
    high: float
    se: float
    df: float
    method: str
    flags: tuple[str, ...] = ()

    def clipped(self, least: float = 0.0, most: float = 1.0) -> tuple[float, float]:
        """The ends cut to what the score can reach, to be shown; tests and overlaps need them raw.

        >>> Interval(0.9, 0.7, 1.1, 0.08, 9, "jackknife").clipped()
        (0.7, 1.0)
        """
        return min(max(self.low, least), most), min(max(self.high, least), most)


def jackknife(counts: Counts, metric: Metric) -> Interval:
    """The delete-one-speaker jackknife-t interval of a pooled score.

    SE^2 = (S-1)/S sum_s (theta_(-s) - mean)^2, the interval theta +- t_{.975, S-1} SE.

    Parameters
    ----------
    counts
        Counts of each speaker [S, ...], usually confusion matrices [S, C, C]. Speakers without an
        utterance are left out.
    metric
        The score of counts summed over speakers; NaN where it is undefined.

    Raises
    ------
    ValueError
        If no speaker has an utterance.

    """
    return jackknife_over_seeds(np.asarray(counts)[np.newaxis], metric)


def jackknife_over_seeds(counts: Counts, metric: Metric) -> Interval:
    """The interval of a score's mean over seeds, allowing for new speakers and new seeds alike.

    Satterthwaite's t on the jackknife's pseudo-values, see `two_way`. One seed: `jackknife`.

    Parameters
    ----------
    counts
        Counts [R, S, ...] of R seeds on the same S speakers, usually [R, S, C, C].
    metric
        As for `jackknife`.

    Raises
    ------
    ValueError
        If no speaker has an utterance.

    """
    counts = _spoken(np.asarray(counts))
    seeds, speakers = counts.shape[:2]
    estimate = float(np.mean([metric(seed.sum(axis=0)) for seed in counts]))
    if np.isnan(estimate):
        return _no_interval(estimate, "undefined")
    if speakers == 1:
        return _no_interval(estimate, "single_speaker")
    flags = ["few_speakers"] if speakers <= FEW_SPEAKERS else []

    method = "jackknife" if seeds == 1 else "two-way"
    values = pseudo_values(counts, metric)
    if np.isfinite(values).all():
        _, variance, df = two_way(values)
    else:
        flags.append("class_single_speaker")
        method = "bootstrap" if seeds == 1 else "two-way bootstrap"
        variance, df = _bootstrap(counts, metric)
        if np.isnan(variance):
            return _no_interval(estimate, *flags)
    se = float(np.sqrt(variance))
    if se < 1e-12:  # equal but for rounding
        flags.append("no_spread")
    from scipy.special import stdtrit  # Student's t; a third of a second that a kept score spares

    half = float(stdtrit(df, (1 + LEVEL) / 2)) * se
    return Interval(estimate, estimate - half, estimate + half, se, df, method, tuple(flags))


def leave_one_corpus_out(cells: Mapping[tuple[str, str], float]) -> Interval:
    """The interval of the mean over ordered pairs of corpora, with the corpus as the unit.

    theta_(-k) is the mean over the pairs that corpus k has no part in, SE^2 = (K-1)/K
    sum_k (theta_(-k) - mean)^2, the interval theta +- t_{.975, K-1} SE. Pairs share corpora, so
    that a t-test over them rejects far too often; this one held its 5% in simulation.

    Parameters
    ----------
    cells
        (source, target) to the pair's score. All ordered pairs of at least four corpora; with fewer
        there is no interval over corpora ("few_corpora").
    """
    corpora = sorted({name for pair in cells for name in pair})
    count = len(corpora)
    estimate = float(np.mean(list(cells.values())))
    if np.isnan(estimate):
        return _no_interval(estimate, "undefined")
    if count < FEWEST_CORPORA or len(cells) != count * (count - 1):
        return _no_interval(estimate, "few_corpora")
    without = [
        np.mean([value for pair, value in cells.items() if left_out not in pair])
        for left_out in corpora
    ]
    se = float(np.sqrt((count - 1) / count * np.square(without - np.mean(without)).sum()))
    from scipy.special import stdtrit  # Student's t quantile

    half = float(stdtrit(count - 1, (1 + LEVEL) / 2)) * se
    flags = ("no_spread",) if se < 1e-12 else ()
    return Interval(
        estimate, estimate - half, estimate + half, se, count - 1, "leave-one-corpus-out", flags
    )


def pseudo_values(counts: Counts, metric: Metric) -> Floats:
    """The jackknife's pseudo-values S theta_r - (S-1) theta_{r,(-s)}, float [S, R].

    They stand for what each speaker contributes: their mean is the jackknife's estimate, and the
    variance of that mean is the jackknife's SE^2. NaN where the score is undefined without s.

    Parameters
    ----------
    counts
        Counts [R, S, ...], every speaker with an utterance.
    metric
        The score of counts summed over speakers.

    """
    speakers = counts.shape[1]
    columns = []
    for seed in counts:
        pool = seed.sum(axis=0)
        without = np.array([metric(pool - speaker) for speaker in seed])
        columns.append(speakers * metric(pool) - (speakers - 1) * without)
    return np.stack(columns, axis=1)


def two_way(values: Floats, overlap: float = 0.0) -> tuple[float, float, float]:
    """Mean, variance of the mean, and degrees of freedom, over random speakers and random seeds.

    With a_s and b_r the row and column means: Vs = var(a)/S, Vr = var(b)/R (both ddof 1),
    Ve = residual mean square / (S R), V = max(Vs + Vr - Ve, Vs, Vr) and, after Satterthwaite,
    df = V^2 / (Vs^2/(S-1) + Vr^2/(R-1)). One seed: V = Vs, df = S - 1.

    Parameters
    ----------
    values
        Pseudo-values, or any scores [S, R], S >= 2.
    overlap
        What is added to 1/S in Vs where the S units are not independent: of k folds that share
        their training data it is 1/(k-1), after Nadeau and Bengio (2003).

    Raises
    ------
    ValueError
        If there are fewer than two speakers.

    """
    values = np.asarray(values, dtype=np.float64)
    speakers, seeds = values.shape
    if speakers < 2:
        raise ValueError("a variance over speakers needs two of them")
    rows, columns, mean = values.mean(axis=1), values.mean(axis=0), float(values.mean())
    vs = float(rows.var(ddof=1)) * (1 / speakers + overlap)
    if seeds == 1:
        return mean, vs, float(speakers - 1)
    vr = float(columns.var(ddof=1)) / seeds
    residuals = values - rows[:, np.newaxis] - columns + mean
    ve = float((residuals**2).sum()) / ((speakers - 1) * (seeds - 1)) / (speakers * seeds)
    return mean, *_satterthwaite(vs, vr, ve, speakers, seeds)


def _satterthwaite(
    vs: float, vr: float, ve: float, speakers: int, seeds: int
) -> tuple[float, float]:
    # Vs and Vr each hold the residual once, so their sum holds it twice. The difference can fall
    # below either by chance, which would claim more precision than one factor alone allows.
    variance = max(vs + vr - ve, vs, vr)
    spread = vs**2 / (speakers - 1) + vr**2 / (seeds - 1)
    return variance, variance**2 / spread if spread else float(speakers - 1)


def _bootstrap(counts: Counts, metric: Metric) -> tuple[float, float]:
    """Variance and degrees of freedom from whole speakers drawn with replacement.

    The variance over draws, times S/(S-1) as for any mean, is that of the jackknife to within
    0.001 where both exist. Draws in which the score is undefined are dropped, so the result holds
    given that each class is spoken. How a class varies over speakers cannot be seen from the one
    who speaks it: with a quarter of UA resting on one of four speakers, the 95% interval held the
    truth in 84% of simulated runs. Hence the flag. NaN if a single draw, in any order, remains.

    With seeds, the same draws serve all of them, and the parts of `two_way` follow, exactly so for
    a score that is a mean: Vs is the variance of the mean over seeds, Vr that of the seeds' scores
    over R, and Ve what averaging over seeds took off the variance, over R - 1.
    """
    seeds, speakers = counts.shape[:2]
    weights = speaker_draws(speakers)
    scores = bootstrap_scores(counts, metric, weights)
    defined = np.isfinite(scores).all(axis=0)
    if len(np.unique(weights[defined], axis=0)) < 2:
        return float("nan"), float("nan")
    scores = scores[:, defined]
    correction = speakers / (speakers - 1)
    vs = float(scores.mean(axis=0).var()) * correction
    if seeds == 1:
        return vs, float(speakers - 1)
    ve = (float(scores.var(axis=1).mean()) * correction - vs) / (seeds - 1)
    vr = float(np.var([metric(seed.sum(axis=0)) for seed in counts], ddof=1)) / seeds
    return _satterthwaite(vs, vr, ve, speakers, seeds)


def speaker_draws(speakers: int, draws: int = DRAWS) -> Counts:
    """How often each speaker is drawn, S out of S with replacement: int64 [draws, S].

    All S^S draws, each as likely as the next, for up to five speakers; otherwise as many as asked
    for, from a fixed seed, so that one interval is the same on every run.
    """
    if speakers > MOST_EXACT:
        shares = np.full(speakers, 1 / speakers)
        return np.random.default_rng(SEED).multinomial(speakers, shares, draws)
    every = itertools.product(range(speakers), repeat=speakers)
    return np.array([np.bincount(draw, minlength=speakers) for draw in every], dtype=np.int64)


def bootstrap_scores(counts: Counts, metric: Metric, weights: Counts) -> Floats:
    """The score of each seed [R, S, ...] on each draw [draws, S], float [R, draws]."""
    return np.array(
        [[metric(pool) for pool in np.tensordot(weights, seed, axes=1)] for seed in counts]
    )


def _spoken(counts: Counts) -> Counts:
    """Drop speakers without an utterance: they would count as units without adding any evidence."""
    others = tuple(axis for axis in range(counts.ndim) if axis != 1)
    spoken = counts.any(axis=others)
    if not spoken.any():
        raise ValueError(f"no speaker has an utterance in counts of shape {counts.shape}")
    return counts[:, spoken]


def _no_interval(estimate: float, *flags: str) -> Interval:
    none = float("nan")
    return Interval(estimate, none, none, none, none, "none", flags)
