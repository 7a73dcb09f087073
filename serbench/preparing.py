"""From a request to its trials: corpora read, folds drawn, every row of every board planned."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from serbench import ownloop
from serbench.access import needed_access
from serbench.adapters import located
from serbench.choice import ModelChoice
from serbench.corpus import Corpus, Finding
from serbench.drawn import drawn_splits
from serbench.errors import CorpusError, ProtocolError
from serbench.features.extraction import Extraction
from serbench.fitting import check_classes, check_learnable, explained
from serbench.given import protocol_of, remarks
from serbench.jobs import Job
from serbench.labels import Classes, LabelSpace
from serbench.model import Model, build, is_deterministic
from serbench.plan import check_asked, plan
from serbench.pool import Pool, fitting_space
from serbench.protocols import Protocol, Selection, Split
from serbench.registry import load, registered
from serbench.request import Request, check_devices, check_roots, corpora_of, selection_of
from serbench.scan import Scan, scan
from serbench.sources import groups_of
from serbench.store import Plan
from serbench.trial import Trial
from serbench.watcher import Watcher

MOST_KEPT = 100  # findings that stand in a record


@dataclass(frozen=True)
class Asked:
    """A board that a request will fill: its corpora and folds, and the row of any of its models."""

    row: Mapping[str, Any]
    pool: Pool
    protocol: Protocol
    splits: Sequence[Split]


@dataclass(frozen=True)
class Prepared:
    """Every trial of a request, finished or not, its boards' rows, and the corpora as read."""

    jobs: Sequence[Job]
    plans: Sequence[Plan]
    boards: Sequence[Asked]
    selections: Sequence[Selection]  # the rules that were asked for


def prepare(request: Request, watcher: Watcher) -> Prepared:
    """Plan a request.

    Raises
    ------
    SerbenchError
        For whatever in it does not fit. Every name and setting is looked at before the first file
        is read.
    """
    protocols = [_protocol(spec, request) for spec in request.protocols]
    asked: LabelSpace | None = None if request.labels is None else load("labels", request.labels)
    choices = [ModelChoice.of(spec, chosen) for spec, chosen in request.models]
    models = [
        check_asked(choice, protocol, selection_of(request, protocol))
        for _, protocol in protocols
        for choice in choices
    ]
    for remark in (check_devices(request.means), *_of_no_use(request, choices, models)):
        if remark:
            watcher.note(remark)
    here = _located(request, [protocol for _, protocol in protocols])
    return _planned(request, here, protocols, asked, choices, watcher)


def _protocol(spec: str, request: Request) -> tuple[str, Protocol]:
    """A protocol as a worker will ask for it, wherever that stands, and itself."""
    protocol = protocol_of(spec)
    if spec not in registered("protocols"):
        spec = str(Path(spec).expanduser().absolute())
    return spec, protocol if request.access is None else protocol.under(request.access)


def _of_no_use(
    request: Request, choices: Sequence[ModelChoice], models: Sequence[Model]
) -> Iterator[str]:
    """What was asked for and changes nothing, of each model and protocol in turn."""
    if request.seeds is not None and request.seeds > 1:
        for choice, model in zip(choices, models, strict=False):
            if is_deterministic(model):
                yield (
                    f"{choice.spec} gives one answer whatever the seed: it is trained once a fold"
                )
    given = {
        "--stages": request.keep is not None,
        "--compile": request.compile,
        "--precision": request.precision != "auto",
    }
    ours = any(
        ownloop.is_ours(model, adapted=needed_access(model) == "unlabelled") for model in models
    )
    if (
        request.compile
        and ours
        and not any(getattr(model, "compilable", False) for model in models)
    ):
        yield "the batches of these nets are of many shapes: --compile has no use here"
    torch = Extraction("torch")
    if request.features == "torch" and not any(
        torch.covers(recipe) for model in models for recipe in getattr(model, "recipes", ())
    ):
        yield "torch computes log-mel and MFCC, none of these models': --features has no use here"
    for option in (name for name, said in given.items() if said and not ours):
        yield f"none of these models is a net that serbench trains: {option} has no use here"


def _located(request: Request, protocols: Sequence[Protocol]) -> dict[str, tuple[Corpus, Path]]:
    """Every corpus of the request and its folder."""
    names = {
        name for protocol in protocols for group in corpora_of(request, protocol) for name in group
    }
    check_roots(request, names)
    here: dict[str, tuple[Corpus, Path]] = {}
    lost: list[str] = []
    for name in sorted(names):
        try:
            here[name] = located(name, request.roots)
        except CorpusError:
            if request.corpora:
                raise
            lost.append(name)
    if lost:
        usual = " and ".join(protocol.name for protocol in protocols)
        raise CorpusError(
            f"{usual} is run on {', '.join(sorted(names))} unless others are named, and the "
            f"folders of {', '.join(lost)} are not known",
            expected="`serbench corpora add NAME DIR` or --corpus-root NAME=DIR for each",
            advice="name those to run on by --corpus; here are " + (", ".join(here) or "none"),
        )
    return here


