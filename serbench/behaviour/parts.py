"""What an object is made of, as far as it can be told without running code of its author.

Nothing is pickled, and no ``repr`` is asked for: a guest's may do anything, and memory addresses
stand in many. Arrays, tensors, numbers, texts and what contains them are read; a torch module by
its ``state_dict`` and its plain attributes; any other object by its attributes. What cannot be read
so (functions, locks, handles of native libraries) counts by its type alone.
"""

from __future__ import annotations

import os
import random
import sys
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePath
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

LONG = 100  # numbers or texts in a list; a longer one is one part

PLAIN = (bool, int, float, complex, str, bytes, bytearray, type(None), range)
_SPOKEN_FOR = frozenset({"__main__", "types"})  # a script's own classes; SimpleNamespace
OPAQUE = (FunctionType, BuiltinFunctionType, MethodType, ModuleType, type, property)


def whole(value: Any) -> bytes | None:
    """All that an array, or something like one, holds; None of what is read by its parts."""
    if isinstance(value, np.ndarray) and value.dtype != object:
        return str((value.dtype.str, value.shape)).encode() + np.ascontiguousarray(value).tobytes()
    if isinstance(value, np.generic):
        return value.dtype.str.encode() + value.tobytes()
    if isinstance(value, PurePath):  # keeps its text in a cache
        return os.fsencode(value)
    if isinstance(value, list | tuple) and len(value) > LONG:
        # Python's own repr of Python's own types, of which none is a guest's subclass.
        plain = all(type(each) in PLAIN for each in value)
        return kind_of(value).encode() + repr(list(value)).encode() if plain else None
    if isinstance(value, random.Random):
        return str(value.getstate()).encode()
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(value, torch.Tensor):
        return _tensor(torch, value)
    if torch is not None and isinstance(value, torch.Generator):
        return bytes(value.get_state().numpy().tobytes())
    return None


def parts(value: Any) -> Iterator[tuple[str, Any]]:
    """What stands within an object, by names that look as its author writes them."""
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(value, torch.nn.Module):
        yield from _module(torch, value)
    elif _is_table(value):
        yield ".to_numpy()", np.asarray(value.to_numpy())
    else:
        yield from _contained(value)
        yield from ((f".{name}", inner) for name, inner in attributes(value))


def attributes(value: Any) -> Iterator[tuple[str, Any]]:
    """What an instance holds, without asking for any property.

    Of the standard library's own objects (loggers, locks, patterns): nothing.
    """
    if type(value).__module__.partition(".")[0] in sys.stdlib_module_names - _SPOKEN_FOR:
        return
    yield from list(getattr(value, "__dict__", {}).items())
    for kind in type(value).__mro__:
        slots = vars(kind).get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            member: Callable[..., Any] | None = getattr(vars(kind).get(name), "__get__", None)
            if name in {"__dict__", "__weakref__"} or member is None:
                continue
            try:
                yield name, member(value, kind)
            except AttributeError:  # a slot that was never filled
                continue


def bytes_of(value: Any) -> bytes:
    """A plain value's bytes; equal values of one type have equal ones."""
    if isinstance(value, bytes | bytearray):
        return bytes(value)
    if isinstance(value, str):
        return value.encode(errors="surrogatepass")
    # The number's own repr: a subclass may print as it likes.
    for kind in (bool, int, float, complex):
        if isinstance(value, kind):
            return kind.__repr__(value).encode()
    if isinstance(value, range):
        return str((value.start, value.stop, value.step)).encode()
    return b""  # None


def kind_of(value: Any) -> str:
    """The full name of its type."""
    return f"{type(value).__module__}.{type(value).__qualname__}"


def _contained(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for number, (key, inner) in enumerate(list(value.items())):
            label = key if isinstance(key, str | int | float) else f"key {number}"
            yield f"[{label}]", inner
    elif isinstance(value, list | tuple | deque):
        yield from ((f"[{number}]", inner) for number, inner in enumerate(list(value)))
    elif isinstance(value, set | frozenset):
        plain = sorted(bytes_of(each) for each in value if isinstance(each, PLAIN))
        yield "{}", b"\0".join(plain)
        yield "{others}", len(value) - len(plain)
    elif isinstance(value, np.ndarray):
        yield from ((f"[{i}]", inner) for i, inner in enumerate(value.ravel().tolist()))
    elif isinstance(value, np.random.Generator):
        yield ".state", value.bit_generator.state
    elif isinstance(value, np.random.RandomState):
        yield ".state", value.get_state()


def _module(torch: ModuleType, value: Any) -> Iterator[tuple[str, Any]]:
    for name, tensor in value.state_dict(keep_vars=True).items():
        yield f".{name}", tensor
    for place, module in value.named_modules():
        for name, inner in vars(module).items():
            if not name.startswith("_") and isinstance(inner, (*PLAIN, torch.Tensor)):
                yield f".{place}:{name}", inner


def _is_table(value: Any) -> bool:
    """Whether it is a frame or a series of pandas or polars, which keep caches in attributes."""
    return type(value).__module__.partition(".")[0] in {"pandas", "polars"} and callable(
        getattr(value, "to_numpy", None)
    )


def _tensor(torch: ModuleType, value: Any) -> bytes:
    plain = value.detach().to_dense() if value.layout != torch.strided else value.detach()
    flat = plain.cpu().contiguous().reshape(-1)
    content = flat.view(torch.uint8).numpy().tobytes() if flat.numel() else b""
    return str((str(value.dtype), tuple(value.shape))).encode() + content
