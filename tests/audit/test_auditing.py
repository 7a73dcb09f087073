"""The audit as a whole: what is kept, what is not checked, and what goes on the board."""

import dataclasses
import re
import time
from pathlib import Path

import numpy as np
import pytest

from serbench.audit import Case, Declared, Finding, Verdict, audit
from serbench.audit.evidence import Run
from serbench.audit.rules import RULES
from serbench.errors import StoreError
from serbench.listing import Item, Listing
from serbench.protocols import Split


def test_there_are_24_rules_in_order():
    assert [rule.id for rule in RULES] == [f"L{number:02}" for number in range(1, 25)]
    assert all(rule.checks for rule in RULES)
    assert len({rule.title for rule in RULES}) == 24


def test_the_page_explains_each():
    page = (Path(__file__).resolve().parents[2] / "docs" / "audit.md").read_text(encoding="utf-8")
    explained = re.findall(r"^\| (L\d\d) \|", page, re.MULTILINE)
    assert explained == [rule.id for rule in RULES]


def test_clean_folds_raise_nothing_and_what_nobody_knows_is_not_kept(toy):
    verdict = audit(Case(toy()))
    assert verdict.findings == ()
    assert verdict.badges == ("speaker-independent", "texts unknown")
    unchecked = {one.rule for one in verdict.not_checked}
    assert {"L03", "L06", "L07", "L09", "L17", "L20", "L24"} <= unchecked - set(verdict.checked)
    assert {"L01", "L02", "L05", "L14", "L15", "L16"} <= set(verdict.checked)
    assert all(one.needs.startswith("needs ") for one in verdict.not_checked)
    assert unchecked | set(verdict.checked) == {rule.id for rule in RULES}


def test_without_folds_no_rule_about_them_is_kept(toy):
    listing = dataclasses.replace(toy(), splits=())
    verdict = audit(Case(listing, reasons={"folds": "nobody wrote them down"}))
    assert not {"L01", "L05", "L16"} & set(verdict.checked)
    assert verdict.findings == ()
    assert verdict.badges == ()
    (one,) = (one for one in verdict.not_checked if one.rule == "L01")
    assert one.needs == "needs folds that train and test (nobody wrote them down)"


def test_without_anything(toy):
    verdict = audit(Case(Listing("nothing", (), ())))
    assert verdict.findings == ()
    assert "L01" not in verdict.checked


def test_badges_are_read_off_the_splits(toy, dealt, change):
    listing = change(
        dealt(toy()), text=lambda i: i.id, session=lambda i: "1", dialogue=lambda i: i.label
    )
    # Whatever is declared of it.
    verdict = audit(Case(listing, Declared(speaker_independent=True)))
    assert verdict.badges == (
        "speaker-dependent", "text-independent", "session-dependent", "dialogue-shared",
        "1 error", "2 warnings",
    )  # fmt: skip


def test_a_speaker_who_is_not_known_may_be_anyone(toy, change):
    listing = change(toy(), speaker=lambda i: "" if i.id == "toy/s0/anger0" else i.speaker)
    assert "speakers unknown" in audit(Case(listing)).badges


@pytest.mark.parametrize(
    ("declared", "badges"),
    [
        ({"target_access": "unlabelled"}, {"unlabelled target", "transductive"}),
        ({"target_access": "speaker-norm"}, {"speaker-normalised"}),
        ({"selection": "best-on-test"}, {"best-on-test"}),
        ({"pretraining": None}, {"pre-training unknown"}),
        ({"pretraining": ("librispeech",)}, {"pre-trained elsewhere"}),
        ({"pretraining": ("Toy", "librispeech")}, {"pre-trained on toy"}),
        ({"target_access": "none", "selection": "last"}, set()),
    ],
)
def test_badges_of_what_is_declared(toy, declared, badges):
    found = set(audit(Case(toy(), Declared(**declared))).badges)
    usual = {"speaker-independent", "texts unknown", "1 warning"}
    assert found - usual == badges


def test_behaviour_becomes_badges(toy):
    findings = {"L09": (Finding("L09", "error", 3, "3 answers changed"),), "L20": ()}
    verdict = audit(Case(toy(), behaviour=findings))
    assert "transductive" in verdict.badges
    assert [one.rule for one in verdict.findings] == ["L09"]
    assert {"L09", "L20"} <= set(verdict.checked)
    assert "L21" not in verdict.checked


def test_a_pretrained_model_that_has_heard_the_test_corpus(toy, found):
    for heard, count in (((), 0), (("librispeech",), 0), (("TOY",), 1)):
        case = Case(toy(), Declared(pretraining=heard), run=Run({}))
        assert len(found("L17", case)) == count
    unknown = audit(Case(toy(), Declared(pretraining=None), run=Run({})))
    assert "L17" not in unknown.checked


def test_a_verdict_there_and_back(toy, dealt):
    verdict = audit(Case(dealt(toy())))
    assert verdict.findings
    assert Verdict.from_record(verdict.record()) == verdict


@pytest.mark.parametrize(
    "changes",
    [{"badges": "none"}, {"name": 1}, {"more": 1}, {"checked": [1]}, {"not_checked": [{"rule": 1}]},
     {"findings": ["L01"]}],
)  # fmt: skip
def test_what_is_no_verdict_is_refused(toy, changes):
    with pytest.raises(StoreError):
        Verdict.from_record({**audit(Case(toy())).record(), **changes})


def test_a_corpus_of_23000_utterances_in_seconds():
    rng = np.random.default_rng(0)
    size, video = 23_000, rng.integers(0, 3_300, 23_000)
    items = tuple(
        Item(
            id=f"m/{i}", label=f"c{i % 6}", corpus="m", file=f"{video[i]}.wav",
            speaker=str(video[i]), source=str(video[i]), start=float(i), end=i + 1.5,
            text=f"word {i % 9_000}", duration=1.5, rate=16_000, channels=1, samples=str(i),
        )
        for i in range(size)
    )  # fmt: skip
    order = rng.permutation(size)
    parts = np.array_split(order, 10)
    splits = tuple(
        Split(
            str(k),
            tuple(f"m/{i}" for j, other in enumerate(parts) if j != k for i in other),
            {"m": tuple(f"m/{i}" for i in part)},
        )
        for k, part in enumerate(parts)
    )
    case = Case(Listing("large", items, splits))
    start = time.process_time()
    verdict = audit(case)
    assert time.process_time() - start < 5
    assert "speaker-dependent" in verdict.badges
