"""How long it takes to plan and audit a corpus of CMU-MOSEI's size under each protocol.

23,259 utterances of 3,322 videos by 1,000 speakers, six classes: made up, without a sound. For each
protocol: its folds drawn by scikit-learn ("folds drawn", the floor), these and the trials of ten
seeds ("plan"), and the audit of the folds with all canaries ("audit").

    python benchmarks/planning.py [--utterances 23259] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from pathlib import Path
from typing import ClassVar

from serbench.background import ensure
from serbench.choice import ModelChoice
from serbench.cohort import Cohort
from serbench.corpus import Corpus, CorpusCard, Release, Utterance
from serbench.labels import OWN
from serbench.plan import plan
from serbench.pool import Pool
from serbench.registry import load
from serbench.scanned import Scan
from serbench.store import Store

EMOTIONS = ("anger", "disgust", "fear", "happiness", "neutral", "sadness")
PROTOCOLS = ("fixed", "kfold", "kfold-speaker", "holdout")
TARGET = 10.0  # seconds, to plan and to audit


class Large(Corpus):
    """As many utterances as CMU-MOSEI, in none of whose details anybody should believe."""

    card = CorpusCard(
        name="large", title="Large", language="-", licence="-", how_to_get="-",
        citation="@misc{large,}", releases=(Release("Large", {}, {}),),
    )  # fmt: skip
    labels: ClassVar = {name[:3]: name for name in EMOTIONS}

    def entries(self, root):
        raise NotImplementedError


def pool(utterances: int) -> Pool:
    """The corpus, drawn from a fixed seed."""
    draw = random.Random(0)
    videos = max(1, utterances // 7)
    made = []
    for i in range(utterances):
        video = i % videos
        emotion = draw.choice(EMOTIONS)
        name = f"{video:05d}_{i // videos}"
        made.append(
            Utterance(
                id=f"large/{name}", audio=Path(f"{video:05d}.wav"), file=f"{name}.wav",
                speaker=str(video % 1000), native=emotion[:3], corpus="large", emotion=emotion,
                rate=16000, channels=1, duration=draw.uniform(1, 20), samples=f"{i:064x}",
                session=str(video % 5), dialogue=str(video), text=f"words of {draw.random()}",
                fold=("train", "train", "train", "valid", "test")[video % 5],
            )
        )  # fmt: skip
    return Pool([Cohort(Large(), Scan("large", None, "Large", tuple(made), (), "f" * 64), OWN)])


def measure(here: Pool, name: str) -> dict[str, float | int | str]:
    """One protocol, by a model that takes several seeds."""
    protocol = load("protocols", name)
    choice = ModelChoice.of("timnet", {})
    start = time.perf_counter()
    splits = protocol.splits(here.table(whole=protocol.whole))
    drawn = time.perf_counter() - start
    trials = plan(here, protocol, splits, choice, seeds=10)
    ids = {trial.id for trial in trials}
    planned = time.perf_counter() - start
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        ensure(Store(Path(folder)), trials[0].row, here, protocol, splits)
    audited = time.perf_counter() - start
    return {
        "protocol": name,
        "trials": len(ids),
        "folds_s": round(drawn, 2),
        "plan_s": round(planned, 2),
        "audit_s": round(audited, 2),
        "in_target": planned + audited < TARGET,
    }


def main() -> None:
    """Print a line per protocol."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--utterances", type=int, default=23_259)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    here = pool(options.utterances)
    print(f"{options.utterances} utterances, 10 seeds; target: {TARGET:g} s for plan and audit")
    print(f"{'protocol':16}{'trials':>8}{'folds drawn':>13}{'plan':>8}{'audit':>8}")
    lines = []
    for name in PROTOCOLS:
        found = measure(here, name)
        lines.append(found)
        print(
            f"{name:16}{found['trials']:>8}{found['folds_s']:>11} s{found['plan_s']:>6} s"
            f"{found['audit_s']:>6} s" + ("" if found["in_target"] else "  MISSED"),
            flush=True,
        )
    if options.json:
        options.json.write_text(json.dumps(lines, indent=1))


if __name__ == "__main__":
    main()
