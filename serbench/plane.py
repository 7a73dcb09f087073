"""Test utterances as a trained model sees them, laid out in a plane by t-SNE, and kept for a site.

Kept planes lie in the results folder, a file a test set::

    planes/ab12.../emodb.json   of the trial ab12...

with the SHA-256 of the content in it: what is torn or altered is not shown, and drawing it again
writes it anew. A plane is a picture of one training; no score is taken from it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from serbench.canonical import canonical, digest
from serbench.errors import UsageError
from serbench.store import Store
from serbench.writing import write_aside

if TYPE_CHECKING:
    from serbench.representing import Represented

USUAL = 30.0  # perplexity
SEED = 0  # of the layout
FORMAT = 1


@dataclass(frozen=True)
class Plane:
    """Utterances in a plane.

    Parameters
    ----------
    trial, title, test
        The trial that was trained, what it is called, and the test set.
    classes
        Their names; ``truth`` and ``said`` count in them, one of each utterance.
    points
        (x, y) of each utterance, to four decimals.
    dims
        Of what the model makes of an utterance.
    silhouette
        Of the representations by class, from -1 to 1; None where a single class is there.
    same
        In how many utterances the stored trial gave the same answer; None: it was not there.
    """

    trial: str
    title: str
    test: str
    classes: tuple[str, ...]
    truth: tuple[int, ...]
    said: tuple[int, ...]
    speakers: tuple[str, ...]
    ids: tuple[str, ...]
    points: tuple[tuple[float, float], ...]
    dims: int
    perplexity: float
    silhouette: float | None
    same: int | None

    def __post_init__(self) -> None:
        count = len(self.ids)
        columns = (self.truth, self.said, self.speakers, self.points)
        if any(len(column) != count for column in columns):
            raise ValueError("the columns of a plane differ in their length")
        if not all(0 <= k < len(self.classes) for k in (*self.truth, *self.said)):
            raise ValueError("a plane holds a class that it does not name")
        if not all(math.isfinite(c) for point in self.points for c in point):
            raise ValueError("a point of a plane is nowhere")

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Plane:
        """A plane from its JSON object.

        Raises
        ------
        KeyError, TypeError, ValueError
            If it is none.
        """
        points = tuple((float(x), float(y)) for x, y in record["points"])
        lists = ("classes", "truth", "said", "speakers", "ids")
        return cls(**{
            **record, **{name: tuple(record[name]) for name in lists}, "points": points,
        })  # fmt: skip


def laid_out(found: Represented, perplexity: float | None = None) -> Plane:
    """Lay representations out; the same each time.

    Parameters
    ----------
    perplexity
        About how many neighbours a point has; None: 30, or a third of the utterances if that is
        less.

    Raises
    ------
    UsageError
        If there are too few utterances for it.
    """
    from sklearn.manifold import TSNE
    from sklearn.metrics import silhouette_score

    count = len(found.vectors)
    if count < 7:
        raise UsageError(f"{count} test utterances", expected="7 or more to lay out")
    near = min(USUAL, (count - 1) / 3) if perplexity is None else perplexity
    if not 1 <= near < count:
        raise UsageError(
            f"--perplexity {near:g}", expected=f"from 1 to below {count}, the test utterances"
        )
    layout = TSNE(2, perplexity=near, init="pca", learning_rate="auto", random_state=SEED)
    points = layout.fit_transform(found.vectors.astype("float64"))
    several = 1 < len(set(found.truth.tolist())) < count
    return Plane(
        found.trial,
        found.title,
        found.test,
        found.classes,
        tuple(found.truth.tolist()),
        tuple(found.said.tolist()),
        found.speakers,
        found.ids,
        tuple((round(float(x), 4), round(float(y), 4)) for x, y in points),
        found.vectors.shape[1],
        near,
        float(silhouette_score(found.vectors, found.truth)) if several else None,
        found.same,
    )


def keep(store: Store, plane: Plane) -> Path:
    """Keep a plane beside the trials; one of the same trial and test set gives way.

    Raises
    ------
    StoreError
        If the folder cannot be written.
    """
    record = {"format": FORMAT, **asdict(plane)}
    path = _folder(store) / plane.trial / f"{plane.test}.json"
    write_aside(path, canonical({**record, "digest": digest(record)}).encode())
    return path


def kept(store: Store, trials: Iterable[str]) -> Iterator[Plane]:
    """The planes that are kept of these trials, and whole; by trial, and then by test set."""
    there = {folder.name: folder for folder in _folder(store).glob("*")}
    for trial in sorted(there.keys() & set(trials)):
        for path in sorted(there[trial].glob("*.json")):
            plane = _read(path)
            if plane is not None and (plane.trial, plane.test) == (trial, path.stem):
                yield plane


def _read(path: Path) -> Plane | None:
    try:
        record: dict[str, Any] = json.loads(path.read_bytes())
        stood, known = record.pop("digest"), record.pop("format") == FORMAT
        whole = known and stood == digest({"format": FORMAT, **record})
        return Plane.from_record(record) if whole else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _folder(store: Store) -> Path:
    return store.root / "planes"
