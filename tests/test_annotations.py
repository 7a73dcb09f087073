"""Label files in every encoding, with every line end and every delimiter, and what is no text."""

from __future__ import annotations

import csv
import io
import math
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from serbench.annotations import LARGEST, number, read_lines, read_table, read_text
from serbench.errors import CorpusError
from serbench.tabled import described_name

TEXT = "Sprecher Müller\nzweite Zeile\n"
anywhere = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "labels.csv"


def table(path: Path, text: str, *required: str) -> list[tuple[int, dict[str, str]]]:
    path.write_bytes(text.encode())
    return list(read_table(path, required))


ENCODED = {
    "utf-8": TEXT.encode(),
    "utf-8 with a mark": b"\xef\xbb\xbf" + TEXT.encode(),
    "utf-8 with two marks": b"\xef\xbb\xbf\xef\xbb\xbf" + TEXT.encode(),
    "utf-16 little": b"\xff\xfe" + TEXT.encode("utf-16-le"),
    "utf-16 big": b"\xfe\xff" + TEXT.encode("utf-16-be"),
    "latin-1": TEXT.encode("latin-1"),
    "crlf": TEXT.replace("\n", "\r\n").encode(),
    "cr": TEXT.replace("\n", "\r").encode(),
    "crlf in utf-16": TEXT.replace("\n", "\r\n").encode("utf-16"),
    "mixed line ends": b"Sprecher M\xc3\xbcller\r\nzweite Zeile\r",
}


