"""Which of certain files are opened for a while, by this process and by those it forks.

Python tells of every file that it opens through an audit event (PEP 578). libsndfile opens files by
itself, so :class:`soundfile.SoundFile`, through which soundfile, librosa and audiofile read, is
wrapped for as long as anyone watches. A program started through :mod:`subprocess` is noticed, and
counts where a watched file stands among its arguments. Files are told apart by device and inode: a
symbolic link, a hard link or a path through another folder is the same file.

A path relative to an open folder (``dir_fd``) is told by its last part.

Not seen: what other native code opens by itself (HDF5, Arrow, a decoder of video), what started
programs open that was no argument of theirs, a file that stood open before or was copied before,
and what a model reads that is neither the sound nor its cached features.
"""

from __future__ import annotations

import functools
import mmap
import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

# Events of programs that are started. What a fork opens is seen: it shares the marks.
_STARTS = frozenset({"subprocess.Popen", "os.system", "os.posix_spawn", "os.exec", "os.spawn"})

_listening: tuple[Seen, ...] = ()
_lock = threading.Lock()
_hooked = False
_wrapping: tuple[Callable[..., None], Callable[..., None]] | None = None  # soundfile's, and ours
# A thread begins with no context: what the harness may read, threads of a model may not.
_is_allowed: ContextVar[bool] = ContextVar("serbench_reading_is_allowed", default=False)


class Seen:
    """What was opened of the watched files.

    Parameters
    ----------
    paths
        The files to watch. Those that do not exist are left out.
    apart_from
        Files that may be opened, also where they are among the watched ones by another name.
    """

    def __init__(self, paths: Iterable[Path], apart_from: Iterable[Path] = ()) -> None:
        known = {_identity(path): path for path in sorted(set(paths))}
        for free in (None, *map(_identity, set(apart_from))):
            known.pop(free, None)
        self._paths = list(known.values())
        self._number = {identity: number for number, identity in enumerate(known)}
        self._named = {os.fsencode(path.name): i for i, path in enumerate(self._paths)}
        # One byte a file, in memory that forked processes share.
        self._marks = mmap.mmap(-1, max(1, len(known)))
        self._started: set[str] = set()

    def __len__(self) -> int:
        """How many files are watched."""
        return len(self._paths)

    @property
    def files(self) -> tuple[Path, ...]:
        """Those that were opened, in the order of their paths."""
        return tuple(path for i, path in enumerate(self._paths) if self._marks[i])

    @property
    def programs(self) -> tuple[str, ...]:
        """Programs that were started meanwhile: what they read cannot be seen."""
        return tuple(sorted(self._started))

    def note(self, file: Any) -> None:
        """Mark a file (a path or an open descriptor), if it is watched."""
        number = self._number.get(_identity(file))
        if number is not None:
            self._marks[number] = 1

    def note_relative(self, file: str | bytes) -> None:
        """Mark a file that is opened from an open folder, which the interpreter does not tell."""
        number = self._named.get(os.path.basename(os.fsencode(file)))  # noqa: PTH119
        if number is not None:
            self._marks[number] = 1

    def note_program(self, args: tuple[Any, ...]) -> None:
        """Mark what a started program is given by name."""
        words = list(_words(args))
        self._started.add(os.path.basename(words[0]) if words else "a program")  # noqa: PTH119
        for word in words:
            self.note(word)


@contextmanager
def watching(paths: Iterable[Path], apart_from: Iterable[Path] = ()) -> Iterator[Seen]:
    """See which of these files are opened within, by any thread.

    Costs a question to the file system for each file opened meanwhile, and nothing afterwards but
    one comparison for each audit event of the interpreter.

    >>> with watching([Path("target/01.wav")]) as seen:
    ...     model.fit(train, seed=0)
    >>> seen.files
    """
    seen = Seen(paths, apart_from)
    _listen(seen)
    try:
        yield seen
    finally:
        _leave(seen)


@contextmanager
def allowed() -> Iterator[None]:
    """What this thread opens within does not count: the harness itself reads the test side."""
    token = _is_allowed.set(True)
    try:
        yield
    finally:
        _is_allowed.reset(token)


def _listen(seen: Seen) -> None:
    global _listening, _hooked
    with _lock:
        if not _hooked:
            sys.addaudithook(_hook)  # there is no way to remove one
            _hooked = True
        _wrap_soundfile()
        _listening = (*_listening, seen)


def _leave(seen: Seen) -> None:
    global _listening
    with _lock:
        _listening = tuple(each for each in _listening if each is not seen)
        if not _listening:
            _unwrap_soundfile()


def _hook(event: str, args: tuple[Any, ...]) -> None:
    if not _listening:
        return
    if event == "open":
        _tell(args[0], *args[2:])
    elif event in _STARTS and not _is_allowed.get():
        for seen in _listening:
            seen.note_program(args)


def _tell(file: Any, flags: int = 0) -> None:
    if _is_allowed.get():
        return
    relative = isinstance(file, str | bytes) and not os.path.isabs(file)  # noqa: PTH117
    # Nothing of that name is here, and it is not to be made: it stands in an open folder.
    elsewhere = relative and not flags & os.O_CREAT and not os.path.lexists(file)
    for seen in _listening:
        if elsewhere:
            seen.note_relative(file)
        else:
            seen.note(file)


def _identity(file: Any) -> tuple[int, int] | None:
    """Device and inode; None of what is no file, or not there (yet)."""
    try:
        status = os.stat(file)  # noqa: PTH116  a descriptor or bytes as well
    except (OSError, TypeError, ValueError, OverflowError):
        return None
    return status.st_dev, status.st_ino


def _words(args: Any) -> Iterator[str]:
    """The texts among a program's name and arguments. (The environment is no argument.)"""
    for arg in args:
        if isinstance(arg, str | bytes | os.PathLike):
            word = os.fsdecode(arg)
            yield word
            if " " in word:  # a line for a shell
                yield from word.split()
        elif isinstance(arg, list | tuple):
            yield from _words(arg)


def _wrap_soundfile() -> None:
    global _wrapping
    try:
        import soundfile
    except (ImportError, OSError):  # as on a machine that runs bundles: nothing reads by it
        return

    usual: Callable[..., None] = soundfile.SoundFile.__init__
    if _wrapping is not None and usual is _wrapping[1]:
        return

    @functools.wraps(usual)
    def opened(self: Any, file: Any, *args: Any, **settings: Any) -> None:
        if _listening:
            _tell(file)
        usual(self, file, *args, **settings)

    soundfile.SoundFile.__init__ = opened
    _wrapping = usual, opened


def _unwrap_soundfile() -> None:
    global _wrapping
    if _wrapping is None:
        return
    import soundfile

    # Whoever wrapped it meanwhile keeps their wrapping, and ours within it tells nobody.
    if soundfile.SoundFile.__init__ is _wrapping[1]:
        soundfile.SoundFile.__init__ = _wrapping[0]
    _wrapping = None
