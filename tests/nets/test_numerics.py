from __future__ import annotations

import pytest
import torch

from serbench.nets.numerics import mixed, own_randomness, repeatable

CPU = torch.device("cpu")


def _legacy():
    try:
        return torch.get_float32_matmul_precision(), torch.backends.cudnn.allow_tf32
    except RuntimeError:
        return "refused"


def _parts():
    backends = torch.backends
    parts = (backends.cuda.matmul, backends.mkldnn.matmul, backends.cudnn.conv, backends.cudnn.rnn)
    return [part.fp32_precision for part in parts]


def _by_the_new_interface():
    torch.backends.cuda.matmul.fp32_precision = "tf32"
    torch.backends.cudnn.rnn.fp32_precision = "ieee"


def _by_the_old_interface():
    torch.set_float32_matmul_precision("high")
    torch.backends.cudnn.allow_tf32 = False


@pytest.fixture
def _restored():
    yield
    torch.set_float32_matmul_precision("highest")
    torch.backends.cudnn.allow_tf32 = True


@pytest.mark.usefixtures("_restored")
@pytest.mark.parametrize("prepare", [lambda: None, _by_the_new_interface, _by_the_old_interface])
def test_float32_is_exact_for_a_while_and_settings_come_back(prepare):
    prepare()
    before = _legacy(), _parts()
    for exact in (True, False):
        with repeatable(exact=exact):
            # Both of torch's interfaces can be read, as torch.compile and flags() do.
            assert _legacy() == ("highest", not exact)
            matmul, *_, conv, rnn = _parts()
            assert matmul == "ieee"
            assert (conv == rnn == "tf32") == (not exact)
            with torch.backends.cudnn.flags(enabled=False):
                pass
        assert (_legacy(), _parts()) == before


def test_kernels_are_deterministic_for_a_while():
    with repeatable(exact=True):
        assert torch.are_deterministic_algorithms_enabled()
        assert torch.is_deterministic_algorithms_warn_only_enabled()
        assert torch.backends.cudnn.deterministic
    assert not torch.are_deterministic_algorithms_enabled()
    with pytest.raises(KeyError), repeatable(exact=True):
        raise KeyError
    assert not torch.are_deterministic_algorithms_enabled()


def test_random_numbers_are_borrowed():
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    with own_randomness(1, CPU):
        ours = torch.rand(3)
    assert torch.equal(torch.rand(3), expected)
    with own_randomness(1, CPU):
        assert torch.equal(torch.rand(3), ours)


def test_mixed_precision_is_for_cuda_unless_asked_for():
    cuda = torch.device("cuda", 0)
    assert mixed("auto", cuda)
    assert not mixed("auto", CPU)
    assert not mixed("float32", cuda)
    assert mixed("bfloat16", CPU)
