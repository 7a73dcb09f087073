"""Whether a protocol fits a corpus, and which one does where it does not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence

from serbench.errors import ProtocolError, few
from serbench.protocols import Protocol, Split
from serbench.splitters import GIVEN, Row


def fits(
    protocol: Protocol, table: Sequence[Row], classes: Collection[str] | None = ()
) -> ProtocolError | None:
    """What keeps a protocol from being run on these utterances; None: nothing.

    Parameters
    ----------
    table
        One corpus, or several at once. It may hold what the label space leaves out (labelled ""),
        which only a protocol that draws from the whole is shown.
    classes
        Those that are told apart; empty: those of the utterances; None: nobody tells classes apart,
        as on a scale.
    """
    rows = table if protocol.whole else [row for row in table if row.label]
    try:
        splits = protocol.splits(rows)
        if classes is not None:
            check_classes(splits, rows, classes)
    except ProtocolError as error:
        return error
    return None


def advise(
    protocol: Protocol,
    table: Sequence[Row],
    candidates: Mapping[str, Protocol],
    classes: Collection[str] | None = (),
) -> str:
    """What to run in the place of a protocol that does not fit: the nearest that does.

    Its own alternatives are tried first, in their order, then all others: those that keep speakers
    apart where it does, and share them where it does, before the rest.

    Parameters
    ----------
    table, classes
        As of :func:`fits`.
    candidates
        Every protocol that could be run, by name.

    Returns
    -------
    ``use --protocol NAME (what it is), which fits``; "" if none does, or if the folds are
    somebody's own, which no protocol stands in for.
    """
    if protocol.splitter.kind == GIVEN:
        return ""
    for other in _nearest(protocol, candidates):
        if fits(other, table, classes) is None:
            return f"use --protocol {other.name} ({other.title}), which fits"
    return ""


def explained(
    error: ProtocolError,
    protocol: Protocol,
    table: Sequence[Row],
    candidates: Mapping[str, Protocol],
    classes: Collection[str] | None = (),
) -> ProtocolError:
    """An error of :func:`fits`, with :func:`advise`'s advice beside its own."""
    advice = filter(None, (error.advice, advise(protocol, table, candidates, classes)))
    return ProtocolError(error.found, expected=error.expected, advice="; or ".join(advice))


def check_classes(
    splits: Sequence[Split], table: Sequence[Row], classes: Collection[str] = ()
) -> None:
    """Refuse folds from which a model could not learn, or be scored on, what it is asked.

    A class that a test set lacks is no fault of a protocol: scores are pooled over the folds.

    Parameters
    ----------
    splits
        The folds of ``table``; copies of its utterances ("<id>#2") may be among them.
    classes
        Those that are told apart; empty: those of the utterances.

    Raises
    ------
    ProtocolError
        If a corpus has no utterance of a class, so that its UA would be undefined; or as
        :func:`check_learnable`.
    """
    asked = tuple(classes) or tuple(sorted({row.label for row in table if row.label}))
    found: dict[str, set[str]] = defaultdict(set)
    for row in table:
        found[row.corpus].add(row.label)
    for corpus, labels in sorted(found.items()):
        if lacking := [name for name in asked if name not in labels]:
            raise ProtocolError(
                f"{corpus} has no utterance of {few(lacking)}",
                expected="one or more of each class that is told apart: " + ", ".join(asked),
                advice="give --labels for a label space whose classes it has: serbench labels list",
            )
    check_learnable(splits, table)


def check_learnable(splits: Sequence[Split], table: Sequence[Row]) -> None:
    """Refuse folds whose training set lacks a class that others have.

    Raises
    ------
    ProtocolError
        With the fold, the class, and who speaks it.
    """
    label = {row.id: row.label for row in table if row.label}
    classes = sorted(set(label.values()))
    for split in splits:
        learnt = {label[_original(name, label)] for name in split.train}
        if lacking := [name for name in classes if name not in learnt]:
            raise _unlearnable(split, lacking[0], table)


def _unlearnable(split: Split, name: str, table: Sequence[Row]) -> ProtocolError:
    speakers = sorted({f"{row.corpus}/{row.speaker}" for row in table if row.label == name})
    if len(speakers) == 1:
        whose = f"they are all of the speaker {speakers[0]}"
    else:
        whose = f"they are of {len(speakers)} speakers ({few(speakers)})"
    return ProtocolError(
        f"in the fold {split.fold!r} no training utterance is of the class {name!r}: {whose}",
        expected="every class in every training set, or the class cannot be learnt there",
        advice="give --labels for a label space without it: serbench labels list",
    )


def _nearest(protocol: Protocol, candidates: Mapping[str, Protocol]) -> Iterator[Protocol]:
    """The others, the nearest first."""
    first = [name for name in protocol.alternatives if name in candidates]
    rest = sorted(
        (other for name, other in candidates.items() if name not in (*first, protocol.name)),
        key=lambda other: (
            other.target_access != protocol.target_access,
            other.speaker_independent != protocol.speaker_independent,
            other.name,
        ),
    )
    yield from (candidates[name] for name in first)
    yield from rest


def _original(name: str, known: Collection[str]) -> str:
    return name if name in known else name.rpartition("#")[0]
