"""What stands on every page, and what a title or a date may not be."""

import pytest

from serbench.errors import UsageError
from serbench.provenance import own_version
from serbench.site.masthead import Masthead, masthead


def test_by_itself_it_names_nobody_and_no_day():
    head = masthead("serbench", "")
    assert head == Masthead()
    assert (head.title, head.date, head.version) == ("serbench", "", own_version())
    assert not head.named


def test_a_name_and_a_day():
    head = masthead("  Speech Lab\n Ghent ", "2026-02-28")
    assert (head.title, head.date) == ("Speech Lab Ghent", "2026-02-28")
    assert head.named


@pytest.mark.parametrize("date", ["2026-02-30", "28.2.2026", "20260228", "today", "2026-W09-6"])
def test_no_day_of_the_calendar(date):
    with pytest.raises(UsageError, match=f"--date {date}"):
        masthead("Lab", date)


def test_no_name():
    with pytest.raises(UsageError, match="--title is blank"):
        masthead(" \t", "")
