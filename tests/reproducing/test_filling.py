"""A paper's table filled in from made-up results: numbers, differences, and reasons."""

from __future__ import annotations

import shlex
from pathlib import Path

import numpy as np
import pytest

from serbench.reproducing.filling import fill
from serbench.reproducing.footnotes import Footnotes
from serbench.reproducing.measured import Sought
from serbench.reproducing.noise import over_folds, over_runs
from serbench.reproducing.page import Cell, Page
from serbench.reproducing.shelf import table as table_of
from serbench.reproducing.wanted import command
from serbench.stats.paired import corrected, uncorrected

TEN = tuple(f"{number:02}" for number in range(1, 11))
OTHERS = "of it in the folder, of other settings, folds or releases: serbench leaderboard"
EPOCHS = {"epochs": 100}
HALF = {"epochs": 50}


def right(trial):
    return 3 + int(trial.fold)  # 4 to 9 of 21


def page(name, store, **roots) -> Page:
    return fill(table_of(name), store, {corpus: Path(root) for corpus, root in roots.items()})


def cell(found: Page, method: str, metric: str, corpora: str = "emodb") -> Cell:
    (one,) = (
        c
        for c in found.cells
        if (c.published.method, c.published.metric, c.published.corpora)
        == (method, metric, corpora)
    )
    return one


def test_ours_stands_beside_the_paper_with_its_difference(add, store):
    add("dblmm", right, settings=EPOCHS)
    ours = cell(page("dblmm-table3", store), "DBL-MM", "wa")
    folds = np.arange(4, 10) / 21
    assert ours.state == "measured"
    assert ours.ours.how == "mean over folds"
    assert ours.ours.number == pytest.approx(folds.mean())
    assert ours.difference == pytest.approx(100 * folds.mean() - 84.87)
    assert ours.ours.noise == over_folds(folds)
    assert ours.within is False
    assert ours.notes == ()


def test_within_noise(add, store):
    add("dblmm", lambda t: (12, 21, 20, 15, 21, 18)[int(t.fold) - 1], settings=EPOCHS)
    ours = cell(page("dblmm-table3", store), "DBL-MM", "wa")
    assert ours.within is True
    assert 0 < abs(ours.difference) < 3


def test_seeds_are_averaged_first(add, store):
    add("dblmm", lambda t: right(t) + t.seed, settings=EPOCHS, seeds=2, deterministic=True)
    ours = cell(page("dblmm-table3", store), "DBL-MM", "wa").ours
    assert ours.number == pytest.approx(np.mean([6.5 / 21, 7.5 / 21]))
    assert ours.noise == over_folds((np.arange(4, 10) + 0.5) / 21)


def hard_and_easy(trial):
    """Folds that lie far apart, and seeds that hardly do."""
    return (21, 9, 20, 10, 21, 9)[int(trial.fold) - 1] + (trial.seed if trial.fold == "02" else 0)


def test_how_hard_the_papers_own_folds_are_is_no_noise(add, store):
    add("dblmm", hard_and_easy, settings=EPOCHS, seeds=3)
    ours = cell(page("dblmm-table3", store), "DBL-MM", "wa")
    by_seed = (90 + np.arange(3)) / 126
    assert ours.ours.number == pytest.approx(by_seed.mean())
    assert (ours.ours.noise.over, ours.ours.noise.df) == ("runs", 2)
    assert ours.ours.noise.half == pytest.approx(over_runs(by_seed.std(ddof=1), 3).half)
    assert ours.difference == pytest.approx(-12.65, abs=0.01)
    folds = over_folds((np.array([21, 10, 20, 10, 21, 9])) / 21)
    assert folds.holds(ours.difference / 100)  # as wide as the folds lie apart
    assert ours.within is False


def test_one_seed_of_the_same_folds_has_their_noise(add, store):
    add("dblmm", hard_and_easy, settings=EPOCHS)
    ours = cell(page("dblmm-table3", store), "DBL-MM", "wa")
    assert (ours.ours.noise.over, ours.within) == ("folds", True)


