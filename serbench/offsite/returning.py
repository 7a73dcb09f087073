"""Results on their way home: numbered archives, none of them over a size, and not too many.

What goes is what has not gone yet: finished trials, checkpoints of those that are not, and reasons
of those that failed. Which trials have gone is remembered in the results folder. An archive is a
plain tar of files under the paths that they have in a results folder.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import tarfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from serbench.errors import StoreError, UsageError
from serbench.store import Store
from serbench.writing import cannot_write, write_aside

MIB = 2**20
LEDGER = "sent.json"  # in the results folder: trial to the digest of what was sent of it
BLOCK = 512  # bytes that a tar's files are rounded up to
HEADS = 3 * BLOCK  # of a file's header, and of the one that holds a long name
TAIL = 20 * BLOCK  # bytes that end an archive


@dataclass(frozen=True)
class Sent:
    """What was packed, and what is left for the next time.

    Parameters
    ----------
    archives
        In their order.
    trials, checkpoints
        How many.
    left
        Names of what found no room.
    """

    archives: tuple[Path, ...]
    trials: int
    checkpoints: int
    left: tuple[str, ...]


@dataclass(frozen=True)
class _Thing:
    """Files that travel together: of one trial."""

    name: str
    files: Mapping[str, bytes]
    kind: str
    written: float = field(default_factory=time.time)  # seconds since 1970

    @property
    def size(self) -> int:
        return sum(HEADS + -(-len(content) // BLOCK) * BLOCK for content in self.files.values())

    @property
    def mark(self) -> str:
        every = (f"{name} {hashlib.sha256(c).hexdigest()}" for name, c in self.files.items())
        return hashlib.sha256("\n".join(every).encode()).hexdigest()


def pack(store: Store, folder: Path, *, most_mib: float = 16, most_files: int = 8) -> Sent:
    """Write what is new in a results folder into ``folder/results-01.tar`` and so on.

    Parameters
    ----------
    most_mib
        MiB of an archive.
    most_files
        How many there may be.

    Raises
    ------
    UsageError
        If the folder holds archives already.
    StoreError
        If they cannot be written.
    """
    if most_mib <= 0 or most_files < 1:
        raise UsageError(
            f"{most_files} archives of {most_mib:g} MiB", expected="1 or more, of more than 0"
        )
    if folder.exists() and any(folder.glob("results-*.tar")):
        raise UsageError(
            f"{folder} holds archives of results already",
            expected="a folder without, so that none is written over",
        )
    sent = _sent(store)
    limit = int(most_mib * MIB) - TAIL
    shelves: list[tuple[int, list[_Thing]]] = []
    left = []
    for thing in _new(store, sent):
        at = next((i for i, (size, _) in enumerate(shelves) if size + thing.size <= limit), None)
        if at is not None:
            shelves[at] = shelves[at][0] + thing.size, [*shelves[at][1], thing]
        elif len(shelves) < most_files and thing.size <= limit:
            shelves.append((thing.size, [thing]))
        else:
            left.append(f"{thing.kind} {thing.name}")
    archives = []
    for number, (_, things) in enumerate(shelves, 1):
        path = folder / f"results-{number:02d}.tar"
        write_aside(path, _tar(things))
        archives.append(path)
    packed = [thing for _, things in shelves for thing in things]
    sent |= {f"{thing.kind} {thing.name}": thing.mark for thing in packed}
    write_aside(store.root / LEDGER, json.dumps(sent, indent=0, sort_keys=True).encode())
    return Sent(
        tuple(archives),
        sum(thing.kind == "trial" for thing in packed),
        sum(thing.kind == "checkpoint" for thing in packed),
        tuple(left),
    )


def _new(store: Store, sent: Mapping[str, str]) -> Iterator[_Thing]:
    """What has not gone, or has changed since: trials first."""
    for name in store.ids():
        if f"trial {name}" not in sent and store.whole(name):
            files = {file: store.read(name, file) for file in store.record(name)["files"]}
            record = json.dumps(store.record(name), indent=1, sort_keys=True)
            files["record.json"] = record.encode()
            below = store.folder(name).relative_to(store.root)
            # The record last: an archive that is cut short has no trial that looks whole.
            ordered = sorted(files, key=lambda file: (file == "record.json", file))
            yield _Thing(name, {f"{below}/{file}": files[file] for file in ordered}, "trial")
    for kind, pattern in (
        ("checkpoint", "unfinished/*/checkpoint.pt"),
        ("failure", "failed/*.json"),
    ):
        for path in sorted(store.root.glob(pattern)):
            name = path.parent.name if kind == "checkpoint" else path.stem
            with contextlib.suppress(FileNotFoundError):
                content = {str(path.relative_to(store.root)): path.read_bytes()}
                thing = _Thing(name, content, kind, path.stat().st_mtime)
                if not store.has(name) and sent.get(f"{kind} {name}") != thing.mark:
                    yield thing


def _tar(things: list[_Thing]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for thing in things:
            for name, content in thing.files.items():
                member = tarfile.TarInfo(name)
                member.size, member.mode, member.mtime = len(content), 0o644, int(thing.written)
                archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def _sent(store: Store) -> dict[str, str]:
    try:
        known = json.loads((store.root / LEDGER).read_bytes())
        return {str(name): str(mark) for name, mark in known.items()}
    except FileNotFoundError:
        return {}
    except (ValueError, AttributeError) as error:
        raise StoreError(
            f"{store.root / LEDGER} cannot be read: {error}", advice="remove it: all is sent again"
        ) from error
    except OSError as error:
        raise cannot_write(store.root / LEDGER, error) from error
