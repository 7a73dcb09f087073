"""What stands above and below a board: badges, and the words for its marks."""

from __future__ import annotations

from serbench.board import Board
from serbench.labels import Classes, Scale
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
NOT_AUDITED = "no whole audit of these folds is kept here; `serbench run` of the same writes it"
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
FEW = 5  # units
CONVENTIONS = (
    "non0: positive against negative, true zeros left out; has0: negative against the rest"
)


def badges(board: Board) -> str:
    """What a reader must know of all its numbers."""
    shared = {
        True: "speaker-independent",
        False: "speaker-dependent",
        None: "speakers unknown",
    }[board.speaker_independent] + ACCESS_BADGES[board.target_access]
    if board.badges is not None:  # as the folds have it, by their audit
        shared = ", ".join(board.badges)
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
    """Whether any row's epoch is another than the last."""
    return any(row.selection != "last" for row in board.rows)


def notes(board: Board) -> list[str]:
    """What the rows' marks mean, what the columns mean, and what is missing."""
    on_a_scale = isinstance(board.task, Scale)
    words = OF_SENTIMENT if on_a_scale else FLAGS
    flags = dict.fromkeys(flag for row in board.rows for flag in row.flags)
    lines = ["* " + "; ".join(words.get(flag, flag) for flag in flags)] if flags else []
    if any(row.complete and row.trials_done < row.trials_planned for row in board.rows):
        lines.append("+ more seeds were asked for than are finished: the finished ones are scored")
    lines += compared(board)
    if any(row.canary for row in board.rows):
        lines.append(CANARIES)
    if board.quoted:
        lines += printed(board)
    if board.badges is None:
        lines.append(NOT_AUDITED)
    elif any(badge.endswith(("error", "errors", "warning", "warnings")) for badge in board.badges):
        lines.append(f"what the audit found: {_audit(board)}")
    rules = dict.fromkeys(row.selection for row in board.rows)
    lines += [SELECTION_NOTES[rule] for rule in rules if rule in SELECTION_NOTES]
    if not all(row.complete or row.stages_missing for row in board.rows):
        lines.append("rows without all their trials have no score; `serbench run` completes them")
    if any(row.behind is not None for row in board.rows):
        whom = board.reference or "the best"
        lines.append(f"on the same: UA less that of {whom}, over the folds or pairs that there are")
    return [*lines, CONVENTIONS] if on_a_scale else lines


def printed(board: Board) -> list[str]:
    """What must be known of numbers that papers print."""
    lines = ["printed by papers, as it is there; not scored here, and not ranked"]
    numbers = [number for one in board.quoted for number in one.numbers.values()]
    if any(number.aggregation == "fold_mean" for number in numbers):
        lines.append("~ the mean over folds, as UA fold is")
    asked = dict.fromkeys(number.query for number in numbers if number.query)
    if asked:
        lines.append(f"? a question to its authors: {'; '.join(asked)}")
    if any(one.first.doubts for one in board.quoted):
        lines.append("what else is to be known of printed numbers: --format json")
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
    name, units = NAMES[board.test]
    short = " (few units show large differences only)" if board.units <= FEW else ""
    found = (
        f"models that share a letter are not told apart at 5%: {name} over {board.units} {units}"
        f"{short}, {family}; a rank is what that leaves"
    )
    return [found]


def _audit(board: Board) -> str:
    """The command that shows what the badges count."""
    if board.protocol not in registered("protocols"):
        return "serbench audit RESULTS_FOLDER"
    corpora = "".join(f" --corpus {name}" for name in board.corpora)
    return f"serbench audit {board.protocol}{corpora}"
