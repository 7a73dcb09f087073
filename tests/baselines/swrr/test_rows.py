from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from serbench.nets.padded import Padded
from serbench_baselines.swrr.rows import Rows, normalised


def some(lengths, rows=7, channels=3, values=5):
    """Maps with noise in their padding too; and which rows are real."""
    seeded = torch.Generator().manual_seed(0)
    maps = 2 + torch.randn(len(lengths), channels, rows, values, generator=seeded)
    return maps, Rows.of(Padded.of(torch.zeros(len(lengths), rows, 1), torch.tensor(lengths)))


def norm_of(channels=3):
    torch.manual_seed(0)
    norm = nn.BatchNorm2d(channels)
    nn.init.normal_(norm.weight)
    nn.init.normal_(norm.bias)
    return norm


def test_rows_are_the_steps_of_an_utterance():
    _, rows = some([7, 3, 1])
    assert rows.padded
    assert not some([7, 7])[1].padded
    assert rows.count.tolist() == [[7], [3], [1]]
    assert rows.every(2).count.tolist() == [[4], [2], [1]]


def test_padding_is_cleared_and_means_are_of_real_rows():
    maps, rows = some([7, 3])
    cleared = rows.clear(maps)
    assert torch.equal(cleared[1, :, :3], maps[1, :, :3])
    assert not cleared[1, :, 3:].any()
    assert torch.allclose(rows.mean(cleared)[1], maps[1, :, :3].mean((1, 2)))
    assert rows.clear(maps, -torch.inf)[1, :, 3:].amax() == -torch.inf


def test_statistics_are_those_of_the_real_rows_number_by_number():
    maps, rows = some([7, 3, 1])
    norm = norm_of()
    said = normalised(norm, maps, rows)
    real = torch.cat([maps[0], maps[1, :, :3], maps[2, :, :1]], dim=1).flatten(1)  # [3, 55]
    mean, spread = real.mean(1), real.var(1, unbiased=False)
    wanted = (maps - mean[:, None, None]) / (spread + 1e-5).sqrt()[:, None, None]
    wanted = wanted * norm.weight[:, None, None] + norm.bias[:, None, None]
    assert torch.allclose(rows.clear(said), rows.clear(wanted), atol=1e-5)
    assert torch.allclose(norm.running_mean, 0.1 * mean, atol=1e-6)
    assert torch.allclose(norm.running_var, 0.9 + 0.1 * real.var(1), atol=1e-5)
    assert norm.num_batches_tracked == 1


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("lengths", [[7, 7], [7, 2]])
def test_without_padding_and_in_evaluation_it_is_torchs(lengths, training):
    maps, rows = some(lengths)
    norm = norm_of().train(training)
    torchs = copy.deepcopy(norm)
    same = torch.equal(normalised(norm, maps, rows), torchs(maps))
    assert same is (not (training and rows.padded))
    assert torch.equal(norm.running_var, torchs.running_var) is same
