"""Everything that is brought, followed as far as it goes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from serbench.errors import few
from serbench.jobs import Listener
from serbench.planned import Plan
from serbench.question import question_digest
from serbench.submission.submitting import title_of
from serbench.verifying.beside import check_beside
from serbench.verifying.brought import Brought, BroughtRow, brought
from serbench.verifying.coverage import check_coverage, judged_by
from serbench.verifying.dealt import check_dealt, proved
from serbench.verifying.finding import Finding, errors, reason
from serbench.verifying.grounds import Grounds, Standing
from serbench.verifying.noted import check_noted
from serbench.verifying.rerunning import Again, rerun
from serbench.verifying.scored import recomputed
from serbench.verifying.trials import Sound, check_trials
from serbench.verifying.verdict import RowVerdict, Verdict
from serbench.watcher import Watcher

PROVEN = ("corpus", "release")  # what makes a row's utterances those of its board


def verify(
    path: Path,
    roots: Mapping[str, Path],
    cache: Path,
    watcher: Watcher,
    again: Again | None = None,
) -> list[Verdict]:
    """Follow every row of a submission, of a folder of them, or of a results folder.

    Parameters
    ----------
    roots
        Folders of corpora that were named for this command.
    cache
        Where scans, folds and features are kept. Scores are never taken from there.
    again
        How trainings are to be done again; None: none is.

    Raises
    ------
    UsageError
        If there is nothing to verify.
    """
    verifier = _Verifier(Grounds(roots, cache, watcher), watcher, again)
    verdicts = [verifier.of(one) for one in brought(path)]
    _hold_boards_together(verdicts)
    return verdicts


@dataclass(frozen=True)
class _Verifier:
    grounds: Grounds
    watcher: Watcher
    again: Again | None

    def of(self, found: Brought) -> Verdict:
        """What is brought, row by row."""
        verdict = Verdict(found.path, found.id, found.kind, findings=list(found.findings))
        ordered = sorted(found.rows, key=lambda row: (title_of(row.plan), row.plan.row_digest))
        with self.watcher.step(f"verifying {Path(found.path).name}") as tell:
            for done, row in enumerate(ordered, 1):
                verdict.rows.append(self._row(found, row, rerun_too=not errors(verdict.findings)))
                tell(done, len(ordered))
        if not found.rows and not verdict.findings:
            verdict.findings.append(Finding("row", "there is no row in it"))
        return verdict

    def _row(self, found: Brought, row: BroughtRow, *, rerun_too: bool) -> RowVerdict:
        plan, stated = row.plan, row.stated
        try:
            said = RowVerdict(title_of(plan), plan.row_digest, question_digest(plan.row))
        except Exception as error:  # noqa: BLE001  a stranger's file may hold anything
            unread = Finding("row", f"nobody can read it: {reason(error)}")
            return RowVerdict("a row that cannot be read", plan.row_digest, "", findings=[unread])
        try:
            self._follow(found, row, said, rerun_too=rerun_too)
        except Exception as error:  # noqa: BLE001  a stranger's file may hold anything
            said.findings.append(Finding("row", f"it cannot be followed: {reason(error)}"))
        if stated is not None and stated.partial and not errors(said.findings):
            words = f"{len(stated.trials)} of {stated.planned} trials, as the submission says"
            said.unchecked.append(f"the row is partial: {words}")
        return said

    def _follow(
        self, found: Brought, row: BroughtRow, said: RowVerdict, *, rerun_too: bool
    ) -> None:
        plan, stated = row.plan, row.stated
        stages = None if stated is None else stated.stages
        trials = check_trials(found.store, plan, said.findings, stages=stages)
        said.trials = len(trials)
        planned = len(plan.trials) if stated is None else stated.planned
        partial = stated is not None and stated.partial
        said.findings += check_coverage(plan, trials, planned, partial=partial)
        said.judged = judged_by(trials)
        standing = self.grounds.of(plan)
        said.findings += standing.findings
        said.unchecked += standing.unchecked
        said.against = standing.against
        if standing.ground is not None:
            said.findings += check_dealt(standing.ground, trials)
            sounds = standing.against == "corpus"
            said.findings += check_noted(plan, standing.ground, sounds=sounds)
        elif not standing.findings and not errors(said.findings) and trials:
            _prove(plan, trials, said)
        ground = standing.ground if standing.against == "corpus" else None
        said.findings += check_beside(found.store, plan, ground, trials)
        said.scores = recomputed(found.store, plan, trials, stated, said.findings)
        if self.again is not None and rerun_too and not errors(said.findings):
            self._again(found, plan, trials, standing, said)

    def _again(
        self,
        found: Brought,
        plan: Plan,
        trials: Mapping[str, Sound],
        standing: Standing,
        said: RowVerdict,
    ) -> None:
        assert self.again is not None
        if standing.against != "corpus":
            said.unchecked.append("not re-run: the corpus or the protocol is not here")
            return
        with self._heard(trials) as listen:
            done = rerun(self.again, found.id, plan, trials, self.grounds, listen)
        said.again += done.agreed
        said.findings += done.findings
        said.unchecked += done.unchecked

    def _heard(self, trials: Mapping[str, Sound]) -> AbstractContextManager[Listener]:
        return self.watcher.trials([one.found.trial for one in trials.values()], 0)


def _prove(plan: Plan, trials: Mapping[str, Sound], said: RowVerdict) -> None:
    if proved(plan, trials):
        said.against = "predictions"
        said.unchecked.append(
            "the folds follow from what was tested, by their digests; that these utterances are "
            "all that the corpus has was not looked at"
        )
    else:
        said.unchecked.append("what was trained on was not looked at: the folds cannot be drawn")


def _hold_boards_together(verdicts: list[Verdict]) -> None:
    """All rows of a board judge the same. Where two do not, the corpus decides, else nobody is."""
    boards: dict[str, list[RowVerdict]] = defaultdict(list)
    brought_by: dict[str, str] = {}
    for verdict in verdicts:
        for row in verdict.rows:
            if row.judged and row.question:
                boards[row.question].append(row)
            before = brought_by.setdefault(row.row, verdict.path)
            if before != verdict.path:
                words = f"the same row stands in {before}, too: a board shows one of them"
                row.findings.append(Finding("board", words, severity="warning"))
    for rows in boards.values():
        for row, words in _apart(rows):
            row.findings.append(Finding("board", words))


def _apart(rows: list[RowVerdict]) -> Iterator[tuple[RowVerdict, str]]:
    """Rows that judge others than the rest of their board, with what to say of them."""
    sure = [row for row in rows if row.against in PROVEN and not errors(row.findings)]
    for place in sorted({place for row in rows for place in row.judged}):
        having = [row for row in rows if place in row.judged]
        if len({row.judged[place] for row in having}) == 1:
            continue
        right = {row.judged[place] for row in sure if place in row.judged}
        for row in having:
            if len(right) != 1 or row.judged[place] not in right:
                others = few(sorted({one.title for one in having if one is not row}))
                yield row, f"fold {place[0]}: it judges others than {others} on the same board"
