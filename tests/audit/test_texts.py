"""L04: shared texts, and what they are worth."""

import dataclasses

import pytest

from serbench.audit import Case
from serbench.audit.evidence import Canary


def test_no_text_is_shared_where_each_speaker_has_his_own(toy, change, found):
    assert found("L04", change(toy(), text=lambda item: f"{item.speaker} speaks")) == []


@pytest.mark.parametrize(
    ("z", "severity"), [(None, "info"), (2.9, "info"), (3.1, "warning"), (-4.6, "warning")]
)
def test_a_shared_text_is_as_grave_as_its_look_up_is_good(toy, change, found, z, severity):
    listing = change(toy(), text=lambda item: f"take {item.id[-1]}!")
    canaries = None if z is None else (Canary("text", 0.4, 0.33, z),)
    (one,) = found("L04", Case(listing, canaries=canaries))
    assert (one.severity, one.count) == (severity, 8)
    assert "100% of the tested utterances" in one.message


def test_texts_are_compared_without_what_spelling_varies(toy, change, found):
    spelt = change(
        toy(speakers=2),
        text=lambda item: (
            "It\u2019s ELEVEN, o'clock" if item.speaker == "s0" else "its eleven oclock"
        ),
    )
    (one,) = found("L04", spelt)
    assert one.count == 1


def test_scenarios_are_looked_at_as_well(toy, change, found):
    listing = change(toy(), scenario=lambda item: item.label)
    (one,) = found("L04", Case(listing, canaries=(Canary("scenario", 0.7, 0.25, 60.0),)))
    assert (one.severity, one.count) == ("warning", 3)
    assert "scenarios are" in one.message


def test_who_says_what_may_mislead(toy, change, found):
    listing = change(toy(), text=lambda item: item.id)
    known = (Canary("text", 0.33, 0.33, 0.0), Canary("speaker-text", 0.03, 0.33, -7.0))
    (one,) = found("L04", Case(listing, canaries=known))
    assert (one.severity, one.count) == ("info", 96)
    above = (known[0], dataclasses.replace(known[1], ua=0.9, z=7.0))
    (one,) = found("L04", Case(listing, canaries=above))
    assert one.severity == "warning"
