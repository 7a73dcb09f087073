"""CMU-MOSEI, CMU Multimodal Opinion Sentiment and Emotion Intensity.

People speak into a camera on YouTube: 23,259 labelled segments of 3,293 videos, each with a
sentiment from -3 to 3 and six emotions from 0 (absent) to 3, any number of them at once.

**The labels come in several files that do not say the same** (:mod:`serbench_corpora.mosei`). The
one that says most is read:

* ``CMU_MOSEI_Labels.csd`` and the raters' own answers have all seven values. The one label of a
  segment is its strongest emotion, the first of happy, sad, anger, surprise, disgust and fear where
  several are as strong; without any it is ``none``, and left out of every task of one emotion.
* ``CMU_MOSEI_Labels.csv`` has that one emotion, and the sentiment rounded away from zero to a whole
  number. **Its 14,567 segments of "happy" are those that are happy and those without any emotion**:
  it holds the position of the largest of six numbers, and where all six are 0 that is the first.
  Nothing in this file tells the two apart. Whoever reports emotions from it should report this.
* MMSA's files have the sentiment alone.

Speakers are not named. A video stands for a speaker: one video is one speaker, the converse is
false. "Speaker-independent" means here that no video is on both sides.

An utterance is called ``<video>/<row>`` by the row of its label in the SDK's CSD, which is the
column ``index`` of the CSV: this was made from a CSD row by row. Rows are not in the order of time:
they are the labelled ones of the video's clips, whose numbers are sorted as text (10 before 2). The
raters' answers and MMSA's files have the numbers of clips and not the rows; an utterance from there
is called ``<video>/clip<number>``, so that it is never taken for another one.

Zadeh et al., Multimodal Language Analysis in the Wild: CMU-MOSEI Dataset and Interpretable Dynamic
Fusion Graph, ACL 2018.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from serbench.corpus import Corpus, CorpusCard, Defect, Entry, Finding, Release
from serbench.labels import Emotion
from serbench_corpora.mosei.edition import clips_lacking
from serbench_corpora.mosei.folds import folds_of, known_videos
from serbench_corpora.mosei.sounds import indexed, is_spare
from serbench_corpora.mosei.sources import read_labels, walk
from serbench_corpora.mosei.transcripts import read_transcripts
from serbench_corpora.mosei.utterances import Found, utterances

if TYPE_CHECKING:
    from serbench.testing.forgery import Forgery

LABELS: dict[str, Emotion | None] = {
    "happy": Emotion.HAPPINESS,
    "sad": Emotion.SADNESS,
    "anger": Emotion.ANGER,
    "surprise": Emotion.SURPRISE,
    "disgust": Emotion.DISGUST,
    "fear": Emotion.FEAR,
    "none": None,  # no emotion is present; the SDK's CSV calls these happy
    # MMSA's: a sentiment is no emotion.
    "Positive": None,
    "Neutral": None,
    "Negative": None,
}
COUNTS = {"happy": 14567, "sad": 3782, "anger": 2730, "surprise": 437, "disgust": 1291, "fear": 452}
SPEAKERS = {name: video.segments for name, video in known_videos().items() if video.segments}
LICENCE = (
    "permissive for labels and folds (CMU Multimodal SDK); the videos are YouTube's, and whoever "
    "uses them answers for the rights of the people in them"
)
HOW_TO_GET = (
    "CMU_MOSEI_Labels.csv or .csd and the archive with Raw/Audio/Full/WAV_16000, as of the CMU "
    "Multimodal SDK, whose download server no longer answers; or MMSA's MOSEI folder, its videos "
    "turned into .wav"
)
BIBTEX = """@inproceedings{zadeh2018mosei,
  author    = {Zadeh, AmirAli Bagher and Liang, Paul Pu and Poria, Soujanya and
               Cambria, Erik and Morency, Louis-Philippe},
  title     = {Multimodal Language Analysis in the Wild: {CMU-MOSEI} Dataset and Interpretable
               Dynamic Fusion Graph},
  booktitle = {Proceedings of the 56th Annual Meeting of the Association for Computational
               Linguistics},
  pages     = {2236--2246},
  year      = {2018},
  doi       = {10.18653/v1/P18-1208}
}
"""
DEFECTS = (
    Defect("label", (), "a segment without any emotion is labelled happy, like those that are"),
    Defect("start", (), "239 segments begin before their video; they are read from its start"),
    Defect("fold", (), "399 segments of 68 videos are in no standard fold"),
    Defect("fold", (), "2 of the 678 videos of the test fold have no labelled segment"),
)
# Of the CSD's labels, only how many segments have one is known; the CSV was made from it, and it
# lumps what is happy with what is none.
CSV = Release("CMU-MOSEI, SDK labels (CSV)", COUNTS, SPEAKERS, defects=DEFECTS)
CSD = Release("CMU-MOSEI, SDK labels (CSD)", {}, SPEAKERS, defects=DEFECTS[1:])
RATERS = Release("CMU-MOSEI, the raters' answers", {}, {})
# 22,856 clips; how many of which label or video, nobody has published.
MMSA = Release(
    "CMU-MOSEI, MMSA's edition",
    {},
    dict.fromkeys(name for name, video in known_videos().items() if video.fold),
)
RELEASES = {"csv": CSV, "csd": CSD, "raters": RATERS, "mmsa": MMSA}


class CMUMOSEI(Corpus):
    """Reads one label file, and finds each segment in its video's recording or a file of its own.

    Folds are the SDK's, train, valid and test; 68 videos are in none.
    """

    card: ClassVar[CorpusCard] = CorpusCard(
        name="cmu-mosei",
        title="CMU-MOSEI",
        language="English",
        licence=LICENCE,
        how_to_get=HOW_TO_GET,
        citation=BIBTEX,
        releases=tuple(RELEASES.values()),
        layouts=(
            "CMU_MOSEI_Labels.csv or .csd, Raw/Audio/Full/WAV_16000/<video>.wav",
            "Raw/Labels/*.csv, Raw/Transcript/Segmented/Combined/<video>.txt, and the same sound",
            "CMU_MOSEI_Labels.csv, Audio/Segmented_Audio/{train,dev,test}/<video>_<row>.wav",
            "label.csv or Processed/unaligned_50.pkl (MMSA), Raw/<video>/<clip>.wav",
        ),
    )
    labels: ClassVar[Mapping[str, Emotion | str | None]] = LABELS

    def entries(self, root: Path) -> Iterator[Entry | Finding | Release]:
        """Every labelled segment below ``root``, whether its sound is there or not.

        Raises
        ------
        CorpusError
            Where there is no label file or it is another corpus's, and where there are videos and
            no sound.
        MissingExtra
            Where the labels are a CSD and h5py is not installed.
        """
        tree = walk(root)
        labels, remarks = read_labels(tree)
        yield RELEASES[labels.kind]
        yield from remarks
        yield from labels.findings
        yield from clips_lacking(labels)
        videos = dict.fromkeys(segment.video for segment in labels.segments)
        folds, contradictions = folds_of(labels, tree.folds)
        yield from contradictions
        transcripts, unusable = read_transcripts(tree.texts, videos)
        yield from unusable
        sounds = indexed(tree.sounds)
        by_clip = labels.segments[0].number.startswith("clip")
        found = Found(
            root,
            sounds,
            segment=sounds.segments(videos, by_clip),
            misnumbered=sounds.segments(videos, not by_clip),
            films=indexed(tree.films),
            transcripts=transcripts,
        )
        yield from utterances(labels, folds, found)

    def passed_over(self, path: Path) -> bool:
        """Recordings without a label, and files of segments beside the recordings."""
        return is_spare(path, _LOWER)

    def forgery(self) -> Forgery:
        """How a make-believe CMU-MOSEI is written."""
        from serbench_corpora.forged.cmu_mosei import ForgedMOSEI

        return ForgedMOSEI(self)


_LOWER = frozenset(video.lower() for video in known_videos())