def _planned(
    request: Request,
    here: Mapping[str, tuple[Corpus, Path]],
    protocols: Sequence[tuple[str, Protocol]],
    asked: LabelSpace | None,
    choices: Sequence[ModelChoice],
    watcher: Watcher,
) -> Prepared:
    jobs: list[Job] = []
    plans: list[Plan] = []
    boards: list[Asked] = []
    scans = {
        name: read_corpus(corpus, root, request.cache, request.allow_partial, watcher)
        for name, (corpus, root) in here.items()
    }
    for spec, protocol in protocols:
        selection = selection_of(request, protocol)
        usual = [load("labels", name) for name in protocol.labels] if asked is None else [asked]
        for names in corpora_of(request, protocol):
            corpora = [(here[name][0], scans[name]) for name in names]
            pool = Pool.of(corpora, fitting_space(usual, [corpus for corpus, _ in corpora]))
            _warn_of_empty_classes(pool, watcher)
            splits = pool.with_copies(_drawn(protocol, pool, request))
            shared = _shares_speakers(pool, splits)
            for remark in remarks(protocol, pool.table(whole=protocol.whole)):
                watcher.note(remark)
            for choice in (choice.on(*pool.names) for choice in choices):
                trials = plan(pool, protocol, splits, choice, request.seeds, selection)
                plans.append(_plan_of(pool, protocol, shared, choice, trials))
                jobs += [
                    Job(
                        trial=trial,
                        choice=choice,
                        roots={name: here[name][1] for name in pool.names},
                        results=request.results,
                        cache=request.cache,
                        allow_partial=request.allow_partial,
                        precision=request.precision,
                        compile=request.compile,
                        keep=request.keep or ("all" if selection != "last" else protocol.keep),
                        notes=plans[-1].notes,
                        protocol=spec,
                    )
                    for trial in trials
                ]
            boards.append(Asked(plans[-1].row, pool, protocol, splits))
    rules = [selection_of(request, protocol) for _, protocol in protocols]
    return Prepared(jobs, plans, boards, tuple(dict.fromkeys(rules)))


def _drawn(protocol: Protocol, pool: Pool, request: Request) -> tuple[Split, ...]:
    """The folds, if a model can learn in them; else an error that names the nearest that fit."""
    classes = pool.task.names if isinstance(pool.task, Classes) else None
    try:
        drawn = drawn_splits(protocol, pool.table(whole=protocol.whole), request.cache)
        if classes is not None and any(found.partial for found in pool.scans.values()):
            check_learnable(drawn, pool.table())  # a class may be missing with the rest
        elif classes is not None:
            check_classes(drawn, pool.table(), classes)
    except ProtocolError as error:
        others = {name: load("protocols", name) for name in registered("protocols")}
        table = pool.table(whole=True)
        raise explained(error, protocol, table, others, classes) from error
    return drawn


def _warn_of_empty_classes(pool: Pool, watcher: Watcher) -> None:
    """Of a corpus that is partial, or has a label in its key and none in its files."""
    for cohort in pool.cohorts.values():
        empty = [name for name, count in cohort.counts().items() if not count]
        if empty:
            watcher.note(
                f"{cohort.corpus} has no utterance of {', '.join(empty)}, which the label space "
                f"{cohort.labels.name!r} tells apart: UA will be undefined"
            )


def read_corpus(
    corpus: Corpus, root: Path, cache: Path, allow_partial: bool, watcher: Watcher
) -> Scan:
    """Scan a corpus under the watcher's eyes."""
    with watcher.step(f"reading {corpus.card.name}") as tell:
        found = scan(
            corpus,
            root,
            allow_partial=allow_partial,
            cache=cache,
            progress=tell,
        )
    grave = sum(finding.grave for finding in found.findings)
    for finding in found.findings:
        if finding.kind in {"altered", "duplicate"}:
            watcher.note(f"{corpus.card.name}: {finding.message}")
    if grave:
        watcher.note(
            f"{corpus.card.name} is partial: {len(found.utterances)} utterances, {grave} findings; "
            "kept beside its results, which stand apart"
        )
    return found


def _shares_speakers(pool: Pool, splits: Sequence[Split]) -> bool:
    """Whether a test set has a speaker of its training set."""
    who = groups_of(pool.utterances)
    for split in splits:
        trained = who[pool.positions(split.train)]
        for ids in split.tests.values():
            if np.isin(who[pool.positions(ids)], trained).any():
                return True
    return False


def _plan_of(
    pool: Pool, protocol: Protocol, shared: bool, choice: ModelChoice, trials: Sequence[Trial]
) -> Plan:
    model: Any = build(choice.factory(), choice.settings)
    notes = {
        "variant": choice.variant(*pool.names),
        # Corpora that an encoder has heard, None if nobody says; of other models nothing.
        **({"pretraining": model.pretraining} if hasattr(model, "pretraining") else {}),
        "speaker_independent": not shared,
        "seeds": protocol.seeds,  # fewer are shown and not ranked
        "deterministic": is_deterministic(model),
        "findings": _told(pool, lambda finding: finding.grave),
        "altered": _told(pool, lambda finding: finding.kind == "altered"),
    }
    return Plan(trials[0].row, notes, tuple(sorted(trial.id for trial in trials)))


def _told(pool: Pool, which: Callable[[Finding], bool]) -> list[str]:
    """As many as a record should carry; a folder of stray files gives 100,000."""
    messages = [
        finding.message.replace(f"{found.root}/", "")
        for found in pool.scans.values()
        for finding in found.findings
        if which(finding)
    ]
    more = len(messages) - MOST_KEPT
    return [*messages[:MOST_KEPT], f"and {more} more"] if more > 0 else messages
