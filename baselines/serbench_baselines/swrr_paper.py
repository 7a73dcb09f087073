"""The tables of SWRR's paper, as it prints them."""

from __future__ import annotations

from serbench.reproducing.table import Column, PaperTable, Part

CITATION = "SWRR: feature map classifier, Interspeech 2023"
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
