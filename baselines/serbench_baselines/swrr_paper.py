"""The tables of SWRR's paper as it prints them, and what its figures show."""

from __future__ import annotations

from serbench.reproducing.figure import Panel, PaperFigure
from serbench.reproducing.table import Column, PaperTable, Part

CITATION = (
    "SWRR: Feature Map Classifier Based on Sliding Window Attention and High-Response Feature "
    "Reuse for Multimodal Emotion Recognition, Interspeech 2023"
)
IEMOCAP = "iemocap"
WA, UA = Column("WA", "wa"), Column("UA", "ua")
EPOCH = "The paper does not say which epoch it scores: here the last."

TABLE1 = PaperTable(
    name="swrr-table1",
    paper="SWRR",
    table="1",
    title="SWRR against the literature on IEMOCAP, leaving one speaker out",
    citation=CITATION,
    parts=(Part("", (WA, UA), corpora=IEMOCAP, years=True),),
    note=EPOCH,
)

TABLE2 = PaperTable(
    name="swrr-table2",
    paper="SWRR",
    table="2",
    title="SWRR against the literature on CMU-MOSEI",
    citation=CITATION,
    parts=(
        Part(
            "",
            (
                Column("ACC7", "acc7"),
                Column("ACC2", "acc2_non0", also=("acc2_has0", "acc2")),
                Column("F1", "f1_non0", also=("f1_has0", "f1")),
            ),
            corpora="cmu-mosei",
            years=True,
        ),
    ),
    note=EPOCH,
)

TABLE3 = PaperTable(
    name="swrr-table3",
    paper="SWRR",
    table="3",
    title="SWRR without each of its parts, on IEMOCAP",
    citation=CITATION,
    parts=(Part("", (WA, UA), corpora=IEMOCAP),),
    note=EPOCH,
)

FIG3 = PaperFigure(
    name="swrr-fig3",
    paper="SWRR",
    figure="3",
    title="which frames each token of an utterance listens to",
    citation=CITATION,
    kind="attention",
    panels=(
        Panel(
            "SWRR", "swrr", {"epochs": 50}, "loso", IEMOCAP, "iemocap4", numbers=(("1", "SWRR"),)
        ),
    ),
    note=(
        "The paper does not say which utterance it shows. Here it is the first one of the first "
        "fold, by its id, that the model told right. WA and UA are those of Table 1."
    ),
    axes=("frame of sound, 20 ms each", "token"),
)
