"""Packing rows of a results folder into a submission."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from serbench.canonical import canonical
from serbench.errors import SerbenchError, StoreError, UsageError, few
from serbench.gathered import gather, rows_of
from serbench.merging.examined import examine
from serbench.migration import FORMAT
from serbench.planned import Plan
from serbench.provenance import own_version
from serbench.question import question_digest
from serbench.shards.entry import STAGES
from serbench.store import Store
from serbench.submission.archive import CARD, RESULTS, SEAL, STATEMENT, write
from serbench.submission.card import Card, described
from serbench.submission.claimed import claim_of
from serbench.submission.environment import dumped, environment_of
from serbench.submission.statement import StatedRow, Statement, seal_of

BESIDE = ("verdict.json", "canaries.parquet")  # of a board


@dataclass(frozen=True)
class Submitted:
    """What was packed.

    Parameters
    ----------
    id
        The submission's, for people to quote.
    rows
        As stated.
    titles
        Of each row, for people.
    bytes
        Of the file.
    """

    path: Path
    id: str
    rows: tuple[StatedRow, ...]
    titles: tuple[str, ...]
    bytes: int


def chosen_rows(
    store: Store,
    *,
    corpora: Collection[str] = (),
    protocols: Collection[str] = (),
    models: Collection[str] = (),
) -> list[list[Plan]]:
    """The plans of each row that is meant.

    Raises
    ------
    UsageError
        If there is none.
    """
    rows = list(rows_of(store, corpora=corpora, protocols=protocols, models=models))
    if not rows:
        asked = ", ".join([*models, *protocols, *corpora])
        raise UsageError(
            f"{store.root} holds no row" + (f" of {asked}" if asked else ""),
            expected="rows that `serbench run` has finished",
            advice="serbench leaderboard shows what there is",
        )
    return sorted(rows, key=lambda plans: plans[0].row_digest)


def submit(
    path: Path,
    store: Store,
    rows: Sequence[Sequence[Plan]],
    card: Card,
    *,
    stages: bool = False,
    partial: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Submitted:
    """Pack rows into a file: the same bytes whenever and wherever it is done.

    Parameters
    ----------
    rows
        The plans of each row, in the order of their digests.
    stages
        Take along what was said after every epoch. Rows whose epoch is chosen by held-out speakers
        have it with them in any case: their scores rest on it.
    partial
        Take rows that lack trials, and mark them.
    progress
        Told (trials looked at, trials).

    Raises
    ------
    UsageError
        If a row has no finished trial, or lacks some and ``partial`` was not asked for.
    StoreError
        If the file cannot be written.
    """
    looked = _Looked(progress, sum(len(_ids(plans)) for plans in rows))
    offered = [
        _offered(store, plans, stages=stages, partial=partial, look=looked) for plans in rows
    ]
    files: dict[str, Callable[[], bytes]] = {}
    for plan, _, with_stages in offered:
        _add_row(files, store, plan, with_stages)
    provenance = {
        name: store.record(name)["provenance"] for plan, _, _ in offered for name in plan.trials
    }
    told = [(plan, [provenance[name] for name in plan.trials]) for plan, _, _ in offered]
    about = dumped({"format": FORMAT, "models": described(told, card)})
    files[CARD] = lambda: about
    stated = tuple(_stated(store, *one) for one in offered)
    statement = Statement(
        own_version(),
        stated,
        {name: hashlib.sha256(files[name]()).hexdigest() for name in sorted(files)},
        environment_of(provenance[name] for name in sorted(provenance)),
    )
    content = statement.content()
    files |= {STATEMENT: lambda: content, SEAL: lambda: seal_of(content)}
    write(path, ((name, files[name]()) for name in sorted(files)))
    titles = tuple(title_of(plan) for plan, _, _ in offered)
    return Submitted(path, statement.id, stated, titles, path.stat().st_size)


def title_of(plan: Plan) -> str:
    """A row for people: "svm-mfcc c=2 under loso on savee"."""
    row = plan.row
    noted = plan.notes.get("variant")
    variant = "".join(
        f" {name}={value if isinstance(value, str) else canonical(value)}"
        for name, value in sorted(noted.items() if isinstance(noted, Mapping) else ())
    )
    val = " (val)" if row.get("selection") == "val" else ""
    corpora = "+".join(map(str, row["protocol"]["corpora"]))
    return f"{row['model']['name']}{variant} under {row['protocol']['name']}{val} on {corpora}"


@dataclass
class _Looked:
    """Counts the trials that were looked at."""

    tell: Callable[[int, int], None] | None
    total: int
    done: int = 0

    def __call__(self) -> None:
        self.done += 1
        if self.tell is not None:
            self.tell(self.done, self.total)


def _ids(plans: Sequence[Plan]) -> list[str]:
    return sorted({name for plan in plans for name in plan.trials})


def _offered(
    store: Store, plans: Sequence[Plan], *, stages: bool, partial: bool, look: Callable[[], None]
) -> tuple[Plan, int, bool]:
    """A plan of the row's whole trials, how many it was planned to have, and whether with stages.

    Raises
    ------
    UsageError
        If that is not all, and this was not allowed for.
    """
    ids = _ids(plans)
    notes = next((plan.notes for plan in plans if plan.notes), {})
    whole: list[str] = []
    damaged: list[str] = []
    for name in ids:
        if store.has(name):
            try:
                found = examine(store, name)
                same = canonical(found.trial.row) == canonical(plans[0].row)
                (whole if same else damaged).append(name)
            except (SerbenchError, ValueError, KeyError, TypeError):
                damaged.append(name)
        look()
    title = title_of(dataclasses.replace(plans[0], notes=notes))
    failed = [name for name in ids if name in store.failed_ids()]
    unfinished = len(ids) - len(whole) - len(damaged) - len(failed)
    if len(whole) < len(ids) and not partial:
        counts = (unfinished, "unfinished"), (len(failed), "failed"), (len(damaged), "damaged")
        raise UsageError(
            f"{title}: of {len(ids)} trials "
            + ", ".join(f"{count} {what}" for count, what in counts if count)
            + (f" ({few(one[:12] for one in damaged)})" if damaged else ""),
            expected="every trial of a row finished",
            advice="run the same `serbench run` again, leave the row out by --model, --protocol or "
            "--corpus, or pack what there is by --partial, which the submission then says",
        )
    if not whole:
        raise UsageError(f"{title}: no trial is finished", expected="one at least")
    plan = Plan(plans[0].row, notes, tuple(whole))
    return plan, len(ids), stages or plan.row.get("selection") == "val"


def _stated(store: Store, plan: Plan, planned: int, stages: bool) -> StatedRow:
    gathered = gather(_Finished(store.root), [plan])
    lacking = gathered.n_seeds * plan.row["folds"] < len(plan.trials) or not gathered.n_seeds
    return StatedRow.of(
        plan,
        planned,
        partial=lacking or len(plan.trials) < planned,
        stages=stages,
        claimed=claim_of(gathered),
    )


class _Finished(Store):
    """A results folder as it will arrive: reasons of failures stay at home."""

    def failure(self, trial_id: str) -> None:
        return None


def _add_row(files: dict[str, Callable[[], bytes]], store: Store, plan: Plan, stages: bool) -> None:
    """The files of a row under their names, each with what reads it."""
    content = canonical({"format": FORMAT, **dataclasses.asdict(plan)}).encode()
    files[f"{RESULTS}/plans/{hashlib.sha256(content).hexdigest()}.json"] = lambda: content
    question = question_digest(plan.row)
    for name in BESIDE:
        place = store.root / "boards" / question / name
        if place.is_file():
            files[f"{RESULTS}/boards/{question}/{name}"] = place.read_bytes
    for trial_id in plan.trials:
        for name, read in _of_trial(store, trial_id, stages):
            files[f"{RESULTS}/trials/{trial_id[:2]}/{trial_id}/{name}"] = read


def _of_trial(
    store: Store, trial_id: str, stages: bool
) -> Iterator[tuple[str, Callable[[], bytes]]]:
    record = store.record(trial_id)
    for name in record["files"]:
        if stages or not name.startswith(STAGES):
            yield name, _reader(store, trial_id, name)
    yield "record.json", lambda: _record(store, trial_id)


def _record(store: Store, trial_id: str) -> bytes:
    """The file as it was written, from a folder or from a shard."""
    if store.loose(trial_id):
        return (store.folder(trial_id) / "record.json").read_bytes()
    return store.packed.content(trial_id, "record.json")


def _reader(store: Store, trial_id: str, name: str) -> Callable[[], bytes]:
    def read() -> bytes:
        try:
            return store.read(trial_id, name)
        except OSError as error:
            raise StoreError(f"{trial_id[:12]}: {name} cannot be read: {error}") from error

    return read