def test_runs_decide_on_the_papers_own_draw_alone(add, store):
    def told(trial):
        return right(trial) + trial.seed

    asked = {"protocol": "last-epoch", "seeds": 2}
    add("timnet", told, settings={"epochs": 500}, drawn_by=46, best=told, **asked)
    add("gmtcnet", told, settings={"epochs": 600}, drawn_by=46, best=told, **asked)
    found = page("timnet-table1", store)
    for method in ("TIM-Net*", "TIM-Net**"):
        assert {cell(found, method, m).ours.noise.over for m in ("wa", "ua")} == {"runs"}
    gmtcn = cell(found, "GM-TCN", "wa")
    assert gmtcn.published.other_draw
    assert gmtcn.ours.noise.over == "folds"


def test_another_draw_is_a_deviation(add, store):
    add("timnet", right, settings={"epochs": 500}, protocol="last-epoch", seeds=2, drawn_by=7)
    ours = cell(page("timnet-table1", store), "TIM-Net*", "wa")
    assert ours.state == "deviates"
    assert "another split seed: 7 where the paper has 46" in ours.notes[0]
    assert ours.ours.noise.over == "folds"


def test_other_folds_are_a_deviation(add, store):
    add("timnet", right, settings={"epochs": 500}, protocol="last-epoch", folds=("1", "2", "3"))
    ours = cell(page("timnet-table1", store), "TIM-Net*", "wa")
    assert (ours.state, "3 folds where the paper has 10" in ours.notes[0]) == ("deviates", True)


def whole(add, model="dblmm", **more):
    """All that EMO-DB's card counts: ten speakers, 535 utterances."""
    add(model, lambda _: 40, folds=TEN, each=lambda fold: 53 + int(fold) % 2, release="a", **more)


def a_part(add, model="dblmm", **more):
    add(model, lambda _: 20, folds=TEN[:4], split="t", release="b", **more)


def test_the_usual_release_stands_before_another(add, store, as_on_the_card):
    a_part(add, settings=EPOCHS)
    ours = cell(page("dblmm-table3", store), "DBL-MM", "wa")
    assert ours.state == "deviates"
    assert (
        "not the paper's: 4 folds where the paper has 10, another release: 4 speakers and 84 "
        "utterances where the usual one has 10 and 535; as the paper has it"
    ) in ours.notes[0]
    whole(add, settings=EPOCHS)
    ours = cell(page("dblmm-table3", store), "DBL-MM", "wa")
    assert (ours.state, ours.ours.number) == ("measured", pytest.approx(40 / 53.5, rel=1e-3))
    assert ours.notes == (f"1 more row {OTHERS}",)


def test_other_settings_on_the_usual_release_stand_before_another(add, store, as_on_the_card):
    a_part(add, settings=EPOCHS)
    whole(add, settings=HALF, variant=HALF)
    ours = cell(page("dblmm-table3", store), "DBL-MM", "wa")
    assert "epochs=50 where the paper has 100; as" in ours.notes[0]


def test_a_part_of_a_corpus_says_how_much_it_is(add, store, as_on_the_card):
    a_part(add, settings=EPOCHS, findings=["451 files are missing"])
    ours = cell(page("dblmm-table3", store), "DBL-MM", "wa")
    assert "a partial corpus: 4 speakers and 84 utterances where the usual one" in ours.notes[0]


def test_a_pooled_number_is_pooled_and_its_noise_leaves_folds_out(add, store):
    add("timnet", right, settings={"epochs": 500}, protocol="last-epoch")
    found = page("timnet-table1", store)
    ua = cell(found, "TIM-Net*", "ua").ours
    assert ua.how == "pooled"
    assert ua.other_how == "mean over folds"
    assert ua.noise is not None
    wa = cell(found, "TIM-Net*", "wa").ours
    assert wa.how == "mean over folds"
    starred = cell(found, "TIM-Net**", "wa")  # the same trainings, at epochs that nobody kept
    assert starred.ours is None
    assert "no epochs were kept for best-on-test" in starred.notes[0]


