"""What is brought to be verified: submissions, folders of them, results folders."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from serbench.canonical import digest
from serbench.errors import SerbenchError, StoreError, UsageError
from serbench.gathered import rows_of
from serbench.planned import Plan
from serbench.shards.entry import STAGES
from serbench.store import Store
from serbench.submission.archive import RESULTS, STATEMENT, unpack
from serbench.submission.statement import StatedRow, id_of, read_statement
from serbench.verifying.finding import Finding, reason
from serbench.verifying.seals import Unpacked, check_seals

PARTS = ("trials", "packed", "plans")  # one of which a results folder has


class Arrived(Store):
    """A results folder from a submission, whose stages may have stayed at home."""

    def record(self, trial_id: str) -> dict[str, Any]:
        found = super().record(trial_id)
        here = self.folder(trial_id)
        files = {
            name: sha
            for name, sha in found["files"].items()
            if not (isinstance(name, str) and name.startswith(STAGES)) or (here / name).exists()
        }
        return {**found, "files": files}


@dataclass(frozen=True)
class BroughtRow:
    """A row, and what is stated of it: None in a results folder, which states nothing."""

    plan: Plan
    stated: StatedRow | None = None


@dataclass(frozen=True)
class Brought:
    """A submission, or a results folder, while it is at hand.

    ``findings`` are of the whole; with an error among them there may be no rows.
    """

    path: str
    kind: str
    id: str
    store: Store
    rows: tuple[BroughtRow, ...]
    findings: tuple[Finding, ...]


def brought(path: Path) -> Iterator[Brought]:
    """Each submission and results folder that a path stands for, in turn.

    A submission is unpacked into a folder that is gone when the next one is asked for.

    Raises
    ------
    UsageError
        If there is none.
    """
    if path.is_file():
        yield from _submission(path)
        return
    files = sorted(_submissions(path)) if path.is_dir() else []
    here = [name for name in PARTS if (path / name).is_dir()]
    if not files and not here:
        there = "holds neither" if path.is_dir() else "does not exist"
        raise UsageError(
            f"{path} {there}" + (" submissions nor results" if path.is_dir() else ""),
            expected="a submission (.tar), a folder of submissions, or a results folder",
        )
    if here:
        yield _results(path)
    for file in files:
        yield from _submission(file)


def _submissions(folder: Path) -> Iterator[Path]:
    """The tars below a folder, those apart that a results folder keeps its own trials in."""
    for path in folder.rglob("*.tar"):
        below = path.relative_to(folder).parts
        if "packed" not in below[:-1] and not any(part.startswith(".") for part in below):
            yield path


def _submission(path: Path) -> Iterator[Brought]:
    with TemporaryDirectory(prefix="serbench-verify-") as name:
        folder = Path(name)
        store = Arrived(folder / RESULTS)
        try:
            files = unpack(path, folder)
        except SerbenchError as error:
            found = Finding("archive", f"it is no submission: {reason(error)}", path.name)
            yield Brought(str(path), "submission", "", store, (), (found,))
            return
        content = (folder / STATEMENT).read_bytes() if STATEMENT in files else b""
        try:
            statement = read_statement(content)
        except StoreError as error:
            found = Finding("statement", reason(error), STATEMENT)
            yield Brought(str(path), "submission", id_of(content), store, (), (found,))
            return
        unpacked = Unpacked(folder, files, statement, store)
        findings, plans = check_seals(unpacked)
        rows = tuple(
            BroughtRow(plans.get(row.digest) or Plan(row.row, {}, row.trials), row)
            for row in statement.rows
        )
        yield Brought(str(path), "submission", id_of(content), store, rows, tuple(findings))


def _results(path: Path) -> Brought:
    store = Store(path)
    findings = [
        Finding("plan", "its SHA-256 is not its name", f"plans/{file.name}")
        for file in sorted(path.glob("plans/*.json"))
        if hashlib.sha256(file.read_bytes()).hexdigest() != file.stem
    ]
    rows: list[BroughtRow] = []
    try:
        rows = [BroughtRow(_together(plans)) for plans in rows_of(store)]
    except SerbenchError as error:
        findings.append(Finding("plan", reason(error)))
    else:
        findings += _stray(store, rows)
    every = sorted({name for row in rows for name in row.plan.trials})
    return Brought(str(path), "results", digest(every), store, tuple(rows), tuple(findings))


def _stray(store: Store, rows: list[BroughtRow]) -> Iterator[Finding]:
    """Folders of trials that belong to no row because they cannot be read."""
    known = {name for row in rows for name in row.plan.trials}
    for name in store.loose_ids():
        if name not in known:
            where = f"trials/{name[:2]}/{name}"
            yield Finding("trial", f"the trial {name[:12]} cannot be read, and is of no row", where)


def _together(plans: list[Plan]) -> Plan:
    """All plans of a row as one."""
    ids = sorted({name for plan in plans for name in plan.trials})
    notes: Mapping[str, Any] = next((plan.notes for plan in plans if plan.notes), {})
    return Plan(plans[0].row, notes, tuple(ids))
