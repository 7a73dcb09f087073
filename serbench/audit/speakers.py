"""L01, L02: whoever is tested is heard in no training, and a speaker is a person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from serbench.audit.case import Case
from serbench.audit.finding import EXAMPLES, Finding
from serbench.audit.released import SPEAKERS_OF_RELEASE, contradicted
from serbench.audit.rule import CORPUS, Check, Need, Rule, by_fold, plural
from serbench.audit.sides import UNKNOWN, Groups

SPEAKERS = Need("speakers", "the speakers", lambda case: case.sides.speakers.known, CORPUS)
EXPECTED = Need("card", "the number of speakers of the corpus", lambda c: bool(c.declared.speakers))
FEW_ITEMS = 10  # below, each having a speaker of their own is no wonder
FEW_DIALOGUES = 4


def shared_speakers(case: Case) -> dict[str, list[str]]:
    """Fold to the speakers who are heard in training and tested there."""
    speakers = case.sides.speakers
    return {fold.name: speakers.both(fold.train, fold.test) for fold in case.sides.folds}


def _shared(case: Case) -> Iterator[Finding]:
    speakers, folds = case.sides.speakers, case.sides.folds
    tested = sum(speakers.among(fold.test) for fold in folds)
    total = int(np.count_nonzero(tested))
    declared = case.declared.speaker_independent is False
    said = ", as is declared" if declared else ""
    yield from by_fold(
        "L01",
        "info" if declared else "error",
        shared_speakers(case),
        f"{{count}} of {plural(total, 'speaker')} who are tested are heard in training, "
        f"{{folds}}{said}",
    )


def _unknown(case: Case) -> Iterator[Finding]:
    """Utterances without a speaker, whom the other rules cannot see."""
    speakers = case.sides.speakers
    missing = np.flatnonzero(speakers.codes == UNKNOWN)
    if len(missing):
        items = case.sides.items
        yield Finding(
            "L02",
            "warning",
            len(missing),
            f"{plural(len(missing), 'utterance')} of {len(items)} have no speaker, so that nobody "
            "can say who is on both sides",
            tuple(items[int(i)].id for i in missing[:EXAMPLES]),
        )


def _of_their_own(case: Case) -> Iterator[Finding]:
    """A field that numbers utterances is no speaker."""
    speakers = case.sides.speakers
    count = len(speakers.names)
    if count == np.count_nonzero(speakers.codes != UNKNOWN) >= FEW_ITEMS:
        yield Finding(
            "L02",
            "error",
            count,
            f"each of {count} utterances has a speaker of its own: the field holds no persons",
            speakers.names[:EXAMPLES],
        )


def _two_genders(case: Case) -> Iterator[Finding]:
    speakers, genders = case.sides.speakers, defaultdict[int, set[str]](set)
    for item, code in zip(case.sides.items, speakers.codes.tolist(), strict=True):
        if item.gender and code != UNKNOWN:
            genders[code].add(item.gender)
    both = [speakers.names[code] for code, found in genders.items() if len(found) > 1]
    if both:
        yield Finding(
            "L02",
            "error",
            len(both),
            f"{len(both)} of {plural(len(genders), 'speaker')} have utterances of two genders: the "
            "field is a recording's, or a pair's, and no person's",
            tuple(both[:EXAMPLES]),
        )


def _monologues(case: Case) -> Iterator[Finding]:
    """In dialogues two talk. Where each has one speaker, the field names the recording."""
    speakers, dialogues = case.sides.speakers, case.sides.dialogues
    pairs = _pairs(dialogues, speakers)
    sizes = np.bincount(dialogues.codes[dialogues.codes != UNKNOWN], minlength=len(dialogues.names))
    several = [code for code in pairs if sizes[code] > 1]
    if len(several) >= FEW_DIALOGUES and all(len(pairs[code]) == 1 for code in several):
        yield Finding(
            "L02",
            "warning",
            len(several),
            f"in each of {len(several)} dialogues one speaker does all the talking: does the field "
            "name the recording?",
            tuple(dialogues.names[code] for code in several[:EXAMPLES]),
        )


def _wandering(case: Case) -> Iterator[Finding]:
    """Where nearly every speaker keeps to one session, one in several is a slip of the table."""
    speakers, sessions = case.sides.speakers, case.sides.sessions
    pairs = _pairs(speakers, sessions)
    astray = [speakers.names[code] for code, found in pairs.items() if len(found) > 1]
    if 0 < len(astray) <= len(pairs) // 10:
        yield Finding(
            "L02",
            "warning",
            len(astray),
            f"{plural(len(astray), 'speaker')} of {len(pairs)} talk in several sessions, where the "
            "others keep to one",
            tuple(astray[:EXAMPLES]),
        )


def _against_the_card(case: Case) -> Iterator[Finding]:
    found = defaultdict[str, set[str]](set)
    for item in case.sides.items:
        if item.speaker:
            found[item.corpus].add(item.speaker)
    for corpus, expected in case.declared.speakers.items():
        names = sorted(found.get(corpus, ()))
        if names and len(names) != expected:
            yield Finding(
                "L02",
                "error" if len(names) > expected else "warning",
                len(names),
                f"{plural(len(names), 'speaker')} of {corpus}, which has {expected}",
                tuple(names[:EXAMPLES]),
            )


def _pairs(of: Groups, others: Groups) -> dict[int, set[int]]:
    """Group to the groups of another partition that its items are in."""
    pairs = defaultdict[int, set[int]](set)
    known = (of.codes != UNKNOWN) & (others.codes != UNKNOWN)
    both = np.unique(np.stack([of.codes[known], others.codes[known]]), axis=1)
    for one, other in both.T.tolist():
        pairs[one].add(other)
    return pairs


def _contradicted(case: Case) -> Iterator[Finding]:
    """Folds that call a speaker otherwise each time hide whom they share."""
    yield from contradicted(case, "speaker", "L02")


L01 = Rule("L01", "no speaker is on both sides", (Check(_shared, SPEAKERS),))
L02 = Rule(
    "L02",
    "a speaker is a person",
    (
        Check(_unknown, SPEAKERS, of_folds=False),
        Check(_contradicted, SPEAKERS, of_folds=False),
        SPEAKERS_OF_RELEASE,
        Check(_of_their_own, SPEAKERS, of_folds=False),
        Check(_two_genders, SPEAKERS, of_folds=False),
        Check(_monologues, SPEAKERS, of_folds=False),
        Check(_wandering, SPEAKERS, of_folds=False),
        Check(_against_the_card, EXPECTED, of_folds=False),
    ),
)