def test_the_best_epoch_on_the_test_fold_is_ours_too(add, store):
    add(
        "timnet",
        right,
        settings={"epochs": 500},
        protocol="last-epoch",
        best=lambda t: right(t) + 5,
    )
    found = page("timnet-table1", store)
    last, best = (cell(found, method, "wa").ours.number for method in ("TIM-Net*", "TIM-Net**"))
    assert best - last == pytest.approx(5 / 21)


def test_other_settings_are_shown_and_never_passed_off(add, store):
    add("dblmm", right, settings={**HALF, "hidden": 64}, variant={**HALF, "hidden": 64})
    add("dblmm", right, settings=HALF, variant=HALF)
    add("dblmm", right, settings={"epochs": 5}, variant={"epochs": 5})
    ours = cell(page("dblmm-table3", store), "DBL-MM", "wa")
    assert ours.state == "deviates"
    assert ours.notes == (  # the nearest of the three
        f"not the paper's: epochs=50 where the paper has 100; as the paper has it: {ours.command}",
        f"2 more rows {OTHERS}",
    )
    assert (
        ours.command == "serbench run --model dblmm --protocol loso --corpus emodb --set epochs=100"
    )


def test_the_papers_own_settings_come_first(add, store):
    add("dblmm", lambda _: 21, settings=HALF, variant=HALF)
    add("dblmm", right, settings=EPOCHS)
    assert cell(page("dblmm-table3", store), "DBL-MM", "wa").state == "measured"


def test_a_partial_corpus_is_a_deviation(add, store):
    add("dblmm", right, settings=EPOCHS, findings=["12 files are missing"])
    ours = cell(page("dblmm-table3", store), "DBL-MM", "wa")
    assert ours.state == "deviates"
    assert "a partial corpus" in ours.notes[0]


def test_what_is_unfinished_says_how_far_it_is(add, store, tmp_path):
    add("dblmm", right, settings=EPOCHS, kept=2)
    found = page("dblmm-table3", store, emodb=tmp_path)
    ours = cell(found, "DBL-MM", "wa")
    assert (ours.state, ours.ours) == ("not run", None)
    assert ours.notes == (f"not run yet (2 of 6 trials done): {ours.command}",)
    assert ours.difference is None


def test_why_there_is_no_number(store, tmp_path):
    found = page("timnet-table1", store, emodb=tmp_path)
    states = {
        method: cell(found, method, "wa").state
        for method in ("TSP+INCA", "GM-TCN", "LightSER", "CPAC", "TIM-Net*")
    }
    assert states == {
        "TSP+INCA": "no protocol",
        "GM-TCN": "not run",
        "LightSER": "no protocol",
        "CPAC": "not re-implemented",
        "TIM-Net*": "not run",
    }
    away = cell(found, "TIM-Net*", "wa", "casia")
    assert (away.state, away.missing) == ("no corpus", ("casia",))
    assert away.notes == ("not run yet; it takes casia, not here: serbench corpora add casia DIR",)


@pytest.mark.parametrize("name", ["timnet-table1", "timnet-table2", "swrr-table2", "sdcaff-table1"])
def test_commands_are_whole(name):
    """Each is a command line of ``serbench run``, with options that it has."""
    found = fill(table_of(name), None, {})
    for one in found.cells:
        if one.command:
            words = shlex.split(one.command)
            assert words[:2] == ["serbench", "run"]
            options = dict(zip(words[2::2], words[3::2], strict=True))
            assert options["--model"] == one.published.model
            assert options["--protocol"] == one.published.protocol


