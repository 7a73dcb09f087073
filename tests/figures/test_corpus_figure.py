"""The figure of a corpus: its numbers, its bytes, and what it says of itself."""

import json
import re
import struct
import sys
from pathlib import Path

import numpy as np
import pytest

from serbench.corpus import CorpusCard, Finding, Release, Utterance
from serbench.errors import MissingExtra, UsageError
from serbench.figures.corpus import draw
from serbench.figures.counts import Counts, Quantiles
from serbench.figures.saving import save
from serbench.scan import Scan

CARD = CorpusCard(
    name="whispers",
    title="Whispers & <Shouts>",
    language="English",
    licence="CC0-1.0",
    how_to_get="It is made up.",
    citation="@misc{whispers}",
    releases=(Release("Whispers 1.0", {"h": 3}, {"ann": 3}),),
)


def utterance(number, speaker="ann", emotion="happiness", duration=1.0, **fields):
    return Utterance(
        id=f"whispers/{number}", audio=Path(f"/w/{number}.wav"), file=f"{number}.wav",
        speaker=speaker, native="h", corpus="whispers", emotion=emotion, rate=16000, channels=1,
        duration=duration, samples=f"{number:064d}", **fields,
    )  # fmt: skip


def scanned(*utterances, findings=()):
    return Scan("whispers", Path("/w"), "Whispers 1.0", utterances, tuple(findings), "f" * 64)


SMALL = scanned(
    utterance(0, "ann", "happiness", 1.0, gender="female"),
    utterance(1, "ann", "happiness", 2.0, gender="female"),
    utterance(2, "ann", "sadness", 3.0, gender="female"),
    utterance(3, "bob", "happiness", 4.0),
    utterance(4, "bob", "", 5.0),
)


def test_counts():
    counts = Counts.of(SMALL.utterances)
    assert counts.by == "speaker"
    assert counts.emotions == ("happiness", "sadness", "(none)")
    assert counts.rows == ("ann", "bob")
    assert [[counts.cells[row, e] for e in counts.emotions] for row in counts.rows] == [
        [2, 1, 0],
        [1, 0, 1],
    ]
    assert [counts.of_row(row) for row in counts.rows] == [3, 2]
    assert [counts.of_emotion(e) for e in counts.emotions] == [3, 1, 1]
    assert counts.durations["happiness"].median == 2.0
    assert counts.genders == {"ann": "female"}
    assert counts.hours == pytest.approx(15 / 3600)


def test_quantiles_are_those_of_numpy():
    numbers = np.random.default_rng(0).gamma(2.0, size=101)
    found = Quantiles.of(list(numbers)).record()
    assert found["q05"] == pytest.approx(np.percentile(numbers, 5), abs=1e-6)
    assert found["q75"] == pytest.approx(np.percentile(numbers, 75), abs=1e-6)
    assert (found["min"], found["max"]) == pytest.approx((numbers.min(), numbers.max()), abs=1e-6)


@pytest.mark.parametrize(
    ("folds", "sessions", "by", "rows"),
    [
        (("test", "train", None), ("1",), "fold", ("train", "test", "(none)")),
        ((None,), ("2", "1"), "session", ("1", "2")),
        ((None,), (None,), "corpus", ("whispers",)),
    ],
)
def test_many_speakers_are_summed_up(folds, sessions, by, rows):
    many = [
        utterance(i, f"s{i}", fold=folds[i % len(folds)], session=sessions[i % len(sessions)])
        for i in range(31)
    ]
    counts = Counts.of(many)
    assert (counts.by, counts.rows) == (by, rows)
    assert sum(counts.of_row(row) for row in rows) == 31
    assert Counts.of(many[:30]).by == "speaker"


def values(chart):
    """Every record that is drawn, from all panels."""
    spec = chart.to_dict()
    found = []

    def walk(part):
        if isinstance(part, dict):
            if set(part) >= {"values"} and isinstance(part["values"], list):
                found.extend(record for record in part["values"] if isinstance(record, dict))
            for value in part.values():
                walk(value)
        elif isinstance(part, list):
            for value in part:
                walk(value)

    walk(spec)
    for records in spec.get("datasets", {}).values():
        found.extend(records)
    return found


@pytest.fixture(scope="module")
def small():
    """The chart of SMALL."""
    return draw(CARD, SMALL)


def test_numbers_that_are_drawn(small):
    drawn = values(small)
    cells = {(r["row"], r["emotion"]): r["n"] for r in drawn if "n" in r}
    assert cells["ann (f)", "happiness"] == 2
    assert cells["bob", "sadness"] == 0
    assert cells["ann (f)", "all"] == 3
    assert cells["all", "(none)"] == 1
    assert cells["all", "all"] == 5
    boxes = {r["emotion"]: r for r in drawn if "median" in r}
    assert boxes["happiness"]["median"] == 2.0
    assert boxes["happiness"]["max"] == 4.0


