"""Who is at which trial right now, as workers tell it in the results folder that they share.

::

    running/<trial id>.<host>.<pid>.<nonce>.json     rewritten while a worker is at the trial

A claim is information and never a lock: two workers may be at one trial, both are right, and one
that died keeps nobody away. What claims are good for is to show who is at work, and to let a
second run begin with what the first is not at.

No two machines' clocks are compared. How long a claim is silent is the difference of two times that
the file server gave: of the claim, and of a file that the reader writes beside it.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from serbench.alive import Process
from serbench.claim import Claim
from serbench.printable import one_line
from serbench.store import Store
from serbench.writing import clock_of

EVERY = 10.0  # seconds from one sign of life to the next
# Seconds without one after which nobody is believed to be at work. Nine signs are missed by then,
# and no NFS client keeps what it knows of a file for longer (acregmax and acdirmax: 60 s).
SILENT = 90.0
KEPT = 3600.0  # seconds for which a silent claim is worth showing once somebody else is at work
MOST_BYTES = 65536  # of a claim
NAME = re.compile(r"([0-9a-f]{64})\.([\w.-]*)\.([0-9]+)\.([0-9a-f]+)\.json", re.ASCII)

State = Literal["at work", "silent", "gone"]


@dataclass(frozen=True)
class Seen:
    """A claim as a reader saw it.

    Parameters
    ----------
    silence
        Seconds since its last sign of life.
    state
        "at work"; "silent" for longer than :data:`SILENT`; "gone": its process has ended on this
        machine without a word.
    """

    claim: Claim
    path: Path
    silence: float
    state: State

    @property
    def seconds(self) -> float:
        """For how long its worker has been at the trial, or was when it was last heard of."""
        return self.claim.seconds + (self.silence if self.state == "at work" else 0.0)


@dataclass(frozen=True)
class Claims:
    """All claims of a results folder, or those on some of its trials.

    Parameters
    ----------
    strange
        Files that are no claims, each with the reason.
    local_clock
        The reader cannot write to the folder, so that silences are by this machine's clock.
    """

    seen: tuple[Seen, ...]
    strange: tuple[str, ...]
    local_clock: bool = False


def folder(root: Path) -> Path:
    """Where the claims of a results folder lie."""
    return root / "running"


def read(root: Path, trials: Collection[str] | None = None) -> Claims:
    """See who says to be at work; ``trials``: on these alone. Nothing raises."""
    place = folder(root)
    if not place.is_dir():
        return Claims((), ())
    # Before the folder is read: to write in it makes an NFS client forget what it knew of it.
    now = clock_of(place)
    seen: list[Seen] = []
    strange: list[str] = []
    try:
        with os.scandir(place) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        return Claims((), (f"running: {error.strerror}",))
    for entry in found:
        if entry.name.startswith("."):
            continue  # being written this moment
        named = NAME.fullmatch(entry.name)
        if named and trials is not None and named[1] not in trials:
            continue
        try:
            if not named or not entry.is_file(follow_symlinks=False):
                raise ValueError("not a claim")
            seen.append(_seen(Path(entry.path), time.time() if now is None else now))
        except FileNotFoundError:
            continue  # just given up
        except (OSError, ValueError, RecursionError) as error:
            why = getattr(error, "strerror", None) or error
            strange.append(one_line(f"running/{entry.name}: {why}"))
    return Claims(tuple(seen), tuple(strange), now is None)


def busy(store: Store, ids: Collection[str]) -> frozenset[str]:
    """Those of the trials that another process is at, as far as is known."""
    own = Process.own()
    return frozenset(
        one.claim.trial
        for one in read(store.root, ids).seen
        if one.state == "at work" and one.claim.process != own
    )


def sweep(root: Path) -> None:
    """Remove the claims of processes that have ended, and what has long been silent.

    Whoever was silent and lives will write its claim anew.
    """
    for one in read(root).seen:
        if one.state == "gone" or one.silence > KEPT:
            with contextlib.suppress(OSError):
                one.path.unlink()
    now = clock_of(folder(root))
    if now is None:
        return
    for aside in folder(root).glob(".*.tmp"):  # of writers that were killed
        with contextlib.suppress(OSError):
            if now - aside.stat().st_mtime > KEPT:
                aside.unlink()


def _seen(path: Path, now: float) -> Seen:
    # Opened before it is asked for its time: that is when an NFS client asks its server.
    with path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
        written = os.fstat(file.fileno()).st_mtime
    if len(content) > MOST_BYTES:
        raise ValueError(f"more than {MOST_BYTES} bytes")
    claim = Claim.from_record(json.loads(content))
    if claim.trial != path.name[:64]:
        raise ValueError("it is of another trial than its name says")
    state: State = "at work"
    if claim.process.lives() is False:
        state = "gone"
    elif abs(now - written) > SILENT:  # a time to come is of no clock that could be trusted
        state = "silent"
    return Seen(claim, path, max(0.0, now - written), state)
