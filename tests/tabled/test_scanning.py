"""A folder with a table, scanned: its sounds held against what the table says."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from serbench.corpus import Entry, Finding
from serbench.errors import CorpusError
from serbench.scan import Scan, scan
from serbench.tabled import TabledCorpus
from serbench.testing import check_corpus
from serbench_corpora.emodb import EmoDB

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


def findings(root: Path) -> list[Finding]:
    return [f for f in TabledCorpus(root).entries(root) if isinstance(f, Finding)]


def test_linked_sounds_and_a_linked_folder(spoken: Path, tmp_path: Path) -> None:
    plain = scan(TabledCorpus(spoken), spoken)
    store = tmp_path / "store"
    shutil.move(spoken / "ann", store)
    (spoken / "ann").symlink_to(store)
    (store / "1.wav").rename(tmp_path / "elsewhere.wav")
    (store / "1.wav").symlink_to(tmp_path / "elsewhere.wav")
    linked = tmp_path / "linked"
    linked.symlink_to(spoken)
    found = scan(TabledCorpus(linked), linked)
    assert found.findings == ()
    assert found.fingerprint == plain.fingerprint


def test_contract(spoken: Path) -> None:
    check_corpus(TabledCorpus(spoken), spoken)


def test_scan(spoken: Path) -> None:
    corpus = TabledCorpus(spoken)
    found = scan(corpus, spoken)
    assert found.findings == ()
    assert found.release == corpus.card.standard.name
    assert [(u.id, u.speaker, u.emotion, u.rate) for u in found.utterances] == [
        ("whispers/ann/1", "ann", "anger", 8000),
        ("whispers/ann/2", "ann", "sadness", 8000),
        ("whispers/bob/1", "bob", "anger", 8000),
        ("whispers/bob/2", "bob", "sadness", 8000),
    ]


def test_scan_of_segments(spoken: Path) -> None:
    text = table(
        ("ann/1.wav", "ann", "ang", "0", "0.1"),
        ("ann/1.wav", "ann", "sad", "0.1", "0.25"),
        heading="file,speaker,emotion,start,end",
    )
    (spoken / "metadata.csv").write_text(text)
    for file, _, _ in ROWS[1:]:
        (spoken / file).unlink()
    found = scan(TabledCorpus(spoken), spoken)
    assert [u.duration for u in found.utterances] == [0.1, 0.15]


def test_scan_finds_what_is_missing_unknown_or_left_over(spoken: Path) -> None:
    (spoken / "ann" / "1.wav").rename(spoken / "stray.wav")
    (spoken / "metadata.csv").write_text(table(*ROWS, ("bob/3.wav", "bob", "fru")))
    shutil.copy(spoken / "bob" / "1.wav", spoken / "bob" / "3.wav")
    found = scan(TabledCorpus(spoken), spoken, allow_partial=True)
    messages = {finding.kind: finding.message for finding in found.findings if finding.grave}
    assert str(spoken / "ann" / "1.wav") in messages["missing"]
    assert str(spoken / "stray.wav") in messages["unclaimed"]
    assert f"{spoken / 'metadata.csv'}, line 6: label 'fru'" in messages["unknown-label"]
    assert len(found.utterances) == 3
    # What is unknown is said once, and not counted as missing or unclaimed as well.
    assert sum(finding.kind == "unknown-label" for finding in found.findings) == 1
    assert not any("bob/3.wav" in f.message for f in found.findings if f.kind == "unclaimed")
    assert TabledCorpus(spoken).card.standard.counts == {"ang": 2, "sad": 2}


def test_all_files_in_a_folder_that_the_table_leaves_out(spoken: Path) -> None:
    plain = scan(TabledCorpus(spoken), spoken)
    (spoken / "wav").mkdir()
    for who in ("ann", "bob"):
        (spoken / who).rename(spoken / "wav" / who)
    with pytest.raises(CorpusError) as caught:
        scan(TabledCorpus(spoken), spoken, allow_partial=True)
    assert caught.value.found.startswith(f"{spoken}: 4 of 4 files of metadata.csv do not exist (")
    assert caught.value.found.endswith("; files of these names stand in wav/")
    assert f'set files_in = "wav" in {spoken / "corpus.toml"}' in caught.value.advice
    (spoken / "corpus.toml").write_text('files_in = "wav"\n' + TOML)
    corpus = TabledCorpus(spoken)
    found = scan(corpus, spoken)
    assert found.findings == ()
    assert found.utterances[0].id == "whispers/wav/ann/1"
    assert [u.samples for u in found.utterances] == [u.samples for u in plain.utterances]
    assert corpus.card.standard.name != plain.release  # its utterances have other names


def test_some_files_in_a_folder_that_the_table_leaves_out(spoken: Path) -> None:
    (spoken / "more").mkdir()
    (spoken / "bob").rename(spoken / "more" / "bob")
    found = scan(TabledCorpus(spoken), spoken, allow_partial=True)
    (missing,) = (finding.message for finding in found.findings if finding.kind == "missing")
    assert missing == (
        "2 of 4 files of metadata.csv do not exist (bob/1.wav, bob/2.wav); files of these names "
        "stand in more/: let metadata.csv name each by its path below the corpus's folder"
    )
    assert [u.id for u in found.utterances] == ["whispers/ann/1", "whispers/ann/2"]


def test_sounds_that_are_no_utterances(spoken: Path) -> None:
    (spoken / "noise" / "long").mkdir(parents=True)
    shutil.copy(spoken / "ann" / "1.wav", spoken / "noise" / "long" / "n.wav")
    with pytest.raises(CorpusError, match=r"noise/long/n\.wav"):
        scan(TabledCorpus(spoken), spoken)
    (spoken / "corpus.toml").write_text('passed_over = ["noise/*"]\n' + TOML)
    corpus = TabledCorpus(spoken)
    assert scan(corpus, spoken).findings == ()
    assert corpus.passed_over(spoken / "noise" / "long" / "n.wav")
    assert not corpus.passed_over(spoken / "ann" / "noise.wav")
    assert not corpus.passed_over(Path("/noise/n.wav"))


def test_altered_sounds(spoken: Path) -> None:
    sums = {file: hashlib.sha256((spoken / file).read_bytes()).hexdigest() for file, _, _ in ROWS}
    rows = [(*row, sums[row[0]]) for row in ROWS]
    (spoken / "metadata.csv").write_text(table(*rows, heading="file,speaker,emotion,sha256"))
    assert findings(spoken) == []
    changed = spoken / "bob" / "1.wav"
    content = bytearray(changed.read_bytes())
    content[-1] ^= 1
    changed.write_bytes(content)
    (finding,) = findings(spoken)
    assert (finding.kind, finding.grave) == ("altered", True)
    assert str(changed) in finding.message
    assert "line 4" in finding.message
    changed.unlink()  # the scan's to report
    assert findings(spoken) == []


def test_the_rest_of_a_table_at_fault_can_be_taken(spoken: Path) -> None:
    rows = [(*row, "0") for row in ROWS[:3]] + [(*ROWS[3], "-1")]
    (spoken / "metadata.csv").write_text(table(*rows, heading="file,speaker,emotion,start"))
    with pytest.raises(CorpusError, match=r"metadata\.csv, line 5: start is -1\.0 s"):
        scan(TabledCorpus(spoken), spoken)
    found = scan(TabledCorpus(spoken), spoken, allow_partial=True)
    assert found.partial
    assert len(found.utterances) == 3


def test_an_edited_label_map_is_not_recalled_from_the_cache(spoken: Path, tmp_path: Path) -> None:
    """A scan is remembered while nothing in its folder changes: corpus.toml is in the folder."""
    cache = tmp_path / "cache"
    before = scan(TabledCorpus(spoken), spoken, cache=cache)
    assert {u.emotion for u in before.utterances} == {"anger", "sadness"}
    assert scan(TabledCorpus(spoken), spoken, cache=cache) == before
    (spoken / "corpus.toml").write_text(TOML.replace('"sadness"', '"fear"'))
    os.utime(spoken / "corpus.toml", ns=(0, 0))
    after = scan(TabledCorpus(spoken), spoken, cache=cache)
    assert {u.emotion for u in after.utterances} == {"anger", "fear"}
    assert after.release != before.release


@pytest.mark.corpus("EMO-DB")
def test_real_emodb_by_a_table(real_corpus: Callable[[str], Path], tmp_path: Path) -> None:
    """The same utterances as by its own adapter, with the sounds linked to and none copied."""
    root = tmp_path / "mine"
    root.mkdir()
    (root / "wav").symlink_to(real_corpus("EMO-DB"))
    lines = ["file\tspeaker\temotion\tgender\tsentence\ttext"]
    own = EmoDB()
    for entry in own.entries(root):
        assert isinstance(entry, Entry)
        file = entry.audio.relative_to(root).as_posix()
        cells = (file, entry.speaker, entry.native, entry.gender, entry.sentence, entry.text)
        lines.append("\t".join(str(cell) for cell in cells))
    (root / "metadata.tsv").write_text("\n".join(lines))
    labels = "".join(f'{label} = "{emotion}"\n' for label, emotion in own.labels.items())
    toml = f'name = "mine"\ntable = "metadata.tsv"\n[labels]\n{labels}'
    (root / "corpus.toml").write_text(toml)
    corpus = TabledCorpus(root)
    assert corpus.card.standard.counts == own.card.standard.counts
    assert corpus.card.standard.speakers == own.card.standard.speakers

    def content(found: Scan) -> set[tuple[object, ...]]:
        return {
            (u.speaker, u.native, u.emotion, u.gender, u.sentence, u.text, u.samples)
            for u in found.utterances
        }

    assert content(scan(corpus, root)) == content(scan(own, root))
    assert len(content(scan(corpus, root))) == 535
