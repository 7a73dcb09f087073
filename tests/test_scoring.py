"""Boards with the score cache are boards without it, in folders and in shards, whole or damaged."""

import hashlib
import json
import os
import shutil

import numpy as np
import pytest

from serbench import background as beside
from serbench.boards import boards
from serbench.canaries.flock import Decisions, Flock
from serbench.canaries.stored import to_parquet as flock_to
from serbench.canonical import canonical, digest
from serbench.labels import Classes, Scale
from serbench.packing import pack
from serbench.predictions import Predictions, stages_to_parquet
from serbench.predictions import to_parquet as predictions_to
from serbench.question import question_digest
from serbench.ratings import Ratings
from serbench.ratings import to_parquet as ratings_to
from serbench.scorecache import ScoreCache
from serbench.session import Stage
from serbench.store import Plan, Store
from serbench.trained import Trained
from serbench.trial import Trial

CLASSES, SENTIMENT = Classes(("low", "high")), Scale(-3.0, 3.0)
NOTES = {"variant": {"epochs": 2}, "findings": [], "altered": [], "speaker_independent": True}
EVERY = ("last", "val", "best-on-test", "best-on-test-per-metric")


def trial(model, fold, seed=0, task=CLASSES, tests=("toy",), validation=None):
    return Trial(
        protocol={"name": "kfold", "corpora": list(tests)},
        labels={"name": "space", "label_field": "sentiment", "repeat": {}},
        task=task.record(), corpora=dict.fromkeys(tests, "f"), split="s", folds=2, fold=fold,
        train={"digest": "b", "size": 4},
        tests={test: {"digest": "c", "size": 4} for test in tests if test != fold},
        validation=validation, target=None, model={"name": model, "version": "1", "settings": {}},
        recipes=(), seed=seed,
    )  # fmt: skip


def answers(one, test, rng):
    """Four utterances of two speakers, another four in each fold of a corpus."""
    ids = tuple(f"{test}/{one.fold}{i}" for i in range(4))
    speakers = tuple(f"{test}-{who}" for who in "abab")
    if one.task["kind"] == "scale":
        truth = np.array([-2.0, 0.0, 1.0, 3.0])
        return ratings_to(Ratings(ids, speakers, truth, (truth + rng.normal(size=4)).astype("f4")))
    said = rng.dirichlet(np.ones(2), 4).astype(np.float32)
    return predictions_to(Predictions(CLASSES.names, ids, speakers, np.array([0, 1, 1, 0]), said))


def save(store, one, behaviour=None):
    rng = np.random.default_rng([one.seed, len(one.fold), len(one.model["name"])])
    files = {f"predictions-{test}.parquet": answers(one, test, rng) for test in one.tests}
    for test in one.tests if one.model["name"].startswith("net") else ():
        stages = [
            Stage(n, 0.5, 0.5, {test: rng.dirichlet(np.ones(2), 4).astype("f2")}) for n in (1, 2)
        ]
        files[f"stages-{test}.parquet"] = stages_to_parquet(stages, test, np.arange(4))
        if one.validation:
            files["predictions-validation.parquet"] = answers(one, "toy", rng)
            held = [Stage(s.epoch, s.loss, s.accuracy, {"validation": s.probabilities[test]})
                    for s in stages]  # fmt: skip
            files["stages-validation.parquet"] = stages_to_parquet(held, "validation", np.arange(4))
    store.save(one, files, {"notes": NOTES, "behaviour": behaviour} | took(one))


