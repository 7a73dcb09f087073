"""Whatever is written comes back as it was."""

import dataclasses
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serbench.interchange.gathering import natural
from serbench.interchange.reading import FORMATS, read
from serbench.interchange.writing import write
from serbench.listing import Item, Listing
from serbench.protocols import Split

# All that a name may hold: a control character or half a surrogate pair, none does.
names = st.text(
    st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=6
) | st.sampled_from(["1", "01", "2", "10", "a/b", "../up", 'say "so"', "x, y", "it's", "=1+1", "%"])


@st.composite
def listings(draw):
    # No sound is named, so that no adapter is asked whose it is.
    corpora = draw(
        st.lists(
            st.sampled_from(["", "one", "two words", "two-words", "data", "train"]),
            min_size=1,
            unique=True,
        )
    )
    ids = draw(st.lists(names, min_size=2, max_size=8, unique=True))
    items = tuple(
        Item(
            id=name,
            corpus=draw(st.sampled_from(corpora)),
            label=draw(names | st.just("")),
            speaker=draw(names | st.just("")),
            start=draw(st.none() | st.floats(0, 1e5)),
            duration=draw(st.none() | st.floats(0, 1e5)),
        )
        for name in ids
    )
    corpus = {item.id: item.corpus for item in items}
    splits = []
    for fold in draw(st.lists(names, min_size=1, max_size=3, unique=True)):
        order = draw(st.permutations(ids))
        first = draw(st.integers(0, len(ids)))
        second = draw(st.integers(first, len(ids)))
        own = draw(st.booleans())
        tests = {}
        for name in order[first:second]:
            tests.setdefault(corpus[name] or "test" if own else "another", []).append(name)
        split = Split(fold, tuple(order[:first]), {k: tuple(v) for k, v in sorted(tests.items())},
                      tuple(order[second:]))  # fmt: skip
        splits.append(split)
    return Listing("listing", items, tuple(splits))


def by_corpus(listing):
    """The folds as they come back: in natural order, each corpus's ids in theirs."""
    place = {item.id: item.corpus for item in listing.items}

    def ids(side):
        return tuple(sorted(side, key=place.__getitem__))

    return [
        Split(s.fold, ids(s.train), {n: ids(t) for n, t in s.tests.items()}, ids(s.validation))
        for s in sorted(listing.splits, key=lambda split: natural(split.fold))
    ]


@pytest.mark.parametrize("format_", FORMATS)
@settings(max_examples=25, deadline=None)
@given(listings())
def test_folds_come_back(format_, listing):
    with TemporaryDirectory() as folder:
        path = Path(folder) / ("out.csv" if format_ == "csv" else "out")
        write(listing, path, format_)
        found = read(path)
    assert by_corpus(found) == by_corpus(listing)
    told = {item.id: (item.corpus, item.label, item.speaker) for item in listing.items}
    assert {item.id: (item.corpus, item.label, item.speaker) for item in found.items} == told


@pytest.mark.parametrize("format_", FORMATS)
def test_what_is_known_of_an_utterance_comes_back(format_, pairs, tmp_path):
    spare = Item(id="here/spare", corpus="here", file="here/spare.wav", label="anger")
    items = (*pairs.items, spare)
    told = dataclasses.replace(pairs, items=items, label_space="shared5", speaker_independent=False)
    path = tmp_path / ("out.csv" if format_ == "csv" else "out")
    write(told, path, format_)
    found = read(path)
    assert found.splits == pairs.splits
    assert (found.label_space, found.speaker_independent) == ("shared5", False)
    for item in found.items:
        (given_as,) = (one for one in told.items if one.id == item.id)
        for name in ("corpus", "speaker", "label", "gender", "session", "sentence", "parent",
                     "duration"):  # fmt: skip
            assert getattr(item, name) == getattr(given_as, name), (item, name)
        if given_as.start is not None:
            assert item.start == pytest.approx(given_as.start, abs=1e-9)
            assert item.end == pytest.approx(given_as.end, abs=1e-9)


@pytest.mark.parametrize("format_", FORMATS)
def test_published_folds_come_back(format_, emobox, tmp_path):
    listing = read(emobox / "emodb")
    path = tmp_path / ("out.csv" if format_ == "csv" else "out")
    write(listing, path, format_)
    found = read(path)
    assert found.splits == listing.splits
    assert {i.id: (i.speaker, i.label) for i in found.items} == {
        i.id: (i.speaker, i.label) for i in listing.items
    }
