"""One person under two names, as spreadsheets and people spell them."""

from __future__ import annotations

from pathlib import Path

import pytest

from serbench.corpus import Entry
from serbench.tabled.speakers import alike


def found(*speakers: str) -> list[str]:
    entries = [
        (line, Entry(id=str(line), audio=Path("a"), file="a", speaker=speaker, native="x"))
        for line, speaker in enumerate(speakers, 2)
    ]
    findings = list(alike(Path("m.csv"), entries))
    assert all(one.kind == "annotation" and one.grave for one in findings)
    return [one.message for one in findings]


@pytest.mark.parametrize(
    ("first", "second", "difference"),
    [
        ("Ann", "ann", "capitals"),
        ("03", "3", "zeros"),
        ("3.0", "3", "zeros"),
        ("S03", "S3", "zeros"),
        ("0", "00", "zeros"),
        ("S03", "s3", "capitals and zeros"),
        ("\uff13", "3", "forms of letters"),
        ("Zoe\u0308", "Zo\u00eb", "forms of letters"),
        ("Ann  Lee", "Ann Lee", "blanks"),
        ("Ann\u3000Lee", "AnnLee", "blanks"),
    ],
)
def test_one_person(first: str, second: str, difference: str) -> None:
    (message,) = found(first, "bob", second, first)
    assert message == (
        f"m.csv: the speakers {first!r} (line 2) and {second!r} (line 4) differ in {difference} "
        "alone: one person?"
    )


@pytest.mark.parametrize(
    "speakers",
    [
        ("1", "10", "100"),
        ("3", "30"),
        ("s1", "s11"),
        ("1.5", "15"),
        ("1.05", "1.5"),
        ("1.10", "1.1x"),
        ("a", "b"),
    ],
)
def test_several_people(speakers: tuple[str, ...]) -> None:
    assert found(*speakers, *speakers) == []
