"""The tables of DBL-MM's paper as it prints them, and what its figures show."""

from __future__ import annotations

from serbench.reproducing.figure import Panel, PaperFigure
from serbench.reproducing.table import Column, PaperTable, Part

CITATION = "DBL-MM: two BiLSTMs with multi-level pooling"
CORPORA = (("EMO-DB", "emodb"), ("SAVEE", "savee"))
WA, UA = Column("WA", "wa"), Column("UA", "ua")
LEFT_OUT = (
    "Leave one speaker out. The paper says neither which of 100 epochs it scores (here the last) "
    "nor how many runs it averages."
)

TABLE3 = PaperTable(
    name="dblmm-table3",
    paper="DBL-MM",
    table="III",
    title="DBL-MM against each of its two BiLSTMs",
    citation=CITATION,
    parts=tuple(Part(title, (WA, UA), corpora=name) for title, name in CORPORA),
    note=LEFT_OUT,
)

TABLE4 = PaperTable(
    name="dblmm-table4",
    paper="DBL-MM",
    table="IV",
    title="t-tests of DBL-MM against each of its two BiLSTMs",
    citation=CITATION,
    parts=(
        Part(
            "",
            tuple(Column(title, "p", corpora=name) for title, name in CORPORA),
            tests={
                "DBL-MM vs BiLSTM-1": ("DBL-MM", "BiLSTM-1"),
                "DBL-MM vs BiLSTM-2": ("DBL-MM", "BiLSTM-2"),
            },
            tests_of="III",
        ),
    ),
    note=(
        "What the paper pairs, and how often it repeated its runs, it does not say. Ours are "
        "paired t-tests of WA over speakers."
    ),
)

TABLE5 = PaperTable(
    name="dblmm-table5",
    paper="DBL-MM",
    table="V",
    title="DBL-MM against the literature",
    citation=CITATION,
    parts=tuple(Part(title, (WA, UA), corpora=name, years=True) for title, name in CORPORA),
    note=LEFT_OUT,
)


def _confusion(figure: str, title: str, corpus: str) -> PaperFigure:
    return PaperFigure(
        name=f"dblmm-fig{figure}",
        paper="DBL-MM",
        figure=figure,
        title=f"confusion matrix of DBL-MM on {title}",
        citation=CITATION,
        kind="confusion",
        panels=(
            Panel(
                "DBL-MM", "dblmm", {"epochs": 100}, "loso", corpus, numbers=(("text", "DBL-MM"),)
            ),
        ),
        note=f"{LEFT_OUT} Of the matrix, its text names some recalls.",
    )


FIG3 = _confusion("3", "EMO-DB", "emodb")
FIG4 = _confusion("4", "SAVEE", "savee")
