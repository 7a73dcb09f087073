"""A predictor that remembers recordings measures a leak of recordings.

If a share l of the test utterances was trained on, then its expected UA over C classes is
l + (1 - l) / C. So the chance-adjusted UA gives l back, and agrees with a count of the digests that
stand on both sides.
"""

from __future__ import annotations

import hashlib
import math

import numpy as np
import pytest

from serbench.canaries.predict import AUDITED, predict
from serbench.canaries.significance import verdict
from serbench.listing import Item, Listing
from serbench.metrics import chance_adjusted_ua
from serbench.protocols import Split

N, C, FOLDS = 4000, 4, 10
MEMORISER = {"samples": AUDITED["samples"]}


def planted(share: float, seed: int) -> Listing:
    """N utterances in random folds, of which this share is a copy of another, label and all.

    Both sides of a pair leak where they lie in two folds, so that the leak is about twice as large.
    """
    rng = np.random.default_rng(seed)
    recording = np.arange(N)
    copies = rng.choice(N, int(share * N), replace=False)
    originals = np.setdiff1d(recording, copies)
    recording[copies] = rng.choice(originals, len(copies))
    items = tuple(
        Item(
            id=f"{seed}/{i:04d}",
            label="abcd"[r % C],
            samples=hashlib.sha256(str(r).encode()).hexdigest(),
        )
        for i, r in enumerate(recording.tolist())
    )
    fold = rng.permutation(N) % FOLDS
    ids = np.array([item.id for item in items])
    splits = tuple(
        Split(str(k), tuple(ids[fold != k].tolist()), {"x": tuple(ids[fold == k].tolist())})
        for k in range(FOLDS)
    )
    return Listing(f"{share} planted", items, splits)


def counted(listing: Listing) -> float:
    """The share of test utterances whose digest stands in their fold's training set."""
    samples = {item.id: item.samples for item in listing.items}
    leaked = 0
    for split in listing.splits:
        trained = {samples[name] for name in split.train}
        leaked += sum(samples[name] in trained for name in split.tests["x"])
    return leaked / len(listing.items)


@pytest.mark.parametrize(
    ("share", "least", "most"),
    [
        (0.0, 0.0, 0.0),
        (0.02, 0.03, 0.04),
        (0.05, 0.08, 0.10),
        (0.10, 0.16, 0.19),
        (0.30, 0.48, 0.53),
    ],
)
def test_the_canary_says_what_the_digests_say(share, least, most):
    listing = planted(share, seed=1)
    leak = counted(listing)
    assert least <= leak <= most
    flock = predict(listing, MEMORISER)
    told = chance_adjusted_ua(flock.confusion("samples"))
    # The draws of the rest: SD of UA is about sqrt(1/C (1 - 1/C) / N), and 1 - 1/C scales it.
    spread = math.sqrt((1 - leak) / C * (1 - 1 / C) / N) / (1 - 1 / C)
    assert told == pytest.approx(leak, abs=3 * spread)


def test_a_leak_shows_beyond_its_limit():
    """At z = 3 some 2.7 % of 4000 show; the digests find a single one, so they are the gate."""
    assert not verdict(predict(planted(0.0, seed=2), MEMORISER), "samples").tells
    assert verdict(predict(planted(0.05, seed=2), MEMORISER), "samples").tells
    assert counted(planted(0.001, seed=2)) > 0.0


def test_no_digest_no_memory(small):
    items = {"1": {"label": "a"}, "2": {"label": "b"}}
    assert predict(small(items, train="1", test="2"), MEMORISER).names == ()
