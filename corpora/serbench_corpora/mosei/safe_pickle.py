"""What a pickle file says, without doing what it says.

A pickle is a program for a small stack machine, and Python's own machine calls whatever function
the program names: a file from the internet may do anything. The machine here knows how to build
numbers, text, lists, tuples and dicts, and takes note of NumPy arrays without making any. It calls
nothing and imports nothing. What asks for more is refused, with the name of what it asked for.

Blocks of more than a megabyte are stepped over, and read when an array's values are asked for: of
gigabytes of features with a few labels between them, the labels are read in a moment.

The instructions are those of Python's module ``pickletools``, protocols 2 to 5.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from serbench.errors import CorpusError
from serbench_corpora.mosei.pickled_arrays import Array, Block, Type

LARGEST_READ = 1 << 20  # bytes; a longer block is stepped over
_ARRAY_MODULES = ("numpy.core.multiarray", "numpy._core.multiarray")  # before and since NumPy 2
KNOWN = frozenset(
    {("numpy", "ndarray"), ("numpy", "dtype")}
    | {(module, name) for module in _ARRAY_MODULES for name in ("_reconstruct", "scalar")}
)
_MARK = object()


class _Refused(Exception):
    """What a pickle asked for and does not get."""


@dataclass(frozen=True)
class _Named:
    """A name that NumPy's arrays are built with. It is compared, and never looked up."""

    module: str
    name: str


def read_pickle(path: Path) -> Any:
    """The object in a pickle file: plain values, and an :class:`Array` for each NumPy array.

    Raises
    ------
    CorpusError
        If the file asks for anything but plain values and NumPy arrays, or is damaged.
    """
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(0)
            return _Machine(path, file, size).run()
    except OSError as error:
        raise CorpusError(f"{path} cannot be read: {error.strerror}") from error
    except _Refused as error:
        raise CorpusError(
            f"{path} was not read: {error}",
            expected="a pickle of plain values and NumPy arrays, which is read without running it",
            advice="do not open it with pickle.load; take the file from its source again, or use "
            "label.csv",
        ) from None


class _Machine:
    """The stack machine, less what could do harm."""

    def __init__(self, path: Path, file: BinaryIO, size: int) -> None:
        self._path = path
        self._file = file
        self._size = size
        self._stack: list[Any] = []
        self._memo: dict[int, Any] = {}

    def run(self) -> Any:
        while True:
            code = self._file.read(1)
            if code == b".":
                return self.pop()
            instruction = _INSTRUCTIONS.get(code)
            if instruction is None:
                raise _Refused(f"it asks for {_instruction(code)}")
            instruction(self)

    # Reading from the file.

    def take(self, count: int) -> bytes:
        data = self._file.read(count)
        if len(data) != count:
            raise _Refused("it is cut short")
        return data

    def number(self, layout: str) -> int:
        value: int = struct.unpack(layout, self.take(struct.calcsize(layout)))[0]
        return value

    def line(self) -> str:
        line = self._file.readline(1000)
        if not line.endswith(b"\n"):
            raise _Refused("it is cut short")
        return line[:-1].decode("utf-8", errors="replace")

    def text(self, layout: str) -> None:
        size = self.number(layout)
        if size > LARGEST_READ:
            raise _Refused(f"it holds a text of {size} bytes")
        try:
            self._stack.append(self.take(size).decode("utf-8", errors="surrogatepass"))
        except UnicodeDecodeError as error:
            raise _Refused("it holds a text that is not UTF-8") from error

    def block(self, layout: str) -> None:
        size = self.number(layout)
        if size <= LARGEST_READ:
            self._stack.append(self.take(size))
            return
        offset = self._file.tell()
        if offset + size > self._size:
            raise _Refused("it is cut short")
        self._file.seek(offset + size)
        self._stack.append(Block(self._path, offset, size))

    # The stack.

    def pop(self) -> Any:
        if not self._stack or self._stack[-1] is _MARK:
            raise _Refused("its instructions do not fit together")
        return self._stack.pop()

    def pop_mark(self) -> list[Any]:
        for place in range(len(self._stack) - 1, -1, -1):
            if self._stack[place] is _MARK:
                items = self._stack[place + 1 :]
                del self._stack[place:]
                return items
        raise _Refused("its instructions do not fit together")

    def top(self, kind: type) -> Any:
        if not self._stack or not isinstance(self._stack[-1], kind):
            raise _Refused(f"it fills what is no {kind.__name__}")
        return self._stack[-1]

    def push(self, value: Any) -> None:
        self._stack.append(value)

    def gather(self, count: int) -> None:
        items = [self.pop() for _ in range(count)]
        self._stack.append(tuple(reversed(items)))

    def extend(self, items: list[Any]) -> None:
        self.top(list).extend(items)

    def fill(self, items: list[Any]) -> None:
        target = self.top(dict)
        if len(items) % 2 or not all(isinstance(key, str | int) for key in items[::2]):
            raise _Refused("it holds a dict whose keys are not text or numbers")
        target.update(zip(items[::2], items[1::2], strict=True))

    def pair(self) -> list[Any]:
        value = self.pop()
        return [self.pop(), value]

    def remember(self, place: int | None = None) -> None:
        value = self.pop()
        self._memo[len(self._memo) if place is None else place] = value
        self._stack.append(value)

    def recall(self, place: int) -> None:
        if place not in self._memo:
            raise _Refused("its instructions do not fit together")
        self._stack.append(self._memo[place])

    # Where Python's machine would import and call.

    def name(self, module: Any, name: Any) -> None:
        if not (isinstance(module, str) and isinstance(name, str)):
            raise _Refused("its instructions do not fit together")
        if (module, name) not in KNOWN:
            raise _Refused(f"it asks for {module}.{name}")
        self._stack.append(_Named(module, name))

    def stack_global(self) -> None:
        module, name = reversed([self.pop(), self.pop()])
        self.name(module, name)

    def reduce(self) -> None:
        arguments, function = self.pop(), self.pop()
        match (getattr(function, "name", None), arguments):
            case "_reconstruct", (_Named(name="ndarray"), (0,), bytes()):
                self._stack.append(Array())
            case "dtype", (str() as code, *_):
                self._stack.append(Type(code))
            case "scalar", (Type() as kind, bytes() as content):
                array = Array((1,), kind.code, kind.order, content)
                try:
                    self._stack.extend(array.values())
                except ValueError as error:
                    raise _Refused(f"it holds {error}") from error
            case _:
                raise _Refused("it calls what is no part of a NumPy array")

    def build(self) -> None:
        state = self.pop()
        target = self._stack[-1] if self._stack else None
        match target, state:
            case Type(), (_, ("<" | ">" | "=" | "|") as order, *_):
                target.order = order
            case Array(), (_, tuple() as shape, Type() as kind, _, bytes() | list() | Block()):
                if not all(isinstance(length, int) and length >= 0 for length in shape):
                    raise _Refused("it holds an array without a shape")
                target.shape, target.code, target.order = shape, kind.code, kind.order
                target.content = state[4]
            case _:
                raise _Refused("it sets the state of what is no part of a NumPy array")


