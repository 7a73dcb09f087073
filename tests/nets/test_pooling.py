from __future__ import annotations

import torch

from serbench.nets.padded import Padded
from serbench.nets.pooling import (
    FinalStateAttention,
    LastStepAttention,
    LearnedAttention,
    MeanPooling,
)

LENGTHS = [3, 1, 8, 8]


def test_the_mean_is_of_the_real_frames(padded):
    x = padded(LENGTHS, 4)
    pooled = MeanPooling()(x)
    for i, n in enumerate(LENGTHS):
        assert torch.allclose(pooled[i], x.values[i, :n].mean(0), atol=1e-6)


def test_the_last_step_is_the_utterances_own(padded):
    x = padded(LENGTHS, 4, frames=20)
    for i, n in enumerate(LENGTHS):
        assert torch.equal(x.last()[i], x.values[i, n - 1])


def test_attention_follows_the_papers_equations(padded):
    torch.manual_seed(0)
    pool, x = LastStepAttention(4), padded(LENGTHS, 4)
    torch.nn.init.normal_(pool.W.weight)
    W = pool.W.weight
    pooled = pool(x)
    for i, n in enumerate(LENGTHS):
        o = x.values[i, :n]
        scores = torch.stack([o[-1] @ (o[t] @ W) for t in range(n)])
        weights = scores.softmax(0)
        assert torch.allclose(pool.weights(x)[i, :n], weights, atol=1e-6)
        assert not pool.weights(x)[i, n:].any()
        assert torch.allclose(pooled[i], sum(weights[t] * o[t] for t in range(n)), atol=1e-5)


def test_attention_has_one_matrix_and_no_bias():
    assert [tuple(weight.shape) for weight in LastStepAttention(6).parameters()] == [(6, 6)]


def test_the_final_state_is_where_each_direction_ends(padded):
    x = padded(LENGTHS, 8, frames=20)  # two nets of two directions of two units
    asked = FinalStateAttention(8, 2).query(x)
    for i, n in enumerate(LENGTHS):
        first, last = x.values[i, 0], x.values[i, n - 1]
        assert torch.equal(asked[i], torch.cat([last[:2], first[2:4], last[4:6], first[6:]]))


def test_a_learned_vector_scores_each_frame_alone(padded):
    pool, x = LearnedAttention(4), padded(LENGTHS, 4)
    assert [tuple(weight.shape) for weight in pool.parameters()] == [(1, 4)]
    for i, n in enumerate(LENGTHS):
        o = x.values[i, :n]
        weights = (o @ pool.u.weight[0]).softmax(0)
        assert torch.allclose(pool(x)[i], weights @ o, atol=1e-6)
        assert not pool.weights(x)[i, n:].any()


def test_padding_changes_nothing(padded):
    torch.manual_seed(0)
    pools = (MeanPooling(), LastStepAttention(4), FinalStateAttention(4, 1), LearnedAttention(4))
    for pool in pools:
        short, long = padded(LENGTHS, 4), padded(LENGTHS, 4, frames=50)
        assert torch.allclose(pool(short), pool(long), atol=1e-6)


def test_padding_is_zero_whatever_stood_there():
    x = Padded.of(torch.ones(2, 5, 3), torch.tensor([2, 5]))
    assert x.values[0].tolist() == [[1, 1, 1]] * 2 + [[0, 0, 0]] * 3
    assert x.holding(torch.ones(2, 5, 1)).values.sum() == 7
    assert x.holding(torch.full((2, 5, 1), torch.nan)).values[0, 2:].tolist() == [[0]] * 3
    assert x.keeping(x.values * 2).values.sum() == 2 * 7 * 3