@pytest.mark.parametrize("content", ENCODED.values(), ids=ENCODED)
def test_the_same_text(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    assert read_text(path) == TEXT


def test_another_fallback(path: Path) -> None:
    path.write_bytes("高兴\t201\n".encode("gbk"))
    assert read_text(path, "gbk") == "高兴\t201\n"
    path.write_bytes("高兴\t201\n".encode())
    assert read_text(path, "gbk") == "高兴\t201\n"


NO_TEXT = {
    "zeros": bytes(100),
    "one zero": b"03a01Fa happy\0\n",
    "a sound": b"RIFF\x24\0\0\0WAVEfmt ",
    "utf-16 without a mark": TEXT.encode("utf-16-le"),
    "utf-16 cut within a character": TEXT.encode("utf-16")[:-1],
    "utf-32": TEXT.encode("utf-32"),
    "latin-1 with a utf-8 mark": b"\xef\xbb\xbf" + TEXT.encode("latin-1"),
}


@pytest.mark.parametrize("content", NO_TEXT.values(), ids=NO_TEXT)
def test_no_text(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(CorpusError, match=r"labels\.csv is not text") as error:
        read_text(path)
    assert error.value.found.startswith(str(path))
    assert "UTF-8 or latin-1" in error.value.expected


def test_bytes_that_the_fallback_has_not(path: Path) -> None:
    path.write_bytes(b"\xff\xff\xff")
    assert read_text(path) == "ÿÿÿ"
    with pytest.raises(CorpusError, match="is not text") as error:
        read_text(path, "gbk")
    assert "gbk" in error.value.expected


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\xff\xfe"])
def test_an_empty_file(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    assert read_lines(path) == [""]


def test_a_huge_file_is_refused_unread(path: Path) -> None:
    path.touch()
    os.truncate(path, LARGEST + 1)  # sparse: takes no room on the disk
    with pytest.raises(CorpusError, match=f"has {LARGEST + 1} bytes"):
        read_text(path)


def test_files_that_cannot_be_opened(path: Path) -> None:
    with pytest.raises(CorpusError, match=r"labels\.csv cannot be read: No such file"):
        read_text(path)
    path.mkdir()
    with pytest.raises(CorpusError, match=r"labels\.csv cannot be read: Is a directory"):
        read_text(path)


def test_lines(path: Path) -> None:
    path.write_bytes(b"a  \r\n\r\n  b\t\rc\x0bd\x0ce\xc2\x85f\xe2\x80\xa8g\n")
    assert read_lines(path) == ["a", "", "  b", "c\x0bd\x0ce\x85f\u2028g", ""]


@anywhere
@given(
    st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\0"))),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_lines_in_any_encoding(path: Path, lines: list[str], encoding: str, end: str) -> None:
    assume(not lines or not lines[0].startswith("\ufeff"))
    content = end.join(lines).encode(encoding)
    assume(not content.startswith((b"\xff\xfe", b"\xfe\xff")) or encoding == "utf-16")
    path.write_bytes(content)
    assert read_lines(path) == [line.rstrip() for line in lines or [""]]


@anywhere
@given(st.binary(max_size=200))
@example(b"\xef\xbb\xbf\xff")
@example(b"\xff\xfe\x00\xd8")
def test_any_bytes_are_text_or_an_error(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with suppress(CorpusError):
        assert not {"\0", "\r"} & set(read_text(path))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiters(path: Path, delimiter: str, end: str) -> None:
    rows = (("file", " label ", "text"), ("a.wav", "joy", " well, yes; no "), ("b.wav", "", ""))
    text = end.join(delimiter.join(f'"{cell}"' for cell in row) for row in rows)
    assert table(path, text, "file", "label") == [
        (2, {"file": "a.wav", "label": "joy", "text": "well, yes; no"}),
        (3, {"file": "b.wav", "label": "", "text": ""}),
    ]


def test_decimal_commas_are_no_delimiters(path: Path) -> None:
    text = "file;valence;arousal\na.wav;2,5;3,5\n"
    ((_, cells),) = table(path, text, "file")
    assert cells == {"file": "a.wav", "valence": "2,5", "arousal": "3,5"}


@pytest.mark.parametrize("name", ["label (one, two, three)", "label, or none, or any, or |||"])
@pytest.mark.parametrize("quote", ["", '"'])
def test_more_commas_than_delimiters_in_the_heading(path: Path, name: str, quote: str) -> None:
    """What decides is which delimiter gives the required columns."""
    ((_, cells),) = table(path, f"file;{quote}{name}{quote}\na.wav;joy\n", "file", name)
    assert cells == {"file": "a.wav", name: "joy"}


def test_commas_within_quotes_are_no_delimiters(path: Path) -> None:
    ((_, cells),) = table(path, '"file, or folder";label\na.wav;joy\n')
    assert cells == {"file, or folder": "a.wav", "label": "joy"}


def test_blanks_before_quotes(path: Path) -> None:
    ((_, cells),) = table(path, '"file",  "label"\na.wav, "joy, or glee"\n', "file", "label")
    assert cells == {"file": "a.wav", "label": "joy, or glee"}


def test_empty_lines(path: Path) -> None:
    text = "\n  \nfile,label\n\na.wav,joy\n,\n \nb.wav,fear\n\n\n"
    assert [(line, cells["file"]) for line, cells in table(path, text, "file")] == [
        (5, "a.wav"),
        (8, "b.wav"),
    ]


def test_quotes(path: Path) -> None:
    text = 'file,text\na.wav,"one\r\ntwo, ""three"""\r\nb.wav,"four"\r\n'
    assert table(path, text, "text") == [
        (3, {"file": "a.wav", "text": 'one\ntwo, "three"'}),
        (4, {"file": "b.wav", "text": "four"}),
    ]


@pytest.mark.parametrize(
    "rows",
    [
        'a.wav,"one\nb.wav,two\nc.wav,three\n',  # all the rest would be one cell
        'a.wav,"one\nb.wav,two\nc.wav,"three\n',
        'a.wav,"one" two\n',
    ],
)
def test_a_mark_that_is_not_closed(path: Path, rows: str) -> None:
    with pytest.raises(CorpusError, match=r"labels\.csv, line [2-4]: .*") as error:
        table(path, "file,text\n" + rows, "file")
    assert "quot" in error.value.expected


@pytest.mark.parametrize(("row", "cells"), [("a.wav", 1), ("a.wav,joy,", 3), ("a,b,c,d", 4)])
def test_ragged_rows(path: Path, row: str, cells: int) -> None:
    path.write_text(f"file,label\nb.wav,joy\n\n{row}\nc.wav,joy\n")
    rows = read_table(path, ["file"])
    assert next(rows) == (2, {"file": "b.wav", "label": "joy"})
    with pytest.raises(CorpusError, match=f"line 4: {cells} cells") as error:
        next(rows)
    assert error.value.expected.startswith("2, as in the heading 'file,label'")


def test_columns_that_are_missing(path: Path) -> None:
    with pytest.raises(CorpusError, match="has no column speaker, text: its columns are file, la"):
        table(path, "file,label\na.wav,joy\n", "file", "speaker", "text")


def test_columns_that_occur_twice(path: Path) -> None:
    with pytest.raises(CorpusError, match="has the column label more than once"):
        table(path, "file,label,label \na.wav,joy,fear\n", "file")


def test_columns_without_a_name_may_be_several(path: Path) -> None:
    ((_, cells),) = table(path, ",file,,\n0,a.wav,,\n", "file")
    assert cells["file"] == "a.wav"


@pytest.mark.parametrize("text", ["", "\n\n", "\ufeff", " \r\n"])
def test_a_table_without_a_heading(path: Path, text: str) -> None:
    with pytest.raises(CorpusError, match=r"labels\.csv is empty"):
        table(path, text)


@pytest.mark.parametrize("text", ["file\n{}\n", "{}\nfile\n"])
def test_a_cell_of_a_megabyte_is_an_error(path: Path, text: str) -> None:
    with pytest.raises(CorpusError, match=r"labels\.csv, line \d: field larger than"):
        table(path, text.format("a" * 1_000_000), "file")


@pytest.mark.corpus("EMO-DB")
def test_a_real_table(real_corpus: Callable[[str], Path]) -> None:
    """Latin-1, tabs, decimal commas, padded with no-break spaces."""
    rows = [cells for _, cells in read_table(real_corpus("EMO-DB") / "erkennung.txt", ["Satz"])]
    assert len(rows) == 816
    assert rows[0] == {"Nr.": "1", "Satz": "03a01Ab.wav", "erkannt": "65,00", "natuerlich": "35,00"}
    assert all(0 <= (number(row["erkannt"]) or 0.0) <= 100 for row in rows)


CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0\ufeff")).map(
    str.strip
)


@anywhere
@given(
    st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=6),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_what_is_written_is_read(
    path: Path, rows: list[tuple[str, str, str]], delimiter: str, end: str, encoding: str
) -> None:
    columns = ("file", "label", "text")
    written = io.StringIO(newline="")
    writer = csv.writer(written, delimiter=delimiter, lineterminator=end)
    writer.writerows([columns, *rows])
    path.write_bytes(written.getvalue().encode(encoding))
    expected = [dict(zip(columns, row, strict=True)) for row in rows if any(row)]
    assert [cells for _, cells in read_table(path, columns)] == expected


NUMBERS = {"2.5": 2.5, "2,5": 2.5, "-0,25": -0.25, "3": 3.0, " 3 ": 3.0, "1e-3": 0.001, "+4.": 4.0}
NOTHING = dict.fromkeys(["", " \t", "nan", "NaN", "-NAN"])


@pytest.mark.parametrize(("text", "value"), {**NUMBERS, "\xa02,5\xa0": 2.5, **NOTHING}.items())
def test_numbers(text: str, value: float | None) -> None:
    assert number(text) == value


NO_NUMBERS = ("abc", "2.5.1", "1,2,3", "1.234,5", "1,234.5", "2 5", "2\xa05", "1_000", "0x1f")
INFINITE = ("inf", "-Infinity", "1e999")


@pytest.mark.parametrize("text", [*NO_NUMBERS, *INFINITE, "n/a", "-", ","])
def test_no_numbers(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        number(text)


@given(st.floats(allow_infinity=False))
def test_every_number_as_python_writes_it(value: float) -> None:
    expected = None if math.isnan(value) else value
    assert number(repr(value)) == number(repr(value).replace(".", ",")) == expected


def test_a_pipe_is_no_label_file_and_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "corpus.toml")
    with pytest.raises(CorpusError, match=r"corpus\.toml is no regular file"):
        read_text(tmp_path / "corpus.toml")
    assert described_name(tmp_path) is None
