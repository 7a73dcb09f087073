"""Fixtures that several test files share."""

from __future__ import annotations

import os

# Before any library reads it: tests run side by side, and threads that wait for each other by
# spinning take minutes for what one thread does in a second.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# No test fetches an encoder of hundreds of megabytes because its name is a default.
os.environ["HF_HUB_OFFLINE"] = "1"

import functools
import gc
import sys
from collections.abc import Callable, Iterator
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import Any

import pytest
import typer.main
import typer.testing

from serbench.registry import load
from serbench.testing.forge import forge_corpus

REPOSITORY = Path(__file__).resolve().parents[1]

# Half a million objects are alive once all tests are imported, and nearly all of them stay: with
# Python's own thresholds every worker looks through them again and again.
gc.set_threshold(50_000, 20, 20)

WANTED_BY_WORKERS = [
    "serbench.work",
    "serbench.nets.training",
    "librosa.feature",
    "sklearn.svm",
    "soundfile",
]


@pytest.fixture(scope="session", autouse=True)
def _imported_once() -> Iterator[None]:
    """Worker processes are forked from one that has imported what most of them want.

    There is one fork server a process, started by whichever test is first, with what that one asks
    for: all the others' workers would import torch and librosa each by itself.
    """
    ask = BaseContext.set_forkserver_preload

    def more(context: BaseContext, names: list[str]) -> None:
        ask(context, list(dict.fromkeys([*names, *WANTED_BY_WORKERS])))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseContext, "set_forkserver_preload", more)
        yield


@pytest.fixture(scope="session", autouse=True)
def _one_command_line() -> Iterator[None]:
    """``serbench`` is put together once, as in a process of its own, and not at every call.

    typer makes a click command of the whole tree of functions whenever it is called, which takes
    longer than most commands. The result holds nothing of a call.
    """
    make = typer.main.get_command
    once = functools.cache(make)

    def made(app: typer.Typer) -> Any:
        whole = sys.modules.get("serbench.cli.app")
        return once(app) if whole is not None and app is whole.app else make(app)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(typer.main, "get_command", made)
        patch.setattr(typer.testing, "_get_command", made)
        yield


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