def svg(scan, tmp_path, name="a.svg"):
    save(draw(CARD, scan), tmp_path / name, "a <title>")
    return (tmp_path / name).read_text()


@pytest.fixture(scope="module")
def drawn(small, tmp_path_factory):
    """The chart of SMALL as an SVG."""
    path = tmp_path_factory.mktemp("drawn") / "a.svg"
    save(small, path, "a <title>")
    return path.read_text()


def test_says_what_it_shows(drawn):
    words = re.sub("<[^>]*>", "\n", drawn)
    assert "Whispers &amp; &lt;Shouts&gt;" in words
    assert "Whispers 1.0" in words
    assert "5 utterances, 2 speakers, 0.00 hours" in words
    assert "Utterances by speaker and emotion" in words
    assert re.match(r"<svg [^>]*><title>a &lt;title&gt;</title>", drawn)
    assert "PARTIAL" not in drawn


def test_what_is_no_release_says_so(tmp_path):
    partial = scanned(utterance(0), findings=[Finding("missing", "a file")])
    assert "Whispers 1.0 (PARTIAL)" in svg(partial, tmp_path)
    forged = scanned(utterance(0), findings=[Finding("altered", "all", grave=False)])
    assert "sounds are not the release" in svg(forged, tmp_path)
    known = scanned(utterance(0), findings=[Finding("known-defect", "x", grave=False)])
    assert "(" not in re.search("Whispers 1.0[^<]*", svg(known, tmp_path))[0]


def test_equal_bytes_and_no_date(drawn, tmp_path):
    again = svg(SMALL, tmp_path, "b.svg")
    assert again == drawn
    assert not re.search(r"20\d\d-\d\d|\d\d:\d\d:\d\d", drawn)
    assert str(tmp_path) not in again


def test_long_tail_is_logarithmic():
    usual = [utterance(i, duration=2.0 + i / 100) for i in range(100)]
    assert "logarithmic" not in json.dumps(draw(CARD, scanned(*usual)).to_dict())
    one_long = scanned(*usual, utterance(100, duration=90.0))
    assert "logarithmic" in json.dumps(draw(CARD, one_long).to_dict())


def test_one_utterance_can_be_drawn(tmp_path):
    assert svg(scanned(utterance(0)), tmp_path).startswith("<svg")


def medians(scan):
    """The emotions whose median is drawn, as a white line on the box."""
    (boxes,) = (
        panel
        for panel in draw(CARD, scan).to_dict()["vconcat"]
        if any(layer["mark"]["type"] == "tick" for layer in panel["layer"])
    )
    (ticks,) = (layer for layer in boxes["layer"] if layer["mark"]["type"] == "tick")
    return [record["emotion"] for record in ticks["data"]["values"]]


def test_median_is_drawn_where_there_is_a_box():
    """A white line through the dot of a single utterance would cut it in two."""
    assert medians(SMALL) == ["happiness"]  # one is sad, one has no emotion
    assert medians(scanned(utterance(0))) == []
    near = [utterance(i, emotion="sadness", duration=2.0 + i / 1e4) for i in range(3)]
    assert medians(scanned(*SMALL.utterances[:2], *near[1:])) == ["happiness"]
    # Half a second, a pixel of 90 s, is wide enough where the axis is logarithmic.
    many = [utterance(i, duration=1.0 + i / 100) for i in range(100)]
    one_long = scanned(*many, utterance(100, duration=90.0), near[0])
    assert medians(one_long) == ["happiness"]


def test_png_and_pdf(small, tmp_path):
    save(small, tmp_path / "a.PNG", "title")
    picture = (tmp_path / "a.PNG").read_bytes()
    assert picture.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", picture[16:24])
    assert width > 600
    assert height > 600
    assert len(picture) > 20_000  # an empty one of this size takes a tenth
    save(small, tmp_path / "a.pdf", "title")
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF")


def test_page_needs_no_network(small, tmp_path):
    save(small, tmp_path / "a.html", "Whispers <1.0>")
    page = (tmp_path / "a.html").read_text()
    assert "<title>Whispers &lt;1.0&gt;</title>" in page
    assert not re.search(r'<(script|link|img)[^>]*(src|href)="?https?:', page)
    assert "vegaEmbed" in page


def test_other_endings_are_refused(small, tmp_path):
    with pytest.raises(UsageError, match=r"a\.jpg") as caught:
        save(small, tmp_path / "a.jpg", "title")
    assert ".svg" in caught.value.expected


@pytest.mark.parametrize("package", ["altair", "vl_convert"])
def test_missing_package_is_said(tmp_path, monkeypatch, package):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtra, match=package) as caught:
        save(None, tmp_path / "a.svg", "title")
    assert "serbench[report]" in caught.value.advice
