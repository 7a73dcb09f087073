"""A normalised corpus as a Hugging Face dataset: every corpus in the same columns."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from serbench.cohort import Cohort
from serbench.folders import cache_folder, corpus_folder
from serbench.inspected import Inspected
from serbench.registry import load as load_registered
from serbench.scan import scan

if TYPE_CHECKING:
    from datasets import Dataset

COLUMNS = ("id", "file", "speaker", "native", "gender", "session", "dialogue", "style", "sentence",
           "text", "start", "end", "duration", "rate", "channels")  # fmt: skip


def load(
    name: str,
    root: str | Path | None = None,
    *,
    labels: str = "own",
    allow_partial: bool = False,
) -> Dataset:
    """Read a corpus into a ``datasets.Dataset``.

    Parameters
    ----------
    name
        A registered corpus.
    root
        Its folder; None: as ``serbench corpora add`` or ``$SERBENCH_CORPORA`` say.
    labels
        A label space; utterances that it leaves out are left out here.
    allow_partial
        Take an incomplete corpus as it is.

    Returns
    -------
    Columns ``emotion`` (ClassLabel), ``audio`` (``Audio(decode=False)``: the file's path) and those
    of an utterance. Segments of long files are given by ``start`` and ``end``, in seconds.

    Raises
    ------
    SerbenchError
        If there is no such corpus, or its folder is not whole.
    """
    from datasets import Audio, ClassLabel, Dataset

    corpus = load_registered("corpora", name)()
    folder = corpus_folder(name, {} if root is None else {name: Path(root)}, corpus.card.how_to_get)
    found = scan(
        corpus,
        folder,
        allow_partial=allow_partial,
        inspected=Inspected(cache_folder(), folder),
    )
    cohort = Cohort(corpus, found, load_registered("labels", labels))
    columns = {
        column: [getattr(utterance, column) for utterance in cohort.utterances]
        for column in COLUMNS
    }
    columns["emotion"] = cohort.y.tolist()
    columns["audio"] = [str(utterance.audio) for utterance in cohort.utterances]
    dataset = Dataset.from_dict(columns)
    # A column of paths that is cast afterwards: the order that works without torchcodec.
    dataset = dataset.cast_column("emotion", ClassLabel(names=list(cohort.task.names)))
    return dataset.cast_column("audio", Audio(decode=False))
