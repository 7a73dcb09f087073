"""The tables of TIM-Net's paper as it prints them, and what its figures show."""

from __future__ import annotations

from serbench.reproducing.figure import Panel, PaperFigure
from serbench.reproducing.table import Column, PaperTable, Part

CITATION = "Ye et al., Temporal Modeling Matters, ICASSP 2023"
CORPORA = (
    ("CASIA", "casia"),
    ("EMODB", "emodb"),
    ("EMOVO", "emovo"),
    ("IEMOCAP", "iemocap"),
    ("RAVDESS", "ravdess"),
    ("SAVEE", "savee"),
)
UAR, WAR = Column("UAR", "ua"), Column("WAR", "wa")
SIX = "casia+emodb+emovo+iemocap+ravdess+savee"
FIVE = "casia+emodb+emovo+ravdess+savee"
SUPPLEMENT = "supplement S3"

TABLE1 = PaperTable(
    name="timnet-table1",
    paper="TIM-Net",
    table="1",
    title="TIM-Net against the literature on six corpora, 10 random folds of utterances",
    citation=CITATION,
    parts=tuple(Part(title, (UAR, WAR), corpora=name, years=True) for title, name in CORPORA),
    note=(
        "* is the last epoch; ** the epoch that was best on the test fold itself. Speakers are on "
        "both sides of random folds."
    ),
)

TABLE2 = PaperTable(
    name="timnet-table2",
    paper="TIM-Net",
    table="2",
    title="cross-corpus: the mean over 20 ordered pairs of five corpora, of ten runs",
    citation=CITATION,
    parts=(Part("", (Column("UAR_avg", "ua"), Column("WAR_avg", "wa")), corpora=FIVE),),
    note="CAAM hears the unlabelled target; TCN and TIM-Net do not.",
)

TABLE3 = PaperTable(
    name="timnet-table3",
    paper="TIM-Net",
    table="3",
    title="TIM-Net without each of its parts: the mean over six corpora",
    citation=CITATION,
    parts=(
        Part(
            "",
            (Column("UAR_avg", "ua"), Column("WAR_avg", "wa")),
            corpora=SIX,
            mean_of=SUPPLEMENT,
        ),
        *(
            Part(f"{title} (supplement S3)", (UAR, WAR), corpora=name, table=SUPPLEMENT)
            for title, name in CORPORA
        ),
    ),
    note=(
        "All of it is the epoch that was best on the test fold. The table prints means alone; the "
        "corpora behind them stand in the authors' supplement."
    ),
)

EPOCHS = {"epochs": 500}
FIG2 = PaperFigure(
    name="timnet-fig2",
    paper="TIM-Net",
    figure="2",
    title="loss and accuracy of TIM-Net over the epochs, on six corpora",
    citation=CITATION,
    kind="curves",
    panels=tuple(
        Panel(
            "TIM-Net", "timnet", EPOCHS, "last-epoch", corpus,
            labels="iemocap4" if corpus == "iemocap" else "own",
            numbers=(("1", "TIM-Net*"), ("1", "TIM-Net**")),
        )
        for _, corpus in CORPORA
    ),
    note=(
        "The paper's own folds. Beside it stand the scores of Table 1 that these curves end in: * "
        "the last epoch, ** the epoch that was best on the test fold."
    ),
)  # fmt: skip

FIG3 = PaperFigure(
    name="timnet-fig3",
    paper="TIM-Net",
    figure="3",
    title="what GM-TCN and TIM-Net make of the same test utterances, by t-SNE",
    citation=CITATION,
    kind="tsne",
    panels=(
        Panel("GM-TCN", "gmtcnet", EPOCHS, "holdout", "casia"),
        Panel("TIM-Net", "timnet", EPOCHS, "holdout", "casia"),
    ),
    note=(
        "One random division of the utterances, 8:2, speakers on both sides; which utterances the "
        "paper's were is not known. Its settings of t-SNE are not either. No number is printed."
    ),
)
