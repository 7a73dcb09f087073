"""Shares of a plan: disjoint, together everything, balanced, and asked for in words."""

import pytest

from serbench.choice import ModelChoice
from serbench.errors import UsageError
from serbench.jobs import Job
from serbench.share import Share, share_of
from serbench.trial import Trial


def job(row, seed):
    trial = Trial(
        protocol={"name": "loso"}, labels={}, task={}, corpora={}, split="s", folds=1, fold="s1",
        train={}, tests={}, validation=None, target=None, model={"name": row}, recipes=(),
        seed=seed,
    )  # fmt: skip
    return Job(trial, ModelChoice(row, {}), roots={}, results=None, cache=None)


def plan(**rows):
    """Jobs, and seconds of those rows whose cost is known: ``a=(count, seconds)``."""
    jobs = [job(name, seed) for name, (count, _) in rows.items() for seed in range(count)]
    costs = {name: cost for name, (_, cost) in rows.items()}
    seconds = {j.trial.id: costs[j.choice.spec] for j in jobs if costs[j.choice.spec] is not None}
    return jobs, seconds


def shares(jobs, seconds, n):
    return [share_of(jobs, seconds, Share(i, n)) for i in range(1, n + 1)]


def ids(jobs):
    return [one.trial.id for one in jobs]


PLANS = [
    plan(a=(10, 60.0)),
    plan(a=(10, None)),
    plan(a=(7, 3600.0), b=(50, 1.0), c=(3, 100.0)),
    plan(a=(7, None), b=(5, None), c=(1, None)),
    plan(a=(7, None), b=(20, 5.0), c=(9, 0.0)),
    plan(a=(1, 5.0)),
    plan(),
]


@pytest.mark.parametrize(("jobs", "seconds"), PLANS)
@pytest.mark.parametrize("n", [1, 2, 3, 8, 50])
def test_disjoint_and_together_everything(jobs, seconds, n):
    found = [name for share in shares(jobs, seconds, n) for name in ids(share)]
    assert sorted(found) == sorted(ids(jobs))


@pytest.mark.parametrize("n", [2, 3, 8])
@pytest.mark.parametrize(("jobs", "seconds"), PLANS[:1] + PLANS[2:3])
def test_balanced_by_what_trials_cost(jobs, seconds, n):
    loads = [sum(seconds[name] for name in ids(share)) for share in shares(jobs, seconds, n)]
    assert max(loads) - min(loads) <= 2 * max(seconds.values())


def test_rows_of_unknown_cost_are_each_dealt_evenly():
    jobs, seconds = plan(a=(7, None), b=(5, None), c=(4, None))
    found = shares(jobs, seconds, 4)
    assert [len(share) for share in found] == [4, 4, 4, 4]  # the odd ones go round
    for name in "abc":
        counts = [sum(one.choice.spec == name for one in share) for share in found]
        assert max(counts) - min(counts) <= 1


def test_trials_of_one_row_stay_together():
    jobs, seconds = plan(a=(20, 60.0), b=(20, 60.0))
    found = shares(jobs, seconds, 4)
    assert [{one.choice.spec for one in share} for share in found] == [{"a"}, {"a"}, {"b"}, {"b"}]
    for share in found:
        seeds = [one.trial.seed for one in share]
        assert seeds == list(range(seeds[0], seeds[0] + 10))


def test_a_share_is_in_the_order_of_the_plan():
    jobs, seconds = PLANS[4]
    order = {name: at for at, name in enumerate(ids(jobs))}
    for share in shares(jobs, seconds, 3):
        places = [order[name] for name in ids(share)]
        assert places == sorted(places)


@pytest.mark.parametrize("text", ["1/4", "4/4", "01/4"])
def test_a_share_in_words(text):
    assert str(Share.parse(text, {})) in {"1/4", "4/4"}


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("0/4", "1/4 to 4/4"), ("5/4", "no share 5 of 4"), ("1/0", "1 share or more"),
        ("4", "i/n"), ("a/b", "i/n"), ("-1/4", "i/n"), ("1/4/2", "i/n"), ("", "i/n"),
        ("1.5/4", "i/n"), ("Auto", "i/n"),
    ],
)  # fmt: skip
def test_no_such_share(text, word):
    with pytest.raises(UsageError, match=word):
        Share.parse(text, {})


def slurm(index, first, last, count=None):
    return {
        "SLURM_ARRAY_TASK_ID": str(index), "SLURM_ARRAY_TASK_MIN": str(first),
        "SLURM_ARRAY_TASK_MAX": str(last),
        "SLURM_ARRAY_TASK_COUNT": str(last - first + 1 if count is None else count),
    }  # fmt: skip


def sge(index, first, last, step=1):
    return {
        "SGE_TASK_ID": str(index), "SGE_TASK_FIRST": str(first), "SGE_TASK_LAST": str(last),
        "SGE_TASK_STEPSIZE": str(step),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "environment", "share"),
    [
        ("auto", slurm(3, 1, 8), "3/8"),
        ("auto", slurm(0, 0, 7), "1/8"),
        ("auto", slurm(7, 0, 7), "8/8"),
        ("auto", slurm(1, 1, 1), "1/1"),
        ("auto", sge(2, 1, 5), "2/5"),
        ("auto/8", slurm(5, 5, 6), "5/8"),
        ("auto/8", {"PBS_ARRAY_INDEX": "8"}, "8/8"),
        ("auto/8", {"PBS_ARRAYID": "2"}, "2/8"),
        ("auto/8", {"LSB_JOBINDEX": "2"}, "2/8"),
    ],
)
def test_a_task_of_a_job_array(text, environment, share):
    assert str(Share.parse(text, environment)) == share


@pytest.mark.parametrize(
    ("text", "environment", "word"),
    [
        ("auto", {}, "outside of a job array"),
        ("auto/4", {}, "outside of a job array"),
        ("auto", {"SGE_TASK_ID": "undefined"}, "outside of a job array"),
        ("auto", {"LSB_JOBINDEX": "0"}, "outside of a job array"),
        ("auto", slurm(5, 5, 8), "from 5 to 8"),
        ("auto", slurm(3, 1, 9, count=5), "numbers 5 tasks from 1 to 9"),
        ("auto", sge(3, 1, 9, step=2), "numbers 5 tasks"),
        ("auto", {"PBS_ARRAY_INDEX": "1"}, "auto/n"),
        ("auto", {"LSB_JOBINDEX": "2"}, "auto/n"),
        ("auto/4", slurm(0, 0, 3), "numbers from 0"),
        ("auto/4", slurm(2, 0, 3), "numbers from 0"),
        ("auto/4", {"PBS_ARRAY_INDEX": "0"}, "numbers from 0"),
        ("auto/4", slurm(5, 5, 8), "no share 5 of 4"),
    ],
)
def test_an_array_that_does_not_say(text, environment, word):
    with pytest.raises(UsageError, match=word):
        Share.parse(text, environment)


def test_the_environment_is_this_process_s(monkeypatch):
    for name, value in slurm(2, 1, 3).items():
        monkeypatch.setenv(name, value)
    assert Share.parse("auto") == Share(2, 3)
