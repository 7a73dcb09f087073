"""A folder with a table: tables as programs write them, and files as disks have them."""

from __future__ import annotations

import re
import shutil
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from serbench.corpus import AUDIO_SUFFIXES, Entry, Finding
from serbench.errors import CorpusError
from serbench.tabled import TabledCorpus

Make = Callable[..., Path]
TOML = 'name = "whispers"\ntable = "metadata.csv"\n[labels]\nang = "anger"\nsad = "sadness"\n'
ROWS = (
    ("ann/1.wav", "ann", "ang"),
    ("ann/2.wav", "ann", "sad"),
    ("bob/1.wav", "bob", "ang"),
    ("bob/2.wav", "bob", "sad"),
)


def table(*rows: tuple[str, ...], between: str = ",", heading: str = "file,speaker,emotion") -> str:
    lines = [heading.replace(",", between), *(between.join(row) for row in rows)]
    return "\n".join(lines) + "\n"


def entries(root: Path) -> dict[str, Entry]:
    return {e.id: e for e in TabledCorpus(root).entries(root) if isinstance(e, Entry)}


def findings(root: Path) -> list[Finding]:
    return [f for f in TabledCorpus(root).entries(root) if isinstance(f, Finding)]


def refusal(root: Path) -> str:
    with pytest.raises(CorpusError) as caught:
        TabledCorpus(root)
    return str(caught.value)


def test_card_and_labels(make: Make) -> None:
    corpus = TabledCorpus(make())
    assert corpus.card.name == "whispers"
    assert corpus.labels == {"ang": "anger", "sad": "sadness"}
    (release,) = corpus.card.releases
    assert release.counts == {"ang": 2, "sad": 2}
    assert release.speakers == {"ann": 2, "bob": 2}
    assert not hasattr(TabledCorpus, "card")  # two folders are two corpora


def test_two_folders_are_two_corpora(make: Make, tmp_path: Path) -> None:
    first = make()
    second = tmp_path / "murmurs"
    shutil.copytree(first, second)
    (second / "corpus.toml").write_text(TOML.replace("whispers", "murmurs"))
    one, other = TabledCorpus(first), TabledCorpus(second)
    assert (one.card.name, other.card.name) == ("whispers", "murmurs")
    with pytest.raises(CorpusError, match="does not describe"):
        list(one.entries(second))


def test_release_is_named_by_table_and_labels(make: Make) -> None:
    def release(**change: str | bytes) -> str:
        return TabledCorpus(make(**change)).card.standard.name

    plain = release()
    assert plain.startswith("as tabled, ")
    assert len(plain.removeprefix("as tabled, ")) == 12
    # The same cells, written otherwise.
    assert release(table=table(*ROWS, between=";")) == plain
    assert release(table=table(*ROWS).replace("\n", "\r\n").encode("utf-8-sig")) == plain
    # Other cells, or another meaning.
    assert release(table=table(*ROWS[:2], *[(*row[:2], "ang") for row in ROWS[2:]])) != plain
    assert release(toml=TOML.replace('"sadness"', '"fear"')) != plain


@pytest.mark.parametrize("between", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_tables_as_programs_write_them(make: Make, between: str, ends: str, encoding: str) -> None:
    text = table(*ROWS, between=between).replace("\n", ends)
    assert sorted(entries(make(table=text.encode(encoding)))) == [
        "ann/1", "ann/2", "bob/1", "bob/2",
    ]  # fmt: skip


def test_decimal_commas_and_quoted_cells(make: Make) -> None:
    heading = "file;speaker;emotion;start;end;text"
    rows = 'ann/1.wav;ann;ang;0,25;1,5;"so; he said ""no"""\nann/2.wav;ann;sad;;;\n'
    read = entries(make(table=f"{heading}\n{rows}"))
    assert (read["ann/1#0.250"].start, read["ann/1#0.250"].end) == (0.25, 1.5)
    assert read["ann/1#0.250"].text == 'so; he said "no"'


def test_gbk(make: Make) -> None:
    toml = TOML.replace('ang = "anger"', '"生气" = "anger"') + "[columns]\nspeaker = '说话人'\n"
    text = table(("ann/1.wav", "刘畅", "生气"), ("ann/2.wav", "刘畅", "sad"))
    root = make(
        table=text.replace("speaker", "说话人").encode("gbk"), toml='encoding = "gbk"\n' + toml
    )
    assert [entry.speaker for entry in entries(root).values()] == ["刘畅", "刘畅"]
    assert TabledCorpus(root).card.standard.counts == {"sad": 1, "生气": 1}


def test_latin_1(make: Make) -> None:
    text = table(("ann/1.wav", "Zoë", "ang"), ("ann/2.wav", "Zoë", "sad"))
    root = make(table=text.encode("latin-1"), toml='encoding = "latin-1"\n' + TOML)
    assert entries(root)["ann/1"].speaker == "Zoë"


def test_an_encoding_is_never_guessed_at(make: Make) -> None:
    """GBK read as Latin-1 would be other speakers, without a word."""
    text = table(("ann/1.wav", "刘畅", "ang"), ("ann/2.wav", "刘畅", "sad"))
    with pytest.raises(CorpusError, match="is not text") as error:
        entries(make(table=text.encode("gbk")))
    assert 'encoding = "gbk"' in error.value.advice


def test_renamed_columns(make: Make) -> None:
    heading = "path,Speaker,emotion,label,V,fold"
    rows = (
        ("ann/1.wav", "ann", "0.3", "ang", "2", "1"),
        ("ann/2.wav", "ann", "9", "sad", "3", "2"),
    )
    toml = (
        'attributes = ["valence"]\n' + TOML
        + '[columns]\nfile = "path"\nemotion = "label"\nvalence = "V"\nfold = ""\n'
    )  # fmt: skip
    read = entries(make(table=table(*rows, heading=heading), toml=toml))
    assert [entry.native for entry in read.values()] == ["ang", "sad"]
    assert [entry.attributes for entry in read.values()] == [{"valence": 2.0}, {"valence": 3.0}]
    assert [entry.fold for entry in read.values()] == [None, None]


def test_a_missing_column_comes_with_the_lines_to_add(make: Make) -> None:
    message = refusal(make(table=table(*ROWS, heading="wav,speakr,label")))
    assert "has no column file, speaker, emotion: its columns are wav, speakr, label" in message
    assert '[columns]\nfile = "wav"\nspeaker = "speakr"\nemotion = "label"' in message


def test_a_named_column_that_is_not_there(make: Make) -> None:
    toml = TOML + "[columns]\nemotion = 'lable'\n"
    message = refusal(make(table=table(*ROWS, heading="file,speaker,label"), toml=toml))
    assert "no column 'lable', which [columns] emotion names" in message
    assert "did you mean 'label'?" in message


def test_an_attribute_that_is_not_there(make: Make) -> None:
    message = refusal(make(toml='attributes = ["valence"]\n' + TOML))
    assert "has no column valence" in message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty|has no row"),
        ("file,speaker,emotion\n", "has no row"),
        ("file,speaker,emotion\na.wav,ann\n", "line 2: 2 cells"),
        ("file,speaker,emotion\na,b.wav,ann,ang\n", "line 2: 4 cells"),
        ("file,speaker,speaker,emotion\na.wav,ann,ann,ang\n", "speaker more than once"),
        (b"PK\x03\x04\x00\x00file", "is not text"),
    ],
)
def test_tables_that_are_none(make: Make, text: str | bytes, words: str) -> None:
    root = make(table=text)
    message = refusal(root)
    assert re.search(words, message)
    assert str(root / "metadata.csv") in message


