"""A normalised corpus as a Hugging Face dataset: every corpus in the same columns."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from serbench.adapters import located
from serbench.exports.columns import normalise
from serbench.exports.parquet import tables
from serbench.folders import cache_folder
from serbench.registry import load as load_registered
from serbench.scan import scan

if TYPE_CHECKING:
    from datasets import Dataset


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
        A registered corpus, or one that its folder's ``corpus.toml`` describes.
    root
        Its folder; None: as ``serbench corpora add`` or ``$SERBENCH_CORPORA`` say.
    labels
        A label space; utterances that it leaves out are left out here. One that it counts several
        times is there once, and ``dataset.info.description`` says how often it counts.
    allow_partial
        Take an incomplete corpus as it is.

    Returns
    -------
    Columns ``emotion`` (ClassLabel), ``audio`` (``Audio(decode=False)``: the file's path), those of
    :data:`serbench.exports.columns.COLUMNS`, and one (float64) for each attribute of the corpus,
    such as ``valence``. ``votes`` is a list of ``{"label", "raters"}``. What is not known is None.
    Segments of long files are given by ``start`` and ``end``, in seconds. A label space without
    classes adds ``target``, its scale or tags.

    The numbers of ``emotion`` follow the label space's order of classes, which under ``own`` is the
    corpus's: compare corpora by the names, or load them under one label space.

    For samples, ``soundfile.read(row["audio"]["path"])``; where torchcodec is installed, also
    ``dataset.cast_column("audio", datasets.Audio())``. Both read whole files.

    Raises
    ------
    SerbenchError
        If there is no such corpus, its folder is not whole, or the label space does not fit.

    Examples
    --------
    >>> dataset = serbench.load("emodb", "/data/emodb")  # doctest: +SKIP
    >>> dataset.features["emotion"].int2str(dataset[0]["emotion"])  # doctest: +SKIP
    'happiness'
    """
    import pyarrow as pa
    from datasets import Dataset, DatasetInfo
    from datasets.table import InMemoryTable

    roots = {} if root is None else {name: Path(root)}
    corpus, folder = located(name, roots)
    found = scan(corpus, folder, allow_partial=allow_partial, cache=cache_folder())
    kept = normalise(corpus, found, load_registered("labels", labels))
    # The schema's metadata say which columns are ClassLabel and Audio.
    info = DatasetInfo(
        description=f"{kept.card.title}, {found.release}. {kept.labelled}",
        citation=kept.card.citation.strip(),
        license=kept.card.licence,
    )
    return Dataset(InMemoryTable(pa.concat_tables(tables(kept))), info=info)
