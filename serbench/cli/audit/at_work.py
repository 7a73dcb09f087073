"""A model watched at work (``--model``), beside whatever else is audited."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from serbench.cli.audit.asked import Asked
from serbench.errors import ModelError, SerbenchError

if TYPE_CHECKING:
    from serbench.audit import Case
    from serbench.behaviour.problem import Behaviour
    from serbench.choice import ModelChoice
    from serbench.watcher import Watcher

MAKE_BELIEVE = "make-believe recordings"
NO_CORPUS = "only make-believe files were watched, since no folder of a corpus is known"


def is_installed(model: str) -> bool:
    """Whether a model can be made here: by its registered name, or from a file."""
    from serbench.registry import is_path, registered

    return is_path(model) or model in registered("models")


def with_model(asked: Asked, cases: Iterator[Case], watcher: Watcher) -> Iterator[Case]:
    """The cases with what the model does at work.

    Raises
    ------
    SerbenchError
        If there is no such model or setting, or the model fails.
    """
    from serbench.access import needed_access
    from serbench.audit.behaviour import ADAPTS, watched
    from serbench.choice import ModelChoice
    from serbench.model import build

    choice = ModelChoice.of(str(asked.model), asked.settings)
    model = build(choice.factory(), choice.settings)
    pretraining = getattr(model, "pretraining", ())
    heard = None if pretraining is None else tuple(pretraining)
    closed = _files_at_hand(asked)
    with watcher.step(f"watching {asked.model} at work"):
        seen = watched([(MAKE_BELIEVE, _examined(choice, closed))])
    why = ADAPTS if needed_access(model) == "unlabelled" else "" if closed else NO_CORPUS
    for case in cases:
        before = case.behaviour or {}
        both = {rule: (*before.get(rule, ()), *seen.get(rule, ())) for rule in {**before, **seen}}
        # Of its own trainings a run knows which files it had to leave alone.
        own = {"L22": why} if why and "L22" not in before else {}
        declared = replace(case.declared, pretraining=heard)
        yield replace(case, declared=declared, behaviour=both, reasons={**case.reasons, **own})


def _examined(choice: ModelChoice, closed: dict[str, list[Path]]) -> Behaviour:
    from serbench.testing.examine import examine

    try:
        return examine(choice.factory(), choice.settings, closed=closed)
    except SerbenchError:
        raise
    except Exception as error:
        raise ModelError(
            f"{choice.spec} failed while it was watched: {type(error).__name__}: {error}",
            expected="a model that can be trained on a few seconds of speech",
            advice="serbench models check tells more",
        ) from error


def _files_at_hand(asked: Asked) -> dict[str, list[Path]]:
    """Corpus to its sounds, of every corpus whose folder is known: none is the model's to open."""
    from serbench.adapters import corpus_names
    from serbench.corpus import AUDIO_SUFFIXES
    from serbench.folders import find_corpus

    found: dict[str, list[Path]] = {}
    for name in corpus_names(asked.roots):
        folder = find_corpus(name, asked.roots)
        if folder is not None and folder.is_dir():
            files = [p for p in folder.rglob("*") if p.suffix.lower() in AUDIO_SUFFIXES]
            if files:
                found[name] = files
    return found
