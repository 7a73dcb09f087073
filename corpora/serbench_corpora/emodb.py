"""EMO-DB, the Berlin Database of Emotional Speech.

Ten actors, five women and five men, speak ten German sentences of everyday life in seven emotions,
recorded in an anechoic chamber in 1997 and 1999. Distributed are the 535 utterances whose emotion
at least 80 % of 20 listeners named and that at least 60 % of them found natural. EmoDB 2.0 (2025)
adds the other 281.

A file name says it all: ``03a01Fa.wav`` is speaker 03, sentence a01, Freude (happiness), version a.
Every sentence is spoken by every speaker, so folds of whole speakers share all of their texts.

Levels are no clue: 397 of the 535 files were normalised to full scale. The table of the listening
test, erkennung.txt, has a row for each of 816 takes, those that were rejected and have no sound
among them; it is not read here. Nor are the segmentations: lablaut has two of takes without a sound
and one of 14b09Ea too many, labsilb has only 493.

Burkhardt et al., A database of German emotional speech, Interspeech 2005.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, ClassVar

from serbench.corpus import (
    Corpus,
    CorpusCard,
    Defect,
    Download,
    Entry,
    Finding,
    Release,
    audio_files,
)
from serbench.errors import CorpusError, few
from serbench.labels import Emotion

if TYPE_CHECKING:
    from serbench.testing.forgery import Forgery

# Wut, Langeweile, Ekel, Angst, Freude, Trauer, neutral.
LABELS: dict[str, Emotion] = {
    "W": Emotion.ANGER,
    "L": Emotion.BOREDOM,
    "E": Emotion.DISGUST,
    "A": Emotion.FEAR,
    "F": Emotion.HAPPINESS,
    "T": Emotion.SADNESS,
    "N": Emotion.NEUTRAL,
}
COUNTS = {"W": 127, "L": 81, "E": 46, "A": 69, "F": 71, "T": 62, "N": 79}
SPEAKERS = {
    "03": 49,
    "08": 58,
    "09": 43,
    "10": 38,
    "11": 55,
    "12": 35,
    "13": 61,
    "14": 69,
    "15": 56,
    "16": 71,
}
# All 816 takes that the listeners judged, as erkennung.txt of the first release lists them.
COUNTS_2 = {"W": 137, "L": 112, "E": 105, "A": 122, "F": 115, "T": 121, "N": 104}
SPEAKERS_2 = {
    "03": 84,
    "08": 78,
    "09": 80,
    "10": 81,
    "11": 80,
    "12": 79,
    "13": 81,
    "14": 88,
    "15": 83,
    "16": 82,
}
# As the corpus's own site has it; an early audformat edition swaps 09, 10, 12 and 13.
GENDERS = {
    **dict.fromkeys(("03", "10", "11", "12", "15"), "male"),
    **dict.fromkeys(("08", "09", "13", "14", "16"), "female"),
}
SENTENCES = {
    "a01": "Der Lappen liegt auf dem Eisschrank.",
    "a02": "Das will sie am Mittwoch abgeben.",
    "a04": "Heute abend könnte ich es ihm sagen.",
    "a05": "Das schwarze Stück Papier befindet sich da oben neben dem Holzstück.",
    "a07": "In sieben Stunden wird es soweit sein.",
    "b01": "Was sind denn das für Tüten, die da unter dem Tisch stehen?",
    "b02": "Sie haben es gerade hochgetragen und jetzt gehen sie wieder runter.",
    "b03": "An den Wochenenden bin ich jetzt immer nach Hause gefahren und habe Agnes besucht.",
    "b09": "Ich will das eben wegbringen und dann mit Karl was trinken gehen.",
    "b10": "Die wird auf dem Platz sein, wo wir sie immer hinlegen.",
}
VERSIONS = "abcdef"
MANIFEST = Path(__file__).parent / "manifests" / "emodb.csv.xz"
PADDED = Defect(
    "pad-chunk",
    ("14a07Aa.wav", "14a07Fd.wav", "14a07Na.wav", "14a07Wc.wav"),
    "four files have a chunk PAD before their sound: a reader that takes the first 44 bytes for "
    "the header reads noise",
)
# The address was not re-checked: the sources at hand name the site alone. Its authors publish no
# checksum of the archive; what it holds is held against MANIFEST, file by file.
DOWNLOAD = Download("http://emodb.bilderbar.info/download/download.zip", checksum="")
LICENCE = (
    "free to download without a written licence (2005); CC BY 4.0 as re-issued on Zenodo "
    "(EmoDB 2.0, record 17651657)"
)
HOW_TO_GET = (
    "download.zip from http://emodb.bilderbar.info, unpacked; or an audformat edition from Zenodo: "
    "the same 535 utterances (record 7447302), or EmoDB 2.0 with 816 (record 17651657), whose "
    "results stand apart"
)
BIBTEX = """@inproceedings{burkhardt2005emodb,
  author    = {Burkhardt, Felix and Paeschke, Astrid and Rolfes, Miriam and
               Sendlmeier, Walter F. and Weiss, Benjamin},
  title     = {A Database of {German} Emotional Speech},
  booktitle = {Interspeech 2005},
  pages     = {1517--1520},
  year      = {2005},
  doi       = {10.21437/Interspeech.2005-446}
}
"""

_NAME = re.compile(r"(\d\d)([ab]\d\d)([WLEAFTN])([a-f])", re.IGNORECASE)


class EmoDB(Corpus):
    """Reads the file names; the folders that the files stand in do not matter."""

    card: ClassVar[CorpusCard] = CorpusCard(
        name="emodb",
        title="EMO-DB",
        language="German",
        licence=LICENCE,
        how_to_get=HOW_TO_GET,
        citation=BIBTEX,
        releases=(
            Release(
                "EMO-DB (Burkhardt et al., 2005)",
                COUNTS,
                SPEAKERS,
                manifest=MANIFEST,
                defects=(PADDED,),
                downloads=(DOWNLOAD,),
            ),
            Release("EmoDB 2.0 (2025)", COUNTS_2, SPEAKERS_2),
        ),
        layouts=(
            "wav/03a01Fa.wav (download.zip)",
            "03a01Fa.wav in one folder or in a folder per emotion",
            "db.yaml, db.emotion*.csv or .parquet, wav/03a01Fa.wav (audformat)",
        ),
    )
    labels: ClassVar[Mapping[str, Emotion | str | None]] = LABELS

    def entries(self, root: Path) -> Iterator[Entry | Finding]:
        """Every file of the form ``03a01Fa.wav`` or ``.flac`` below ``root``, in any case.

        Findings are files that an audformat table names and that are not there.

        Raises
        ------
        CorpusError
            Where an audformat table cannot be read.
        """
        paths = list(audio_files(root))
        yield from _missing(root, paths)
        for path in paths:
            name = _NAME.fullmatch(path.stem)
            if name is None:
                continue
            speaker, sentence, native, version = name.groups()
            sentence, native, version = sentence.lower(), native.upper(), version.lower()
            stem = f"{speaker}{sentence}{native}{version}"
            yield Entry(
                id=stem,
                audio=path,
                file=f"{stem}.wav",
                speaker=speaker,
                native=native,
                gender=GENDERS.get(speaker),
                sentence=sentence,
                text=SENTENCES.get(sentence),
            )

    def forged_path(self, speaker: str, native: str, take: int) -> str:
        """Where the ``take``-th (from 0) utterance of a speaker and label stands.

        The takes run through the ten sentences, version a first: at most 60.

        Raises
        ------
        ValueError
            If the speaker or the label is unknown, or there is no such take.
        """
        takes = len(SENTENCES) * len(VERSIONS)
        if speaker not in SPEAKERS or native not in LABELS or not 0 <= take < takes:
            raise ValueError(
                f"EMO-DB has no take {take} of label {native!r} by speaker {speaker!r}: "
                f"takes are 0 to {takes - 1}"
            )
        version, sentence = divmod(take, len(SENTENCES))
        return f"wav/{speaker}{list(SENTENCES)[sentence]}{native}{VERSIONS[version]}.wav"

    def forgery(self) -> Forgery:
        from serbench_corpora.forged.emodb import EmoDBForgery

        return EmoDBForgery(self)


def _missing(root: Path, paths: list[Path]) -> Iterator[Finding]:
    """Hold the audformat tables against the disk; a lossless copy may have another suffix."""
    here = {path.with_suffix("") for path in paths}
    for table in sorted(root.rglob("db.emotion*")):
        if table.suffix not in {".csv", ".parquet"}:
            continue
        if table.exists() and not table.is_file():
            raise CorpusError(f"{table} is no regular file", expected="an audformat table")
        named = _files_of(table)
        missing = [name for name in named if (table.parent / name).with_suffix("") not in here]
        if missing:
            yield Finding(
                "missing",
                f"{len(missing)} of {len(named)} files that {table} names do not exist: "
                f"{few(missing)}; expected each of them below {table.parent}",
            )


def _files_of(table: Path) -> list[str]:
    """The column ``file`` of a table, each value once; empty where there is no such column."""
    try:
        if table.suffix == ".csv":
            with table.open(encoding="utf-8-sig", newline="") as lines:
                values = [row.get("file") for row in csv.DictReader(lines)]
        else:
            import pyarrow.parquet

            has_files = "file" in pyarrow.parquet.read_schema(table).names
            columns = pyarrow.parquet.read_table(table, columns=["file"]) if has_files else None
            values = [] if columns is None else columns["file"].to_pylist()
    except (OSError, ValueError, csv.Error) as error:  # pyarrow's own errors are ValueErrors
        raise CorpusError(
            f"{table} cannot be read: {error}",
            expected="an audformat table",
            advice="unpack the archive again, whole",
        ) from error
    names = (value for value in values if isinstance(value, str))
    return list(dict.fromkeys(name for name in names if PurePosixPath(name).name))
