"""Real speech against numbers that were computed without serbench."""

import json

import pytest

from serbench import bench
from serbench.boards import boards
from serbench.cli.progress import Screen
from serbench.request import Request
from serbench.store import Store


@pytest.mark.slow
@pytest.mark.corpus("EMO-DB")
@pytest.mark.timeout(600)
def test_egemaps_svm_on_emodb(real_corpus, tmp_path):
    """scikit-learn and openSMILE in a script of twenty lines give UA 0.6570 and WA 0.6916."""
    pytest.importorskip("opensmile")
    request = Request(
        models=[("svm", {}), ("prior", {})], protocols=["loso"], corpora=["emodb"],
        results=tmp_path / "results", cache=tmp_path / "cache",
        roots={"emodb": real_corpus("EMO-DB")},
    )  # fmt: skip
    outcome = bench.run(request, Screen(quiet=True))
    assert outcome.failures == {}
    (board,) = boards(Store(request.results))
    assert board.speaker_independent
    assert not board.partial
    svm, prior = (row for row in board.rows if not row.canary)
    assert svm.ua == pytest.approx(0.6570, abs=5e-5)
    assert svm.wa == pytest.approx(0.6916, abs=5e-5)
    assert (svm.n_speakers, svm.n_folds, svm.n_utterances) == (10, 10, 535)
    assert svm.scores.missing == 1  # speaker 08 has no disgust
    assert prior.ua == pytest.approx(1 / 7)
    assert prior.wa == pytest.approx(127 / 535)
    json.dumps(board.records(), allow_nan=False)
