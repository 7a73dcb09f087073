"""The SDK's HDF5 file of labels, as it should be and as it must not be."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from serbench.errors import CorpusError, MissingExtra
from serbench_corpora.mosei.csd import read_csd

h5py: Any = pytest.importorskip("h5py")

# The real labels of a video, as an issue prints them (pliang279/MultiBench 32): sentiment, happy,
# sad, anger, surprise, disgust, fear; seconds.
FEATURES = [
    [0.333333, 0.666667, 0.0, 0.666667, 0.0, 0.0, 0.0],
    [1.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0],
    [2.333333, 2.666667, 0.0, 0.0, 0.0, 0.0, 0.0],
]
INTERVALS = [[56.852, 60.845], [29.764, 35.633], [42.146, 49.242]]
VIDEO = "zv0Jl4TIQDc"


def written(
    path: Path, features: Any = FEATURES, intervals: Any = INTERVALS, group: str = "All Labels/data"
) -> Path:
    with h5py.File(path, "w") as file:
        video = file.create_group(group).create_group(VIDEO)
        video.create_dataset("features", data=features)
        video.create_dataset("intervals", data=intervals)
    return path


def one(*values: float) -> Sequence[Sequence[float]]:
    return [values]


def test_values_are_exact(tmp_path: Path) -> None:
    labels = read_csd(written(tmp_path / "a.csd"))
    assert not labels.findings
    assert not labels.folds  # nothing is said of them
    first, second, third = labels.segments
    assert (first.video, first.number, first.start, first.end) == (VIDEO, "0", 56.852, 60.845)
    assert first.attributes == {
        "sentiment": 0.333333,
        "happiness": 0.666667,
        "sadness": 0.0,
        "anger": 0.666667,
        "surprise": 0.0,
        "disgust": 0.0,
        "fear": 0.0,
    }
    assert first.native == "happy"  # as strong as anger, and before it
    assert (second.number, third.number) == ("1", "2")


@pytest.mark.parametrize(
    ("intensities", "native"),
    [
        ((0, 1, 0, 0, 0, 0), "sad"),
        ((0, 0, 1, 0, 0, 0), "anger"),
        ((0, 0, 0, 1, 0, 0), "surprise"),
        ((0, 0, 0, 0, 1, 0), "disgust"),
        ((0, 0, 0, 0, 0, 1), "fear"),
        ((1, 0, 0, 0, 0, 2), "fear"),
        ((0, 0, 0.5, 0, 0.5, 0.5), "anger"),
        ((0, 0, 0, 0, 0, 0), "none"),
    ],
)
def test_the_strongest_emotion(tmp_path: Path, intensities: Sequence[float], native: str) -> None:
    path = written(tmp_path / "a.csd", one(-1.0, *intensities), [[1.0, 2.0]])
    (segment,) = read_csd(path).segments
    assert segment.native == native
    assert segment.attributes["sentiment"] == -1.0


@pytest.mark.parametrize("kind", ["f4", "f8", "i4", ">f4"])
def test_numbers_of_any_kind(tmp_path: Path, kind: str) -> None:
    with h5py.File(tmp_path / "a.csd", "w") as file:
        video = file.create_group("All Labels/data").create_group(VIDEO)
        video.create_dataset("features", data=one(-2, 0, 3, 0, 0, 0, 0), dtype=kind)
        video.create_dataset("intervals", data=[[1, 4]], dtype=kind, compression="gzip")
    (segment,) = read_csd(tmp_path / "a.csd").segments
    assert (segment.native, segment.start, segment.end) == ("sad", 1.0, 4.0)
    assert segment.attributes["sentiment"] == -2.0


@pytest.mark.parametrize(
    ("features", "intervals", "said"),
    [
        (one(3.5, 0, 0, 0, 0, 0, 0), [[1, 2]], "sentiment is 3.5, expected a number from -3 to 3"),
        (one(0, 0, -1, 0, 0, 0, 0), [[1, 2]], "sadness is -1, expected a number from 0 to 3"),
        (one(0, 0, 0, 0, 0, 0, float("nan")), [[1, 2]], "fear is nan"),
        (one(0, 0, 0, 0, 0, 0, 0), [[float("nan"), 2]], "lasts from nan to 2 s"),
        (one(0, 0, 0, 0, 0, 0, 0), [[1, float("inf")]], "lasts from 1 to inf s"),
    ],
)
def test_a_row_that_cannot_be_used_is_said(
    tmp_path: Path, features: Any, intervals: Any, said: str
) -> None:
    labels = read_csd(written(tmp_path / "a.csd", features, intervals))
    (finding,) = labels.findings
    assert finding.kind == "annotation"
    assert f"{VIDEO}, row 0: {said}" in finding.message
    assert not labels.segments


@pytest.mark.parametrize(
    ("features", "intervals", "said"),
    [
        ([[1.0] * 6], [[1, 2]], r"a table of shape \(1, 6\)"),
        ([1.0] * 7, [[1, 2]], r"a table of shape \(7,\)"),
        (FEATURES, INTERVALS[:2], "3 rows of features and 2 of intervals"),
        ([[b"happy"] * 7], [[1, 2]], "is a table of something else than numbers"),
        ([[0.0] * 7] * 10_001, [[1, 2]], r"shape \(10001, 7\)"),
    ],
)
def test_another_shape_is_refused(tmp_path: Path, features: Any, intervals: Any, said: str) -> None:
    with pytest.raises(CorpusError, match=said) as error:
        read_csd(written(tmp_path / "a.csd", features, intervals))
    assert VIDEO in error.value.found


def test_another_sequence_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="has no group 'All Labels/data', but COVAREP"):
        read_csd(written(tmp_path / "a.csd", group="COVAREP/data"))


def test_another_kind_of_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csd").write_bytes(b"no HDF5, " * 100)
    with pytest.raises(CorpusError, match=r"a\.csd cannot be read"):
        read_csd(tmp_path / "a.csd")


def test_links_to_other_files_are_not_followed(tmp_path: Path) -> None:
    written(tmp_path / "elsewhere.csd")
    with h5py.File(tmp_path / "a.csd", "w") as file:
        data = file.create_group("All Labels/data")
        data[VIDEO] = h5py.ExternalLink("elsewhere.csd", f"All Labels/data/{VIDEO}")
    with pytest.raises(
        CorpusError, match=rf"links to All Labels/data/{VIDEO} instead of holding it"
    ):
        read_csd(tmp_path / "a.csd")
    with h5py.File(tmp_path / "a.csd", "w") as file:
        file["All Labels"] = h5py.ExternalLink("elsewhere.csd", "All Labels")
    with pytest.raises(CorpusError, match="links to All Labels"):
        read_csd(tmp_path / "a.csd")
    with h5py.File(tmp_path / "a.csd", "w") as file:
        video = file.create_group("All Labels/data").create_group(VIDEO)
        video["features"] = h5py.ExternalLink("elsewhere.csd", f"All Labels/data/{VIDEO}/features")
        video.create_dataset("intervals", data=INTERVALS)
    with pytest.raises(CorpusError, match=rf"links to All Labels/data/{VIDEO}/features instead"):
        read_csd(tmp_path / "a.csd")


def test_data_kept_in_another_file_is_refused(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(bytes(56))
    with h5py.File(tmp_path / "a.csd", "w") as file:
        video = file.create_group("All Labels/data").create_group(VIDEO)
        video.create_dataset("features", (1, 7), dtype="f8", external=[(secret, 0, 56)])
        video.create_dataset("intervals", data=[[1.0, 2.0]])
    with pytest.raises(CorpusError, match="is a table kept in another file"):
        read_csd(tmp_path / "a.csd")
    layout = h5py.VirtualLayout((3, 7), dtype="f8")
    layout[:] = h5py.VirtualSource(
        written(tmp_path / "b.csd"), f"All Labels/data/{VIDEO}/features", (3, 7)
    )
    with h5py.File(tmp_path / "a.csd", "w") as file:
        video = file.create_group("All Labels/data").create_group(VIDEO)
        video.create_virtual_dataset("features", layout)
        video.create_dataset("intervals", data=INTERVALS)
    with pytest.raises(CorpusError, match="is a table kept in another file"):
        read_csd(tmp_path / "a.csd")


def test_stored_objects_are_refused(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.csd", "w") as file:
        video = file.create_group("All Labels/data").create_group(VIDEO)
        table = video.create_dataset("features", (1, 7), dtype=h5py.ref_dtype)
        table[0, 0] = file.ref
        video.create_dataset("intervals", data=[[1.0, 2.0]])
    with pytest.raises(CorpusError, match="something else than numbers"):
        read_csd(tmp_path / "a.csd")


@pytest.mark.parametrize("what", ["dataset", "groups"])
def test_groups_and_tables_in_each_others_place_are_refused(tmp_path: Path, what: str) -> None:
    with h5py.File(tmp_path / "a.csd", "w") as file:
        data = file.create_group("All Labels/data")
        if what == "dataset":
            data.create_dataset(VIDEO, data=FEATURES)
        else:
            data.create_group(f"{VIDEO}/features")
            data.create_group(f"{VIDEO}/intervals")
    with pytest.raises(CorpusError, match=rf"{VIDEO}/features is no table"):
        read_csd(tmp_path / "a.csd")


def test_without_h5py_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path / "a.csd")
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(MissingExtra, match=r"serbench\[hdf5\]"):
        read_csd(tmp_path / "a.csd")
