"""CASIA, the Chinese emotional speech corpus of the Institute of Automation, Beijing.

Four speakers, two women and two men, read Mandarin sentences in five emotions and neutral. What
circulates is a part of 1,200 utterances: the same 50 texts by each speaker in each emotion, 201 to
250. The full edition has 9,600: 300 texts that all emotions share (its folder is called
相同文本300, "same texts"), and 100 that were written for the emotion (不同文本100, "different
texts").

``liuchanhg/angry/201.wav`` is speaker liuchanhg (that is how the folder is spelled), angry, text
201. The number alone stands for 24 files, one per speaker and emotion; a file of this form in no
speaker's folder has lost its speaker and is refused rather than guessed at.

Of the different texts the numbers count within one emotion: they are not known to be the same
sentence for two speakers, so no sentence is given, and their ids say "different", since the numbers
are not known to be other ones than those of the same texts. Their folders spell the speakers
otherwise (``Chang.Liu``), which is mended, and call neutral "normal", which is reported as written:
in the full edition neutral and normal are two native labels of one emotion.

Texts lie beside the recordings in GBK; their form is not known here, and they are not read.

A corpus of ChineseLDC, CLDC-SPC-2005-010.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from serbench.corpus import Corpus, CorpusCard, Entry, Finding, Release, audio_files
from serbench.errors import CorpusError
from serbench.labels import Emotion

if TYPE_CHECKING:
    from serbench.testing.forgery import Forgery

LABELS: dict[str, Emotion] = {
    "angry": Emotion.ANGER,
    "fear": Emotion.FEAR,
    "happy": Emotion.HAPPINESS,
    "neutral": Emotion.NEUTRAL,
    "normal": Emotion.NEUTRAL,
    "sad": Emotion.SADNESS,
    "surprise": Emotion.SURPRISE,
}
COUNTS = dict.fromkeys(("angry", "fear", "happy", "neutral", "sad", "surprise"), 200)
GENDERS = {
    "ZhaoZuoxiang": "male",
    "liuchanhg": "female",
    "wangzhe": "male",
    "zhaoquanyin": "female",
}
SPEAKERS = dict.fromkeys(GENDERS, 300)
# 4 speakers by 300 same texts, and by 100 different ones, where neutral is called normal.
COUNTS_FULL = {
    **dict.fromkeys(COUNTS, 4 * (300 + 100)),
    "neutral": 4 * 300,
    "normal": 4 * 100,
}
SPEAKERS_FULL = dict.fromkeys(GENDERS, 6 * (300 + 100))
# As the folders of the different texts spell them.
DOTTED = {
    "ZhaoZuoxiang": "Zuoxiang.Zhao",
    "liuchanhg": "Chang.Liu",
    "wangzhe": "Zhe.Wang",
    "zhaoquanyin": "Quanyin.Zhao",
}
SAME_TEXTS = "相同文本300"
DIFFERENT_TEXTS = "不同文本100"
FIRST_TEXT = 201  # of the 50 in circulation
TEXTS = 50
MANIFEST = Path(__file__).parent / "manifests" / "casia.csv.xz"  # of the part in circulation
SUBSET = Release("CASIA, 1200 utterances of 50 texts", COUNTS, SPEAKERS, manifest=MANIFEST)
FULL = Release("CASIA, full edition (CLDC-SPC-2005-010)", COUNTS_FULL, SPEAKERS_FULL)
LICENCE = "sold under licence by ChineseLDC; the part in circulation has no open licence"
HOW_TO_GET = (
    "the full edition from ChineseLDC (CLDC-SPC-2005-010), unpacked, or the circulating part of "
    "1,200 utterances with its folders, speaker above emotion; their results stand apart"
)
BIBTEX = """@misc{casia2005,
  author       = {{Institute of Automation, Chinese Academy of Sciences}},
  title        = {{CASIA} {Chinese} Emotional Speech Corpus},
  howpublished = {ChineseLDC, CLDC-SPC-2005-010},
  year         = {2005}
}
"""

# Every spelling of a speaker, in lower case.
_SPEAKERS = {name.lower(): name for name in GENDERS}
_SPEAKERS |= {dotted.lower(): name for name, dotted in DOTTED.items()}
_DOTTED = frozenset(dotted.lower() for dotted in DOTTED.values())
_NAME = re.compile(
    rf"(?P<number>\d+)(?:-(?P<native>{'|'.join(LABELS)})-(?P<speaker>{'|'.join(GENDERS)}))?",
    re.IGNORECASE,
)


class CASIA(Corpus):
    """Reads speaker and label from the folders, or from a file name that gives both."""

    card: ClassVar[CorpusCard] = CorpusCard(
        name="casia",
        title="CASIA",
        language="Mandarin Chinese",
        licence=LICENCE,
        how_to_get=HOW_TO_GET,
        citation=BIBTEX,
        releases=(SUBSET, FULL),
        layouts=(
            "liuchanhg/angry/201.wav",
            "CASIA database/liuchanhg/angry/201.wav",
            "angry/201-angry-liuchanhg.wav",
            f"{SAME_TEXTS}/liuchanhg/angry/201.wav (full edition)",
            f"{DIFFERENT_TEXTS}/Chang.Liu/angry/001.wav (full edition)",
        ),
    )
    labels: ClassVar[Mapping[str, Emotion | str | None]] = LABELS

    def entries(self, root: Path) -> Iterator[Entry | Finding]:
        """Every file of the form ``liuchanhg/angry/201.wav`` or ``201-angry-liuchanhg.wav``.

        A file in a folder of another speaker or emotion than its name says is a finding, and is
        read by its name.

        Raises
        ------
        CorpusError
            Where a file of an emotion stands in no speaker's folder and names no speaker.
        """
        for path in audio_files(root):
            name = _NAME.fullmatch(path.stem)
            if name is None:
                continue
            folders = [part.lower() for part in path.parts[len(root.parts) : -1]]
            spelled = next((part for part in reversed(folders) if part in _SPEAKERS), None)
            housed = next((part for part in reversed(folders) if part in LABELS), None)
            native = (name["native"] or housed or "").lower()
            if not native:
                continue
            if name["speaker"] is None and spelled is None:
                raise _lost(root, path)
            speaker = _SPEAKERS[(name["speaker"] or spelled or "").lower()]
            said = {_SPEAKERS[spelled] if spelled else speaker, housed or native}
            if said != {speaker, native}:
                yield Finding(
                    "misplaced",
                    f"{path} is {native} by {speaker} by its name, and its folders say "
                    f"{' and '.join(sorted(said - {speaker, native}))}",
                )
            yield _entry(path, speaker, native, name["number"], _is_different(folders, spelled))

    def forged_path(self, speaker: str, native: str, take: int) -> str:
        """Where the ``take``-th (from 0) utterance of a speaker and label stands.

        Raises
        ------
        ValueError
            If the speaker or the label is unknown, or there is no such take: each of the 50 texts
            is one.
        """
        if speaker not in SPEAKERS or native not in COUNTS or not 0 <= take < TEXTS:
            raise ValueError(
                f"CASIA has no take {take} of label {native!r} by speaker {speaker!r}: "
                f"takes are 0 to {TEXTS - 1}"
            )
        return f"{speaker}/{native}/{FIRST_TEXT + take}.wav"

    def forgery(self) -> Forgery:
        from serbench_corpora.forged.casia import CASIAForgery

        return CASIAForgery(self)


def _entry(path: Path, speaker: str, native: str, number: str, different: bool) -> Entry:
    """One utterance. Of the same texts, ids and files are those of the part in circulation."""
    own = f"{speaker}/{native}/{number}"
    return Entry(
        id=f"{speaker}/{native}/different/{number}" if different else own,
        audio=path,
        file=f"{DIFFERENT_TEXTS}/{DOTTED[speaker]}/{native}/{number}.wav"
        if different
        else f"{own}.wav",
        speaker=speaker,
        native=native,
        gender=GENDERS[speaker],
        sentence=None if different else number,
    )


def _is_different(folders: list[str], spelled: str | None) -> bool:
    """Whether a file is one of the different texts, by the part's folder or the speaker's.

    The former may have been renamed, or garbled where a GBK archive was unpacked as another
    encoding; the latter has its own spelling there.
    """
    for part in reversed(folders):
        if SAME_TEXTS[:4] in part or DIFFERENT_TEXTS[:4] in part:
            return DIFFERENT_TEXTS[:4] in part
    return spelled in _DOTTED


def _lost(root: Path, path: Path) -> CorpusError:
    return CorpusError(
        f"{path} has lost its speaker: all four have a file of this name, and it stands in no "
        f"folder {', '.join(SPEAKERS)} below {root}",
        expected="liuchanhg/angry/201.wav or 201-angry-liuchanhg.wav",
        advice="unpack the corpus anew with its folders, and name the folder that holds "
        f"{', '.join(SPEAKERS)}",
    )
