"""Aligned columns: nothing is cut, one column folds, headings stand on their rule."""

from rich.cells import cell_len

from serbench.cli.aligned import Aligned

NAMES = ["model", "settings", "UA\n%"]
LINES = [["svm", "C=1 kernel=rbf gamma=scale", "71.5"], ["a-longer-name", "", "9.0"]]


def told(width, lines=LINES, **changes):
    table = Aligned(NAMES, lines, left={0, 1}, folds=1, **changes)
    return table.text(width).plain.split("\n")


def test_numbers_end_and_names_begin_at_one_column():
    blank, first, heading, rule, svm, other, end = told(100)
    assert (blank, end) == ("", "")
    assert first.rstrip().endswith("UA")
    assert heading.split() == ["model", "settings", "%"]
    assert svm.rstrip() == " svm             C=1 kernel=rbf gamma=scale   71.5"
    assert other.endswith("  9.0")
    assert len(other) == len(svm) == len(heading)
    assert rule.strip() == "─" * (len(svm) - 1)


def test_only_settings_fold_and_between_words():
    lines = told(36)
    assert [line[17:28].strip() for line in lines[4:7]] == ["C=1", "kernel=rbf", "gamma=scale"]
    assert max(map(len, lines)) <= 36
    assert sum("71.5" in line for line in lines) == 1


def test_too_narrow_a_terminal_cuts_nothing():
    lines = told(10)
    assert any("a-longer-name" in line for line in lines)
    assert any("gamma=scale" in line for line in lines)


def test_wide_characters_take_two_columns():
    lines = told(100, [["情感", "x", "1.0"], ["emotion", "x", "2.0"]])
    assert len({cell_len(line) for line in lines[4:6]}) == 1


def test_unranked_rows_are_dim_and_the_heading_bold():
    text = Aligned(NAMES, LINES, left={0, 1}, folds=1).text(100, dim={1})
    shown = {str(span.style): text.plain[span.start : span.end] for span in text.spans}
    assert "settings" in shown["bold"]
    assert "a-longer-name" in shown["dim"]
    assert "svm" not in shown["dim"]
