"""What stands above and below a board: badges, and the words for its marks."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterator, Mapping

from serbench import asprinted
from serbench.board import Board
from serbench.cli.marks import UNFINISHED, Marks
from serbench.labels import Classes, Scale
from serbench.quoted import Quoted
from serbench.registry import registered
from serbench.stats.names import NAMES

FLAGS = {
    "few_speakers": "2 or 3 speakers: the interval says little",
    "single_speaker": "one speaker: no interval",
    "class_single_speaker": "a class is spoken by one speaker alone: interval by bootstrap",
    "undefined": "a class has no test utterance: UA is undefined",
    "no_spread": "the same score whoever is left out",
    "few_corpora": "fewer than 4 corpora: no interval over corpora, only within each pair",
    "shared_training": "the trainings share corpora: no interval over corpora",
    "L09": "BROKE L09, unranked: its answers depend on the company of other test utterances",
    "L10": "BROKE L10, unranked: its answers depend on other utterances of the same speaker",
    "L18": "BROKE L18, unranked: its answers depend on what files are called",
    "L20": "BROKE L20, unranked: its answers depend on order, or on what it was asked before",
    "L21": "BROKE L21, unranked: features depend on other folds",
    "L22": "BROKE L22, unranked: it opened files of the test side in training",
    "failed_as_chance": "failed trials are scored as chance",
    "few_seeds": "fewer seeds than the protocol asks for: unranked",
    UNFINISHED: "more seeds were asked for than are finished: the finished ones are scored",
    "no_stages": "no epochs to choose from: not a net, or run with --stages last",
}
SELECTION_NOTES = {
    "val": "val: the epoch with the highest UA on speakers held out of training",
    "best-on-test": "best-on-test: the epoch with the highest score on the test set itself; it "
    "flatters, and is never ranked",
    "best-on-test-per-metric": "best-on-test-per-metric: the same, WA and UA each from its "
    "own best epoch; never ranked",
}
CANARIES = "canaries hear nothing: what is known beside the sound reaches that much by itself"
NOT_AUDITED = "no whole audit of these folds is kept here"
AUDITED_BY = "`serbench run` of the same writes it"
INCOMPLETE = "rows without all their trials have no score"
COMPLETED_BY = "`serbench run` completes them"
EPOCHS = {"last": "last epoch", "val": "epoch by held-out speakers", "best-on-test": "best epoch",
          "best-on-test-per-metric": "best epoch of each metric"}  # fmt: skip
ACCESS_BADGES = {
    "none": "",
    "unlabelled": ", HEARS THE TEST SIDE unlabelled",
    "speaker-norm": ", KNOWS WHICH TEST UTTERANCES SHARE A SPEAKER",
}
OF_SENTIMENT = {
    **FLAGS,
    "class_single_speaker": "a score hangs on one speaker alone: its interval is by bootstrap",
    "no_spread": "a score is the same whoever is left out",
}
IN_A_PAPER = {"no_stages": "no epochs to choose from"}
FEW = 5  # units
OF_FOLDS = (
    "a difference's interval is for other speakers, of that pair alone and not adjusted: it may "
    "leave 0 out where the test, over folds, does not tell the two apart"
)
SAME_SPEAKERS = (
    "the folds share their speakers: p is of other utterances of these same people, and says "
    "nothing of anybody else"
)


printed = asprinted.told  # what stands below a board of the rows that papers print


def _pairs(count: int) -> str:
    return f"{count} pair{'s' * (count > 1)}"


REMARKS: Mapping[str, Callable[[int], str]] = {  # of a board's pairs
    "contrary": lambda count: (
        f"{_pairs(count)}: the test is significant, and favours the lower score; not told apart"
    ),
    "untested": lambda count: f"{_pairs(count)} allowed no test, and share a letter",
    "degenerate": lambda count: (
        f"{_pairs(count)} differ by the same in every fold: p is the exact sign-flip test's"
    ),
    "fewer_seeds": lambda count: f"{_pairs(count)}: held to the seeds that both models have",
}
CONVENTIONS = (
    "non0: positive against negative, true zeros left out; has0: negative against the rest"
)


def badges(board: Board, *, paper: bool = False) -> str:
    """What a reader must know of all its numbers; ``paper`` as of :func:`notes`."""
    shared = {
        True: "speaker-independent",
        False: "speaker-dependent",
        None: "speakers unknown",
    }[board.speaker_independent] + ACCESS_BADGES[board.target_access]
    if board.badges is not None:  # as the folds have it, by their audit
        by = "by the audit" * paper  # whose numbers a terminal's next lines explain
        shared = ", ".join(f"{one} {by}".strip() if _finding(one) else one for one in board.badges)
    partial = {True: ", PARTIAL CORPUS", False: "", None: ", completeness unknown"}[board.partial]
    altered = ", SOUNDS NOT THE RELEASE'S" if board.altered else ""
    repeated = "".join(f", {name} counted {times} times" for name, times in board.repeated.items())
    release = " ".join(digest[:8] for digest in board.fingerprints.values())
    return (
        f"{_asked(board)}{repeated}, {shared}"
        f"{'' if chosen(board) else ', last epoch'}, release {release}{partial}{altered}"
    )


def _asked(board: Board) -> str:
    if isinstance(board.task, Classes):
        names = board.task.names
        return f"{len(names)} classes (chance UA {100 / len(names):.1f})"
    return f"{board.label_field} from {board.task.low:g} to {board.task.high:g}"


def chosen(board: Board) -> bool:
    """Whether the epoch of any row, measured or printed, is another than the last."""
    return any(rule != "last" for rule in _rules(board))


def _rules(board: Board) -> list[str]:
    """The rules that chose the epochs of its rows, measured and printed, each once."""
    measured = [row.selection for row in board.rows]
    return list(dict.fromkeys([*measured, *(one.selection for one in board.quoted)]))


def notes(board: Board, asked: Collection[str] = (), *, paper: bool = False) -> list[str]:
    """What the rows' marks mean, what the columns mean, and what is missing.

    Parameters
    ----------
    asked
        The columns that were asked for by name.
    paper
        For readers of a paper or a README, who have no results folder to run anything on.
    """
    on_a_scale = isinstance(board.task, Scale)
    words = (OF_SENTIMENT if on_a_scale else FLAGS) | (IN_A_PAPER if paper else {})
    lines = [f"{sign} {words.get(what, what)}" for what, sign in Marks.of(board).signs.items()]
    lines += compared(board)
    lines += costs(board, asked)
    if any(row.canary for row in board.rows):
        lines.append(CANARIES)
    lines += printed(board.quoted)
    lines += [board.unquoted] if board.unquoted else []
    if board.badges is None:
        lines.append(NOT_AUDITED if paper else f"{NOT_AUDITED}; {AUDITED_BY}")
    elif not paper and any(map(_finding, board.badges)):
        lines.append(f"what the audit found: {_audit(board)}")
    lines += [SELECTION_NOTES[rule] for rule in _rules(board) if rule in SELECTION_NOTES]
    if not all(row.complete or row.stages_missing for row in board.rows):
        lines.append(INCOMPLETE if paper else f"{INCOMPLETE}; {COMPLETED_BY}")
    if any(row.behind is not None for row in board.rows):
        whom = board.reference or "the best"
        lines.append(f"on the same: UA less that of {whom}, over the folds or pairs that there are")
    return [*lines, CONVENTIONS] if on_a_scale else lines


def method(one: Quoted) -> str:
    """A method of a paper by its name; asterisks that stand for an epoch's rule are written out."""
    rule = EPOCHS.get(one.selection, one.selection)
    return re.sub(r"\*+", f" ({rule})", one.method, count=1)


