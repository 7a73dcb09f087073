"""What the trials of a plan need, taken apart, and put together again part by part."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from serbench.adapters import adapter
from serbench.bundle import arrays, tables
from serbench.bundle.carried import CHECKPOINTS, PLAN, model_file, outward, source_of
from serbench.bundle.manifest import Manifest
from serbench.bundle.pieces import Load, Parcel, Piece, parcelled
from serbench.bundle.stock import Name, Stock
from serbench.bundle.uploads import MIB, Uploads
from serbench.canonical import canonical, digest
from serbench.cohort import Cohort
from serbench.features.cache import FeatureCache
from serbench.features.recipe import record as recipe_record
from serbench.ground import Ground
from serbench.jobs import Job
from serbench.model import build, declared_inputs, declared_recipes
from serbench.planfile import PlanFile
from serbench.planfile import write as write_plan
from serbench.question import question_digest
from serbench.registry import is_path
from serbench.store import Store
from serbench.trial import Trial
from serbench.validation import HeldOut

MARGIN = 256 * 1024  # bytes of a part for its manifest, its plan's first line and its index's form
INDEXED = 100  # bytes that the place of an array takes in the index, at most
LARGEST = 256 * MIB  # bytes of a file of arrays, where the parts are not limited
SHARE = 8  # files of arrays that an upload holds, at least


@dataclass(frozen=True)
class Part:
    """A part as it was written."""

    folder: Path
    trials: int
    bytes: int  # of all its uploads
    uploads: int = 1


@dataclass
class Packer:
    """Takes apart what trials need, and puts it into parts."""

    plan: PlanFile
    grounds: Mapping[str, Ground]
    cache: FeatureCache
    stock: Stock = field(init=False)
    asked: list[str] = field(init=False)  # of each job: the digest of its question
    tables: dict[Piece, bytes] = field(default_factory=dict)
    cohorts: dict[str, dict[str, Any]] = field(default_factory=dict)  # by their file
    questions: dict[str, dict[str, Any]] = field(default_factory=dict)
    _needs: list[frozenset[Name]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.stock = Stock(self.cache)
        self.asked = [question_digest(job.trial.row) for job in self.plan.jobs]
        reads_text: dict[str, bool] = defaultdict(bool)
        for job, question in zip(self.plan.jobs, self.asked, strict=True):
            model = build(job.choice.factory(), job.choice.settings)
            reads_text[question] |= "text" in declared_inputs(model)
        for question in dict.fromkeys(self.asked):
            self._question(question, texts=reads_text[question])
        known: dict[str, frozenset[Name]] = {}
        for job, question in zip(self.plan.jobs, self.asked, strict=True):
            key = canonical([question, job.trial.fold, list(job.trial.recipes)])
            if key not in known:
                known[key] = self._arrays(job, self.grounds[question])
            self._needs.append(known[key])

    def parcels(self, most: int | None) -> list[Parcel]:
        """The trials of each part."""
        room = None if most is None else most - MARGIN
        sizes: dict[Piece, int] = {name: len(content) for name, content in self.tables.items()}
        loads = []
        rows = {name: row for row in self.plan.plans for name in row.trials}
        store = Store(self.plan.results)
        for job, question, need in zip(self.plan.jobs, self.asked, self._needs, strict=True):
            said = self.questions[question]
            row = rows[job.trial.id]
            line = ("row", digest(row.row))
            sizes.setdefault(line, len(canonical([row.row, row.notes, list(row.trials)])) + 2048)
            pieces: set[Piece] = {*need, *said["cohorts"], said["folds"], line}
            for name in need:
                if name not in sizes:
                    sizes[name] = self.stock.size(name) + INDEXED
            own = len(job.trial.json())
            if is_path(job.choice.spec):
                file = model_file(job.choice.spec)
                self.tables.setdefault(file, source_of(job.choice.spec))
                sizes[file] = len(self.tables[file])
                pieces.add(file)
            checkpoint = store.checkpoint(job.trial.id)
            if checkpoint.is_file():
                own += checkpoint.stat().st_size
            loads.append(Load(frozenset(pieces), own))
        return parcelled(loads, sizes, room)

    def write(self, at: Path, parcel: Parcel, number: int, parts: int, most: int | None) -> Part:
        """Write a part, its manifest last."""
        uploads = Uploads(at, None if most is None else most - MARGIN // 2)
        jobs = [self.plan.jobs[i] for i in parcel.trials]
        questions = {self.asked[i]: self.questions[self.asked[i]] for i in parcel.trials}
        at.mkdir(parents=True)
        write_plan(at / PLAN, self._plan(jobs))
        uploads.have(PLAN)
        for name in sorted(name for name in parcel.pieces if isinstance(name, str)):
            uploads.put(name, self.tables[name])
        store = Store(self.plan.results)
        for job in jobs:
            checkpoint = store.checkpoint(job.trial.id)
            if checkpoint.is_file():
                uploads.put(f"{CHECKPOINTS}/{job.trial.id}/checkpoint.pt", checkpoint.read_bytes())
        names = sorted(n for n in parcel.pieces if isinstance(n, tuple) and n[0] != "row")
        largest = LARGEST if most is None else most // SHARE
        places = []
        for recipe in dict.fromkeys(name[0] for name in names):
            laid = arrays.laid_out(recipe, self.stock.arrays(recipe, names), largest)
            for file, content, here in laid:
                uploads.put(file, content)
                places += here
        uploads.put(arrays.INDEX, arrays.index_to_parquet(places), upload=1)
        cohorts = {name for said in questions.values() for name in said["cohorts"]}
        told = Manifest(
            serbench=self.plan.serbench,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            part=number,
            parts=parts,
            files=uploads.files,
            cohorts={name: self.cohorts[name] for name in sorted(cohorts)},
            questions=questions,
            recipes={
                recipe: {
                    "record": recipe_record(self.stock.recipes[recipe]),
                    "extractor": self.stock.extractor(recipe),
                }
                for recipe in dict.fromkeys(name[0] for name in names)
            },
        )
        told.write(at)
        total = sum(file.bytes for file in uploads.files.values())
        return Part(at, len(jobs), total, told.uploads)

    def _plan(self, jobs: Sequence[Job]) -> PlanFile:
        kept = self.plan.only([outward(job) for job in jobs])
        ids = {job.trial.id for job in jobs}
        rows = tuple(row for row in kept.plans if ids & set(row.trials))
        first = kept.jobs[0]
        return replace(kept, plans=rows, results=first.results, cache=first.cache)

    def _question(self, question: str, *, texts: bool) -> None:
        """The tables of what is dealt out."""
        ground = self.grounds[question]
        jobs = [
            job for job, asked in zip(self.plan.jobs, self.asked, strict=True) if asked == question
        ]
        names = [
            self._cohort(cohort, jobs[0], texts=texts) for cohort in ground.pool.cohorts.values()
        ]
        folds = tables.folds_to_parquet(ground.pool, ground.splits, _held(ground, jobs))
        file = f"folds-{hashlib.sha256(folds).hexdigest()[:16]}.parquet"
        self.tables[file] = folds
        trial = jobs[0].trial
        self.questions[question] = {
            "cohorts": names,
            "folds": file,
            "protocol": dict(trial.protocol),
        }

    def _cohort(self, cohort: Cohort, job: Job, *, texts: bool) -> str:
        content = tables.utterances_to_parquet(cohort, texts=texts)
        native = adapter(cohort.corpus, job.roots[cohort.corpus]).labels
        described = tables.describe(cohort, native)
        mark = digest([described, hashlib.sha256(content).hexdigest()])[:16]
        file = f"utterances-{cohort.corpus}-{mark}.parquet"
        self.tables[file] = content
        self.cohorts[file] = described
        return file

    def _arrays(self, job: Job, ground: Ground) -> frozenset[Name]:
        model = build(job.choice.factory(), job.choice.settings)
        split = next(split for split in ground.splits if split.fold == job.trial.fold)
        ids = {*split.train, *split.validation}.union(*split.tests.values())
        utterances = ground.pool.at(sorted(ids))
        names: set[Name] = set()
        for recipe in declared_recipes(model):
            names.update(self.stock.need(job.choice, recipe, utterances))
        return frozenset(names)


def _held(ground: Ground, jobs: Sequence[Job]) -> dict[str, HeldOut]:
    """Who is held out in the folds of those trials that choose an epoch."""
    chosen = {job.trial.fold for job in jobs if _chooses(job.trial)}
    return {
        split.fold: ground.hold_out(split, chooses=True)
        for split in ground.splits
        if split.fold in chosen
    }


def _chooses(trial: Trial) -> bool:
    return trial.validation is not None
