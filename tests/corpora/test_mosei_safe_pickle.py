"""Pickles are read and not run: whatever asks for a call is refused, and nothing happens."""

from __future__ import annotations

import builtins
import codecs
import os
import pickle
import pickletools
import subprocess
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from serbench.errors import CorpusError
from serbench_corpora.mosei.pickled_arrays import Array, Block
from serbench_corpora.mosei.safe_pickle import KNOWN, LARGEST_READ, read_pickle

PLAIN = {
    "none": None,
    "truth": [True, False],
    "numbers": [0, 1, -1, 255, 256, 65536, 2**40, -(2**70), 1.5, float("inf")],
    "text": ["", "a", "ä" * 300, "\ud800"],
    "bytes": [b"", b"a" * 300],
    "tuples": [(), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)],
    "dicts": [{}, {"a": {"b": 1}}, {1: 2}],
    "many": list(range(2000)),
}


def stored(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "a.pkl"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("protocol", [3, 4, 5])
@pytest.mark.parametrize("optimised", [False, True])
def test_plain_values(tmp_path: Path, protocol: int, optimised: bool) -> None:
    content = pickle.dumps(PLAIN, protocol)
    content = pickletools.optimize(content) if optimised else content
    assert read_pickle(stored(tmp_path, content)) == PLAIN


def test_what_is_named_twice_is_one(tmp_path: Path) -> None:
    twice = ["a"]
    read = read_pickle(stored(tmp_path, pickle.dumps([twice, twice])))
    assert read == [["a"], ["a"]]
    assert read[0] is read[1]


@pytest.mark.parametrize("protocol", [3, 4])
@pytest.mark.parametrize(
    "array",
    [
        np.array([1.5, -2.0], dtype="<f4"),
        np.array([1.5, -2.0], dtype=">f8"),
        np.array([[1, 2], [3, 4]], dtype="i2"),
        np.array([True, False]),
        np.array(["a", "bcd", "é"]),
        np.array(["a", "bcd"], dtype=object),
        np.array([], dtype="f8"),
    ],
)
def test_arrays(tmp_path: Path, array: Any, protocol: int) -> None:
    read = read_pickle(stored(tmp_path, pickle.dumps(array, protocol)))
    assert isinstance(read, Array)
    assert read.shape == array.shape
    assert read.values() == array.ravel().tolist()


def test_modules_of_numpy_before_and_since_version_2(tmp_path: Path) -> None:
    content = pickle.dumps(np.array([1.0]), 3)
    new, old = b"numpy._core.multiarray", b"numpy.core.multiarray"
    assert new in content
    assert read_pickle(stored(tmp_path, content)).values() == [1.0]
    assert read_pickle(stored(tmp_path, content.replace(new, old))).values() == [1.0]


def test_scalars(tmp_path: Path) -> None:
    scalars = [np.float64(1.5), np.float32(0.5), np.int64(-3), np.bool_(True)]
    assert read_pickle(stored(tmp_path, pickle.dumps(scalars))) == [1.5, 0.5, -3, True]


@pytest.mark.parametrize("protocol", [3, 4])
def test_large_blocks_are_stepped_over_and_read_on_demand(tmp_path: Path, protocol: int) -> None:
    large = np.arange(LARGEST_READ // 4, dtype="f8")
    path = stored(tmp_path, pickle.dumps({"large": large, "after": [1, 2]}, protocol))
    read = read_pickle(path)
    assert read["after"] == [1, 2]
    assert isinstance(read["large"].content, Block)
    assert read["large"].content.size == large.nbytes
    assert read["large"].values() == large.tolist()


class Calls:
    """Asks for a call when it is unpickled."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.call = function, arguments

    def __reduce__(self) -> Any:
        return self.call


def attacks(proof: Path) -> dict[str, Any]:
    """What a pickle may ask for, by its name (older protocols have older names)."""
    touch = f"open({str(proof)!r}, 'w').close()"
    return {
        "(builtins|__builtin__).eval": Calls(builtins.eval, touch),
        "(builtins|__builtin__).exec": Calls(builtins.exec, touch),
        "(posix|nt).system": Calls(os.system, f"touch {proof}"),
        "(_io|io|__builtin__).open": Calls(open, str(proof), "w"),
        "(subprocess|commands).check_call": Calls(subprocess.check_call, ["touch", str(proof)]),
        "(builtins|__builtin__).(getattr|__import__)": Calls(
            getattr, Calls(__import__, "os"), "system"
        ),
        "collections.OrderedDict": OrderedDict(a=1),
        "_codecs.encode": Calls(codecs.encode, "a", "latin1"),
    }


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize("asks", list(attacks(Path())))
@pytest.mark.parametrize("depth", [0, 1])
def test_a_call_is_refused_by_its_name_and_never_made(
    tmp_path: Path, asks: str, protocol: int, depth: int
) -> None:
    proof = tmp_path / "proof"
    attack = attacks(proof)[asks]
    content = pickle.dumps({"train": {"id": [attack]}} if depth else attack, protocol)
    name = asks.replace(".", r"\.")
    with pytest.raises(CorpusError, match=f"was not read: it asks for {name}\n") as error:
        read_pickle(stored(tmp_path, content))
    assert "do not open it with pickle.load" in error.value.advice
    assert not proof.exists()


def test_the_attacks_are_real(tmp_path: Path) -> None:
    """Python's own reader makes the file that ours must not make."""
    proof = tmp_path / "proof"
    pickle.loads(pickle.dumps(Calls(builtins.eval, f"open({str(proof)!r}, 'w').close()")))
    assert proof.exists()


def test_arrays_of_objects_hide_nothing(tmp_path: Path) -> None:
    array = np.array([Calls(eval, "1 / 0"), "a"], dtype=object)
    with pytest.raises(CorpusError, match=r"asks for builtins\.eval"):
        read_pickle(stored(tmp_path, pickle.dumps(array, 4)))


def test_a_name_that_is_known_is_still_not_called(tmp_path: Path) -> None:
    for module, name in sorted(KNOWN):
        content = f"\x80\x03c{module}\n{name}\n(U".encode("latin-1")
        called = f"\x80\x03c{module}\n{name}\n)R.".encode("latin-1")
        with pytest.raises(CorpusError, match="it calls what is no part of a NumPy array"):
            read_pickle(stored(tmp_path, called))
        with pytest.raises(CorpusError, match="it asks for the instruction SHORT_BINSTRING"):
            read_pickle(stored(tmp_path, content))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "cut short"),
        (b"\x80\x04", "cut short"),
        (b"\x80\x04X\x10\x00\x00\x00abc", "cut short"),
        (b"\x80\x03cnumpy", "cut short"),
        (b"\x80\x04\x8e" + (1 << 40).to_bytes(8, "little"), "cut short"),
        (b"\x80\x06.", "pickle protocol 6"),
        (b"\x80\x04.", "do not fit together"),
        (b"\x80\x04(.", "do not fit together"),
        (b"\x80\x04e.", "do not fit together"),
        (b"\x80\x04h\x07.", "do not fit together"),
        (b"\x80\x04)\x93.", "do not fit together"),
        (b"\x80\x04]]\x93.", "do not fit together"),
        (b"\x80\x04K\x01K\x02a.", "fills what is no list"),
        (b"\x80\x04}(K\x01u.", "a dict whose keys"),
        (b"\x80\x04}(]K\x01u.", "a dict whose keys"),
        (b"\x80\x04]K\x01b.", "sets the state of what is no part"),
        (b"\x80\x04X\x01\x00\x00\x00\xff.", "not UTF-8"),
        (b"\x80\x04X" + (1 << 30).to_bytes(4, "little"), "a text of 1073741824 bytes"),
        (b"\x80\x04\x8b" + (1 << 30).to_bytes(4, "little"), "a number of 1073741824 bytes"),
        (b"\x80\x04P1\n.", "the instruction PERSID"),
        (b"\x80\x04K\x01Q.", "the instruction BINPERSID"),
        (b"\x80\x05\x97.", "the instruction NEXT_BUFFER"),
        (b"\x80\x04(ios\nsystem\n.", "the instruction INST"),
        (b"\x80\x04(K\x01o.", "the instruction OBJ"),
        (b"\x80\x04))\x81.", "the instruction NEWOBJ"),
        (b"\x80\x04\x82\x01.", "the instruction EXT1"),
        (b"\x80\x04\xff.", r"an unknown instruction b'\\xff'"),
    ],
)
def test_damaged_and_foreign_instructions(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(CorpusError, match=f"was not read: .*{said}"):
        read_pickle(stored(tmp_path, content))


def test_arrays_whose_content_does_not_fit(tmp_path: Path) -> None:
    whole = pickle.dumps(np.zeros(4, dtype="f4"), 3)
    four, three = b"K\x04", b"K\x03"
    assert whole.count(b"(K\x01" + four) == 1
    damaged = read_pickle(stored(tmp_path, whole.replace(b"(K\x01" + four, b"(K\x01" + three)))
    with pytest.raises(ValueError, match=r"4 elements and the shape \(3,\)"):
        damaged.values()
    structured = np.zeros(2, dtype=[("a", "f4"), ("b", "f4")])
    with pytest.raises(ValueError, match="an array of the type 'V8'"):
        read_pickle(stored(tmp_path, pickle.dumps(structured, 4))).values()
    odd = whole.replace(b"f4", b"f3")
    with pytest.raises(ValueError, match="an array of the type 'f3'"):
        read_pickle(stored(tmp_path, odd)).values()


def test_protocol_5_of_numpy_is_refused(tmp_path: Path) -> None:
    content = pickle.dumps(np.zeros(4), 5)
    with pytest.raises(CorpusError, match=r"asks for numpy\._core\.numeric\._frombuffer"):
        read_pickle(stored(tmp_path, content))


def test_a_file_that_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="cannot be read"):
        read_pickle(tmp_path / "missing.pkl")
