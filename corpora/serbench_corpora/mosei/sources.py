"""Which label file is read where several stand side by side: the one that says most.

In this order: the SDK's CSD (exact values of all emotions), the raters' own answers (the same, and
each rater's), the SDK's CSV (one emotion, rounded sentiment), MMSA's table and MMSA's pickle
(sentiment alone). They are never mixed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from serbench.corpus import AUDIO_SUFFIXES, Finding, files_below
from serbench.errors import CorpusError
from serbench_corpora.mosei.csd import read_csd
from serbench_corpora.mosei.folds import known_videos
from serbench_corpora.mosei.headings import heading
from serbench_corpora.mosei.mmsa_csv import is_mmsa, read_mmsa_csv
from serbench_corpora.mosei.mmsa_pickle import read_mmsa_pickle
from serbench_corpora.mosei.mturk import is_mturk, read_mturk
from serbench_corpora.mosei.sdk_csv import COLUMNS, read_sdk_csv
from serbench_corpora.mosei.segments import Labels

FILM = ".mp4"
_TABLES = {"cmu_mosei_labels.csv": read_sdk_csv, "labels.csv": read_sdk_csv}
_TABLES["label.csv"] = read_mmsa_csv
_MOST_NAMED = 5


@dataclass(frozen=True)
class Tree:
    """The files below a folder that matter, by kind, the nearest to the top first."""

    root: Path
    sounds: Sequence[Path]
    films: Sequence[Path]
    texts: Sequence[Path]
    tables: Sequence[Path]
    csds: Sequence[Path]
    pickles: Sequence[Path]
    folds: Path | None


def walk(root: Path) -> Tree:
    """Look at the names below a folder, once.

    Raises
    ------
    CorpusError
        Where the folder is missing or one below it cannot be opened.
    """
    kinds = (*AUDIO_SUFFIXES, FILM, ".txt", ".csv", ".csd", ".pkl", ".json")
    by_suffix: dict[str, list[Path]] = {kind: [] for kind in kinds}
    for path in files_below(root, kinds):
        by_suffix[path.suffix.lower()].append(path)

    def near(suffix: str, ending: str) -> list[Path]:
        found = [path for path in by_suffix[suffix] if path.name.lower().endswith(ending)]
        return sorted(found, key=lambda path: (len(path.parts), path))

    folds = near(".json", "standard_folds.json")
    return Tree(
        root,
        sounds=[path for suffix in sorted(AUDIO_SUFFIXES) for path in by_suffix[suffix]],
        films=by_suffix[FILM],
        texts=by_suffix[".txt"],
        tables=near(".csv", ""),
        csds=near(".csd", "labels.csd"),
        pickles=near(".pkl", "aligned_50.pkl"),  # and unaligned_50.pkl
        folds=folds[0] if folds else None,
    )


def read_labels(tree: Tree) -> tuple[Labels, list[Finding]]:
    """The labels, and which other label files were not read.

    Raises
    ------
    CorpusError
        If there are none, they cannot be read, or they are another corpus's.
    MissingExtra
        If reading them takes a package that is not installed.
    """
    raters, sdk, mmsa = _sorted(tree.tables)
    sources: list[tuple[Sequence[Path], Callable[[], Labels]]] = [
        (tree.csds[:1], lambda: read_csd(tree.csds[0])),
        (raters, lambda: read_mturk(raters)),
        (sdk[:1], lambda: read_sdk_csv(sdk[0])),
        (mmsa[:1], lambda: read_mmsa_csv(mmsa[0])),
        (tree.pickles[:1], lambda: read_mmsa_pickle(tree.pickles[0])),
    ]
    chosen = next((source for source in sources if source[0]), None)
    if chosen is None:
        raise _none(tree)
    labels = chosen[1]()
    _refuse_other_corpus(labels)
    others = [*tree.csds, *raters, *sdk, *mmsa, *tree.pickles]
    unread = [str(path) for path in others if path not in chosen[0]]
    if not unread:
        return labels, []
    named = ", ".join(unread[:_MOST_NAMED]) + (", ..." if len(unread) > _MOST_NAMED else "")
    said = f"labels are those of {labels.path}; not read, and not mixed with them: {named}"
    return labels, [Finding("annotation", said, grave=False)]


def _sorted(tables: Sequence[Path]) -> tuple[list[Path], list[Path], list[Path]]:
    """Tables of raters' answers, of the SDK's CSV, and of MMSA; others are passed over."""
    raters, sdk, mmsa = [], [], []
    for path in tables:
        columns = heading(path)
        if is_mturk(columns):
            raters.append(path)
        elif set(COLUMNS) <= set(columns):
            sdk.append(path)
        elif is_mmsa(columns):
            mmsa.append(path)
    return raters, sdk, mmsa


def _none(tree: Tree) -> CorpusError:
    for path in tree.tables:
        reader = _TABLES.get(path.name.lower())
        if reader is not None:
            try:
                reader(path)  # says which column is missing
            except CorpusError as error:
                return error
    return CorpusError(
        f"{tree.root} has no labels of CMU-MOSEI: {len(tree.sounds)} sound files, "
        f"{len(tree.tables)} tables (.csv), none of a known form",
        expected="CMU_MOSEI_Labels.csv or .csd, Raw/Labels/*.csv, or MMSA's label.csv or pickle",
        advice="put CMU_MOSEI_Labels.csv of the CMU Multimodal SDK into that folder",
    )


def _refuse_other_corpus(labels: Labels) -> None:
    """MMSA's tables of MOSI and SIMS look just like this corpus's."""
    videos = {segment.video for segment in labels.segments}
    known = videos & known_videos().keys()
    if not videos or 2 * len(known) < len(videos):
        faults = "".join(f"\n  {finding.message}" for finding in labels.findings[:_MOST_NAMED])
        example = f", such as {min(videos - known)}" if videos else ""
        raise CorpusError(
            f"{labels.path} labels {len(videos)} videos, {len(known)} of them CMU-MOSEI's"
            f"{example}{faults}",
            expected="labels of CMU-MOSEI",
            advice="name the folder that holds CMU-MOSEI and no other corpus",
        )