def test_no_table(make: Make) -> None:
    root = make()
    (root / "metadata.csv").unlink()
    assert "metadata.csv cannot be read: No such file" in refusal(root)


def test_an_emotion_that_never_occurs(make: Make) -> None:
    toml = TOML + 'fea = "fear"\nxxx = ""\nsadd = "sadness"\n'
    message = refusal(make(toml=toml))
    assert "no row of" in message
    assert "has the label 'fea' (fear)" in message
    assert "xxx" not in message  # what is left out is not missed
    assert "sadd" not in message  # nor a second label of an emotion that is there
    message = refusal(make(toml=TOML.replace("ang =", "angr =")))
    assert "'angr' (anger)" in message
    assert "the table's other labels are 'ang'" in message


def test_a_missing_sound_is_an_entry_where_it_should_be(make: Make) -> None:
    root = make(files=("ann/1.wav",))
    assert entries(root)["bob/2"].audio == root / "bob" / "2.wav"


@pytest.mark.parametrize(
    ("written", "there"),
    [
        ("ann/1.wav", "ann/1.flac"),
        ("ann/1.WAV", "ann/1.wav"),
        ("Ann/1.wav", "ann/1.Wav"),
        ("ann/1", "ann/1.wav"),
        ("ann/s1.t2", "ann/s1.t2.wav"),
        (unicodedata.normalize("NFC", "zoë/1.wav"), unicodedata.normalize("NFD", "zoë/1.wav")),
    ],
)
def test_a_file_under_nearly_its_name(make: Make, written: str, there: str) -> None:
    root = make(
        table=table((written, "ann", "ang"), ("bob/2.wav", "bob", "sad")),
        files=(there, "bob/2.wav"),
    )
    entry = next(iter(entries(root).values()))
    assert entry.audio == root / there
    assert entry.file == written  # the same everywhere


def test_the_exact_name_comes_first_and_a_choice_of_two_is_none(make: Make) -> None:
    both = ("ann/1.wav", "ann/1.flac")
    root = make(table=table(*ROWS[:2]), files=both)
    assert entries(root)["ann/1"].audio == root / "ann" / "1.wav"
    rows = (("ann/1.Wav", "ann", "ang"), ROWS[1])
    assert entries(make(table=table(*rows), files=both))["ann/1"].audio == root / "ann" / "1.Wav"


def test_a_relative_root(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    root = make()
    for folder, name in ((root, "."), (root.parent, "whispers")):
        monkeypatch.chdir(folder)
        here = Path(name)
        assert entries(here)["ann/1"].audio == here / "ann" / "1.wav"


@pytest.mark.parametrize("suffix", sorted(AUDIO_SUFFIXES))
def test_macos_companions(make: Make, suffix: str) -> None:
    root = make(files=(f"ann/1{suffix}", f"ann/._1{suffix}", f"__MACOSX/ann/1{suffix}"))
    assert entries(root)["ann/1"].audio == root / "ann" / f"1{suffix}"


def test_many_rows(make: Make) -> None:
    """23,000 segments, as CMU-MOSEI has."""
    rows = [
        (f"v{n // 10}.wav", f"s{n // 10}", "ang" if n % 2 else "sad", str(n % 10), str(n % 10 + 1))
        for n in range(23000)
    ]
    root = make(table=table(*rows, heading="file,speaker,emotion,start,end"), files=())
    assert len(entries(root)) == 23000
    assert findings(root) == []
