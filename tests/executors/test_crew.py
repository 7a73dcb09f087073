"""Who of a cluster's workers is used, and which GPU each is given."""

from __future__ import annotations

import pytest

from serbench.errors import UsageError
from serbench.executors.crew import Crew, one_device
from serbench.executors.fitness import ClusterError

FACTS = {
    "host": "node1", "serbench": "1.0", "code": "c", "models": {}, "corpora": {}, "places": [],
    "folders": [], "python": "3.11.9", "versions": {"torch": "2.13"}, "gpus": None,
}  # fmt: skip


def crew(count, **changes):
    """A crew that has seen so many workers, none of which has answered."""
    made = Crew(FACTS, **changes)
    made.joined({f"tcp://{i}": {"name": f"w{i}", "nthreads": 4} for i in range(count)})
    return made


def answer(made, index, **changes):
    made.answered(f"tcp://{index}", FACTS | changes)
    return made.workers[f"tcp://{index}"]


def test_only_who_has_answered_is_free():
    made = crew(2)
    assert not any(worker.free for worker in made.workers.values())
    assert answer(made, 0).free
    assert not answer(made, 1, code="d").free


@pytest.mark.parametrize(
    ("seen", "devices"),
    [
        ([["a", "b"], ["a", "b"]], ["cuda:0", "cuda:1"]),  # two workers of one open machine
        ([["a"], ["b"]], ["cuda:0", "cuda:0"]),  # the queue shows each its own
        ([["a", "b"], ["b", "a"]], ["cuda:0", "cuda:0"]),  # as dask-cuda turns them
        ([["a"], ["a"]], ["cuda:0", "cuda:0"]),  # two on one: as they were started
        ([[], ["a"]], ["auto", "cuda:0"]),
        ([None, None], ["auto", "auto"]),  # no model wants torch
    ],
)
def test_each_worker_gets_the_gpu_that_fewest_have(seen, devices, jobs):
    job = jobs()[0]
    made = crew(2)
    workers = [
        answer(made, i, gpus=gpus, corpora={"savee": f"/data{i}"}) for i, gpus in enumerate(seen)
    ]
    packs = [made.equip((job,), worker) for worker in workers]
    assert [pack[0].device for pack in packs] == devices
    assert [str(pack[0].roots["savee"]) for pack in packs] == ["/data0", "/data1"]
    assert packs[0][0].threads == 4


def test_a_gpu_is_free_again_when_its_worker_has_gone():
    made = crew(2)
    answer(made, 0, gpus=["a", "b"])
    answer(made, 1, gpus=["a", "b"])
    del made.workers["tcp://0"]
    made.joined({"tcp://1": {}, "tcp://2": {"name": "w2", "nthreads": 1}})
    assert answer(made, 2, gpus=["a", "b"]).gpu == "a"


def test_who_sees_no_gpu_where_one_is_asked_for():
    assert "sees no GPU" in answer(crew(1, device="cuda"), 0, gpus=[]).unfit[0]
    assert answer(crew(1, device="cpu"), 0, gpus=[]).free
    assert answer(crew(1, device="cuda"), 0, gpus=None).free


def test_not_more_workers_than_were_asked_for_and_the_unfit_do_not_count():
    made = crew(3, most=1)
    assert list(made.workers) == ["tcp://0"]
    answer(made, 0, serbench="0.9")
    here = {f"tcp://{i}": {"name": f"w{i}", "nthreads": 1} for i in range(3)}
    assert made.joined(here) == ["tcp://1"]


def test_all_unfit_is_an_error_that_names_each():
    made = crew(2)
    answer(made, 0, folders=["its /r is not the results folder of this run. Share it"])
    made.check()  # the other may do
    answer(made, 1, places=["/m.py"])
    with pytest.raises(ClusterError, match=r"w0 .* on node1.*not the results(.|\n)*no /m\.py"):
        made.check()


def test_another_library_is_said_once(caplog):
    made = crew(2)
    for index in range(2):
        answer(made, index, versions={"torch": "2.11"})
    assert caplog.text.count("torch 2.11 (here 2.13)") == 1


def test_one_device():
    assert one_device("slurm", ("cuda",)) == "cuda"
    with pytest.raises(UsageError, match="each worker of a cluster has a GPU of its own"):
        one_device("slurm", ("cuda:0", "cuda:1"))
