"""Which turns a make-believe IEMOCAP has: whose they are, and in which dialogues.

Known of the real one are the turns per label, per speaker, per session and class, and per label of
the improvised dialogues. The turns of each speaker, label and style are solved from these in
stages, so that every one of those sums comes out; how a sum splits further is made up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from zlib import crc32

from serbench.testing.forgery import Forged, margins
from serbench_corpora.iemocap import COUNTS, SPEAKERS, STYLES

# Turns per session of the usual four classes, happiness and excitement being one ("hap").
FOUR = {
    "01": {"neu": 384, "hap": 278, "ang": 229, "sad": 194},
    "02": {"neu": 362, "hap": 327, "ang": 137, "sad": 197},
    "03": {"neu": 320, "hap": 286, "ang": 240, "sad": 305},
    "04": {"neu": 258, "hap": 303, "ang": 327, "sad": 143},
    "05": {"neu": 384, "hap": 442, "ang": 170, "sad": 245},
}
IMPROVISED = {
    "neu": 1099, "sad": 608, "ang": 289, "hap": 284, "exc": 663, "fru": 971, "xxx": 800,
}  # fmt: skip
ALL_IMPROVISED = 4784
RARE = tuple(native for native in COUNTS if native not in IMPROVISED)

# Recordings that stand in several parts.
PARTS = {
    ("03M", "impro05"): ("a", "b"),
    ("03M", "impro08"): ("a", "b"),
    ("05M", "script01_1"): ("", "b"),
}
SCRIPTS = ("01_1", "01_2", "01_3", "02_1", "02_2", "03_1", "03_2")
Take = tuple[str, int]  # label, and number among those of the speaker's voice for it


def dialogues(session: str, style: str) -> list[str]:
    """The dialogues of a session ("01") and a style ("impro", "script"), scenario by scenario."""
    last = 7 if session == "01" else 8
    numbers = SCRIPTS if style == "script" else [f"{n:02d}" for n in range(1, last + 1)]
    return [
        f"Ses{session}{actor}_{style}{number}{part}"
        for number in numbers
        for actor in "FM"
        for part in PARTS.get((session + actor, style + number), ("",))
    ]


def whole() -> dict[tuple[str, str], dict[str, int]]:
    """Turns per speaker and style, and label."""
    pairs = {
        session: {who: SPEAKERS[who] for who in (f"{session}F", f"{session}M")} for session in FOUR
    }
    left = {session: sum(pairs[session].values()) - sum(FOUR[session].values()) for session in FOUR}
    others = margins(left, _counts("xxx", "fru", *RARE))
    glad = {session: four["hap"] for session, four in FOUR.items()}
    happy = margins(glad, _counts("hap", "exc"))
    by_speaker: dict[str, dict[str, int]] = {}
    for session, four in FOUR.items():
        row = {**four, **happy[session], **others[session]}
        by_speaker |= margins(pairs[session], {native: row[native] for native in COUNTS})
    few = _counts(*RARE)
    rare = margins(few, _styles(sum(few.values()), ALL_IMPROVISED - sum(IMPROVISED.values())))
    cells: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for native, count in COUNTS.items():
        styles = rare[native] if native in RARE else _styles(count, IMPROVISED[native])
        column = {who: row[native] for who, row in by_speaker.items()}
        for who, by_style in margins(column, styles).items():
            for style, turns in by_style.items():
                cells[who, style][native] = turns
    return cells


def halves(cells: Mapping[str, Mapping[str, int]]) -> dict[tuple[str, str], dict[str, int]]:
    """Each speaker's turns of each label in two halves, the odd one on either side in turn."""
    return {
        (speaker, style): {
            native: (count + (at + odd) % 2) // 2 for at, (native, count) in enumerate(row.items())
        }
        for speaker, row in cells.items()
        for odd, style in enumerate(STYLES)
    }


def play(speaker: str, turns: Sequence[Take], stages: Sequence[str]) -> Iterator[Forged]:
    """Give the turns, which come label by label, to dialogues.

    A scenario is written to bring out one emotion: every second turn goes where its label is at
    home, so that the dialogue tells much of the label, as in the real corpus. The others are dealt.
    """
    said: dict[str, list[Take]] = defaultdict(list)
    for at, turn in enumerate(turns):
        home, dealt = at * len(stages) // len(turns), at // 2 % len(stages)
        said[stages[home if at % 2 else dealt]].append(turn)
    for dialogue, here in said.items():
        folder = f"IEMOCAP_full_release/Session{int(speaker[:2])}/sentences/wav/{dialogue}"
        here.sort(key=lambda turn: crc32(f"{speaker} {turn}".encode()))
        for number, (native, take) in enumerate(here):
            path = f"{folder}/{dialogue}_{speaker[2]}{number:03d}.wav"
            yield Forged(speaker=speaker, native=native, take=take, path=path)


def _counts(*natives: str) -> dict[str, int]:
    return {native: COUNTS[native] for native in natives}


def _styles(total: int, improvised: int) -> dict[str, int]:
    return {"impro": improvised, "script": total - improvised}
