"""Fixtures that several test files share."""

from __future__ import annotations

import os

# Before any library reads it: tests run side by side, and threads that wait for each other by
# spinning take minutes for what one thread does in a second.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# No test fetches an encoder of hundreds of megabytes because its name is a default.
os.environ["HF_HUB_OFFLINE"] = "1"

from collections.abc import Callable
from pathlib import Path

import pytest

from serbench.registry import load
from serbench.testing.forge import forge_corpus

REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture
def real_corpus() -> Callable[[str], Path]:
    """The folder of a real corpus by its name, such as "EMO-DB".

    Skips the test where the corpus is missing; fails it if SERBENCH_REQUIRE_CORPORA is 1.
    """

    def folder(name: str) -> Path:
        default = REPOSITORY.parent / "shared" / "corpora"
        path = Path(os.environ.get("SERBENCH_TEST_CORPORA", default)) / name
        if not path.is_dir():
            reason = f"{path} does not exist; set SERBENCH_TEST_CORPORA to the folder that holds it"
            if os.environ.get("SERBENCH_REQUIRE_CORPORA") == "1":
                pytest.fail(reason)
            pytest.skip(reason)
        return path

    return folder


@pytest.fixture(scope="session")
def forged_savee(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small SAVEE with make-believe speech: four speakers, three utterances of each emotion."""
    folder = tmp_path_factory.mktemp("forged") / "small"
    return forge_corpus(load("corpora", "savee")(), folder, per_cell=3, seconds=(0.5, 0.8))


@pytest.fixture(scope="session")
def forged_savee_whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SAVEE of the full 480 files, each a click of its own. Not to be written to."""
    folder = tmp_path_factory.mktemp("forged") / "whole"
    return forge_corpus(load("corpora", "savee")(), folder, seconds=(0.3, 0.5), silent=True)
