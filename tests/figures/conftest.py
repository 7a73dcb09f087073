"""Boards that were never run, with scores as real as any: what figures are drawn of."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from serbench.board import Board, ranked
from serbench.canaryrows import CANARY
from serbench.cells import cell_scores
from serbench.labels import Classes
from serbench.predictions import Predictions
from serbench.rows import Row, place
from serbench.scores import class_scores

CLASSES = ("anger", "neutral", "sadness")
EACH = 10  # utterances of a speaker and class


def said(name, speaker, right):
    """A test set of one speaker, of which so many of each class are told right."""
    truth = np.repeat(np.arange(3), EACH)
    told = np.where(np.tile(np.arange(EACH), 3) < right, truth, (truth + 1) % 3)
    ids = tuple(f"{name}-{i}" for i in range(len(truth)))
    return Predictions(CLASSES, ids, (speaker,) * len(truth), truth, np.eye(3)[told])


def row(model, scores, **changes):
    facts = {
        "model": model, "version": "1", "variant": "", "settings": {}, "selection": "last",
        "canary": model.startswith(CANARY), "scores": scores, "broken": {}, "stages_missing": False,
        "n_folds": 4, "n_seeds": 1, "trials_done": 4, "trials_planned": 4, "trials_failed": 0,
        "trials_damaged": 0,
    }  # fmt: skip
    return Row(**{**facts, **changes})


def board(*rows, corpora=("toy",), reference="", held=True, **changes):
    """``held``: against one another, by tests."""
    facts = {
        "corpora": corpora, "fingerprints": {name: name[:1] * 64 for name in corpora},
        "labels": "own", "task": Classes(CLASSES), "label_field": "", "protocol": "loso",
        "target_access": "none", "split": "s" * 64, "speaker_independent": True, "partial": False,
        "altered": False, "repeated": {}, "badges": None, "rows": tuple(sorted(rows, key=place)),
    }  # fmt: skip
    found = Board(**{**facts, **changes})
    return ranked(found, reference) if held else found


def scores(*rights, seeds=1):
    """One speaker a fold; a seed gets one more right than the one before."""
    return class_scores(
        {
            (seed, f"s{at}"): said(f"{at}", f"s{at}", right + seed)
            for seed in range(seeds)
            for at, right in enumerate(rights)
        }
    )


def crossed(corpora, rights, seeds=1, rest=False):
    """Source and target to how many are told right; a seed gets one more."""
    return cell_scores(
        {
            (seed, b if rest else f"{a}>{b}", b): said(b, f"{b}0", right + seed)
            for seed in range(seeds)
            for (a, b), right in rights.items()
        }
    )


def values(figure):
    """Every record that is drawn, with that of each layer."""
    found = []

    def look(node):
        if isinstance(node, dict):
            found.extend(node.get("data", {}).get("values", []))
            for one in node.values():
                look(one)
        elif isinstance(node, list):
            for one in node:
                look(one)

    look(figure.to_dict(validate=False))
    return found


def sizes(figure):
    """Every size of text that is named anywhere, in pixels."""
    found = []

    def look(node):
        if isinstance(node, dict):
            found.extend(v for k, v in node.items() if k.lower().endswith("fontsize"))
            for one in node.values():
                look(one)
        elif isinstance(node, list):
            for one in node:
                look(one)

    look(figure.to_dict(validate=False))
    return found


def svg(figure):
    """As it is drawn. Not validated: that takes longer than the drawing."""
    import vl_convert

    return vl_convert.vegalite_to_svg(figure.to_dict(validate=False))


@pytest.fixture(scope="session")
def forged():
    """What makes boards, and what looks into figures."""
    return SimpleNamespace(
        CLASSES=CLASSES, row=row, board=board, scores=scores, crossed=crossed, values=values,
        sizes=sizes, svg=svg,
    )  # fmt: skip


@pytest.fixture(scope="session")
def four(forged):
    """A board of three models that are ranked, one that is not, and a canary."""
    return forged.board(
        forged.row("best", forged.scores(9, 9, 8, 9)),
        forged.row("next", forged.scores(9, 8, 8, 9), variant="hidden=4"),
        forged.row("last", forged.scores(3, 4, 2, 4)),
        forged.row("few", forged.scores(10, 10, 10, 10), seeds_wanted=5),
        forged.row(CANARY + "file", forged.scores(4, 4, 4, 4)),
    )
