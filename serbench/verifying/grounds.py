"""What the trials of a row should have been dealt from: corpora that are here, or their releases.

Names that stand in a stranger's file are looked up among what is registered, and nowhere else: a
protocol may be called by a path, and a model by a file, when a person asks for it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from serbench.adapters import adapter, located
from serbench.corpus import Corpus
from serbench.drawn import drawn_splits
from serbench.errors import CorpusError, SerbenchError, UnknownName
from serbench.features.cache import FeatureCache
from serbench.folders import find_corpus
from serbench.ground import Corpora, Ground
from serbench.planned import Plan
from serbench.pool import Pool
from serbench.protocols import Protocol, split_digest
from serbench.registry import load, registered
from serbench.scan import scan
from serbench.scanned import Scan
from serbench.verifying.finding import Finding, reason
from serbench.watcher import Watcher


@dataclass(frozen=True)
class Standing:
    """What a row can be held against.

    Parameters
    ----------
    ground
        None: nothing.
    against
        "corpus", "release" or "".
    findings
        What is wrong already: another release, other folds.
    unchecked
        What cannot be looked at, and why.
    """

    ground: Ground | None = None
    against: str = ""
    findings: tuple[Finding, ...] = ()
    unchecked: tuple[str, ...] = ()


@dataclass
class Grounds:
    """Reads each corpus once, whatever number of rows is on it.

    Parameters
    ----------
    roots
        Folders that were named for this command, by corpus.
    cache
        Where scans and folds are kept.
    """

    roots: Mapping[str, Path]
    cache: Path
    watcher: Watcher
    _scans: dict[str, tuple[Corpus, Scan] | str] = field(default_factory=dict)

    def of(self, plan: Plan) -> Standing:
        """What a row stands on, as far as this machine knows."""
        row = plan.row
        rule, name = row["protocol"], str(row["protocol"]["name"])
        if name not in registered("protocols"):
            why = f"the protocol {name!r} is not installed here: its folds are not drawn anew"
            return Standing(unchecked=(why,))
        if str(row["labels"]["name"]) not in registered("labels"):
            why = f"the label space {row['labels']['name']!r} is not installed here"
            return Standing(unchecked=(why,))
        try:
            protocol: Protocol = load("protocols", name).under(rule["target_access"])
            here = {corpus: self._scan(str(corpus)) for corpus in rule["corpora"]}
            lacking = {corpus: one for corpus, one in here.items() if isinstance(one, str)}
            if lacking:
                return self._released(plan, protocol, "; ".join(lacking.values()))
            scans = [one for one in here.values() if not isinstance(one, str)]
            return self._drawn(plan, protocol, scans, "corpus")
        except SerbenchError as error:
            return Standing(findings=(Finding("protocol", reason(error)),))

    def root(self, corpus: str) -> Path:
        """The folder of a corpus that is here."""
        return located(corpus, self.roots)[1]

    def _scan(self, name: str) -> tuple[Corpus, Scan] | str:
        """A corpus as it is here, or why it is not."""
        if name not in self._scans:
            self._scans[name] = self._read(name)
        return self._scans[name]

    def _read(self, name: str) -> tuple[Corpus, Scan] | str:
        if find_corpus(name, self.roots) is None:
            return f"the corpus {name} is not on this machine (--corpus-root {name}=DIR)"
        try:
            corpus, root = located(name, self.roots)
            with self.watcher.step(f"reading {corpus.card.name}") as tell:
                found = scan(corpus, root, allow_partial=True, cache=self.cache, progress=tell)
        except (CorpusError, UnknownName) as error:
            return f"the corpus {name} cannot be read here: {error.found}"
        return corpus, found

    def _released(self, plan: Plan, protocol: Protocol, why: str) -> Standing:
        """A row whose corpora are not here, held against what their manifests know."""
        sounds = f"{why}: its sounds and the fingerprint of its release were not looked at"
        if plan.notes.get("findings"):
            return Standing(unchecked=(f"{why}, and the row is of a part of it",))
        told = [list(_releases(plan, name)) for name in plan.row["protocol"]["corpora"]]
        if not all(told):
            return Standing(unchecked=(f"{why}, and no manifest tells its labels and speakers",))
        tried = [
            self._drawn(plan, protocol, list(scans), "release")
            for scans in itertools.product(*told)
        ]
        best = next((one for one in tried if not one.findings), None)
        if best is not None:
            return Standing(best.ground, "release", unchecked=(sounds,))
        if all(_all_known(name) for name in plan.row["protocol"]["corpora"]):
            found = Finding(
                "release",
                "the row is said to be of a whole release, and its folds are those of none that "
                f"is known: {tried[0].findings[0].message}",
            )
            return Standing(findings=(found,), unchecked=(sounds,))
        return Standing(unchecked=(f"{why}, and not every release of it has a manifest",))

    def _drawn(
        self, plan: Plan, protocol: Protocol, scans: list[tuple[Corpus, Scan]], against: str
    ) -> Standing:
        """The ground that these corpora make, if it is the row's."""
        row = plan.row
        pool = Pool.of(scans, load("labels", str(row["labels"]["name"])))
        if pool.fingerprints != dict(row["corpora"]):
            others = [
                f"{name} {row['corpora'].get(name, 'nothing')[:12]}, here {mark[:12]}"
                for name, mark in pool.fingerprints.items()
                if row["corpora"].get(name) != mark
            ]
            words = f"another release than the one here: {'; '.join(others)}"
            return Standing(findings=(Finding("release", words),))
        if words := _otherwise(row, pool, protocol):
            return Standing(findings=(Finding("protocol", words),))
        table = pool.table(whole=protocol.whole)
        splits = pool.with_copies(drawn_splits(protocol, table, self.cache))
        if split_digest(splits) != row["split"] or len(splits) != row["folds"]:
            words = (
                f"the folds are not those that {protocol.name} draws of {pool.title}: digest "
                f"{str(row['split'])[:12]}, drawn here {split_digest(splits)[:12]}"
            )
            return Standing(findings=(Finding("split", words),))
        shelf = Corpora(FeatureCache(self.cache))
        return Standing(Ground(pool, protocol, splits, shelf), against)


def _releases(plan: Plan, name: str) -> Iterator[tuple[Corpus, Scan]]:
    from serbench.verifying.released import releases_of

    if name in registered("corpora"):
        corpus = adapter(name, None)
        for found in releases_of(corpus, str(plan.row["corpora"].get(name))):
            yield corpus, found


def _all_known(name: str) -> bool:
    """Whether every release of a corpus has a manifest."""
    return all(release.manifest is not None for release in adapter(name, None).card.releases)


def _otherwise(row: Mapping[str, Any], pool: Pool, protocol: Protocol) -> str:
    """What is recorded otherwise than it is installed here."""
    for what, recorded, here in (
        ("the protocol", row["protocol"], protocol.record(pool.names)),
        ("the label space", row["labels"], pool.labels()),
        ("what is told apart", row["task"], pool.task.record()),
    ):
        if _plain(recorded) != _plain(here):
            return f"{what} is recorded otherwise than {protocol.name} is installed here"
    return ""


def _plain(value: Any) -> str:
    from serbench.canonical import canonical

    return canonical(value)
