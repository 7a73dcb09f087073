"""Making a bundle: a plan's trials with all that they need, in parts that fit an upload.

What a bundle is made of stands in :mod:`serbench.bundle`.
"""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from serbench.background import ensure
from serbench.bundle.carried import outward
from serbench.bundle.packer import Packer, Part
from serbench.bundle.uploads import MIB
from serbench.errors import UsageError
from serbench.features.cache import FeatureCache
from serbench.features.extraction import REFERENCE, Extraction
from serbench.ground import Corpora, Ground
from serbench.planfile import PlanFile
from serbench.preparing import Asked
from serbench.question import question_digest
from serbench.registry import is_path
from serbench.store import Store
from serbench.watcher import Watcher
from serbench.writing import cannot_write


@dataclass(frozen=True)
class Written:
    """A bundle as it was written, and the sources of models that stand in it."""

    parts: tuple[Part, ...]
    models: tuple[str, ...]


def write(
    folder: Path,
    plan: PlanFile,
    boards: Sequence[Asked],
    watcher: Watcher,
    *,
    most_mib: float | None = None,
    workers: int | None = None,
    extraction: Extraction = REFERENCE,
) -> Written:
    """Write the trials of a plan and all that they need into a folder that is empty or new.

    Features that are not in the cache are computed. Checkpoints that the plan's results folder has
    of these trials go with them. The rows of the boards, and what stands beside the models, are
    kept in that folder, so that it knows the trials when they come home.

    Parameters
    ----------
    boards
        The corpora and folds of the plan's trials.
    most_mib
        MiB of an upload; None: no limit.
    extraction
        By what features are computed.

    Raises
    ------
    UsageError
        If the folder holds something, or a model needs what no bundle holds.
    StoreError
        If it cannot be written.
    SerbenchError
        If a feature cannot be computed.
    """
    check_place(folder, most_mib)
    if not plan.jobs:
        raise UsageError("there is no trial to bundle", expected="one that is not finished")
    for job in plan.jobs:
        outward(job)  # refuses before anything is computed
    cache = FeatureCache(plan.cache, extraction=extraction)
    grounds = {
        question_digest(board.row): Ground(
            board.pool, board.protocol, tuple(board.splits), Corpora(cache)
        )
        for board in boards
    }
    packer = Packer(plan, grounds, cache)
    with watcher.step("computing features") as tell:
        packer.stock.compute(workers, tell, watcher.note)
    most = None if most_mib is None else int(most_mib * MIB)
    parcels = packer.parcels(most)
    target = folder.resolve()  # it may be "." or a link
    aside = target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}.tmp")
    try:
        with watcher.step("writing the bundle") as tell:
            parts = []
            for number, parcel in enumerate(parcels, 1):
                at = aside if len(parcels) == 1 and not parcel.spread else aside / name_of(number)
                parts.append(packer.write(at, parcel, number, len(parcels), most))
                tell(number, len(parcels))
        if target.exists():
            target.rmdir()  # an empty one
        aside.rename(target)
    except OSError as error:
        raise cannot_write(folder, error) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    _remember(plan, boards, watcher)
    return Written(
        tuple(replace(part, folder=folder / part.folder.relative_to(aside)) for part in parts),
        tuple(sorted({job.choice.spec for job in plan.jobs if is_path(job.choice.spec)})),
    )


def _remember(plan: PlanFile, boards: Sequence[Asked], watcher: Watcher) -> None:
    store = Store(plan.results)
    with watcher.step("auditing folds") as tell:
        for done, board in enumerate(boards, 1):
            ensure(store, board.row, board.pool, board.protocol, board.splits)
            tell(done, len(boards))
    for row in plan.plans:
        store.plan(row)


def check_place(folder: Path, most_mib: float | None = None) -> None:
    """Refuse a place that holds something, results of an earlier bundle for example, or no parts.

    Raises
    ------
    UsageError
        If it is no empty folder, or a part may hold less than a MiB.
    """
    if most_mib is not None and most_mib < 1:
        raise UsageError(f"--max-mib {most_mib:g}", expected="1 or more")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(
            f"{folder} holds something",
            expected="a folder that is empty or does not exist",
            advice="an earlier bundle may hold results: `serbench results merge` takes them home, "
            "then remove it",
        )


def name_of(number: int) -> str:
    """The folder of a part."""
    return f"part-{number:02d}"
