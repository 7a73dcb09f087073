"""`serbench plot`: which board is meant, what is written, what is refused."""

import csv
import re

import numpy as np
import pytest

from serbench.predictions import Predictions, to_parquet
from serbench.store import Plan, Store
from serbench.trial import Trial

CLASSES = ("anger", "neutral", "sadness")
NOTES = {"variant": {}, "speaker_independent": True, "findings": [], "altered": []}
BOARD = ("--protocol", "loso", "--corpus", "toy")


def trial(model, corpora, protocol, fold, folds, tests):
    return Trial(
        protocol={"name": protocol, "corpora": list(corpora)},
        labels={"name": "own", "label_field": "perceived", "repeat": {}},
        task={"kind": "classes", "names": list(CLASSES)},
        corpora={name: name[0] * 64 for name in corpora}, split=protocol[0] * 64, folds=folds,
        fold=fold, train={"digest": "b", "size": 30},
        tests={name: {"digest": "c", "size": 30} for name in tests}, validation=None, target=None,
        model={"name": model, "version": "1", "settings": {}}, recipes=(), seed=0,
    )  # fmt: skip


def answers(corpus, speaker, right):
    """Ten utterances of each class, of which so many are told right."""
    truth = np.repeat(np.arange(3), 10)
    told = np.where(np.tile(np.arange(10), 3) < right, truth, (truth + 1) % 3)
    ids = tuple(f"{corpus}/{speaker}{i}" for i in range(30))
    said = np.eye(3, dtype=np.float32)[told]
    return to_parquet(Predictions(CLASSES, ids, (speaker,) * 30, truth, said))


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Two models under one speaker out on two corpora, and one from corpus to corpus."""
    store = Store(tmp_path_factory.mktemp("results"))
    for corpus in ("toy", "zoo"):
        for model, rights in (("good", (9, 8, 9, 8)), ("poor", (3, 4, 5, 3))):
            folds = [
                trial(model, (corpus,), "loso", fold, 4, (corpus,)) for fold in ("a", "b", "c", "d")
            ]
            store.plan(Plan(folds[0].row, NOTES, tuple(one.id for one in folds)))
            for one, right in zip(folds, rights, strict=True):
                files = {f"predictions-{corpus}.parquet": answers(corpus, one.fold, right)}
                store.save(one, files, {"notes": NOTES})
    pair = ("toy", "zoo")
    folds = [trial("good", pair, "cross-corpus", one, 2, (other,)) for one, other in
             (pair, pair[::-1])]  # fmt: skip
    store.plan(Plan(folds[0].row, NOTES, tuple(one.id for one in folds)))
    for one, right in zip(folds, (5, 6), strict=True):
        (target,) = one.tests
        files = {f"predictions-{target}.parquet": answers(target, "a", right)}
        store.save(one, files, {"notes": NOTES})
    return store.root


@pytest.fixture
def plot(command_line, results):
    def call(*words):
        return command_line("plot", *words, "--results", results)

    return call


@pytest.fixture
def unsaved(monkeypatch):
    """What would be saved, without drawing it."""
    seen = {}

    def save(chart, path, title, scale=None):
        seen.update(chart=chart, path=path, title=title, scale=scale)

    monkeypatch.setattr("serbench.figures.saving.save", save)
    return seen


def rows(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_figure_its_numbers_and_its_caption(plot, tmp_path):
    said = plot("strip", *BOARD, "-o", "s.svg", "--data", "s.csv")
    assert said.returncode == 0, said.stderr
    drawn = (tmp_path / "s.svg").read_text()
    assert "toy under loso" in drawn
    assert "3 classes, 4 speakers, 4 folds, 120 utterances" in drawn
    first, second, *_ = rows(tmp_path / "s.csv")
    assert (first["model"], first["speaker"], second["speaker"]) == ("good", "a", "b")
    assert (float(first["score"]), float(second["score"])) == pytest.approx((90, 80))
    assert "caption: A dot is a speaker" in said.stderr
    assert said.stdout == ""


@pytest.mark.parametrize("name", ["forest", "differences", "stability", "confusion"])
def test_every_figure_of_a_board(plot, unsaved, name, tmp_path):
    said = plot(name, *BOARD, "-o", "f.pdf", "--data", "f.csv", "--no-title")
    assert said.returncode == 0, said.stderr
    assert unsaved["chart"].to_dict(validate=False).get("title") is None
    assert "good" in unsaved["title"]
    assert {"good", "poor"} <= {r.get("name") or r["model"] for r in rows(tmp_path / "f.csv")}


def test_a_caption_is_made_of_sentences(plot, unsaved):
    said = " ".join(plot("differences", *BOARD, "-o", "f.pdf").stderr.split())
    _, _, caption = said.partition("caption: ")
    assert "by the board's test. " in caption
    parts = caption.removesuffix(".").split(". ")
    assert len(parts) > 2
    assert all(part[0].isupper() for part in parts)
    assert caption.endswith(".")


def test_a_figure_for_a_column_of_a_paper(plot, tmp_path):
    said = plot("forest", *BOARD, "--width", "column", "-o", "f.svg")
    assert said.returncode == 0, said.stderr
    head = (tmp_path / "f.svg").read_text().partition(">")[0]
    (width,) = re.findall(r'width="([\d.]+)pt"', head)
    assert 240 < float(width) <= 252
    plot("forest", *BOARD, "--width", "90", "-o", "g.svg").refused("--width 90", "points at least")
    plot("forest", *BOARD, "--width", "wide", "-o", "g.svg").refused("--width wide", "column (252")
    plot("forest", *BOARD, "--width", "text", "-o", "g.html").refused("--width text", ".pdf")
    assert not list(tmp_path.glob("g.*"))


@pytest.mark.parametrize("name", ["forest", "differences", "strip", "stability", "confusion"])
def test_help_has_examples_of_its_own(command_line, name):
    shown = command_line("plot", name, "--help").stdout
    examples = [line for line in shown.splitlines() if "serbench plot" in line]
    assert examples
    assert all(f"serbench plot {name}" in line for line in examples)


def test_several_boards_are_listed_and_one_is_taken_by_its_number(plot, unsaved):
    plot("forest", "--protocol", "loso", "-o", "f.svg").refused(
        "2 boards match", "1 toy under loso", "2 zoo under loso", "--board N"
    )
    said = plot("forest", "--protocol", "loso", "--board", "2", "-o", "f.svg")
    assert said.returncode == 0, said.stderr
    assert unsaved["chart"].to_dict(validate=False)["title"]["text"] == "zoo under loso"
    plot("forest", "--protocol", "loso", "--board", "3", "-o", "f.svg").refused("1 to 2")


def test_a_reference_that_is_not_there_is_refused(plot, unsaved):
    plot("differences", *BOARD, "--reference", "fine", "-o", "f.svg").refused("one of good, poor")
    said = plot("differences", *BOARD, "--reference", "poor", "-o", "f.svg")
    assert said.returncode == 0, said.stderr
    assert "less that of poor" in unsaved["title"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("-o", "f.jpg"), ".svg, .png, .pdf, .html"),
        (("-o", "f.svg", "--data", "f.json"), "ends in .csv"),
        (("-o", "f.svg", "--selection", "first"), "--selection first"),
        (("-o", "f.svg", "--target-access", "all"), "--target-access all"),
        (("-o", "f.svg", "--corpus", "none"), "no board of none"),
    ],
)
def test_what_cannot_be_meant_is_refused(plot, words, told, tmp_path):
    plot("forest", *words).refused(told)
    assert not list(tmp_path.glob("f.*"))


def test_the_heat_map_has_the_same_model_on_its_diagonal(plot, unsaved, tmp_path):
    said = plot("heatmap", "-o", "h.svg", "--data", "h.csv")
    assert said.returncode == 0, said.stderr
    cells = {(r["source"], r["target"]): r for r in rows(tmp_path / "h.csv")}
    assert float(cells["toy", "zoo"]["ua"]) == pytest.approx(50)
    assert cells["toy", "toy"]["kind"] == "within"
    assert float(cells["toy", "toy"]["ua"]) == pytest.approx(85)
    assert float(cells["mean", "mean"]["ua"]) == pytest.approx(55)
    plot("heatmap", "--settings", "hidden=4", "-o", "h.svg").refused("0 rows match", "good")
    plot("heatmap", *BOARD, "-o", "h.svg").refused("a whole model of pairs of corpora")


def test_a_critical_difference_diagram_needs_six_corpora(plot, tmp_path):
    plot("critical-difference", "-o", "cd.svg").refused(
        "2 corpora: Wilcoxon cannot reach 0.05", "six corpora or more"
    )
    plot("critical-difference", "--corpus", "toy", "-o", "cd.svg").refused("no two corpora")


def test_curves_of_models_without_epochs_are_refused(plot):
    plot("curves", "-o", "c.svg").refused("whose trainings kept their epochs")


MODEL = '''
import numpy as np

class Mean:
    """The mean of each class; it represents an utterance by its own."""

    deterministic = True

    def __init__(self, shift: float = 0.0) -> None:
        self.shift = shift

    def _look(self, data):
        waves = [data.waveform(i, 16000) for i in range(len(data))]
        return np.array([[np.abs(w).mean(), w.std(), len(w) / 16000] for w in waves])

    def fit(self, train, *, seed):
        seen, y = self._look(train), np.asarray(train.y)
        self.means = np.array([seen[y == c].mean(axis=0) for c in range(len(train.task.names))])
        return self

    def predict_proba(self, test):
        away = ((self._look(test)[:, None] - self.means) ** 2).sum(axis=-1)
        near = np.exp(-away)
        return near / near.sum(axis=1, keepdims=True)

    def represent(self, test):
        return self._look(test)
'''


@pytest.fixture
def mean(command_line, forged_savee, tmp_path):
    (tmp_path / "mean.py").write_text(MODEL)

    def call(*words):
        return command_line(
            *words, "--model", "mean.py:Mean", "--protocol", "loso", "--corpus", "savee",
            "--corpus-root", f"savee={forged_savee}", "--allow-partial",
        )  # fmt: skip

    return call


def test_tsne_trains_again_tells_so_before_and_agrees_with_what_is_stored(mean, unsaved, tmp_path):
    mean("plot", "tsne", "-o", "t.svg").refused("4 folds", "--fold, one of DC, JE, JK, KL")
    mean("plot", "tsne", "--fold", "XX", "-o", "t.svg").refused("one of DC, JE, JK, KL")
    said = mean("plot", "tsne", "--fold", "JE", "-o", "t.svg", "--data", "t.csv")
    assert said.returncode == 0, said.stderr
    assert "weights are not kept, so it is trained again, once" in said.stderr
    assert "answers are those" not in said.stderr  # nothing is stored
    found = rows(tmp_path / "t.csv")
    assert {r["speaker"] for r in found} == {"JE"}
    assert not (tmp_path / "results").exists()
    assert mean("run", "--quiet").returncode == 0
    before = sorted((tmp_path / "results").rglob("*"))
    said = mean("plot", "tsne", "--fold", "JE", "-o", "t.svg")
    assert f"{len(found)} of {len(found)} answers are those of the stored trial" in said.stderr
    assert sorted((tmp_path / "results").rglob("*")) == before


def test_tsne_is_kept_for_the_site_where_that_is_asked_for(mean, command_line, tmp_path):
    assert mean("run", "--quiet").returncode == 0
    said = mean("plot", "tsne", "--fold", "JE", "-o", "t.svg", "--data", "t.csv", "--keep")
    assert "the site shows it on the board's page" in said.stderr
    (kept,) = (tmp_path / "results" / "planes").glob("*/savee.json")
    assert (tmp_path / "results" / "trials" / kept.parent.name[:2] / kept.parent.name).is_dir()
    assert command_line("site", "public", "--quiet").returncode == 0
    (page,) = (tmp_path / "public" / "boards").glob("*.html")
    assert "As the net sees it" in page.read_text()
    (shown,) = (tmp_path / "public" / "boards").rglob("plane-1.csv")
    told = [{k: r[k] for k in ("x", "y", "said")} for r in rows(shown)]
    assert told == [{k: r[k] for k in ("x", "y", "said")} for r in rows(tmp_path / "t.csv")]
    assert "id" not in rows(shown)[0]  # pages hold no ids of utterances


def test_tsne_of_a_model_that_represents_nothing(mean, tmp_path):
    (tmp_path / "mean.py").write_text(MODEL.replace("def represent", "def _represent"))
    mean("plot", "tsne", "--fold", "JE", "-o", "t.svg").refused("represents nothing")
