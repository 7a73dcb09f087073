"""A trial: one training and the test sets it is judged on, as a record of JSON values.

Its id is the SHA-256 of its canonical JSON, so that equal trials are one trial wherever and
whenever they are run. What does not change a result is not in it: no path, device, date or library
version (these stand beside the result, as its provenance).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from serbench.canonical import canonical, digest
from serbench.errors import StoreError
from serbench.migration import FORMAT, check


@dataclass(frozen=True)
class Trial:
    """What was trained on what, and judged on what.

    Parameters
    ----------
    protocol
        The protocol as resolved (:meth:`serbench.protocols.Protocol.record`).
    labels, task
        The label space and the classes in their order.
    corpora
        Corpus name to the fingerprint of its release (:class:`serbench.scan.Scan`).
    split
        Digest of all folds; a worker that rebuilds others refuses to run.
    folds
        How many there are.
    fold
        The name of this one.
    train
        Digest of the training ids with their classes, in order, and their number.
    tests
        Test set name to the same of its ids.
    validation
        Digest and number of the utterances that were held out of the training set to choose an
        epoch, and who speaks them; None: nobody was held out.
    target
        Digest and number of the sounds of the test side that training may hear, without labels;
        None: none.
    model
        Name, version, and every setting with defaults filled in.
    recipes
        The features that the model declares.
    seed
        Seeds training, and nothing else.
    """

    protocol: Mapping[str, Any]
    labels: Mapping[str, Any]
    task: Mapping[str, Any]
    corpora: Mapping[str, str]
    split: str
    folds: int
    fold: str
    train: Mapping[str, Any]
    tests: Mapping[str, Mapping[str, Any]]
    validation: Mapping[str, Any] | None
    target: Mapping[str, Any] | None
    model: Mapping[str, Any]
    recipes: tuple[Mapping[str, Any], ...]
    seed: int
    format: int = FORMAT

    @property
    def record(self) -> dict[str, Any]:
        values = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return {**values, "recipes": list(self.recipes)}

    @cached_property
    def id(self) -> str:
        """SHA-256, 64 hexadecimal digits."""
        return digest(self.record)

    @property
    def row(self) -> dict[str, Any]:
        """What the trials of one row of a board have in common: all but the fold and the seed.

        ``selection`` is that of the trial: "val" where speakers were held out, else "last".
        """
        own = {"fold", "train", "tests", "seed", "validation", "target"}
        shared = {name: value for name, value in self.record.items() if name not in own}
        return {**shared, "selection": "last" if self.validation is None else "val"}

    @property
    def title(self) -> str:
        """For people: what runs, where."""
        corpora = "+".join(self.corpora)
        seed = f" seed {self.seed}" if self.seed else ""
        val = "" if self.validation is None else " val"
        return f"{self.model['name']} {self.protocol['name']}{val} {corpora} {self.fold}{seed}"

    def json(self) -> str:
        return canonical(self.record)

    @classmethod
    def from_record(cls, record: Mapping[str, Any], where: str = "what is read here") -> Trial:
        """Read a trial back.

        Parameters
        ----------
        where
            What the record stands in, for people.

        Raises
        ------
        OtherFormat
            If another version of serbench wrote it in another way (:mod:`serbench.migration`).
        StoreError
            If it is no trial.
        """
        try:
            check("trial", record.get("format"), where)
        except ValueError as error:
            raise StoreError(f"{where} is no trial: {error}") from error
        try:
            return cls(**{**record, "recipes": tuple(record["recipes"])})
        except (TypeError, KeyError) as error:
            raise StoreError(
                f"a trial record with other fields than a trial has: {error}"
            ) from error
