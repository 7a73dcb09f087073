"""A corpus as read, and the last reading of each folder, kept until anything in it changes.

A folder is taken as unchanged if each of its files, sounds and annotations alike, has the name,
size, inode and times that it had, and the adapter's code is the same.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import os
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from typing import Any

from serbench.corpus import Corpus, Finding, Utterance, ancestors
from serbench.sealed import read_sealed, write_sealed

Progress = Callable[[int, int], None]
VERSION = 1  # raised when serbench.scan learns to see more


@dataclass(frozen=True)
class Scan:
    """A corpus as read: utterances in the order of their ids.

    ``fingerprint`` is a SHA-256 over every utterance's id, speaker, labels as written and what they
    mean, attributes, gender, style, official fold, text and decoded samples: two folders share it
    exactly if they hold the same corpus, whatever the layout.
    """

    corpus: str
    root: Path
    release: str
    utterances: tuple[Utterance, ...]
    findings: tuple[Finding, ...]
    fingerprint: str

    @property
    def partial(self) -> bool:
        return any(finding.grave for finding in self.findings)


def state_of(corpus: Corpus, root: Path) -> str:
    """SHA-256 over the adapter's code and the state of every file below a folder.

    Linked folders are followed, each real one once.
    """
    state = hashlib.sha256(f"{VERSION}\n{_code_of(_modules(corpus))}\n".encode())
    for line in _states(str(root)):
        state.update(line)
    return state.hexdigest()


def recall(cache: Path, corpus: Corpus, root: Path, state: str) -> Scan | None:
    """The last scan of a folder, if it is still in this state."""
    content = read_sealed(_path(cache, corpus.card.name, root), VERSION)
    if not isinstance(content, dict) or content.get("state") != state:
        return None
    try:
        same, columns = content["same"], content["columns"]
        if {*same, *columns} != {*_COLUMNS}:
            return None
        paths = {name: root / name for name in dict.fromkeys(columns["audio"])}
        columns["audio"] = [paths[name] for name in columns["audio"]]
        (size,) = {len(values) for values in columns.values()}
        utterances = assembled(size, columns | {k: repeat(v, size) for k, v in same.items()})
        findings = tuple(Finding(*finding) for finding in content["findings"])
        release, fingerprint = content["release"], content["fingerprint"]
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
    return Scan(corpus.card.name, root, release, utterances, findings, fingerprint)


def remember(cache: Path, found: Scan, state: str) -> None:
    """Keep a scan. A cache that cannot be written is done without."""
    paths = {u.audio: "" for u in found.utterances}
    paths = {path: os.path.relpath(path, found.root) for path in paths}
    columns = {name: [getattr(u, name) for u in found.utterances] for name in _COLUMNS}
    columns["audio"] = [paths[path] for path in columns["audio"]]
    # What all have alike is written once: half of the columns say nothing in most corpora.
    same = {
        name: values[0]
        for name, values in columns.items()
        if name != "audio" and values and all(value == values[0] for value in values)
    }
    content = {
        "state": state,
        "release": found.release,
        "fingerprint": found.fingerprint,
        "findings": [dataclasses.astuple(finding) for finding in found.findings],
        "same": same,
        "columns": {name: values for name, values in columns.items() if name not in same},
    }
    write_sealed(_path(cache, found.corpus, found.root), VERSION, content)


def assembled(size: int, columns: Mapping[str, Iterable[Any]]) -> tuple[Utterance, ...]:
    """Utterances from columns, one field after the other.

    Equal to calling the constructor for each, and several times as fast where there are 23,000.

    Parameters
    ----------
    columns
        A value for each utterance, by field; all fields of an utterance.
    """
    utterances = [object.__new__(Utterance) for _ in range(size)]
    for name, values in columns.items():
        deque(map(getattr(Utterance, name).__set__, utterances, values), maxlen=0)
    return tuple(utterances)


_COLUMNS = tuple(field.name for field in dataclasses.fields(Utterance))


def _path(cache: Path, corpus: str, root: Path) -> Path:
    name = hashlib.sha256(f"{corpus}\0{os.path.realpath(root)}".encode(errors="surrogatepass"))
    return cache / "scans" / f"{name.hexdigest()[:24]}.json"


def _states(root: str) -> Iterator[bytes]:
    """A line per file, in a fixed order; what cannot be opened is the scan's to report."""
    seen = set(ancestors(root))  # real folders, by device and inode
    pending = [root]
    while pending:
        folder = pending.pop()
        try:
            stat = Path(folder).stat()
            yield f"{folder}\t{stat.st_dev}\t{stat.st_ino}\n".encode(errors="surrogatepass")
            if (stat.st_dev, stat.st_ino) in seen:
                continue
            seen.add((stat.st_dev, stat.st_ino))
            with os.scandir(folder) as items:
                entries = sorted(items, key=lambda item: item.name)
        except OSError as error:
            yield f"{folder}\t{error.errno}\n".encode(errors="surrogatepass")
            continue
        for item in entries:
            try:
                if item.is_dir():
                    pending.append(item.path)
                    continue
                stat = item.stat()
            except OSError as error:
                yield f"{item.path}\t{error.errno}\n".encode(errors="surrogatepass")
                continue
            yield (
                f"{item.path}\t{stat.st_size}\t{stat.st_mtime_ns}\t{stat.st_ctime_ns}"
                f"\t{stat.st_ino}\n"
            ).encode(errors="surrogatepass")


def _modules(corpus: Corpus) -> tuple[str, ...]:
    """Where the adapter and what it inherits from are written."""
    return tuple(dict.fromkeys(one.__module__ for one in type(corpus).__mro__))


@functools.cache
def _code_of(module_names: tuple[str, ...]) -> str:
    """SHA-256 of all that an adapter may run or read: its package, or its file, and the core's."""
    sources = {Path(__file__).parent / name for name in _READERS}
    for name in module_names:
        module = sys.modules.get(name)
        file = getattr(module, "__file__", None)
        if file is None:
            continue
        sources.add(Path(file))
        if getattr(module, "__package__", ""):
            sources.update(_files_of(Path(file).parent))
            top = getattr(sys.modules.get(name.partition(".")[0]), "__file__", None)
            sources.update(Path(top).parent.rglob("*.py") if top else ())
    total = hashlib.sha256()
    for source in sorted(sources):
        total.update(hashlib.sha256(source.read_bytes()).digest())
    return total.hexdigest()


def _files_of(package: Path) -> Iterator[Path]:
    """Code and data of a package."""
    for path in package.rglob("*"):
        if path.parent.name != "__pycache__" and path.is_file():
            yield path


_READERS = (
    "annotations.py", "audio.py", "canonical.py", "copies.py", "corpus.py", "decoded.py",
    "inspected.py", "labels.py", "manifest.py", "reconcile.py", "riff.py", "scan.py", "scanned.py",
    "sealed.py",
)  # fmt: skip
