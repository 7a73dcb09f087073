"""What a row or a board rests on that papers' numbers of its question do not.

A protocol's name, a label space and corpora make a question; what answers it may still be another
draw of the folds, another release, or a part of the corpus. What is usual is known from the
protocol, the corpora's cards, and the utterances that printed numbers are shares of.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from serbench.across import EachToOthers, LeaveOneCorpusOut
from serbench.corpus import Corpus
from serbench.grouped import LeaveOneSessionOut, OfficialFold
from serbench.literature import literature
from serbench.protocols import Protocol
from serbench.registry import load, registered
from serbench.splitters import LeaveOneSpeakerOut

UNDRAWN = (LeaveOneSpeakerOut, LeaveOneSessionOut, OfficialFold, EachToOthers, LeaveOneCorpusOut)


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What scores rest on.

    Parameters
    ----------
    protocol
        As it stands in a trial's record (:meth:`serbench.protocols.Protocol.record`).
    speakers, utterances
        Of all test sets, each once; None: not known.
    partial
        Whether the corpus was not complete, and that was allowed.
    """

    corpora: tuple[str, ...]
    labels: str
    protocol: Mapping[str, Any]
    folds: int
    speakers: int | None = None
    utterances: int | None = None
    partial: bool = False


def other_rule(ground: Ground) -> str:
    """In which way folds are of another rule than the protocol's of that name; "": in none.

    What is of another rule is another protocol. Folds that follow from the corpus, one for each
    speaker, are not compared here: see :func:`unlike`.
    """
    protocol = _protocol(ground)
    if protocol is None:
        return ""
    usual = protocol.splitter.kind
    kind = ground.protocol.get("splitter", {}).get("kind", usual)
    if kind != usual:
        return f"folds by {kind} where the paper's are by {usual}"
    k = getattr(protocol.splitter, "k", ground.folds)
    return "" if k == ground.folds else _folds(ground.folds, k)


def unlike(ground: Ground) -> tuple[str, ...]:
    """All that is not the papers': folds, draw, and what they are of; a clause each.

    Raises
    ------
    SerbenchError
        If the file of published numbers is damaged.
    """
    protocol = _protocol(ground)
    if protocol is None:
        return tuple(_data(ground, None, None))
    told = [rule] if (rule := other_rule(ground)) else []
    whole = _tests_all(protocol)
    speakers = usual_speakers(ground.corpora) if whole else None
    utterances = usual_utterances(ground.corpora, ground.labels) if whole else None
    if isinstance(protocol.splitter, LeaveOneSpeakerOut) and speakers not in {None, ground.folds}:
        told.append(_folds(ground.folds, speakers))
    seed, usual = ground.protocol.get("split_seed"), protocol.seed_for(ground.corpora)
    if seed not in {None, usual} and not isinstance(protocol.splitter, UNDRAWN):
        told.append(f"another split seed: {seed} where the paper has {usual}")
    return (*told, *_data(ground, speakers, utterances))


def papers_own_folds(ground: Ground) -> bool:
    """Whether folds are the very ones of the paper that a protocol reproduces.

    Where nothing is drawn, they are if the speakers are the same. Drawn ones are if the protocol
    names a seed for this corpus and nothing is :func:`unlike`; of a protocol that draws by one seed
    whatever the corpus it is not known.
    """
    protocol = _protocol(ground)
    if protocol is None:
        return False
    if isinstance(protocol.splitter, UNDRAWN):
        return not unlike(replace(ground, utterances=None))
    return ground.corpora[0] in protocol.split_seeds and not unlike(ground)


def _folds(found: int, usual: int | None) -> str:
    return f"{found} fold{'s' * (found != 1)} where the paper has {usual}"


def _data(ground: Ground, speakers: int | None, utterances: int | None) -> list[str]:
    """Of what release or part of the corpora it is, where that is not the usual one."""
    counted = (
        ("speakers", ground.speakers, speakers),
        ("utterances", ground.utterances, utterances),
    )
    off = [
        (f"{has} {name}", str(usual))
        for name, has, usual in counted
        if None not in {has, usual} and has != usual
    ]
    what = "a partial corpus" if ground.partial else "another release"
    if not off:
        return [what] if ground.partial else []
    has, usual = (" and ".join(each) for each in zip(*off, strict=True))
    return [f"{what}: {has} where the usual one has {usual}"]


def usual_speakers(corpora: Sequence[str]) -> int | None:
    """Speakers of the corpora's usual releases; None where a card does not name them."""
    counts = [len(corpus.card.standard.speakers) for corpus in map(_corpus, corpora) if corpus]
    return sum(counts) if len(counts) == len(corpora) and all(counts) else None


def usual_utterances(corpora: Sequence[str], labels: str) -> int | None:
    """Utterances that the printed numbers of a label space are shares of; None: not known."""
    asked = "+".join(sorted(corpora))
    counts = (
        sum(one.counts)
        for one in literature()
        if (one.corpora, one.labels) == (asked, labels) and one.metric in {"ua", "wa"}
    )
    return max(counts, default=0) or None


def _tests_all(protocol: Protocol) -> bool:
    """Whether every utterance is tested: one fold held out, or an official one, is a part."""
    splitter = protocol.splitter
    undrawn = isinstance(splitter, UNDRAWN) and not isinstance(splitter, OfficialFold)
    return undrawn or hasattr(splitter, "k")


def _protocol(ground: Ground) -> Protocol | None:
    """The protocol as it is registered; None of a guest's that is not installed here."""
    name = ground.protocol.get("name", "")
    return load("protocols", name) if name in registered("protocols") else None


def _corpus(name: str) -> type[Corpus] | None:
    return load("corpora", name) if name in registered("corpora") else None