def test_commands():
    def of(name, method, metric, corpora):
        found = cell(fill(table_of(name), None, {}), method, metric, corpora).published
        return command(Sought.of(found))

    five = "casia+emodb+emovo+ravdess+savee"
    assert of("timnet-table2", "CAAM", "ua", five) == (
        "serbench run --model caam --protocol cross-corpus --target-access unlabelled"
    )
    assert of("timnet-table1", "TIM-Net**", "ua", "iemocap") == (
        "serbench run --model timnet --protocol last-epoch --corpus iemocap --labels iemocap4 "
        "--set epochs=500"
    )
    assert of("sdcaff-table1", "SD-CAFF[dyn=Delta]", "wa", "iemocap").endswith(
        "--corpus iemocap --set dynamic=delta --set epochs=30"
    )


def test_a_mean_over_corpora_needs_all_of_them(add, store):
    six = ("casia", "emodb", "emovo", "iemocap", "ravdess", "savee")
    for corpus in six[:-1]:
        add_one(add, corpus)
    found = page("timnet-table3", store)
    corpora = "+".join(six)
    lacking = cell(found, "w/o BD", "wa", corpora)
    assert lacking.ours is None
    assert lacking.missing == ("savee",)
    assert lacking.notes == ("5 of its 6 corpora measured; not savee",)
    add_one(add, "savee")
    whole = cell(page("timnet-table3", store), "w/o BD", "wa", corpora)
    assert whole.state == "measured"
    assert whole.ours.number == pytest.approx(13.5 / 21)
    assert whole.ours.noise.over == "corpora"


def add_one(add, corpus):
    labels = "iemocap4" if corpus == "iemocap" else "own"
    add(
        "timnet-no-backward", right, settings={"epochs": 500}, protocol="last-epoch",
        corpus=corpus, labels=labels, best=lambda trial: right(trial) + 5,
    )  # fmt: skip


def test_a_p_value_is_of_the_two_methods_folds(add, store):
    add("dblmm", right, settings=EPOCHS)
    add("bilstm-logmel", lambda t: right(t) - (2, 1, 3, 0, 4, 1)[int(t.fold) - 1], settings=HALF,
        variant=HALF)  # fmt: skip
    found = page("dblmm-table4", store)
    (ours,) = (c for c in found.cells if c.ours)
    assert ours.published.method == "DBL-MM vs BiLSTM-1"
    differences = np.array([2, 1, 3, 0, 4, 1]) / 21
    assert ours.ours.number == pytest.approx(uncorrected(differences).p)
    assert ours.state == "deviates"
    assert ours.notes[0] == ("bilstm-logmel, not the paper's: epochs=50 where the paper has 100")
    assert f"p = {corrected(differences, 6).p:.2g}" in ours.notes[1]
    assert ours.difference is None


def test_notes_are_said_once_and_where_they_belong(add, store):
    add("dblmm", right, settings=HALF, variant=HALF)
    found = page("dblmm-table3", store)
    notes = Footnotes.of(found)
    assert "which epoch was scored is not said" in notes.general
    row = found.sections[0].rows[2]
    assert row.method == "DBL-MM"
    (mark,) = notes.of_row(row)
    assert notes.texts[mark - 1].startswith("not the paper's: ")
    assert [notes.of_ours(row, one) for one in row.cells] == [(), ()]
    savee = found.sections[1].rows[1]
    (query,) = notes.of_published(savee, savee.cells[0])
    assert notes.texts[query - 1] == "a question: no count of 480 utterances gives 50.40"


def test_records_hold_both_ways_and_the_reason(add, store):
    add("dblmm", right, settings=EPOCHS)
    records = page("dblmm-table3", store).records()
    (one,) = (r for r in records if r["ours"] is not None and r["metric"] == "wa")
    assert (one["published"], one["printed"], one["how"]) == (84.87, "84.87", "mean over folds")
    assert one["other_how"] == "pooled"
    assert one["other"] == pytest.approx(one["ours"])  # folds of one size
    assert one["noise_over"] == "folds"
    assert one["within_noise"] is False
    assert len(records) == 12
