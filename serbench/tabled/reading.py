"""All rows of a table together: every fault named by its line, each utterance once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from serbench.corpus import Entry, Finding
from serbench.errors import CorpusError
from serbench.registry import nearest
from serbench.tabled.paths import DESCRIPTION, outside
from serbench.tabled.rows import GENDERS, Fault, RowReader, checksum
from serbench.tabled.speakers import alike

_MOST_NAMED = 8  # lines that a message spells out

Row = tuple[int, dict[str, str]]  # line number, cells by our name of the column


@dataclass(frozen=True, slots=True)
class Reading:
    """A table as read: entries whose sound is where the table says, and what is wrong with it."""

    entries: tuple[Entry, ...]
    findings: tuple[Finding, ...]
    sha256: Mapping[str, tuple[int, str]]  # by the table's file: line, SHA-256 of that file
    left_out: frozenset[str]  # files of rows that a finding tells of, and that are no entry


def read_rows(
    table: Path,
    root: Path,
    rows: Sequence[Row],
    labels: Collection[str],
    attributes: Sequence[str],
    files_in: str = "",
) -> Reading:
    """Read rows whose cells are named as ours.

    A row whose label is unknown is no entry: its finding here names the line, which the scan's
    could not.

    Raises
    ------
    CorpusError
        If a row has no speaker, names a file outside of ``root``, or says otherwise of an id than a
        row before it: what not even a partial corpus can be made of.
    """
    reader = RowReader(root, labels, attributes, files_in)
    _refuse_lost_speakers(table, rows)
    _refuse_outside(table, root, rows, files_in)
    entries: dict[str, tuple[int, Entry]] = {}
    heard: dict[tuple[str, float, float | None], int] = {}  # line of each stretch of sound
    findings: list[Finding] = []
    sha256: dict[str, tuple[int, str]] = {}
    left_out: set[str] = set()
    unknown: dict[str, list[int]] = defaultdict(list)  # lines of each label
    for line, cells in rows:
        where = f"{table}, line {line}"
        try:
            entry = reader.entry(cells)
            sum_ = checksum(cells)
        except Fault as fault:
            findings.append(Finding("annotation", f"{where}: {fault}"))
            left_out.add(reader.file(cells))
            continue
        first, same = entries.get(entry.id, (line, None))
        if first == line:
            first = heard.setdefault((entry.file, entry.start or 0.0, entry.end), line)
        if first != line:
            if entry != same:
                raise _contradiction(table, entry, first, line)
            findings.append(Finding("repeated", f"{where}: the same as line {first}"))
            continue
        entries[entry.id] = line, entry
        if entry.native not in labels:
            unknown[entry.native].append(line)
            left_out.add(entry.file)
        if entry.intended is not None and entry.intended not in labels:
            said = _unknown(entry.intended, labels)
            findings.append(Finding("unknown-label", f"{where}: intended {said}"))
        if sum_:
            known = sha256.setdefault(entry.file, (line, sum_))
            if known[1] != sum_:
                said = f"another sha256 of {entry.file} than in line {known[0]}"
                findings.append(Finding("annotation", f"{where}: {said}"))
    findings += (
        Finding("unknown-label", f"{table}, {_lines(lines)}: label {_unknown(native, labels)}")
        for native, lines in unknown.items()
    )
    findings += _genders(table, rows, entries.values())
    findings += alike(table, entries.values())
    meant = tuple(entry for _, entry in entries.values() if entry.native in labels)
    return Reading(meant, tuple(findings), sha256, frozenset(left_out))


def _refuse_lost_speakers(table: Path, rows: Sequence[Row]) -> None:
    lost = [line for line, cells in rows if not cells["speaker"]]
    if lost:
        raise CorpusError(
            f"{table}: no speaker in {len(lost)} of {len(rows)} rows: {_lines(lost)}",
            expected="a speaker in each: the protocols keep the people of the training set out of "
            "the test set",
            advice="where it is unknown who speaks, leave the row and its sound out",
        )


def _refuse_outside(table: Path, root: Path, rows: Sequence[Row], files_in: str) -> None:
    far = [(line, cells["file"]) for line, cells in rows if outside(cells["file"])]
    if far:
        line, file = far[0]
        below = root / files_in
        bases = (
            base for base in (below.absolute(), below.resolve()) if Path(file).is_relative_to(base)
        )
        within = next(bases, None)
        raise CorpusError(
            f"{table}: {len(far)} of {len(rows)} files are given by a path that is absolute or "
            f"leads out of {root}, such as line {line}: {file}",
            expected="paths relative to that folder, with which utterances are named the same on "
            "every machine",
            advice=f"write {Path(file).relative_to(within).as_posix()} there"
            if within is not None
            else "move the sounds into the folder, or link to theirs from there "
            f"(ln -s /their/folder {root}/wav), and write wav/NAME.wav",
        )


def _contradiction(table: Path, entry: Entry, first: int, line: int) -> CorpusError:
    """Two rows of one utterance that differ."""
    return CorpusError(
        f"{table}: lines {first} and {line} have one id or one sound, and differ: {entry.id!r}, "
        f"{entry.file}",
        expected="a row per utterance, each with an id of its own",
        advice="if several listeners judged it, let the table hold what they agreed on; if these "
        "are two utterances, tell them apart by a column id or by start and end",
    )


def _genders(
    table: Path, rows: Sequence[Row], entries: Iterable[tuple[int, Entry]]
) -> Iterator[Finding]:
    """Genders that are passed over, and speakers who have two."""
    others = Counter(
        cells["gender"]
        for _, cells in rows
        if cells.get("gender") and cells["gender"].lower() not in GENDERS
    )
    for gender, count in others.items():
        yield Finding(
            "annotation",
            f"{table}: gender {gender!r} of {count} rows is neither female nor male: unknown",
            grave=False,
        )
    seen: dict[str, dict[str, int]] = defaultdict(dict)
    for line, entry in entries:
        if entry.gender is not None:
            seen[entry.speaker].setdefault(entry.gender, line)
    for speaker, lines in seen.items():
        if len(lines) > 1:
            said = ", ".join(f"{gender} in line {line}" for gender, line in lines.items())
            yield Finding(
                "annotation", f"{table}: speaker {speaker!r} is {said}: two people of one name?"
            )


def _unknown(label: str, labels: Collection[str]) -> str:
    """A label that has no meaning, those that do, and which of them it most likely is."""
    hint = nearest(label, labels)
    meant = f"did you mean {hint!r}?" if hint else f"[labels] in {DESCRIPTION} says what each means"
    return f"{label!r} is none of {', '.join(labels)}; {meant}"


def _lines(lines: Sequence[int]) -> str:
    named = ", ".join(map(str, lines[:_MOST_NAMED]))
    return f"line{'s' if len(lines) > 1 else ''} {named}" + (
        f" and {len(lines) - _MOST_NAMED} more" if len(lines) > _MOST_NAMED else ""
    )
