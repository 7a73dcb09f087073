"""What a worker on another machine must be before it is given work, and how that is found out.

The machine that a run is started on writes a word into the results folder and describes what it
needs by names and paths alone, so that a worker with any version of serbench can read it. The
worker answers with what it finds: its versions and code, the corpora, the word. What does not fit
is a reason not to use the worker, told with its address and what to do.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import hashlib
import importlib.metadata
import os
import platform
import sys
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from serbench.choice import code_digest
from serbench.errors import SerbenchError, few
from serbench.folders import find_corpus
from serbench.jobs import Job
from serbench.provenance import own_version
from serbench.registry import is_path, load

SAME = "numpy", "scipy", "scikit-learn", "torch", "librosa", "opensmile", "transformers"


class ClusterError(SerbenchError):
    """A scheduler that cannot be reached, or workers that are not fit for the work."""


@contextlib.contextmanager
def asking(jobs: Iterable[Job]) -> Iterator[dict[str, Any]]:
    """What a worker is asked for, as JSON values; the word in the results folders stands meanwhile.

    Raises
    ------
    ClusterError
        If a results folder cannot be written here.
    """
    every = list(jobs)
    word = uuid.uuid4().hex
    asked: dict[str, Any] = {
        "models": sorted({job.choice.spec for job in every}),
        "corpora": {
            name: str(root)
            for job in every
            if job.bundle is None
            for name, root in job.roots.items()
        },
        "places": sorted({place for job in every for place in _places(job)}),
        "caches": sorted({str(job.cache) for job in every}),
        "results": sorted({str(job.results) for job in every}),
        "word": word,
    }
    written = [Path(folder, f".roll-call-{word}") for folder in asked["results"]]
    try:
        for path in written:
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(word)
            except OSError as error:
                raise ClusterError(
                    f"{path.parent} cannot be written: {error.strerror}",
                    expected="a results folder that this machine and all workers can write to",
                ) from error
        yield asked
    finally:
        for path in written:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)


def travelling(job: Job) -> Job:
    """A job whose model and files are found from whatever folder a worker was started in."""
    choice = job.choice
    spec = choice.spec
    if is_path(spec):
        path, _, name = spec.rpartition(":")
        spec = f"{Path(path).expanduser().absolute()}:{name}"
    settings = {
        name: str(Path(value).expanduser().absolute()) if _is_place(value) else value
        for name, value in choice.settings.items()
    }
    return dataclasses.replace(
        job, choice=dataclasses.replace(choice, spec=spec, settings=settings)
    )


def facts(asked: Mapping[str, Any]) -> dict[str, Any]:
    """What this process is and finds here, as JSON values.

    Models are imported, which takes seconds where they want torch.
    """
    models = {spec: _model(spec) for spec in asked["models"]}
    return {
        "host": platform.node(),
        "serbench": own_version(),
        "code": _own_code(),
        "models": models,
        "corpora": {name: _corpus(name, root) for name, root in asked["corpora"].items()},
        "places": [place for place in asked["places"] if not Path(place).exists()],
        "folders": [
            *filter(None, (_shared(folder, asked["word"]) for folder in asked["results"])),
            *filter(None, (_writable(folder) for folder in asked["caches"])),
        ],
        "python": platform.python_version(),
        "versions": _versions(),
        "gpus": _gpus(),
    }


def faults(expected: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    """Why a worker cannot be used, each reason with what to do; none: it is fit.

    Parameters
    ----------
    expected
        The facts of the machine that the run was started on.
    found
        Those of the worker.
    """
    if (found.get("serbench"), found.get("code")) != (expected["serbench"], expected["code"]):
        same = found.get("serbench") == expected["serbench"]
        return [
            f"it has serbench {found.get('serbench')}"
            + (", of other code under the same number" if same else "")
            + f"; expected: {expected['serbench']}, as here. Start it from the same environment"
        ]
    reasons = []
    for spec, (digest, error) in expected["models"].items():
        there, why = found["models"][spec]
        if why and not error:
            reasons.append(f"the model {spec} cannot be loaded there: {why}")
        elif there != digest:
            reasons.append(
                f"it has another code of the model {spec}. Install the same version there"
            )
    lost = [name for name, root in found["corpora"].items() if not root]
    if lost:
        reasons.append(
            f"it has no {few(lost)}. Put the corpus there under the same path, or name its folder "
            "on that machine by `serbench corpora add` or $SERBENCH_CORPORA"
        )
    if found["places"]:
        reasons.append(f"it has no {few(found['places'])}. Put it there under the same path")
    return reasons + list(found["folders"])


def remarks(expected: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    """What is otherwise there and may move a number in its last digits; it stands in provenance."""
    pairs = {"Python": (expected["python"], found["python"])} | {
        name: (expected["versions"].get(name), found["versions"].get(name)) for name in SAME
    }
    return [f"{name} {b} (here {a})" for name, (a, b) in pairs.items() if a != b]


def _places(job: Job) -> Iterator[str]:
    """Files and folders beside the corpora that a job reads by their path."""
    yield from filter(_is_place, (job.protocol, *job.choice.settings.values()))
    if job.bundle is not None:
        yield str(job.bundle)


def _model(spec: str) -> Sequence[str]:
    """The digest of a model's code and "", or "" and why it cannot be loaded."""
    try:
        return [code_digest(load("models", spec)), ""]
    except SerbenchError as error:
        return ["", str(error).replace("\n", "; ")]


@functools.cache
def _own_code() -> str:
    """SHA-256 of the source of serbench itself: development versions share a number."""
    package = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        digest.update(f"{path.relative_to(package).as_posix()}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _corpus(name: str, root: str) -> str:
    """The folder of a corpus here: the same as there, or what this machine knows; else ""."""
    here = Path(root) if Path(root).exists() else find_corpus(name, {})
    return str(here) if here is not None and here.exists() else ""


def _shared(folder: str, word: str) -> str:
    """Why this is not the results folder that the run was started with; "" if it is."""
    path = Path(folder, f".roll-call-{word}")
    try:
        if path.read_text() == word:
            return _writable(folder)
    except OSError:
        pass
    return (
        f"its {folder} is not the results folder of this run. Put the results on a file system "
        "that all machines share: --results FOLDER"
    )


def _writable(folder: str) -> str:
    """Why nothing can be written there; "" if it can."""
    path = Path(folder)
    mine = path / f".roll-call-{uuid.uuid4().hex}"
    try:
        path.mkdir(parents=True, exist_ok=True)
        mine.touch()
        mine.unlink()
    except OSError as error:
        return f"it cannot write to {folder}: {error.strerror}. Mend its rights there"
    return ""


def _versions() -> dict[str, str]:
    found = {}
    for name in SAME:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found[name] = importlib.metadata.version(name)
    return found


def _gpus() -> list[str] | None:
    """What tells the GPUs apart that this process sees; None where no model has wanted torch."""
    if "torch" not in sys.modules:
        return None
    from serbench.nets.visible import gpus

    return gpus()


def _is_place(value: Any) -> bool:
    """Whether a setting names a file or folder of this machine."""
    return isinstance(value, str) and os.sep in value and Path(value).expanduser().exists()
