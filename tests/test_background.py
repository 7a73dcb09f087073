"""What a board shows beside its models: worked out once, and only believed while it is whole."""

import pytest

from serbench.background import background, ensure
from serbench.cohort import Cohort
from serbench.corpus import Corpus, CorpusCard, Release, Utterance
from serbench.labels import OWN
from serbench.pool import Pool
from serbench.protocols import LOSO
from serbench.scanned import Scan
from serbench.store import Store

ROW = {"protocol": {"name": "loso"}, "split": "s", "model": {"name": "m"}}


class Toy(Corpus):
    card = CorpusCard(
        name="toy", title="Toy", language="-", licence="-", how_to_get="-", citation="@misc{toy,}",
        releases=(Release("Toy", {}, {}),),
    )  # fmt: skip
    labels = {"a": "anger", "h": "happiness"}  # noqa: RUF012

    def entries(self, root):
        raise NotImplementedError


@pytest.fixture(scope="module")
def pool():
    utterances = tuple(
        Utterance(
            id=f"toy/{i:02}", audio=f"/toy/{i}.wav", file=f"{i}.wav", speaker="abc"[i % 3],
            native="ah"[i % 2], corpus="toy", emotion=Toy.labels["ah"[i % 2]], rate=16000,
            channels=1, duration=1.0 + i % 2, samples=f"{i:064d}",
        )
        for i in range(12)
    )  # fmt: skip
    return Pool([Cohort(Toy(), Scan("toy", None, "Toy", utterances, (), "f" * 64), OWN)])


@pytest.fixture
def kept(pool, tmp_path):
    """A results folder with the background of one board, and the two files of it."""
    store = Store(tmp_path)
    splits = LOSO.splits(pool.table())

    def again():
        ensure(store, ROW, pool, LOSO, splits)
        return sorted((tmp_path / "boards").glob("*/*"))

    return store, again


def test_what_is_there_is_not_worked_out_again(kept):
    store, again = kept
    files = again()
    assert [file.name for file in files] == ["canaries.parquet", "verdict.json"]
    before = [file.stat().st_mtime_ns for file in files]
    assert [file.stat().st_mtime_ns for file in again()] == before
    beside = background(store, ROW | {"model": {"name": "another"}})
    assert beside.flock.names
    assert "speaker-independent" in beside.verdict.badges


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("how", ["torn", "altered", "gone"])
def test_a_file_that_is_not_what_was_written_is_not_shown_and_mended(kept, which, how):
    store, again = kept
    file = again()[which]
    written = file.read_bytes()
    if how == "gone":
        file.unlink()
    elif how == "torn":
        file.write_bytes(written[: len(written) // 2])
    else:  # another flock, or another verdict, which reads well by itself
        other = written.replace(b"a", b"b") if which else other_flock(store, again)
        file.write_bytes(other)
    assert background(store, ROW) is None
    again()
    assert file.read_bytes() == written
    assert background(store, ROW) is not None


def other_flock(store, again):
    import dataclasses

    from serbench.canaries.stored import to_parquet

    flock = background(store, ROW).flock
    (place, one), *rest = flock.decisions.items()
    flattered = dataclasses.replace(one, by=dict.fromkeys(one.by, one.truth))
    return to_parquet(dataclasses.replace(flock, decisions=dict([(place, flattered), *rest])))


def test_another_version_of_the_rules_works_it_out_again(kept, monkeypatch):
    _, again = kept
    _, verdict = again()
    before = verdict.stat().st_mtime_ns
    monkeypatch.setattr("serbench.background.VERSION", -1)
    again()
    assert verdict.stat().st_mtime_ns != before
    before = verdict.stat().st_mtime_ns
    again()
    assert verdict.stat().st_mtime_ns == before