def _instruction(code: bytes) -> str:
    import pickletools

    if not code:
        return "more than is there: it is cut short"
    named = {one.code.encode("latin-1"): one.name for one in pickletools.opcodes}
    return f"the instruction {named[code]}" if code in named else f"an unknown instruction {code!r}"


def _long(machine: _Machine, layout: str) -> None:
    size = machine.number(layout)
    if not 0 <= size <= 64:
        raise _Refused(f"it holds a number of {size} bytes")
    machine.push(int.from_bytes(machine.take(size), "little", signed=True))


def _protocol(machine: _Machine) -> None:
    version = machine.number("<B")
    if version > 5:
        raise _Refused(f"it is of the pickle protocol {version}")


_INSTRUCTIONS: dict[bytes, Callable[[_Machine], Any]] = {
    b"\x80": _protocol,
    b"\x95": lambda m: m.take(8),  # FRAME: what is to be read at once
    b"(": lambda m: m.push(_MARK),
    b"0": lambda m: m.pop(),
    b"1": lambda m: m.pop_mark(),
    b"N": lambda m: m.push(None),
    b"\x88": lambda m: m.push(True),
    b"\x89": lambda m: m.push(False),
    b"J": lambda m: m.push(m.number("<i")),
    b"K": lambda m: m.push(m.number("<B")),
    b"M": lambda m: m.push(m.number("<H")),
    b"\x8a": lambda m: _long(m, "<B"),
    b"\x8b": lambda m: _long(m, "<i"),
    b"G": lambda m: m.push(struct.unpack(">d", m.take(8))[0]),
    b"\x8c": lambda m: m.text("<B"),
    b"X": lambda m: m.text("<I"),
    b"\x8d": lambda m: m.text("<Q"),
    b"C": lambda m: m.block("<B"),
    b"B": lambda m: m.block("<I"),
    b"\x8e": lambda m: m.block("<Q"),
    b"]": lambda m: m.push([]),
    b"a": lambda m: m.extend([m.pop()]),
    b"e": lambda m: m.extend(m.pop_mark()),
    b"l": lambda m: m.push(m.pop_mark()),
    b")": lambda m: m.push(()),
    b"\x85": lambda m: m.gather(1),
    b"\x86": lambda m: m.gather(2),
    b"\x87": lambda m: m.gather(3),
    b"t": lambda m: m.push(tuple(m.pop_mark())),
    b"}": lambda m: m.push({}),
    b"s": lambda m: m.fill(m.pair()),
    b"u": lambda m: m.fill(m.pop_mark()),
    b"q": lambda m: m.remember(m.number("<B")),
    b"r": lambda m: m.remember(m.number("<I")),
    b"\x94": lambda m: m.remember(),
    b"h": lambda m: m.recall(m.number("<B")),
    b"j": lambda m: m.recall(m.number("<I")),
    b"c": lambda m: m.name(m.line(), m.line()),
    b"\x93": lambda m: m.stack_global(),
    b"R": lambda m: m.reduce(),
    b"b": lambda m: m.build(),
}
