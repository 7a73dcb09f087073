"""The tables of DBL-MM's paper, as it prints them."""

from __future__ import annotations

from serbench.reproducing.table import Column, PaperTable, Part

CITATION = "DBL-MM: two BiLSTMs with multi-level pooling, tables III to V"
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
