"""A trial's id rests on what moves the result, and on nothing else."""

import dataclasses
import json
from pathlib import Path

import pytest

from serbench.canonical import canonical, digest
from serbench.errors import StoreError
from serbench.migration import NewerFormat, OlderFormat
from serbench.trial import Trial


def trial(**changes):
    values = {
        "protocol": {"name": "loso", "corpora": ["toy"]},
        "labels": {"name": "own"},
        "task": {"kind": "classes", "names": ["anger", "neutral"]},
        "corpora": {"toy": "f" * 64},
        "split": "a" * 64,
        "folds": 2,
        "fold": "s1",
        "train": {"digest": "b" * 64, "size": 10},
        "tests": {"toy": {"digest": "c" * 64, "size": 5}},
        "validation": None,
        "target": None,
        "model": {"name": "prior", "version": "1", "settings": {"c": 1.0}},
        "recipes": (),
        "seed": 0,
    }
    return Trial(**{**values, **changes})


def test_id_is_the_sha256_of_the_canonical_json():
    assert trial().id == digest(json.loads(trial().json()))
    assert len(trial().id) == 64


def test_id_is_pinned():
    """If this changes, every published trial id changes with it: raise FORMAT and say so."""
    assert trial().id == "13d0bc3e071ee05f43ea11be4f319e04773770e266c4ddd308aaab3618e0eeb3"


def test_every_field_moves_the_id():
    changed = {
        "protocol": {"name": "kfold", "corpora": ["toy"]},
        "labels": {"name": "four"},
        "task": {"kind": "classes", "names": ["neutral", "anger"]},
        "corpora": {"toy": "e" * 64},
        "split": "d" * 64,
        "folds": 3,
        "fold": "s2",
        "train": {"digest": "b" * 64, "size": 11},
        "tests": {"toy": {"digest": "c" * 64, "size": 6}},
        "validation": {"speakers": 1},
        "target": {"digest": "x"},
        "model": {"name": "prior", "version": "1", "settings": {"c": 2.0}},
        "recipes": ({"name": "mfcc"},),
        "seed": 1,
        "format": 2,
    }
    assert set(changed) == {field.name for field in dataclasses.fields(Trial)}
    ids = {trial(**{name: value}).id for name, value in changed.items()}
    assert len(ids | {trial().id}) == len(changed) + 1


def test_round_trip():
    again = Trial.from_record(json.loads(trial().json()))
    assert again == trial()
    assert again.id == trial().id


def test_foreign_format_is_refused():
    with pytest.raises(NewerFormat, match="format 99, by a newer serbench"):
        Trial.from_record({**trial().record, "format": 99})
    with pytest.raises(OlderFormat, match="repair --migrate"):
        Trial.from_record({**trial().record, "format": 0})
    with pytest.raises(StoreError, match="its format is '1'"):
        Trial.from_record({**trial().record, "format": "1"})
    with pytest.raises(StoreError, match="other fields"):
        Trial.from_record({"format": 1, "recipes": []})


def test_only_json_values_can_be_recorded():
    with pytest.raises(TypeError):
        canonical({"path": Path("x")})
    with pytest.raises(ValueError, match="Out of range"):
        canonical({"x": float("nan")})
