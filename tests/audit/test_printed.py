"""L12 and L24 on numbers that papers print."""

import pytest

from serbench.audit import Case
from serbench.audit.evidence import Printed
from serbench.audit.printed import attainable, consistent, grain, smallest_t
from serbench.errors import SerbenchError
from serbench.listing import Listing

SAVEE = (60, 60, 60, 60, 60, 60, 120)  # utterances per class, 480 in all


@pytest.mark.parametrize(
    ("value", "possible"),
    [
        ("79.36", False),  # TIM-Net at its last epoch
        ("50.40", False),
        ("47.33", False),
        ("54.79", True),
        ("60.63", True),
        ("87.71", True),
        ("79.37", True),  # 381 of 480 are 79.375, rounded down
        ("79.38", True),
        ("79.4", True),
    ],
)
def test_what_480_utterances_can_print(value, possible):
    assert attainable(value, 480) is possible


def test_every_count_is_attainable_and_prints_as_itself():
    for n in (7, 48, 480, 535):
        assert all(attainable(f"{100 * hits / n:.2f}", n) for hits in range(n + 1))


def test_steps_between_numbers():
    assert grain(Printed("", "WA", "50.40", SAVEE)) == 480
    assert grain(Printed("", "WA", "50.40", folds=(120,) * 4)) == 480
    assert grain(Printed("", "WA", "50.40", folds=(48,) * 10)) == 480
    assert grain(Printed("", "WA", "50.40", folds=(2, 3))) == 12
    assert grain(Printed("", "UA", "47.33", SAVEE)) == 840
    assert grain(Printed("", "WA", "50.40", SAVEE, runs=10)) == 4800
    assert grain(Printed("", "WA", "50.40")) is None
    assert grain(Printed("", "UA", "47.33", folds=(120,) * 4)) is None


def test_means_of_equal_folds_are_attainable():
    """A mean over folds is a multiple of 1/(k lcm(n)): each one that can occur is let through."""
    for first in range(3):
        for second in range(4):
            mean = 100 * (first / 2 + second / 3) / 2
            assert attainable(f"{mean:.2f}", 12)


def test_numbers_that_cannot_be_are_a_question(found):
    printed = (
        Printed("TIM-Net*, SAVEE", "WA", "79.36", SAVEE),
        Printed("BiLSTM-2, SAVEE", "WA", "50.40", SAVEE),
        Printed("BiLSTM-2, SAVEE", "UA", "47.33", SAVEE),
        Printed("DBL-MM, SAVEE", "WA", "87.71", SAVEE),
    )
    (one,) = found("L24", Case(Listing("", (), ()), printed=printed))
    assert (one.severity, one.count) == ("warning", 3)
    assert "a question" in one.message
    assert one.examples[0] == "TIM-Net*, SAVEE: WA 79.36"
    assert consistent(printed) == [one]


# SD-CAFF, Table 3: the recalls of neutral, sad, angry and happy, and the UA that is printed.
ABLATION = {
    "LSTM": ("67.81", ("77.25", "70.89", "55.36", "65.26")),
    "all right": ("67.19", ("77.25", "70.89", "55.36", "65.26")),
}


def test_ua_is_the_mean_of_the_recalls():
    for where, (value, recalls) in ABLATION.items():
        told = consistent([Printed(where, "UA", value, recalls=recalls)])
        assert [one.rule for one in told] == ([] if where == "all right" else ["L12"])


def test_sd_caffs_table_says_so():
    """74.89 is printed beside recalls whose mean is 74.22."""
    recalls = ("83.99", "79.61", "66.44", "66.82")
    (one,) = consistent([Printed("SD-CAFF, table 3", "UA", "74.89", recalls=recalls)])
    assert (one.rule, one.severity) == ("L12", "warning")
    assert "mean recall is 74.21" in one.examples[0] or "mean recall is 74.22" in one.examples[0]
    assert "+0.67" in one.examples[0] or "+0.68" in one.examples[0]


def test_rounding_is_let_through():
    assert consistent([Printed("", "UA", "66.67", recalls=("66.67", "66.66", "66.67"))]) == []
    assert consistent([Printed("", "UA", "66.7", recalls=("66.6", "66.7", "66.7"))]) == []


def test_a_tiny_p_from_four_speakers():
    """DBL-MM prints p < 0.0001 for a gain of 7.86 points; SAVEE has four speakers."""
    assert smallest_t(1e-4, 4) == pytest.approx(28.0, abs=0.05)
    claim = Printed("table 5", "UA", "83.00", p_below=1e-4, difference=7.86, units=4)
    (one,) = consistent([claim])
    assert (one.rule, one.severity, one.count) == ("L24", "warning", 4)
    assert "28.0" in one.message
    assert "below 0.56 points" in one.message


def test_a_p_that_ten_speakers_can_give_is_no_question():
    claim = Printed("table 5", "UA", "83.00", p_below=1e-4, difference=7.86, units=10)
    assert consistent([claim]) == []
    modest = Printed("table 5", "UA", "83.00", p_below=0.2, difference=7.86, units=4)
    assert consistent([modest]) == []


@pytest.mark.parametrize("value", ["", "seventy", "nan", "inf"])
def test_what_is_no_number_is_refused(value):
    with pytest.raises(SerbenchError):
        attainable(value, 480)