def took(one, seconds=0.1):
    """What a record says of a training; of a third of a second in one seed."""
    if one.model["name"] == "half":  # an older serbench did not say
        return {}
    seconds = 1 / 3 if one.seed else seconds
    return {"parameters": 42, "seconds": seconds, "device": f"cpu {one.seed}", "stacked": 2}


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """Rows of every kind: of classes, of a scale, across corpora, with stages, and unfinished."""
    store = Store(tmp_path_factory.mktemp("finished"))
    rows = [
        [trial("plain", fold, seed) for seed in (0, 1) for fold in "12"],
        [trial("net", fold) for fold in "12"],
        [trial("net", fold, validation={"digest": "v", "size": 4}) for fold in "12"],
        [trial("mood", fold, task=SENTIMENT) for fold in "12"],
        [trial("across", fold, seed, tests=("x", "y")) for seed in (0, 1) for fold in "xy"],
        [trial("half", fold, seed) for seed in (0, 1) for fold in "12"],
        [trial("breaks", fold) for fold in "12"],
    ]
    problem = {"rule": "L09", "count": 1, "message": "of company", "examples": []}
    watched = {"checked": ["watch"], "problems": [problem], "notes": []}
    for planned in rows:
        store.plan(Plan(planned[0].row, NOTES, tuple(one.id for one in planned)))
        half = planned[0].model["name"] == "half"
        for one in planned[:3] if half else planned:
            save(store, one, watched if one.model["name"] == "breaks" else None)
        if half:
            store.fail(planned[3], "out of memory", "")
    save(store, trial("unplanned", "1"))
    canaries(store, rows[0])
    return store.root


def canaries(store, trials):
    said = {
        (fold, "toy"): Decisions(
            tuple(f"toy/{fold}{i}" for i in range(4)), tuple("abab"), np.array([0, 1, 1, 0]),
            {"majority": np.zeros(4, np.int64), "speaker": np.array([0, 1, 0, 1])},
        )
        for fold in "12"
    }  # fmt: skip
    flock = flock_to(Flock(CLASSES.names, said))
    verdict = {"name": "toy", "findings": [], "checked": [], "not_checked": [], "badges": ["fine"]}
    sha = hashlib.sha256(flock).hexdigest()
    record = {"version": beside.VERSION, "verdict": verdict, beside.CANARIES: sha}
    folder = store.root / "boards" / question_digest(trials[0].row)
    folder.mkdir(parents=True)
    (folder / beside.CANARIES).write_bytes(flock)
    (folder / "verdict.json").write_text(canonical({**record, "digest": digest(record)}))


@pytest.fixture
def root(tmp_path, finished):
    return shutil.copytree(finished, tmp_path / "results")


@pytest.fixture
def cache(tmp_path):
    return ScoreCache(tmp_path / "cache")


def shown(root, cache=None):
    """All that stands on the boards, to the last bit: a float's repr is all of it."""
    return [repr(board) for board in boards(Store(root), selections=EVERY, cache=cache)]


@pytest.fixture
def unread(monkeypatch):
    """From now on, whoever reads what was said fails."""

    def close():
        for module in ("predictions", "ratings", "canaries.stored"):
            monkeypatch.setattr(f"serbench.{module}.from_parquet", None)
        monkeypatch.setattr("serbench.staged.stages_from_parquet", None)

    return close


@pytest.mark.parametrize("packed", [False, True])
def test_a_board_is_the_same_cold_and_warm(root, cache, unread, packed):
    plain = shown(root)
    assert "canary: majority" in plain[0] + plain[1]
    if packed:
        pack(root)
        assert shown(root) == plain
    assert shown(root, cache) == plain
    unread()
    assert shown(root, cache) == plain


def test_scores_from_folders_serve_the_shards_that_they_become(root, cache, unread):
    plain = shown(root, cache)
    pack(root)
    unread()
    assert shown(root, cache) == plain


@pytest.mark.parametrize("packed", [False, True])
def test_what_trainings_took_is_known_without_their_records(root, cache, monkeypatch, packed):
    if packed:
        pack(root)
    plain = shown(root, cache)
    assert sum("parameters=42, seconds=0.86" in board for board in plain) == 2
    opened, record = [], Store.record
    monkeypatch.setattr(Store, "record", lambda *a: opened.append(a[1]) or record(*a))
    monkeypatch.setattr(Trained, "of", None)
    assert shown(root, cache) == plain
    if packed:  # the trial that is in no plan says itself whose it is
        assert opened == [trial("unplanned", "1").id]


