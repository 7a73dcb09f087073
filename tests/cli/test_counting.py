"""The table of utterances by emotion and speaker, at any width."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from serbench.cli.corpora.counting import tables
from serbench.corpus import Utterance
from serbench.figures.counts import Counts

EMOTIONS = ("anger", "excitement", "frustration", "happiness", "disappointment", "")


def utterance(number, speaker, emotion):
    return Utterance(
        id=f"w/{number}", audio=Path("/w/a.wav"), file="a.wav", speaker=speaker, native="h",
        corpus="w", emotion=emotion, rate=16000, channels=1, duration=1.0, samples="0" * 64,
    )  # fmt: skip


def counted(speakers, emotions=EMOTIONS):
    """Of each speaker one utterance of the first emotion, two of the second, and so on."""
    chosen = [(s, e) for s in speakers for n, e in enumerate(emotions, 1) for _ in range(n)]
    return Counts.of([utterance(i, s, e) for i, (s, e) in enumerate(chosen)])


def printed(counts, width):
    """The tables as lists of rows of cells."""
    screen = Console(file=io.StringIO(), width=width, highlight=False, markup=False)
    found = []
    for table in tables(counts, width):
        with screen.capture() as capture:
            screen.print(table)
        lines = capture.get().splitlines()
        assert max(map(len, lines)) <= width
        assert "\u2026" not in capture.get()
        found.append([line.split() for line in lines if line.strip(" \u2500")])
    return found


def test_wide():
    (table,) = printed(counted(["ann", "bob"]), 100)
    assert table == [
        ["speaker", "anger", "disappointment", "excitement", "frustration", "happiness", "(none)",
         "all"],
        ["ann", "1", "5", "2", "3", "4", "6", "21"],
        ["bob", "1", "5", "2", "3", "4", "6", "21"],
        ["all", "2", "10", "4", "6", "8", "12", "42"],
    ]  # fmt: skip


def test_narrow_is_turned():
    (table,) = printed(counted(["ann", "bob"]), 50)
    assert table == [
        ["emotion", "ann", "bob", "all"],
        ["anger", "1", "1", "2"],
        ["disappointment", "5", "5", "10"],
        ["excitement", "2", "2", "4"],
        ["frustration", "3", "3", "6"],
        ["happiness", "4", "4", "8"],
        ["(none)", "6", "6", "12"],
        ["all", "21", "21", "42"],
    ]


@pytest.mark.parametrize("width", [30, 40, 60])
def test_too_narrow_either_way_is_parted(width):
    speakers = [f"Ses{number:02}" for number in range(12)]
    parts = printed(counted(speakers), width)
    assert len(parts) > 1
    assert {part[0][0] for part in parts} == {"speaker"}
    headings = [heading for part in parts for heading in part[0][1:]]
    assert headings == [
        "anger", "disappointment", "excitement", "frustration", "happiness", "(none)", "all",
    ]  # fmt: skip
    first = [number for part in parts for number in part[1][1:]]
    assert first == ["1", "5", "2", "3", "4", "6", "21"]
    sums = [number for part in parts for number in part[-1][1:]]
    assert sums == ["12", "60", "24", "36", "48", "72", "252"]


def test_many_speakers_are_one_row():
    counts = counted([f"s{number}" for number in range(31)])
    (table,) = printed(counts, 100)
    assert table[1] == ["all", "speakers", *["31", "155", "62", "93", "124", "186", "651"]]
    assert len(table) == 2
    (turned,) = printed(counts, 40)
    assert turned[1] == ["anger", "31"]
    assert turned[-1] == ["all", "651"]


def test_names_that_stand_for_sums():
    (table,) = printed(counted(["all", "bob"], ("all", "anger")), 60)
    assert table == [
        ["speaker", "all", "anger", "all"],
        ["all", "1", "2", "3"],
        ["bob", "1", "2", "3"],
        ["all", "2", "4", "6"],
    ]


def test_long_names_of_speakers_are_folded():
    (table,) = printed(counted(["a" * 50, "bob"], ("anger", "fear")), 40)
    assert table[0] == ["speaker", "anger", "fear", "all"]
    assert "".join(row[0] for row in table if set(row[0]) == {"a"}) == "a" * 50
