import os
from pathlib import Path

import pytest

from serbench.listing import Item, Listing
from serbench.protocols import Split


@pytest.fixture(scope="session")
def emobox():
    """The folder of EmoBox's published folds, as the project's shared folder has it."""
    folder = Path(__file__).resolve().parents[3] / "shared" / "peers" / "EmoBox"
    if not folder.is_dir():
        reason = f"{folder} does not exist"
        if os.environ.get("SERBENCH_REQUIRE_CORPORA") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return folder


@pytest.fixture
def pairs():
    """Two corpora, each trained on and tested on the other, with all that an item may tell."""
    items = [
        Item(
            id=f"{corpus}/{i}", corpus=corpus, file=f"{corpus}/take {i}.wav", speaker=f"0{i % 3}",
            label=("anger", "joy, loud")[i % 2], gender="female", session="1", sentence=str(i),
            start=i / 3, end=i / 3 + 0.1, duration=0.1, rate=16000,
            parent=f"{corpus}/0" if i == 4 else None,
        )
        for corpus in ("here", "there")
        for i in range(5)
    ]  # fmt: skip
    here, there = (tuple(i.id for i in items if i.corpus == c) for c in ("here", "there"))
    splits = (
        Split("here>there", here[:4], {"there": there}, here[4:]),
        Split("there>here", there[1:], {"here": here[:4]}),
    )
    return Listing("pairs", tuple(items), splits, ("anger", "joy, loud"))