@pytest.mark.parametrize("packed", [False, True])
def test_another_time_for_the_same_predictions_is_seen(root, cache, unread, packed):
    before, store, one = shown(root, cache), Store(root), trial("plain", "1")
    files = {"predictions-toy.parquet": store.read(one.id, "predictions-toy.parquet")}
    store.set_aside(one.id)
    store.save(one, files, {"notes": NOTES, "behaviour": None} | took(one, 5000.0))
    if packed:
        pack(root)
    after = shown(root)
    assert sum("seconds=5000.7" in board for board in after) == 1
    unread()  # the scores are of the same predictions
    assert shown(root, cache) == after != before


def test_scores_that_were_kept_without_times_are_completed(root, cache, unread):
    plain = shown(root, cache)
    kept = {path: path.read_bytes() for path in cache.folder.glob("*/*.json")}
    for content in kept.values():
        entry = json.loads(content.split(b"\n", 1)[1])
        if "scores" in entry["value"]:
            older = {k: v for k, v in entry["value"].items() if k not in ("trained", "records")}
            cache.put(entry["key"], older)
    unread()
    assert shown(root, cache) == plain
    assert {path: path.read_bytes() for path in kept} == kept


def test_a_new_trial_and_a_failure_less_are_seen(root, cache):
    before = shown(root, cache)
    save(Store(root), trial("half", "2", 1))
    after = shown(root, cache)
    assert after == shown(root) != before


def test_the_cache_looks_at_every_row_by_itself(root, cache, unread):
    shown(root, cache)
    save(Store(root), trial("half", "2", 1))
    unread()
    with pytest.raises(TypeError):  # the row that has a new trial
        shown(root, cache)
    names = {"models": ["mood", "across"]}  # of other boards
    assert boards(Store(root), selections=EVERY, cache=cache, **names)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("name", ["predictions-toy.parquet", "stages-toy.parquet", "trial.json"])
def test_damage_shows_with_a_warm_cache_as_it_does_without(root, cache, packed, name):
    one = trial("net", "2")
    if packed:
        pack(root)
    shown(root, cache)
    flip(root, one.id, name)
    damaged = shown(root)
    assert shown(root, cache) == damaged
    assert shown(root, cache) == damaged


def flip(root, trial_id, name):
    """Change one bit of a file, wherever it lies, and not the clock."""
    store = Store(root)
    path, at = store.folder(trial_id) / name, 200
    if not path.exists():
        shard, place = store.packed.at(trial_id)
        path, at = shard.path, shard.index.entry(place).files[name].offset + 200
    state, content = path.stat(), bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))


def test_a_poisoned_cache_is_known_for_it_unless_its_digest_is_forged(root, cache):
    plain = shown(root, cache)
    for path in cache.folder.glob("*/*.json"):
        content = path.read_bytes()
        path.write_bytes(content[:-9] + bytes([content[-9] ^ 1]) + content[-8:])
    assert shown(root, cache) == plain  # nothing of it is taken
    for path in cache.folder.glob("*/*.json"):
        entry = json.loads(path.read_bytes().split(b"\n", 1)[1])
        if entry["value"].get("scores"):
            entry["value"]["n_seeds"] = 99
            forged = canonical(entry).encode()
            path.write_bytes(hashlib.sha256(forged).hexdigest().encode() + b"\n" + forged)
    assert any("n_seeds=99" in board for board in shown(root, cache))
    assert shown(root) == plain  # as under --no-score-cache, and by all that checks results


def test_what_changed_while_it_was_scored_is_not_kept(root, cache, monkeypatch):
    """Between the look at the files and their reading, a run put another result there."""
    from serbench import scoring

    def hold(store, plans, hold=scoring.hold):
        one = trial("plain", "1", 1)
        if store.has(one.id) and plans[0].row == one.row:
            store.set_aside(one.id)
            said = answers(one, "toy", np.random.default_rng(99))
            store.save(one, {"predictions-toy.parquet": said}, {"notes": NOTES, "behaviour": None})
        return hold(store, plans)

    before = shutil.copytree(root, root.parent / "before")
    monkeypatch.setattr(scoring, "hold", hold)
    assert shown(root, cache) == shown(root)
    monkeypatch.undo()
    assert shown(before, cache) == shown(before) != shown(root)
