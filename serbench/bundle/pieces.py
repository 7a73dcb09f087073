"""What a trial takes with it, in pieces that trials may share, and which trials travel together.

A piece is anything that a part of a bundle holds once however many of its trials need it: the array
of one utterance, a table, a row of the plan.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field

Piece = Hashable


@dataclass(frozen=True)
class Load:
    """What one trial takes.

    Parameters
    ----------
    pieces
        Those that it may share.
    own
        Bytes that are its alone.
    """

    pieces: frozenset[Piece]
    own: int = 0


@dataclass
class Parcel:
    """Trials that travel together.

    Attributes
    ----------
    trials
        Their places among all.
    pieces, bytes
        What they take together.
    spread
        Whether one trial of them alone is over the limit.
    """

    trials: list[int] = field(default_factory=list)
    pieces: set[Piece] = field(default_factory=set)
    bytes: int = 0
    spread: bool = False


def parcelled(loads: Sequence[Load], sizes: Mapping[Piece, int], most: int | None) -> list[Parcel]:
    """Share trials out, in their order, so that no parcel is over the limit.

    A trial joins the parcel in which it needs the least room beside what is there already. One that
    is over the limit by itself begins a parcel that is spread over several uploads, and whatever
    finds half of what it takes there goes with it.

    Parameters
    ----------
    sizes
        Bytes of each piece.
    most
        Bytes of a parcel; None: all trials are one.
    """
    parcels: list[Parcel] = []
    for at, load in enumerate(loads):
        whole = load.own + sum(sizes[piece] for piece in load.pieces)
        best: Parcel | None = None
        least = 0
        for parcel in parcels:
            more = load.own + sum(sizes[p] for p in load.pieces if p not in parcel.pieces)
            fits = most is None or parcel.bytes + more <= most
            if parcel.spread:
                fits = 2 * more <= whole
            if fits and (best is None or more < least):
                best, least = parcel, more
        if best is None:
            best, least = Parcel(spread=most is not None and whole > most), whole
            parcels.append(best)
        best.trials.append(at)
        best.pieces |= load.pieces
        best.bytes += least
    return parcels
