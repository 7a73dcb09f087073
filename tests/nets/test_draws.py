from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import stats

from serbench.nets.draws import derive, kept
from serbench.nets.step import key_of

MASK = 2**64 - 1


def key(number):
    return torch.tensor(number, dtype=torch.int64)


def splitmix(seed, count):
    """SplitMix64 in Python's own whole numbers."""
    numbers = []
    for _ in range(count):
        seed = (seed + 0x9E3779B97F4A7C15) & MASK
        z = seed
        z = ((z ^ z >> 30) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ z >> 27) * 0x94D049BB133111EB) & MASK
        numbers.append(z ^ z >> 31)
    return numbers


def unsigned(tensor):
    return [int(number) & MASK for number in tensor]


def test_the_numbers_are_splitmix64s():
    published = [6457827717110365317, 3203168211198807973, 9817491932198370423]
    assert unsigned(derive(key(1234567), n) for n in range(3)) == published
    for seed in (0, 1, 2**63 - 1, -(2**63), -1):
        assert unsigned(derive(key(seed), torch.arange(50))) == splitmix(seed & MASK, 50)


def test_a_number_may_be_pythons_own_or_a_tensors():
    numbers = [0, 1, 7, 10**6, 2**31, 2**40]
    one_by_one = [int(derive(key(5), number)) for number in numbers]
    assert derive(key(5), torch.tensor(numbers)).tolist() == one_by_one


@pytest.mark.parametrize("share", [0.1, 0.3, 0.7])
def test_as_many_are_dropped_as_were_asked_for(share):
    dropped = 1 - kept(key(3), share, 100, (40, 50)).double().mean()
    assert abs(dropped - share) < 5 * (share * (1 - share) / 200_000) ** 0.5
    by_row = (~kept(key(4), share, 2000, (50,))).sum(1)
    assert stats.binomtest(int(by_row.sum()), 100_000, share).pvalue > 1e-6
    # Rows scatter as coins do: neither alike nor too even.
    assert 0.85 < by_row.double().var() / (50 * share * (1 - share)) < 1.15


def test_nothing_is_dropped_at_0_and_all_at_1():
    assert kept(key(1), 0.0, 3, (1000,)).all()
    assert not kept(key(1), 1.0, 3, (1000,)).any()


def test_rows_steps_and_layers_are_independent_of_each_other():
    """Each of them against its neighbour: how often both stay, in a table of four."""
    places = [(0, 0, 0), (0, 0, 1), (0, 1, 0), (1, 0, 0), (0, 0, 2), (0, 2, 0), (2, 0, 0)]
    seeds = [derive(key_of(key(seed), step), site) for seed, step, site in places]
    masks = torch.stack([kept(one, 0.5, 20, (1000,)) for one in seeds]).numpy()
    pairs = [(masks[0].ravel(), other.ravel()) for other in masks[1:]]
    pairs += [(masks[0, row], masks[0, row + 1]) for row in range(19)]
    pairs += [(masks[0].ravel()[:-by], masks[0].ravel()[by:]) for by in (1, 2, 39, 1000)]
    tables = [np.histogram2d(a, b, bins=2)[0] for a, b in pairs]
    assert min(stats.chi2_contingency(table, correction=False).pvalue for table in tables) > 1e-4


def test_a_row_does_not_hang_on_company_nor_its_start_on_how_far_it_goes_on():
    whole = kept(key(9), 0.4, 12, (30, 5))
    assert torch.equal(kept(key(9), 0.4, 4, (30, 5)), whole[:4])
    assert torch.equal(kept(key(9), 0.4, 12, (17, 5)), whole[:, :17])


def test_several_keys_at_once_give_what_each_gives_alone():
    keys = torch.tensor([3, -8, 2**60])
    at_once = torch.vmap(lambda one: kept(one, 0.3, 4, (6,)))(keys)
    assert torch.equal(at_once, torch.stack([kept(one, 0.3, 4, (6,)) for one in keys]))
    assert not torch.equal(at_once[0], at_once[1])
