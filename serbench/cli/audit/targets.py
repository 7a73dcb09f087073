"""What a word on the command line names: a protocol, a place of splits, a run or one of its trials.

Each becomes cases, with as much as is at hand to judge them by.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from serbench.errors import SerbenchError, UnknownName, UsageError

if TYPE_CHECKING:
    from serbench.audit import Case
    from serbench.corpus import Corpus, Utterance
    from serbench.listing import Listing
    from serbench.pool import Pool
    from serbench.protocols import Protocol, Selection, TargetAccess
    from serbench.scan import Scan
    from serbench.store import Plan
    from serbench.watcher import Watcher

TRIAL_DIGITS = 6  # that a trial is named by, at least
MAKE_BELIEVE = "make-believe recordings"


@dataclass(frozen=True)
class Asked:
    """What is to be audited, and where things are.

    Parameters
    ----------
    model, settings
        What is watched at work; None: no model.
    sounds
        Whether to search sounds for copies; None: where they are at hand.
    dependent
        Whether somebody's folds are said to share speakers.
    """

    target: str
    corpora: Sequence[str] = ()
    model: str | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    labels: str | None = None
    selection: Selection | None = None
    access: TargetAccess | None = None
    roots: dict[str, Path] = field(default_factory=dict)
    results: Path = Path("results-local")
    cache: Path = Path()
    allow_partial: bool = False
    sounds: bool | None = None
    workers: int | None = None
    dependent: bool = False


def cases_of(asked: Asked, watcher: Watcher) -> Iterator[Case]:
    """The cases that a target names.

    Raises
    ------
    UnknownName
        If it names nothing.
    SerbenchError
        If a corpus, splits or results cannot be read.
    """
    from serbench.registry import registered

    path = Path(asked.target).expanduser()
    if asked.target in registered("protocols"):
        cases = _protocol_cases(asked, watcher)
    elif os.path.lexists(path):
        if (path / "trials").is_dir() or (path / "plans").is_dir():
            cases = _run_cases(asked, path, "", watcher)
        else:
            cases = iter([_splits_case(asked, path, watcher)])
    elif _is_trial(asked.target):
        cases = _run_cases(asked, asked.results, asked.target.lower(), watcher)
    else:
        raise UnknownName(
            f"{asked.target!r} is no protocol, and no such file or folder exists",
            expected=f"one of {', '.join(registered('protocols'))}, a file or folder of splits, a "
            "results folder, or the id of a trial",
            advice=_hint(asked.target),
        )
    yield from cases if asked.model is None else _watched(asked, cases, watcher)


def _watched(asked: Asked, cases: Iterator[Case], watcher: Watcher) -> Iterator[Case]:
    """The cases with what a model does at work, on make-believe recordings."""
    from serbench.audit.behaviour import watched
    from serbench.choice import ModelChoice
    from serbench.model import build
    from serbench.testing.examine import examine

    choice = ModelChoice.of(str(asked.model), asked.settings)
    pretraining = getattr(build(choice.factory(), choice.settings), "pretraining", ())
    with watcher.step(f"watching {asked.model} at work"):
        seen = watched([(MAKE_BELIEVE, examine(choice.factory(), choice.settings))])
    for case in cases:
        before = case.behaviour or {}
        both = {rule: (*before.get(rule, ()), *seen.get(rule, ())) for rule in {**before, **seen}}
        heard = None if pretraining is None else tuple(pretraining)
        declared = replace(case.declared, pretraining=heard)
        yield replace(case, declared=declared, behaviour=both)


def _hint(target: str) -> str:
    from serbench.registry import nearest, registered

    hint = nearest(target, registered("protocols"))
    return f"did you mean {hint!r}?" if hint else ""


def _is_trial(target: str) -> bool:
    return len(target) >= TRIAL_DIGITS and set(target.lower()) <= set("0123456789abcdef")


def _protocol_cases(asked: Asked, watcher: Watcher) -> Iterator[Case]:
    from serbench.audit.gather import protocol_case
    from serbench.drawn import drawn_splits
    from serbench.given import protocol_of

    protocol = protocol_of(asked.target)
    if asked.access is not None:
        protocol = protocol.under(asked.access)
    for names in _groups(asked, protocol):
        pool = _pool(asked, protocol.labels, names, watcher)
        drawn = drawn_splits(protocol, pool.table(whole=protocol.whole), asked.cache)
        case = protocol_case(pool, protocol, pool.with_copies(drawn), selection=asked.selection)
        yield _searched(asked, case, watcher)


def _groups(asked: Asked, protocol: Protocol) -> list[tuple[str, ...]]:
    """The corpora, one by one or all at once."""
    names = tuple(dict.fromkeys(asked.corpora)) or protocol.corpora
    if not names:
        raise UsageError(
            f"no corpus to audit {protocol.name} on",
            expected="--corpus NAME",
            advice="serbench corpora list",
        )
    return [tuple(sorted(names))] if protocol.across else [(name,) for name in names]


def _pool(asked: Asked, usual: Sequence[str], names: Sequence[str], watcher: Watcher) -> Pool:
    from serbench.pool import Pool, fitting_space
    from serbench.registry import load

    corpora = [_read(asked, name, watcher) for name in names]
    spaces = [load("labels", name) for name in ([asked.labels] if asked.labels else usual)]
    return Pool.of(corpora, fitting_space(spaces, [corpus for corpus, _ in corpora]))


def _read(asked: Asked, name: str, watcher: Watcher) -> tuple[Corpus, Scan]:
    from serbench.adapters import located
    from serbench.scan import scan

    corpus, root = located(name, asked.roots)
    with watcher.step(f"reading {name}") as tell:
        found = scan(
            corpus, root, allow_partial=asked.allow_partial, cache=asked.cache, progress=tell
        )
    return corpus, found


def _splits_case(asked: Asked, path: Path, watcher: Watcher) -> Case:
    from serbench.audit.gather import splits_case
    from serbench.audit.listened import with_files
    from serbench.interchange.reading import read

    listing = read(path)
    for note in listing.notes:
        watcher.note(f"{listing.name}: {note}")
    known = list(_at_hand(asked, listing, watcher))
    if known:
        listing = with_files(listing, known)
    case = splits_case(listing, speaker_independent=False if asked.dependent else None)
    return _searched(asked, case, watcher)


def _at_hand(asked: Asked, listing: Listing, watcher: Watcher) -> Iterator[Utterance]:
    """The utterances of the listing's corpora whose folder is known; of --corpus, all must be."""
    from serbench.folders import find_corpus
    from serbench.registry import registered

    named = {item.corpus for item in listing.items if item.corpus in registered("corpora")}
    for name in dict.fromkeys([*asked.corpora, *sorted(named)]):
        if name in asked.corpora or name in asked.roots:
            yield from _read(asked, name, watcher)[1].utterances
        elif asked.sounds is not False and find_corpus(name, asked.roots) is not None:
            try:
                yield from _read(asked, name, watcher)[1].utterances
            except SerbenchError as error:
                watcher.note(f"{name} is not looked at: {error.found}")


