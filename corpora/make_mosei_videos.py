#!/usr/bin/env python3
"""Make the table of CMU-MOSEI's videos that ships with its adapter.

python corpora/make_mosei_videos.py ../shared/corpora/CMU-MOSEI-labels

The folder holds CMU_MOSEI_Labels.csv and standard_folds.json of the CMU Multimodal SDK. Out of them
comes a row per video, sorted by id: the video's fold, and its labelled segments in the SDK's CSV.
Listed are the 3,293 videos of the CSV and the two of the test fold without a labelled segment. The
same input gives the same table; its compressed bytes may differ between versions of liblzma.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import lzma
from collections import Counter
from pathlib import Path

TARGET = Path(__file__).parent / "serbench_corpora" / "mosei" / "videos.csv.xz"
SPLITS = {"train": "0", "valid": "1", "test": "2", "": "3"}  # fold to the CSV's column split


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="holds CMU_MOSEI_Labels.csv, standard_folds.json")
    folder: Path = parser.parse_args().folder
    text = table(folder / "CMU_MOSEI_Labels.csv", folder / "standard_folds.json")
    TARGET.write_bytes(lzma.compress(text.encode("ascii"), preset=9 | lzma.PRESET_EXTREME))


def table(labels: Path, folds: Path) -> str:
    """The table as text.

    Raises
    ------
    ValueError
        If the two files contradict each other.
    """
    with labels.open(encoding="utf-8", newline="") as file:
        rows = [(row["file"], row["split"]) for row in csv.DictReader(file)]
    segments = Counter(video for video, _ in rows)
    lists = json.loads(folds.read_text(encoding="utf-8"))
    fold = {video: name for name in ("train", "valid", "test") for video in lists[name]}
    for video, split in rows:
        if SPLITS[fold.get(video, "")] != split:
            raise ValueError(f"{video}: split {split} in {labels}, {fold.get(video)} in {folds}")
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("video", "fold", "segments"))
    for video in sorted({*segments, *fold}):
        writer.writerow((video, fold.get(video, ""), segments[video]))
    return text.getvalue()


if __name__ == "__main__":
    main()
