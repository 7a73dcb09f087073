"""McNemar's exact test against statsmodels and worked examples."""

import pytest
from statsmodels.stats.contingency_tables import mcnemar as oracle

from serbench.stats.mcnemar import mcnemar


@pytest.mark.parametrize(
    ("table", "p"),
    [([[60, 12], [5, 23]], 0.1434631348), ([[300, 40], [22, 138]], 0.0300158643)],
)
def test_worked_examples(table, p):
    (_, first), (second, _) = table
    assert mcnemar(first, second) == pytest.approx(p, rel=1e-8)
    assert mcnemar(first, second) == pytest.approx(oracle(table, exact=True).pvalue, rel=1e-12)
    assert mcnemar(second, first) == mcnemar(first, second)


def test_no_utterance_tells_them_apart():
    assert mcnemar(0, 0) == 1
    assert mcnemar(3, 3) == 1


def test_counts_below_zero_are_refused():
    with pytest.raises(ValueError, match="-1"):
        mcnemar(-1, 2)