def _searched(asked: Asked, case: Case, watcher: Watcher) -> Case:
    """The case with canaries, and with its sounds searched if they are to be."""
    from serbench.audit.gather import with_canaries
    from serbench.audit.listened import with_sounds

    case = with_canaries(case)
    if asked.sounds is False:
        return replace(case, reasons={**case.reasons, "sounds": "--no-sounds"})
    here = any(item.path is not None for item in case.listing.items)
    if not here and asked.sounds:
        raise UsageError(
            f"--sounds, and no sound of {case.listing.name} is at hand",
            expected="the folder of each corpus",
            advice="--corpus-root NAME=DIR, or serbench corpora add NAME DIR",
        )
    with watcher.step("searching sounds for copies") as tell:
        return with_sounds(case, asked.cache, workers=asked.workers, progress=tell)


def _run_cases(asked: Asked, folder: Path, trial: str, watcher: Watcher) -> Iterator[Case]:
    from serbench.finished import rows_alike, run_case
    from serbench.store import Store

    store = Store(folder)
    rows = [
        (plans, models) for plans, models in rows_alike(store) if _is_asked(asked, plans, trial)
    ]
    if not rows:
        what = f"no trial {trial}..." if trial else f"no row on {', '.join(asked.corpora)}"
        raise UsageError(f"{folder} holds {what}", expected="what `serbench run` has finished")
    pools: dict[tuple[str, str], Pool | None] = {}
    for plans, models in rows:
        row = plans[0].row
        key = ("+".join(row["protocol"]["corpora"]), row["labels"]["name"])
        if key not in pools:
            pools[key] = _pool_at_hand(asked, plans[0], watcher)
        case = run_case(store, plans, models, pools[key], asked.cache, asked.selection)
        yield _searched(asked, case, watcher)


def _is_asked(asked: Asked, plans: Sequence[Plan], trial: str) -> bool:
    corpora = set(plans[0].row["protocol"]["corpora"])
    wanted = not asked.corpora or bool(corpora & set(asked.corpora))
    if asked.model is not None:
        wanted &= plans[0].row["model"]["name"] == asked.model.rpartition(":")[2]
    return wanted and any(one.startswith(trial) for plan in plans for one in plan.trials)


def _pool_at_hand(asked: Asked, plan: Plan, watcher: Watcher) -> Pool | None:
    """The corpora of a row under its label space; None where one of them is not here."""
    from serbench.folders import find_corpus

    names = plan.row["protocol"]["corpora"]
    if not all(find_corpus(name, asked.roots) for name in names):
        return None
    try:
        return _pool(asked, [plan.row["labels"]["name"]], names, watcher)
    except SerbenchError as error:
        watcher.note(f"{'+'.join(names)}: {error.found}; the folds are taken from the predictions")
        return None
