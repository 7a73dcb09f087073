"""Which notes of the command line stand on pages, and how."""

from serbench.site.words import coded, for_pages, sentence

TERMINAL = [
    "\N{DAGGER} the same score whoever is left out",
    "~ the mean over folds, as UA fold is",
    "models that share a letter are not told apart at 5%",
    "what else is to be known of printed numbers: --format json",
    "what the audit found: serbench audit loso --corpus emodb",
    "rows without all their trials have no score; `serbench run` completes them",
    "val: the epoch with the highest UA on speakers held out of training",
    "2 pairs allowed no test, and share a letter",
]


def test_neither_commands_nor_the_marks_of_a_terminal():
    assert for_pages(TERMINAL) == [
        "Models that share a letter are not told apart at 5%.",
        "val: the epoch with the highest UA on speakers held out of training.",
        "2 pairs allowed no test, and share a letter.",
    ]


def test_sentences():
    assert sentence("p is exact") == "p is exact."
    assert sentence("done.") == "Done."
    assert sentence("") == "."


def test_what_stands_between_backticks_is_code_and_all_is_escaped():
    assert coded("a `b<c>` & `d` e`") == "a <code>b&lt;c&gt;</code> &amp; <code>d</code> e`"
    assert coded("<script>") == "&lt;script&gt;"
