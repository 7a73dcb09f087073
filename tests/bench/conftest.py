"""Requests over a small forged corpus, and what is looked at afterwards."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from serbench import bench
from serbench.bench import Outcome
from serbench.boards import boards
from serbench.request import Request
from serbench.rows import Row
from serbench.store import Store


class Quiet:
    """A watcher that remembers its notes."""

    def __init__(self) -> None:
        from serbench.cli.progress import Screen

        self.notes: list[str] = []
        self._screen = Screen(quiet=True)
        self.step, self.trials = self._screen.step, self._screen.trials

    def note(self, text: str) -> None:
        self.notes.append(text)


@pytest.fixture
def watcher() -> Quiet:
    """Hears what ``run`` has to say."""
    return Quiet()


@pytest.fixture
def run(watcher: Quiet) -> Callable[[Request], Outcome]:
    """Run a request."""
    return lambda request: bench.run(request, watcher)


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Features of the corpus: computed by whoever is first, found by the others."""
    return tmp_path_factory.mktemp("features")


@pytest.fixture
def request_for(forged_savee: Path, tmp_path: Path, cache: Path) -> Callable[..., Request]:
    """``request_for([("prior", {})], seeds=2)``: on a small SAVEE, one speaker left out.

    All in this process, unless ``workers`` are asked for.
    """

    def make(models: Any = (("svm-mfcc", {}),), protocol: str = "loso", **changes: Any) -> Request:
        request = Request(
            models=list(models), protocols=[protocol], corpora=["savee"],
            results=tmp_path / "results", cache=cache,
            roots={"savee": forged_savee}, allow_partial=True, workers=1,
        )  # fmt: skip
        return dataclasses.replace(request, **changes)

    return make


@pytest.fixture
def rows() -> Callable[[Request], dict[str, Row]]:
    """The rows of a request's boards by their models."""

    def read(request: Request) -> dict[str, Row]:
        return {row.model: row for board in boards(Store(request.results)) for row in board.rows}

    return read
