from __future__ import annotations

import pytest
import torch


@pytest.mark.parametrize(("one", "other"), [([3, 5], [7]), ([7], [3, 5]), ([2], [2])])
def test_batches_beside_each_other_are_padded_alike(one, other, padded):
    first, second = padded(one, 4, seed=0), padded(other, 4, seed=1)
    both = first.beside(second)
    assert both.lengths.tolist() == [*one, *other]
    longest = max(*one, *other)
    assert both.values.shape == (len(one) + len(other), longest, 4)
    assert both.mask.sum(1).tolist() == [*one, *other]
    alone = [*zip(first.values, one, strict=True), *zip(second.values, other, strict=True)]
    for row, mask, (values, length) in zip(both.values, both.mask, alone, strict=True):
        assert torch.equal(row[:length], values[:length])
        assert not row[length:].any()
        assert mask[:length].all()
