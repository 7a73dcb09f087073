"""Features computed ahead of training, once for all models, over the cores of this machine.

A task is a clip with every recipe that is wanted of it, so a file is decoded and resampled once for
all recipes of one rate. Each array is in the cache before anyone is told, so what is interrupted
goes on where it was.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from serbench.errors import (
    AudioError,
    CacheError,
    EncoderError,
    FeatureError,
    SerbenchError,
    UsageError,
)
from serbench.features.cache import FeatureCache
from serbench.features.clip import Clip
from serbench.features.compute import fill
from serbench.features.crew import MOST_DEATHS, Lost, share_out
from serbench.features.guests import Choice, Declared, is_portable, resolve, source_of
from serbench.features.key import Key
from serbench.features.recipe import AnyRecipe
from serbench.features.sentence import Sentence

FEW = 32  # clips; fewer are done here: workers take three seconds to start
PRELOAD = ("serbench.features.warm",)
SHOWN = 5  # failures in one message


@dataclass(frozen=True, slots=True)
class Wanted:
    """One array that is to be in the cache."""

    source: AnyRecipe | Declared
    clip: Clip | Sentence

    @property
    def recipe(self) -> AnyRecipe:
        return resolve(self.source) if isinstance(self.source, Declared) else self.source


@dataclass(frozen=True, slots=True)
class _Task:
    clip: Clip | Sentence
    sources: tuple[AnyRecipe | Declared, ...]


@dataclass(frozen=True, slots=True)
class _Failure:
    """An error as data."""

    kind: str
    found: str
    expected: str
    advice: str

    @classmethod
    def of(cls, error: SerbenchError) -> _Failure:
        return cls(type(error).__name__, error.found, error.expected, error.advice)

    @property
    def of_a_clip(self) -> bool:
        """Whether other clips may do better: a full disk or a missing library is for all."""
        return self.kind in {"AudioError", "FeatureError"}

    def error(self, found: str = "") -> SerbenchError:
        known: dict[str, type[SerbenchError]] = {
            kind.__name__: kind for kind in (AudioError, CacheError, EncoderError, FeatureError)
        }
        kind = known.get(self.kind, SerbenchError)
        return kind(found or self.found, expected=self.expected, advice=self.advice)


def wanted(choice: Choice, recipe: AnyRecipe, clips: Sequence[Clip | Sentence]) -> list[Wanted]:
    """A model's recipe for each of these clips or sentences."""
    source = source_of(choice, recipe)
    return [Wanted(source, clip) for clip in clips]


def extract_ahead(
    want: Sequence[Wanted],
    cache: FeatureCache,
    *,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    preload: Sequence[str] = (),
) -> int:
    """Fill the cache with what is wanted and not there; the number of arrays that were computed.

    A script that calls this needs the usual ``if __name__ == "__main__":``.

    Parameters
    ----------
    want
        In any order, repetitions allowed.
    workers
        Processes; None: one a core, or none at all for a few clips. 1: in this process.
    progress
        Told (arrays done, arrays to do).
    preload
        Further modules for the fork server: it serves this whole process, and whoever starts
        workers later finds it running.

    Raises
    ------
    FeatureError, AudioError
        With the paths of the clips that failed, when all others are done.
    CacheError
        At once, if the cache cannot be written.
    SerbenchError
        If a clip killed its worker three times.
    """
    if workers is not None and workers < 1:
        raise UsageError(f"{workers} workers", expected="1 or more")
    tasks = _missing(want, cache)
    total = sum(len(task.sources) for task in tasks)
    done = 0
    failures: list[_Failure] = []
    if progress is not None and total:
        progress(0, total)
    # Closed on the spot: workers end with the error that ends this, Ctrl-C among them.
    with closing(_answers(tasks, cache, workers, preload)) as answers:
        for task, failed in answers:
            done += len(task.sources)
            failures += failed
            if progress is not None:
                progress(done, total)
            for failure in failed:
                if not failure.of_a_clip:
                    raise failure.error()
    if total:
        cache.sweep()
        cache.trim()
    if failures:
        raise _summary(failures, total)
    return total


def _missing(want: Sequence[Wanted], cache: FeatureCache) -> list[_Task]:
    """What is not in the cache, clip by clip, the longest first so that cores end together."""
    sources: dict[Clip | Sentence, dict[Key, AnyRecipe | Declared]] = {}
    for item in want:
        key = Key.of(item.clip, item.recipe)
        if key not in sources.get(item.clip, ()) and not cache.has(key):
            sources.setdefault(item.clip, {})[key] = item.source
    tasks = [_Task(clip, tuple(each.values())) for clip, each in sources.items()]
    return sorted(tasks, key=lambda task: -task.clip.duration)


def _answers(
    tasks: Sequence[_Task], cache: FeatureCache, workers: int | None, preload: Sequence[str]
) -> Generator[tuple[_Task, list[_Failure]]]:
    """Each task with its failures, when it is done."""
    count = workers or (_cores() if len(tasks) >= FEW else 1)
    here = any(
        not isinstance(source, Declared) and not is_portable(source)
        for task in tasks
        for source in task.sources
    )  # no other process could import that recipe
    handle = functools.partial(_attempt, folder=cache.folder.parent)
    if count == 1 or here:
        for task in tasks:
            yield task, handle(task)
        return
    with closing(share_out(tasks, handle, count, [*PRELOAD, *preload])) as answers:
        for task, answer in answers:
            yield task, [_lost(answer)] if isinstance(answer, Lost) else answer


def _attempt(task: _Task, folder: Path) -> list[_Failure]:
    """Do a task; its failures are its answer, since exceptions do not travel well."""
    try:
        recipes = [Wanted(source, task.clip).recipe for source in task.sources]
        results = fill(task.clip, recipes, FeatureCache(folder))
        return [_Failure.of(result) for result in results if isinstance(result, SerbenchError)]
    except SerbenchError as error:
        return [_Failure.of(error)]


def _lost(answer: Lost[_Task]) -> _Failure:
    found = (
        f"{answer.task.clip} ended its worker {MOST_DEATHS} times, "
        f"at last with exit code {answer.exitcode}"
    )
    if answer.exitcode is not None and answer.exitcode < 0:
        found += " (-9: killed, by the system if memory ran out)"
        advice = "ask for fewer workers"
    else:
        advice = "see the traceback above; a script needs `if __name__ == '__main__':`"
    return _Failure("SerbenchError", found, "", advice)


def _summary(failures: Sequence[_Failure], total: int) -> SerbenchError:
    """One error for all clips that failed."""
    if len(failures) == 1:
        return failures[0].error()
    shown = [failure.found for failure in failures[:SHOWN]]
    if len(failures) > SHOWN:
        shown.append(f"and {len(failures) - SHOWN} more")
    title = f"{len(failures)} of {total} features cannot be computed:"
    alike = len({(failure.expected, failure.advice) for failure in failures}) == 1
    first = failures[0] if alike else replace(failures[0], expected="", advice="")
    return first.error("\n".join([title, *shown]))


def _cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
