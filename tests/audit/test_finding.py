"""What is stored of a finding is read back, and nothing else is."""

import pytest

from serbench.audit.finding import Finding
from serbench.errors import StoreError

ONE = Finding("L01", "error", 2, "two speakers", ("03", "08"), ("1", "2"), (2, 1))


def test_there_and_back():
    assert Finding.from_record(ONE.record()) == ONE


@pytest.mark.parametrize(
    "changes",
    [
        {"count": "2"},
        {"count": True},
        {"severity": "fatal"},
        {"examples": "03"},
        {"folds": [1, 2]},
        {"counts": [1]},
        {"more": 1},
    ],
)
def test_what_is_no_finding_is_refused(changes):
    with pytest.raises(StoreError):
        Finding.from_record({**ONE.record(), **changes})


def test_a_missing_field_is_refused():
    record = ONE.record()
    del record["message"]
    with pytest.raises(StoreError):
        Finding.from_record(record)


def test_severities_are_in_order():
    assert ONE.at_least("warning")
    assert ONE.at_least("error")
    assert not Finding("L16", "info", 1, "").at_least("warning")
