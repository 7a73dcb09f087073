"""What a fitted model holds, as digests that tell whether something of it has changed.

What can be read of an object is said in :mod:`serbench.behaviour.parts`.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from serbench.behaviour.parts import OPAQUE, PLAIN, attributes, bytes_of, kind_of, parts, whole

DEPTH = 12  # of objects within objects
MOST = 20_000  # parts; beyond, only arrays, numbers and texts are read

State = Mapping[str, str]  # "scaler_.mean_" to a digest


@dataclass(frozen=True)
class Change:
    """The parts in which two states differ, by name, in alphabetical order."""

    changed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.changed or self.added or self.removed)

    @property
    def every(self) -> tuple[str, ...]:
        return tuple(sorted({*self.changed, *self.added, *self.removed}))


def change(before: State, after: State) -> Change:
    """What changed, what came and what went between two states."""
    return Change(
        tuple(sorted(name for name in before.keys() & after.keys() if before[name] != after[name])),
        tuple(sorted(after.keys() - before.keys())),
        tuple(sorted(before.keys() - after.keys())),
    )


def state_of(model: Any) -> State:
    """What an instance holds: every part by its name and a digest."""
    return _Reading(model).of(attributes(model))


def shared_state_of(model: Any) -> State:
    """What all instances of its class share, so that one training could hand it to the next.

    The attributes of its class and of the base classes that stand in the same package, and the
    data among the globals of their modules.
    """
    roots: dict[str, Any] = {}
    for kind in reversed(_own_classes(type(model))):  # a subclass hides its base's
        roots |= {f"{kind.__name__}.{name}": value for name, value in _data(vars(kind))}
        module = sys.modules.get(kind.__module__)
        if module is not None:
            roots |= {f"{module.__name__}:{name}": value for name, value in _data(vars(module))}
    return _Reading().of(roots.items())


def _own_classes(kind: type) -> list[type]:
    home = kind.__module__
    package = home.rpartition(".")[0]
    return [
        base
        for base in kind.__mro__
        if base.__module__ == home or (package and base.__module__.rpartition(".")[0] == package)
    ]


def _data(names: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in list(names.items()):
        hidden = name.startswith(("__", "_abc_"))
        if not hidden and not isinstance(value, (*OPAQUE, classmethod, staticmethod)):
            yield name, value


class _Reading:
    """One walk through an object. What is met twice is read once, and named afterwards."""

    def __init__(self, root: Any = None) -> None:
        self._met: dict[int, str] = {id(root): "itself"}
        self._held: list[Any] = []  # so that no identity is given to another meanwhile
        self._found: dict[str, str] = {}

    def of(self, roots: Iterable[tuple[str, Any]]) -> State:
        for name, value in roots:
            self._read(name, value, 0)
        return self._found

    def _read(self, name: str, value: Any, depth: int) -> None:
        if isinstance(value, PLAIN):
            self._keep(name, type(value).__name__, bytes_of(value))
        elif isinstance(value, OPAQUE):
            self._keep(name, kind_of(value), b"")
        elif id(value) in self._met:
            self._keep(name, "the same as", self._met[id(value)].encode())
        else:
            self._met[id(value)] = name
            self._held.append(value)
            self._read_object(name, value, depth)

    def _read_object(self, name: str, value: Any, depth: int) -> None:
        content = whole(value)
        if content is not None:
            self._keep(name, kind_of(value), content)
            return
        self._keep(name, kind_of(value), b"")
        if depth < DEPTH and len(self._found) < MOST:
            for part, inner in list(parts(value)):
                self._read(f"{name}{part}", inner, depth + 1)

    def _keep(self, name: str, kind: str, content: bytes | memoryview) -> None:
        digest = hashlib.blake2b(kind.encode() + b"\0", digest_size=16)
        digest.update(content)
        while name in self._found:  # two keys that look alike
            name += "'"
        self._found[name] = digest.hexdigest()
