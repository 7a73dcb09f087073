"""The tables of SD-CAFF's paper, as it prints them."""

from __future__ import annotations

from serbench.reproducing.table import Column, PaperTable, Part

CITATION = "SD-CAFF: static-dynamic features and cross attention feature fusion, 2022"
IEMOCAP = "iemocap"
WA, UA = Column("WA", "wa"), Column("UA", "ua")
SCORED = (
    "By the released code each number is of the best epoch on the test fold, of WA and of UA by "
    "themselves; five random folds of utterances, speakers on both sides."
)

TABLE1 = PaperTable(
    name="sdcaff-table1",
    paper="SD-CAFF",
    table="1",
    title="what the dynamic branch reads, on IEMOCAP",
    citation=CITATION,
    parts=(Part("", (WA, UA), corpora=IEMOCAP),),
    note=SCORED,
)

TABLE2 = PaperTable(
    name="sdcaff-table2",
    paper="SD-CAFF",
    table="2",
    title="SD-CAFF against the literature on IEMOCAP and MSP-IMPROV",
    citation=CITATION,
    parts=(
        Part(
            "",
            (
                Column("IEMOCAP WA", "wa", IEMOCAP),
                Column("IEMOCAP UA", "ua", IEMOCAP),
                Column("MSP WA", "wa", "msp-improv"),
                Column("MSP UA", "ua", "msp-improv"),
            ),
            years=True,
        ),
    ),
    note=SCORED,
)

TABLE3 = PaperTable(
    name="sdcaff-table3",
    paper="SD-CAFF",
    table="3",
    title="SD-CAFF against its branches, with the recall of each class, on IEMOCAP",
    citation=CITATION,
    parts=(
        Part(
            "",
            (
                Column("neutral", "recall_neutral"),
                Column("sad", "recall_sadness"),
                Column("angry", "recall_anger"),
                Column("happy", "recall_happiness"),
                WA,
                UA,
            ),
            corpora=IEMOCAP,
        ),
    ),
    note=(
        f"{SCORED} Recalls are pooled over folds, of the epoch that was best by WA: a UA "
        "of another epoch is not their mean."
    ),
)
