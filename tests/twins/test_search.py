"""Copies planted among real speech are found, two takes of one sentence are not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from serbench.audio import inspect
from serbench.errors import AudioError, CacheDamaged, UsageError
from serbench.twins.search import Sound, Twins, twins

RATE = 16000


@pytest.fixture
def takes(real_corpus) -> list[Path]:
    """Three sentences by two speakers in all emotions and takes: 38 recordings."""
    folder = real_corpus("EMO-DB") / "wav"
    return [
        path
        for path in sorted(folder.glob("*.wav"))
        if path.name[:2] in {"03", "08"} and path.name[2:5] in {"a01", "a05", "b10"}
    ]


def noisy(x, decibels: float):
    noise = np.random.default_rng(99).standard_normal(len(x))
    return x + noise * np.sqrt(np.mean(x**2) / np.mean(noise**2) * 10 ** (-decibels / 10))


def companded(x):
    code = np.rint(127 * np.sign(x) * np.log1p(255 * np.abs(x)) / np.log(256))
    return np.sign(code) * np.expm1(np.abs(code) / 127 * np.log(256)) / 255


def by_8_khz(x):
    import soxr

    return soxr.resample(soxr.resample(x, RATE, 8000), 8000, RATE)


def later(x, samples: int = 2 * RATE + 77):
    return np.concatenate([np.zeros(samples), x])


def written(path: Path, samples, rate: int = RATE, **how) -> Path:
    scale = max(1.0, float(np.abs(samples).max()))
    soundfile.write(path, samples / scale, rate, **how)
    return path


def sounds(paths) -> list[Sound]:
    return [Sound(path.name, path) for path in paths]


CHANGES = {
    "gain": (lambda x: 0.21 * x, "wav", "normalised", 0.0),
    "polarity": (lambda x: -x, "wav", "normalised", 0.0),
    "constant": (lambda x: x * 0.5 + 0.1, "wav", "normalised", 0.0),
    "padded": (later, "wav", "normalised", -2 - 77 / RATE),
    "flac": (lambda x: x, "flac", "exact", 0.0),
    "noise20": (lambda x: noisy(x, 20), "wav", "near", 0.0),
    "noise10": (lambda x: noisy(x, 10), "wav", "near", 0.0),
    "noise10-later": (lambda x: later(noisy(x, 10)), "wav", "near", -2 - 77 / RATE),
    "mulaw": (companded, "wav", "near", 0.0),
    "8kHz": (by_8_khz, "wav", "near", 0.0),
    "mp3": (lambda x: x, "mp3", "near", 0.0),
    "vorbis": (lambda x: x, "ogg", "near", 0.0),
    "excerpt": (lambda x: x[4003 : 4003 + 20000], "wav", "near", 4003 / RATE),
}


@pytest.mark.corpus("EMO-DB")
def test_every_kind_of_copy_is_found_and_nothing_else(takes, tmp_path):
    """Each change of each of two recordings, all among all takes of the same sentences."""
    planted = [path for path in takes if path.name.startswith(("03a01W", "08b10"))][:2]
    assert len(planted) == 2
    copies = []
    for path in planted:
        samples, _ = soundfile.read(path)
        for name, (change, form, _, _) in CHANGES.items():
            copies.append(written(tmp_path / f"{path.stem}.{name}.{form}", change(samples)))
        copies.append(written(tmp_path / f"{path.stem}.noise5.wav", noisy(samples, 5)))
    found = twins(sounds([*takes, *copies]), cache=tmp_path / "cache", workers=1)
    stems = {(one.first.split(".")[0], one.second.split(".")[0]) for one in found}
    assert stems == {(path.stem, path.stem) for path in planted}  # no two takes
    by_pair = {(one.first, one.second): one for one in found}
    for path in planted:
        for name, (_, form, kind, lag) in CHANGES.items():
            one = by_pair[path.name, f"{path.stem}.{name}.{form}"]
            assert one.kind == kind, name
            assert one.lag == pytest.approx(lag, abs=1.5 / RATE), name
            assert one.correlation >= (0.95 if kind == "near" else 0.9999), name
        assert (path.name, f"{path.stem}.noise5.wav") not in by_pair
        noise = by_pair[path.name, f"{path.stem}.noise10.wav"]
        assert noise.correlation == pytest.approx(1 / np.sqrt(1.1), abs=4e-3)


@pytest.mark.corpus("EMO-DB")
def test_the_threshold_is_the_callers(takes, tmp_path):
    samples, _ = soundfile.read(takes[0])
    copy = written(tmp_path / "copy.wav", noisy(samples, 5))
    (one,) = twins(sounds([*takes[:5], copy]), cache=tmp_path / "cache", workers=1, threshold=0.85)
    assert (one.first, one.second, one.kind) == (takes[0].name, "copy.wav", "near")
    assert one.correlation == pytest.approx(1 / np.sqrt(1 + 10**-0.5), abs=0.01)


@pytest.mark.corpus("EMO-DB")
def test_segments_that_overlap_by_a_second_are_found(takes, tmp_path):
    """Sounds are stretches of one long file, as in a corpus of recordings."""
    joined = np.concatenate([soundfile.read(path)[0] for path in takes[:6]])
    path = written(tmp_path / "recording.wav", joined)
    spans = [(0.0, 4.0), (2.5, 6.5), (7.0, 9.0), (2.9, 3.1)]
    segments = [Sound(f"{start}", path, start, end) for start, end in spans]
    (one,) = twins(segments, cache=tmp_path / "cache", workers=1)
    assert (one.first, one.second) == ("0.0", "2.5")
    assert one.lag == pytest.approx(2.5, abs=1 / RATE)
    assert one.correlation > 0.9999


@pytest.fixture
def noises(tmp_path) -> list[Path]:
    rng = np.random.default_rng(0)
    return [written(tmp_path / f"noise{i}.wav", 0.1 * rng.standard_normal(RATE)) for i in range(3)]


def test_exact_copies_are_all_pairs_in_the_order_given(noises, tmp_path):
    copy = tmp_path / "copy.wav"
    copy.write_bytes(noises[1].read_bytes())
    again = tmp_path / "again.flac"
    soundfile.write(again, *soundfile.read(noises[1]))
    found = twins(sounds([again, *noises, copy]), cache=tmp_path / "cache", workers=1)
    names = [("again.flac", "noise1.wav"), ("again.flac", "copy.wav"), ("noise1.wav", "copy.wav")]
    assert found == [Twins(first, second, "exact", 1.0, 0.0) for first, second in names]


def test_silent_files_are_alike_only_if_they_are_the_same(tmp_path):
    paths = [
        written(tmp_path / f"{i}.wav", np.full(length, level))
        for i, (length, level) in enumerate([(RATE, 0), (RATE, 0), (2 * RATE, 0), (RATE, 0.25)])
    ]
    found = twins(sounds(paths), cache=tmp_path / "cache", workers=1)
    assert found == [Twins("0.wav", "1.wav", "exact", 1.0, 0.0)]


def test_short_sounds_are_compared_whole(tmp_path):
    samples = 0.1 * np.random.default_rng(0).standard_normal(1600)
    one, two = written(tmp_path / "1.wav", samples), written(tmp_path / "2.wav", later(samples))
    (pair,) = twins(sounds([one, two]), cache=tmp_path / "cache", workers=1)
    assert pair.kind == "normalised"
    assert pair.lag == pytest.approx(-2 - 77 / RATE)


def test_what_is_found_of_one_holds_for_its_copies(noises, tmp_path):
    samples, _ = soundfile.read(noises[0])
    copy = tmp_path / "copy.wav"
    copy.write_bytes(noises[0].read_bytes())
    changed = written(tmp_path / "changed.wav", later(noisy(samples, 15), RATE))
    found = twins(sounds([changed, *noises, copy]), cache=tmp_path / "cache", workers=1)
    assert [(one.first, one.second, one.kind) for one in found] == [
        ("changed.wav", "noise0.wav", "near"),
        ("changed.wav", "copy.wav", "near"),
        ("noise0.wav", "copy.wav", "exact"),
    ]
    assert [one.lag for one in found] == pytest.approx([1.0, 1.0, 0.0], abs=1e-4)


def test_nothing_is_found_of_nothing(noises, tmp_path):
    assert twins([], cache=tmp_path / "cache") == []
    assert twins(sounds(noises), cache=tmp_path / "cache", workers=1) == []


def test_fingerprints_are_kept_and_read_again(noises, tmp_path, monkeypatch):
    from serbench.twins.fingerprint import Fingerprint

    copy = written(tmp_path / "copy.wav", soundfile.read(noises[0])[0] * 0.5)
    first = twins(sounds([*noises, copy]), cache=tmp_path / "cache", workers=1)

    def never(clip):
        raise AssertionError(f"{clip} was read again")

    monkeypatch.setattr(Fingerprint, "of", never)
    assert twins(sounds([*noises, copy]), cache=tmp_path / "cache", workers=1) == first
    assert len(first) == 1
    moved = copy.rename(tmp_path / "moved.wav")
    assert len(twins(sounds([*noises, moved]), cache=tmp_path / "cache", workers=1)) == 1
    written(noises[1], -soundfile.read(noises[2])[0])
    with pytest.raises(AssertionError, match=r"noise1.wav was read again"):
        twins(sounds(noises), cache=tmp_path / "cache", workers=1)


def test_a_damaged_fingerprint_is_told(noises, tmp_path):
    twins(sounds(noises), cache=tmp_path / "cache", workers=1)
    (kept, *_) = (tmp_path / "cache/features").rglob("*.array")
    content = bytearray(kept.read_bytes())
    content[-1] ^= 1
    kept.write_bytes(content)
    with pytest.raises(CacheDamaged, match="damaged"):
        twins(sounds(noises), cache=tmp_path / "cache", workers=1)


def test_workers_find_what_one_process_finds(noises, tmp_path):
    samples = soundfile.read(noises[0])[0]
    copies = [written(tmp_path / f"copy{i}.wav", noisy(samples, 12 + i)) for i in range(10)]
    told: list[tuple[int, int]] = []
    every = sounds([*noises, *copies])
    shared = twins(
        every,
        cache=tmp_path / "cache",
        workers=2,
        progress=lambda done, known: told.append((done, known)),
    )
    assert shared == twins(every, cache=tmp_path / "other", workers=1)
    assert len([one for one in shared if one.first == "noise0.wav"]) == 10
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1]


def test_each_file_that_cannot_be_read_is_named(noises, tmp_path):
    (tmp_path / "empty.wav").touch()
    wanted = [
        *sounds(noises),
        Sound("e", tmp_path / "empty.wav"),
        Sound("g", tmp_path / "gone.wav"),
    ]
    with pytest.raises(AudioError, match=r"2 of 5 sounds") as caught:
        twins(wanted, cache=tmp_path / "cache", workers=1)
    assert "empty.wav is empty" in str(caught.value)
    assert "gone.wav cannot be opened" in str(caught.value)


def test_a_file_that_changed_since_it_was_scanned_is_refused(noises, tmp_path):
    told = inspect(noises[0]).samples
    scanned = [Sound("0", noises[0], samples=told), *sounds(noises[1:])]
    assert twins(scanned, cache=tmp_path / "cache", workers=1) == []
    noises[0].write_bytes(noises[1].read_bytes())
    with pytest.raises(AudioError, match=r"noise0.wav has changed"):
        twins(scanned, cache=tmp_path / "cache", workers=1)


@pytest.mark.parametrize("wrong", [{"workers": 0}, {"threshold": 0.2}, {"threshold": 1.01}])
def test_what_makes_no_sense_is_refused(noises, tmp_path, wrong):
    with pytest.raises(UsageError):
        twins(sounds(noises), cache=tmp_path / "cache", **wrong)


def test_repeated_ids_are_refused(noises, tmp_path):
    with pytest.raises(UsageError, match=r"noise1.wav"):
        twins(sounds([*noises, noises[1]]), cache=tmp_path / "cache")


@pytest.mark.slow
@pytest.mark.corpus("EMO-DB", "RAVDESS")
def test_the_real_corpora_hold_one_pair(real_corpus, tmp_path):
    """1975 recordings, most of them takes of a few sentences; RAVDESS has one file twice."""
    paths = [
        path
        for name in ("EMO-DB", "RAVDESS")
        for path in sorted(real_corpus(name).rglob("*"))
        if path.suffix in {".wav", ".flac"}
    ]
    assert len(paths) == 1975
    (one,) = twins(sounds(paths), cache=tmp_path / "cache", threshold=0.5)
    assert one.kind == "exact"
    assert Path(one.first).stem == "03-01-03-01-02-01-07"
    assert Path(one.second).stem == "03-01-03-01-02-02-07"
