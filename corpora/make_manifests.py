#!/usr/bin/env python3
"""Make the manifests that ship with the corpora, from tables of their files' checksums.

python corpora/make_manifests.py ../shared/facts/manifests

A table has the columns path, bytes, sha256, sample_rate, channels, frames and pcm_sha256, as they
were taken from copies of the corpora that agree with independent listings. Out of it comes the same
table with the names that the adapters use, sorted by file and compressed: the same input gives the
same bytes.
"""

from __future__ import annotations

import argparse
import csv
import io
import lzma
from pathlib import Path

from serbench.manifest import COLUMNS, read_manifest

TARGET = Path(__file__).parent / "serbench_corpora" / "manifests"
# What each table's paths begin with, above the folder that the adapters call the corpus's own.
PREFIXES = {
    "casia": "",
    "emodb": "wav/",
    "emovo": "",
    "ravdess": "",
    "savee": "AudioData/",
}
GIVEN = ("bytes", "sha256", "sample_rate", "channels", "frames", "pcm_sha256")


def main() -> None:
    """Write a manifest per corpus."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="holds casia.csv, emodb.csv, ...")
    folder: Path = parser.parse_args().folder
    TARGET.mkdir(exist_ok=True)
    for name, prefix in PREFIXES.items():
        target = TARGET / f"{name}.csv.xz"
        target.write_bytes(packed(folder / f"{name}.csv", prefix))
        read_manifest(target)  # refuses what it could not be read back from


def packed(table: Path, prefix: str) -> bytes:
    """A manifest, compressed.

    Raises
    ------
    ValueError
        If a path does not begin with the prefix.
    """
    with table.open(encoding="utf-8", newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: row["path"])
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        path = row["path"]
        if not path.startswith(prefix):
            raise ValueError(f"{table}: {path} does not begin with {prefix}")
        writer.writerow([path.removeprefix(prefix), *(row[column] for column in GIVEN)])
    return lzma.compress(text.getvalue().encode(), preset=9 | lzma.PRESET_EXTREME)


if __name__ == "__main__":
    main()
