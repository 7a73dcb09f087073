"""Which label file is read where several stand side by side: the one that says most.

In this order: the SDK's CSD (exact values of all emotions), the raters' own answers (the same, and
each rater's), the SDK's CSV (one emotion, rounded sentiment), MMSA's table and MMSA's pickle
(sentiment alone). They are never mixed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from serbench.corpus import AUDIO_SUFFIXES, Finding, files_below
from serbench.errors import CorpusError, few
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
_FILE_NAME = re.compile(r"(?!\.\.?$)[^/\\\x00-\x1f]+")


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
        for path in found:  # a pipe would be waited for, and a device read for ever
            if path.exists() and not path.is_file():
                raise CorpusError(f"{path} is no regular file", expected="a label file")
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
    raters, sdk, mmsa, unknown = _sorted(tree.tables)
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
    labels = _named_as_files(chosen[1]())
    _refuse_other_corpus(labels)
    others = [*tree.csds, *raters, *sdk, *mmsa, *tree.pickles]
    remarks = []
    if unread := [str(path) for path in others if path not in chosen[0]]:
        said = f"labels are those of {labels.path}; not read, and not mixed with them: "
        remarks.append(Finding("annotation", said + few(unread), grave=False))
    if unknown:
        said = f"{len(unknown)} tables of no known form were not read: {few(map(str, unknown))}"
        remarks.append(Finding("annotation", said, grave=False))
    return labels, remarks


def _named_as_files(labels: Labels) -> Labels:
    """Without the segments whose video has a name that leads out of the folder of its sound."""
    odd = {one.video for one in labels.segments if not _FILE_NAME.fullmatch(one.video)}
    if not odd:
        return labels
    findings = [
        Finding("annotation", f"{labels.path}: the video {name!r} has a name that no file has")
        for name in sorted(odd)
    ]
    return replace(
        labels,
        segments=[one for one in labels.segments if one.video not in odd],
        findings=[*labels.findings, *findings],
    )


def _sorted(
    tables: Sequence[Path],
) -> tuple[list[Path], list[Path], list[Path], list[Path]]:
    """Tables of raters' answers, of the SDK's CSV, of MMSA, and of none of these forms."""
    raters, sdk, mmsa, unknown = [], [], [], []
    for path in tables:
        columns = heading(path)
        if is_mturk(columns):
            raters.append(path)
        elif set(COLUMNS) <= set(columns):
            sdk.append(path)
        elif is_mmsa(columns):
            mmsa.append(path)
        else:
            unknown.append(path)
    return raters, sdk, mmsa, unknown


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
