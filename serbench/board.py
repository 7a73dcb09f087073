"""One board: all models that answered one question, and what lies between them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from serbench.cells import CellScores
from serbench.labels import Classes, Scale
from serbench.protocols import Selection
from serbench.quoted import Quoted, standing
from serbench.rows import Row
from serbench.scorecache import ScoreCache
from serbench.staged import Scores
from serbench.storedcontest import known_contest
from serbench.unlike import Ground


@dataclass(frozen=True)
class Board:
    """All models that answered one question."""

    corpora: tuple[str, ...]
    fingerprints: Mapping[str, str]
    labels: str
    task: Classes | Scale
    label_field: str  # of a scale: what it measures, such as "sentiment"
    protocol: str
    target_access: str
    split: str
    speaker_independent: bool | None
    partial: bool | None  # the corpus was not complete, and that was allowed; None: not known
    altered: bool | None  # some of its sounds are not its release's; None: not known
    repeated: Mapping[str, int]  # classes whose utterances the label space counts several times
    badges: tuple[str, ...] | None  # what the audit of its folds says; None: there was none
    rows: tuple[Row, ...]
    competing: int = 0  # models that were held against each other, whether shown or not
    test: str = ""  # by which ranks were told apart (:mod:`serbench.stats.claims`); "": by none
    units: int = 0  # folds, speakers or corpora that it rests on
    silent: str = ""  # why there is no test
    remarks: Mapping[str, int] = field(default_factory=dict)  # (:class:`serbench.contest.Contest`)
    rule: Mapping[str, Any] = field(default_factory=dict)  # the protocol as its trials have it
    quoted: tuple[Quoted, ...] = ()  # what papers print of the same question, if it was asked for
    unquoted: str = ""  # why nothing of that stands here, where something is printed
    reference: str = ""  # the model that the others are held against; "": the leader

    @property
    def chance(self) -> float | None:
        """The expected UA of any predictor that does not look at the label; None on a scale."""
        return 1 / len(self.task.names) if isinstance(self.task, Classes) else None

    @property
    def heading(self) -> str:
        """Which question it answers."""
        space = "" if self.labels == "own" else f", label space {self.labels}"
        return f"{'+'.join(self.corpora)} under {self.protocol}{space}"

    @property
    def place(self) -> tuple[Any, ...]:
        """What boards are sorted by."""
        access = self.target_access
        return (self.corpora, self.protocol, self.labels, access, self.split, *self._releases)

    @property
    def _releases(self) -> tuple[str, ...]:
        return tuple(self.fingerprints.values())

    def record(self) -> dict[str, Any]:
        """The board's own fields, without its rows."""
        return {
            "corpora": list(self.corpora),
            "protocol": self.protocol,
            "labels": self.labels,
            "target_access": self.target_access,
            "speaker_independent": self.speaker_independent,
            "partial": self.partial,
            "altered": self.altered,
            "badges": None if self.badges is None else list(self.badges),
            "fingerprints": dict(self.fingerprints),
            "split": self.split,
            "chance": self.chance,
            "n_ranked": self.competing,
            "test": self.test,
            "test_units": self.units,
            "no_test": self.silent,
            "remarks": dict(self.remarks),
            "reference": self.reference,
        }

    def records(self) -> list[dict[str, Any]]:
        """The rows as flat JSON objects, each with the board's own fields."""
        shared = self.record()
        across = len(self.corpora) > 1
        found = [{**shared, **row.record(self.task, across, self.corpora)} for row in self.rows]
        fields = list(found[0]) if found else list(shared)
        return found + [{**one.record(fields), **shared} for one in self.quoted]


def with_quoted(board: Board, selections: Collection[Selection]) -> Board:
    """A board with what papers print of its question, at epochs chosen by these rules."""
    counts = [(row.n_folds, row.n_speakers or 0, row.n_utterances or 0) for row in board.rows]
    folds, speakers, utterances = (max(own) for own in zip(*counts, strict=True))
    ground = Ground(
        corpora=board.corpora,
        labels=board.labels,
        protocol={"name": board.protocol, **board.rule},
        folds=folds,
        speakers=speakers or None,
        utterances=utterances or None,
        partial=bool(board.partial),
    )
    found, why = standing(ground, board.target_access, selections)
    return replace(board, quoted=found, unquoted=why)


def ranked(board: Board, reference: str = "", cache: ScoreCache | None = None) -> Board:
    """A board whose models have been held against each other.

    Parameters
    ----------
    reference
        As of :func:`boards`; of several rows of that model the best one.
    cache
        Where every row's scores are of known predictions, what the tests said of them is kept.

    Raises
    ------
    StoreError
        If two rows judge different utterances.
    """
    compete = [at for at, row in enumerate(board.rows) if row.competes]
    named = [n for n, at in enumerate(compete) if board.rows[at].model == reference]
    against = named[0] if named else None
    scores = [row.scores for row in board.rows if row.competes and row.scores is not None]
    steady = [board.rows[at].deterministic for at in compete]
    said = [board.rows[at].said for at in compete]
    found = known_contest(scores, said, against, steady, cache)
    rows = list(board.rows)
    for at, rank in zip(compete, found.ranks, strict=True):
        rows[at] = replace(rows[at], rank=rank)
    if compete:
        leader = rows[compete[found.reference]]
        rows = [_behind(row, leader) for row in rows]
    return replace(
        board,
        rows=tuple(rows),
        competing=len(compete),
        test=found.test,
        units=found.units,
        silent=found.silent,
        remarks=found.remarks,
        reference=reference if named else "",
    )


def _behind(row: Row, leader: Row) -> Row:
    """A row without scores, with what it has of them less the leader's of the same folds or pairs.

    It stays unranked: which ones it has may be the easy ones.
    """
    if not row.partial or leader.scores is None:
        return row
    theirs = _places(leader.scores)
    shared = [place for place in row.partial if place in theirs]
    if not shared:
        return row
    behind = sum(row.partial[place] - theirs[place] for place in shared) / len(shared)
    return replace(row, behind=float(behind))


def _places(scores: Scores) -> dict[str, float]:
    """UA of each fold, or of each pair of corpora, the mean over seeds."""
    if isinstance(scores, CellScores):
        return {f"{cell.source}>{cell.target}": cell.scores.ua.estimate for cell in scores.cells}
    own = scores.evidence
    return dict(zip(own.folds, own.by_fold.mean(axis=0).tolist(), strict=True))
