"""Tables of a paper: they fit its page, as LaTeX itself says."""

import dataclasses
import re
import shutil
import subprocess

import pytest

from serbench.cli.floated import BOTH, COLUMN, Floated, cell, escaped
from serbench.cli.texwidth import width

NUMBERS = ["25.1 [21.3, 29.0]†", "-13.6 [-23.1, -4.0]", "69.2"]
PAPER = r"""\documentclass[10pt%s]{article}
\usepackage{booktabs,graphicx}
\begin{document}
%s
\end{document}
"""


def table(count, name="dblmm (epochs=6 hidden=32)", **changes):
    """So many rows of numbers, with a name in front."""
    fields = {
        "caption": "emodb under loso: 7 classes",
        "label": "emodb-under-loso",
        "headings": ["model", "UA %\n[95% CI]", "less\nbest\npoints", "WA %"],
        "rows": [[f"{name} {at}", *NUMBERS] for at in range(count)],
        "left": {0},
        "rules": {1},
        "notes": ["† a note of `serbench run`", "a second one, as long as it takes " * 4],
    }
    return Floated(**(fields | changes))


def overfull(text, folder, classes=""):
    """What LaTeX says of a paper with this in it."""
    if shutil.which("pdflatex") is None:
        pytest.skip("no pdflatex")
    (folder / "paper.tex").write_text(PAPER % (classes, text), encoding="utf-8")
    ran = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-draftmode", "paper.tex"],
        cwd=folder, capture_output=True, text=True, check=False, errors="replace",
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout[-2000:]
    return [line for line in ran.stdout.splitlines() if line.startswith("Overfull")]


def test_no_table_is_wider_than_the_page(tmp_path):
    tables = [
        table(3),
        table(6, name="a-model-of-quite-a-long-name (with=1 many=2 settings=3 of=4 its=5 own=6)"),
        table(2, headings=["model", *"abcdefghijklmno"], rows=[["net", *NUMBERS * 5]] * 2),
    ]
    assert [one.text().count(r"\resizebox") for one in tables] == [0, 0, 1]
    assert overfull("\n".join(one.text() for one in tables), tmp_path) == []


def test_over_both_columns_of_a_two_column_paper(tmp_path):
    wide = table(3, wide=True, name="a-model-of-quite-a-long-name (with=1 many=2 settings=3)")
    assert wide.text().count("{table*}") == 2
    assert overfull(wide.text(), tmp_path, ",twocolumn") == []


def test_text_folds_before_anything_is_made_smaller():
    longer = table(1, name="net " + "word " * 40)
    assert r"p{" in longer.text()
    assert r"\resizebox" not in longer.text()
    assert sum(longer.folded) < COLUMN < sum(longer.natural)
    assert table(1).fits
    assert not table(1, headings=["model", *"abcdef"], rows=[["net", *NUMBERS * 2]]).fits


def test_it_says_what_it_needs_and_which_paper_it_suits():
    head = table(1).text().splitlines()[:2]
    assert head[0] == r"% needs \usepackage{booktabs}"
    assert re.fullmatch(r"% about \d+ pt wide, for a one-column paper; .*: --wide", head[1])
    assert "over both" in table(1, wide=True).text().splitlines()[1]
    assert BOTH > COLUMN


def test_widths_are_those_of_the_type():
    assert width("0000000000") == pytest.approx(42.5, abs=0.1)  # cmr8: 0.531 em
    assert width("-1.0") > width("1.0") + 6  # a minus is longer than a hyphen
    assert width("loso-5") == pytest.approx(width("loso") + width("-") + width("5"))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("14.3 [14.3, 14.3]†,‡", r"14.3 [14.3, 14.3]\textsuperscript{$\dagger$,$\ddagger$}"),
        ("-1.2 [-3.0, +0.6]", r"$-$1.2 [$-$3.0, $+$0.6]"),
        ("1-3", "1--3"),
        (
            "TIM-Net (last epoch; Table 1[1,7])",
            r"TIM-Net (last epoch; Table 1\textsuperscript{1,7})",
        ),
        ("[2] a remark", r"\textsuperscript{2} a remark"),
        ("† a note", r"\textsuperscript{$\dagger$} a note"),
    ],
)
def test_cells(text, shown):
    assert cell(text) == shown


def test_code_is_set_as_code():
    assert escaped("`serbench run --x` completes them") == (
        r"\texttt{serbench run -{}-x} completes them"
    )
    assert escaped("a ` alone") == r"a \textasciigrave{} alone"


def test_a_folded_column_in_the_last_place(tmp_path):
    last = dataclasses.replace(
        table(2), headings=["n", "words"], left={1}, rows=[["1", "word " * 60], ["2", ""]]
    )
    assert "p{" in last.text()
    assert overfull(last.text(), tmp_path) == []
