"""Features computed ahead of training, once for all models, over the cores of this machine.

A task is a clip with every recipe that is wanted of it, so a file is decoded and resampled once for
all recipes of one rate; or many clips with one recipe that computes many at once. Each array is in
the cache before anyone is told, so what is interrupted goes on where it was.
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
from serbench.features.extraction import Extraction
from serbench.features.guests import Declared, is_portable, resolve
from serbench.features.key import Key
from serbench.features.recipe import AnyRecipe
from serbench.features.sentence import Sentence
from serbench.features.together import fill_together, grouped, in_one_process, many_of
from serbench.features.wanted import Wanted, wanted

__all__ = ["Wanted", "extract_ahead", "wanted"]

FEW = 32  # clips; fewer are done here: workers take three seconds to start
PRELOAD = ("serbench.features.warm",)
SHOWN = 5  # failures in one message


@dataclass(frozen=True, slots=True)
class _Task:
    """One utterance with all recipes that are computed one by one, or many of one recipe."""

    items: tuple[Clip | Sentence, ...]
    sources: tuple[AnyRecipe | Declared, ...]
    here: bool = False  # in this process: no other could import the recipe, or has its device

    @property
    def arrays(self) -> int:
        return len(self.items) * len(self.sources)

    @property
    def duration(self) -> float:
        """Seconds."""
        return sum(item.duration for item in self.items)


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
    cache
        Where the choice is to compute by torch, :func:`serbench.features.agreement.settled` gives
        the one to hand over here.
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
    total = sum(task.arrays for task in tasks)
    done = 0
    failures: list[_Failure] = []
    if progress is not None and total:
        progress(0, total)
    # Closed on the spot: workers end with the error that ends this, Ctrl-C among them.
    with closing(_answers(tasks, cache, workers, preload)) as answers:
        for task, failed in answers:
            done += task.arrays
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
    """What is not in the cache, as tasks, the longest first so that cores end together."""
    apart: dict[Clip | Sentence, dict[Key, AnyRecipe | Declared]] = {}
    together: dict[AnyRecipe | Declared, dict[Key, Clip | Sentence]] = {}
    for item in want:
        key = cache.key(item.clip, item.recipe)
        if many_of(item.recipe, cache.extraction) is None:
            if key not in apart.get(item.clip, ()) and not cache.has(key):
                apart.setdefault(item.clip, {})[key] = item.source
        elif key not in together.get(item.source, ()) and not cache.has(key):
            together.setdefault(item.source, {})[key] = item.clip
    tasks = [_task((clip,), tuple(each.values()), cache) for clip, each in apart.items()]
    for source, items in together.items():
        one_process = _task((), (source,), cache).here
        tasks += [
            _task(group, (source,), cache)
            for group in grouped(items.values(), one_process=one_process)
        ]
    return sorted(tasks, key=lambda task: -task.duration)


def _task(
    items: tuple[Clip | Sentence, ...],
    sources: tuple[AnyRecipe | Declared, ...],
    cache: FeatureCache,
) -> _Task:
    here = any(
        in_one_process(resolve(source), cache.extraction)
        if isinstance(source, Declared)
        else not is_portable(source) or in_one_process(source, cache.extraction)
        for source in sources
    )
    return _Task(items, sources, here)


def _answers(
    tasks: Sequence[_Task], cache: FeatureCache, workers: int | None, preload: Sequence[str]
) -> Generator[tuple[_Task, list[_Failure]]]:
    """Each task with its failures, when it is done."""
    handle = functools.partial(_attempt, folder=cache.folder.parent, extraction=cache.extraction)
    elsewhere = [task for task in tasks if not task.here]
    few = sum(len(task.items) for task in elsewhere) < FEW
    count = workers or (1 if few else _cores())
    if count == 1:
        elsewhere = []
    if elsewhere:
        with closing(share_out(elsewhere, handle, count, [*PRELOAD, *preload])) as answers:
            for task, answer in answers:
                yield task, [_lost(answer)] if isinstance(answer, Lost) else answer
    for task in tasks:
        if task.here or not elsewhere:
            yield task, handle(task)


def _attempt(task: _Task, folder: Path, extraction: Extraction) -> list[_Failure]:
    """Do a task; its failures are its answer, since exceptions do not travel well."""
    cache = FeatureCache(folder, extraction=extraction)
    results: Sequence[object]
    try:
        recipes = [Wanted(source, task.items[0]).recipe for source in task.sources]
        if len(task.items) > 1:
            results = fill_together(task.items, recipes[0], cache)  # type: ignore[arg-type]
        else:
            results = fill(task.items[0], recipes, cache)
    except SerbenchError as error:
        return [_Failure.of(error)]
    return [_Failure.of(result) for result in results if isinstance(result, SerbenchError)]


def _lost(answer: Lost[_Task]) -> _Failure:
    items = answer.task.items
    which = str(items[0]) if len(items) == 1 else f"{items[0]}, with {len(items) - 1} beside it,"
    found = (
        f"{which} ended its worker {MOST_DEATHS} times, at last with exit code {answer.exitcode}"
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
