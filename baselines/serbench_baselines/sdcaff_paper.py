"""The tables of SD-CAFF's paper as it prints them, and what its figures show."""

from __future__ import annotations

from serbench.reproducing.figure import Panel, PaperFigure
from serbench.reproducing.table import Column, PaperTable, Part

CITATION = (
    "Dong, Peng and Che, Dynamic-Static Cross Attentional Feature Fusion Method for Speech Emotion "
    "Recognition, MMM 2023"
)
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

EPOCHS = {"epochs": 30}
FED_ALL = {"dynamic": "mfcc+delta+delta2", **EPOCHS}
BRANCHES = (
    ("CNN Baseline", "sdcaff-cnn"),
    ("LSTM Baseline", "sdcaff-lstm"),
    ("Concat Baseline", "sdcaff-concat"),
    ("SD-CAFF(final)", "sdcaff"),
)
# Pooled over the five folds, in the released repository; rows the truth. Anger counts twice.
RELEASED_OF = "SD-CAFF(final)"
RELEASED_CLASSES = ("neutral", "sadness", "anger", "happiness")
RELEASED = (
    (923, 61, 21, 94),
    (102, 484, 5, 17),
    (100, 0, 384, 94),
    (165, 11, 44, 443),
)

CONFUSION = PaperFigure(
    name="sdcaff-confusion",
    paper="SD-CAFF",
    figure="",
    title="confusion matrices of SD-CAFF and its branches on IEMOCAP",
    citation=CITATION,
    kind="confusion",
    panels=tuple(
        Panel(
            method, model, EPOCHS, "sdcaff-5fold", IEMOCAP, "sdcaff4", "best-on-test",
            numbers=(("3", method), ("confusion matrices", method)),
            classes=RELEASED_CLASSES if method == RELEASED_OF else (),
            counts=RELEASED if method == RELEASED_OF else (),
        )
        for method, model in BRANCHES
    ),
    note=(
        f"{SCORED} Matrices are pooled over folds, of the epoch that was best by WA; SD-CAFF's own "
        "stands in the released repository."
    ),
)  # fmt: skip

TSNE = PaperFigure(
    name="sdcaff-tsne",
    paper="SD-CAFF",
    figure="",
    title="what SD-CAFF and its branches make of the same test utterances, by t-SNE",
    citation=CITATION,
    kind="tsne",
    panels=tuple(
        Panel(
            method, model, EPOCHS if model != "sdcaff" else FED_ALL, "sdcaff-5fold", IEMOCAP,
            "sdcaff4",
        )
        for method, model in BRANCHES
    ),
    note=(
        "The first of five random folds, after the last epoch. The released script of this figure "
        "feeds MFCC, delta and delta-delta, and so does this. No number is printed."
    ),
)  # fmt: skip
