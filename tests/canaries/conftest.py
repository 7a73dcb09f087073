"""Listings to try canaries on: real ones by the manifests of releases, and made-up ones."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
from sklearn.model_selection import LeaveOneGroupOut, StratifiedKFold

from serbench.cohort import Cohort
from serbench.corpus import Corpus, Entry, Utterance
from serbench.labels import OWN, LabelSpace
from serbench.listing import Item, Listing
from serbench.manifest import Fingerprint, read_manifest
from serbench.pool import Pool, listing_of
from serbench.protocols import Split
from serbench.registry import load
from serbench.scanned import Scan


def whole(corpus: Corpus, root: Path, files: Mapping[str, Fingerprint], space: LabelSpace) -> Pool:
    """A pool of all that an adapter reads off a folder of names, without hearing any of it."""
    name = corpus.card.name
    found = []
    for entry in corpus.entries(root):
        if not isinstance(entry, Entry):
            continue
        fields = {f.name: getattr(entry, f.name) for f in dataclasses.fields(Entry)}
        file = files.get(entry.file)
        found.append(
            Utterance(
                **fields | {"id": f"{name}/{entry.id}"},
                corpus=name,
                emotion=corpus.labels[entry.native] or "",
                rate=file.rate if file else 16_000,
                channels=file.channels if file else 1,
                duration=file.duration if file else 1.0,
                samples=file.samples if file else "",
            )
        )
    found.sort(key=lambda utterance: utterance.id)
    scan = Scan(name, root, corpus.card.standard.name, tuple(found), (), "")
    return Pool([Cohort(corpus, scan, space)])


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Listing]:
    """A corpus in its own classes, as its release's manifest has it: names, rates, durations."""
    kept: dict[str, Listing] = {}

    def listing(name: str) -> Listing:
        if name not in kept:
            corpus = load("corpora", name)()
            manifest = read_manifest(corpus.card.standard.manifest)
            root = tmp_path_factory.mktemp(name)
            for file in manifest:
                (root / file).parent.mkdir(parents=True, exist_ok=True)
                (root / file).touch()
            kept[name] = listing_of(whole(corpus, root, manifest, OWN), (), name)
        return kept[name]

    return listing


@pytest.fixture
def licensed_corpus(
    real_corpus: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], Path]:
    """A real corpus that none but its licensees have: where it is missing, tests always skip."""
    monkeypatch.delenv("SERBENCH_REQUIRE_CORPORA", raising=False)
    return real_corpus


@pytest.fixture(scope="session")
def annotated() -> Callable[..., Listing]:
    """A corpus whose labels stand in annotation files, seen through a label space.

    Of a forged one, the label space expects no counts.
    """

    def listing(name: str, root: Path, space: str, *, forged: bool = False) -> Listing:
        labels = load("labels", space)
        labels = dataclasses.replace(labels, expected={}) if forged else labels
        return listing_of(whole(load("corpora", name)(), root, {}, labels), (), name)

    return listing


@pytest.fixture(scope="session")
def random_folds() -> Callable[..., Listing]:
    """The listing under stratified folds over utterances."""

    def cut(listing: Listing, k: int = 10, seed: int = 0) -> Listing:
        labels = [item.label for item in listing.items]
        folds = StratifiedKFold(k, shuffle=True, random_state=seed).split(labels, labels)
        return _under(listing, list(folds))

    return cut


@pytest.fixture(scope="session")
def left_out() -> Callable[..., Listing]:
    """The listing with one speaker left out at a time, or one of another field."""

    def cut(listing: Listing, by: str = "speaker") -> Listing:
        groups = [getattr(item, by) for item in listing.items]
        return _under(listing, list(LeaveOneGroupOut().split(groups, groups=groups)))

    return cut


def _under(listing: Listing, folds: Sequence[tuple[Sequence[int], Sequence[int]]]) -> Listing:
    ids = [item.id for item in listing.items]
    splits = tuple(
        Split(f"{n:02d}", tuple(ids[i] for i in train), {"all": tuple(ids[i] for i in test)})
        for n, (train, test) in enumerate(folds, 1)
    )
    return dataclasses.replace(listing, splits=splits)


@pytest.fixture(scope="session")
def small() -> Callable[..., Listing]:
    """A listing of one fold, from items in short: fields by id, and who trains and tests."""

    def listing(
        items: Mapping[str, Mapping[str, object]],
        train: str,
        test: str,
        classes: tuple[str, ...] = ("a", "b"),
    ) -> Listing:
        return Listing(
            "small",
            tuple(Item(id=name, **fields) for name, fields in items.items()),  # type: ignore[arg-type]
            (Split("1", tuple(train.split()), {"x": tuple(test.split())}),),
            classes,
        )

    return listing