def costs(board: Board, asked: Collection[str]) -> list[str]:
    """What is to be known of parameters and hours, where these were asked for."""
    lines = []
    if {"all", "params"} & {*asked}:
        lines.append("params: how many are trained; -: none, or not the same in every trial")
    if {"all", "hours"} & {*asked}:
        trained = [row.trained for row in board.rows if row.trained.seconds is not None]
        shares = any(one.stacked > 1 for one in trained)
        devices = dict.fromkeys(device for one in trained for device in one.devices)
        lines.append(
            "train h: hours of all finished trials together, folds and seeds, with their answers"
            + ("; of trainings computed at once, each one's share" if shares else "")
            + f"; they depend on the device ({'; '.join(devices) or 'unknown'})"
        )
    return lines


def compared(board: Board) -> list[str]:
    """How models were told apart; nothing of a board with one."""
    if board.competing < 2:
        return []
    if board.silent:
        return [f"no test between models: {board.silent}"]
    pairs = board.competing * (board.competing - 1) // 2
    family = f"Holm over {pairs} pair{'s' * (pairs > 1)}"
    if board.reference:
        family += f", and of p over the {board.competing - 1} against {board.reference}"
    told = [NAMES[one] for one in board.test.split("+")]
    units = told[0][1]
    short = " (few units show large differences only)" if board.units <= FEW else ""
    tests = " or ".join(name for name, _ in told)
    how = f"{tests} over {board.units} {units}{short}, {family}"
    found = [
        f"models that share a letter are not told apart at 5%: {how}; a rank is what that leaves"
    ]
    if units == "folds" and any(not math.isnan(low) for low in _lows(board)):
        found.append(OF_FOLDS)
    if units == "folds" and board.speaker_independent is False:
        found.append(SAME_SPEAKERS)
    found += [words(count) for name, words in REMARKS.items() if (count := board.remarks.get(name))]
    return found


def _lows(board: Board) -> Iterator[float]:
    """Where the intervals of the differences begin; NaN of those that have none."""
    return (row.rank.delta[1] for row in board.rows if row.rank and row.rank.delta)


def _finding(badge: str) -> bool:
    """Whether a badge counts what the audit of the folds found."""
    return badge.endswith(("error", "errors", "warning", "warnings"))


def _audit(board: Board) -> str:
    """The command that shows what the badges count."""
    if board.protocol not in registered("protocols"):
        return "serbench audit RESULTS_FOLDER"
    corpora = "".join(f" --corpus {name}" for name in board.corpora)
    return f"serbench audit {board.protocol}{corpora}"
