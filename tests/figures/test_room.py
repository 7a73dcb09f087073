"""Figures for a column of a paper: as wide as it is, and their text can still be read."""

import io
import re
import struct

import pytest

from serbench.errors import UsageError
from serbench.figures import (
    confusion,
    critical,
    curves,
    differences,
    embedding,
    forest,
    speakers,
    stability,
    transfer,
)
from serbench.figures.confusion import Matrix
from serbench.figures.look import entitled, halved
from serbench.figures.room import READ, Fits, Room, fitted, points, relabelled
from serbench.figures.saving import save

LONG = "dblmm-with-a-name epochs=6 hidden=32"


@pytest.fixture(scope="module")
def board(forged):
    """Four models that are ranked, one of a long name, and a canary."""
    return forged.board(
        forged.row("svm", forged.scores(9, 9, 8, 9)),
        forged.row("logreg", forged.scores(9, 8, 8, 9)),
        forged.row("timnet", forged.scores(6, 5, 6, 4), variant="epochs=30"),
        forged.row(*LONG.split(maxsplit=1)[:1], forged.scores(3, 4, 2, 4), variant="epochs=6 a=32"),
        forged.row("canary: file", forged.scores(4, 4, 4, 4)),
    )


def matrices(board):
    return [
        Matrix(row.model, row.scores.classes, row.scores.confusion)
        for row in board.rows
        if row.ranked
    ]


def drawn(module, board, width):
    """The drawing, its width in points and those of its smallest letters."""
    shown = matrices(board) if module is confusion else board
    chart, scale = fitted(
        lambda room: entitled(module.draw(shown, room), *room.titled("toy under loso", ["words"])),
        module.FITS,
        width,
    )
    import vl_convert

    svg = vl_convert.vegalite_to_svg(chart.to_dict(validate=False))
    letters = [float(size) for size in re.findall(r'font-size="([\d.]+)px"', svg)]
    (whole,) = re.findall(r'<svg[^>]* width="([\d.]+)"', svg)
    return svg, float(whole) * scale, min(letters) * scale


OFTEN, SELDOM = (forest, confusion), (differences, speakers, stability)


@pytest.mark.parametrize(
    "module",
    [*OFTEN, *(pytest.param(one, marks=pytest.mark.slow) for one in SELDOM)],
    ids=lambda module: module.__name__,
)
def test_a_figure_of_a_board_fits_a_column(module, board):
    svg, width, smallest = drawn(module, board, 252)
    assert 200 < width <= 252
    assert smallest >= READ - 0.01
    for text in ("logreg", "toy under loso"):
        assert text in svg


def test_over_both_columns_it_is_laid_out_more_fully(board):
    svg, width, smallest = drawn(forest, board, 516)
    assert 500 < width <= 516
    assert smallest >= READ - 0.01
    assert LONG.partition(" ")[0] + " epochs=6" in svg  # in one line


def test_the_least_width_is_told_and_is_possible(board):
    with pytest.raises(UsageError, match="--width 120") as told:
        drawn(differences, board, 120)
    (least,) = map(int, re.findall(r"(\d+) points at least", told.value.expected))
    assert 120 < least < 252
    _, width, smallest = drawn(differences, board, least)
    assert width <= least
    assert smallest >= READ - 0.01


@pytest.mark.slow
def test_pairs_of_corpora_fit_a_column(forged):
    corpora = ("casia", "emodb", "emovo", "ravdess", "savee")
    rights = {(a, b): 5 for a in corpora for b in corpora if a != b}
    row = forged.row("m", forged.crossed(corpora, rights, seeds=2))
    pairs = forged.board(row, corpora=corpora, held=False)
    chart, scale = fitted(
        lambda room: transfer.draw(pairs, row, None, room), transfer.FITS, points("column")
    )
    assert scale * transfer.SMALL >= READ - 0.01
    assert "ravdess" in forged.svg(chart) or "ravd" in forged.svg(chart)


@pytest.mark.parametrize(
    "module", [critical, curves, embedding], ids=lambda module: module.__name__
)
def test_every_figure_says_how_far_it_can_be_bent(module):
    assert isinstance(module.FITS, Fits)
    assert 0 < module.FITS.least < module.FITS.most


@pytest.mark.parametrize(
    ("said", "found"), [("column", 252), ("text", 516), ("300", 300), ("80.5pt", 80.5)]
)
def test_widths(said, found):
    assert points(said) == found


@pytest.mark.parametrize("said", ["wide", "0", "-3", "inf", "nan", ""])
def test_what_is_no_width_is_refused(said):
    with pytest.raises(UsageError, match="--width") as told:
        points(said)
    assert "column (252 pt)" in told.value.expected


def test_long_names_take_two_lines():
    assert halved("svm") == ("svm", "")
    assert halved(LONG) == ("dblmm-with-a-name", "epochs=6 hidden=32")
    assert all(len(line) <= 18 for line in halved("a-model-of-a-far-too-long-name x=1"))


def test_labels_are_cut_as_far_as_none_are_alike():
    assert '"sadness": "sadn."' in relabelled(["sadness", "fear"], 36)
    told = relabelled(["surprise", "surprised"], 30)
    assert '"surprise": "surprise"' in told or "surprise" in str(told)
    assert relabelled(["a", "b"], 30) is relabelled(["a", "b"], 300)  # nothing to cut


@pytest.fixture(scope="module")
def chart(board):
    return forest.draw(board)


@pytest.mark.parametrize(("scale", "density"), [(None, 144), (0.75, 300)])
def test_a_png_says_how_large_it_is(chart, tmp_path, scale, density):
    path = tmp_path / "f.png"
    save(chart, path, "words", scale)
    written = path.read_bytes()
    at = written.index(b"pHYs") + 4
    per_metre, _, unit = struct.unpack(">IIB", written[at : at + 9])
    assert unit == 1  # metres
    assert per_metre * 0.0254 == pytest.approx(density, abs=0.1)
    from PIL import Image

    pixels = Image.open(io.BytesIO(written)).width
    own = chart.width + chart.padding["left"] + chart.padding["right"]
    assert 72 * pixels / density == pytest.approx(own * (scale or 1), abs=1)


def test_an_svg_and_a_pdf_are_as_large_as_they_are_to_be(chart, tmp_path):
    own = chart.width + chart.padding["left"] + chart.padding["right"]
    save(chart, tmp_path / "f.svg", "words", 0.5)
    head = (tmp_path / "f.svg").read_text().partition(">")[0]
    assert f'width="{own / 2:.2f}pt"' in head
    assert re.search(rf'viewBox="0 0 {own:g} ', head)
    save(chart, tmp_path / "f.pdf", "words", 0.5)
    (box,) = re.findall(rb"MediaBox\s*\[([^\]]+)", (tmp_path / "f.pdf").read_bytes())
    assert float(box.split()[2]) == pytest.approx(own / 2, abs=1)
    assert Room(100, 10).brief == 0
