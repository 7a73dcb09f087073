"""What was seen of a model at work, as findings."""

from serbench.audit.behaviour import FOUND_BY, watched
from serbench.behaviour import observer
from serbench.behaviour.problem import Behaviour, Problem
from serbench.testing import examine


def test_every_check_of_a_model_is_known():
    named = {
        observer.FILES, observer.ANSWERS, observer.STATE,
        examine.NAMES, examine.FOLDS, examine.FEATURES, examine.DRAWN,
    }  # fmt: skip
    assert named == set(FOUND_BY)


def test_what_was_looked_at_and_not_broken_is_kept():
    found = watched([("1", Behaviour(checked=("watch", "state")))])
    assert found == {"L22": (), "L09": ()}


def test_the_folds_of_one_problem_are_one_finding():
    problem = Problem("L09", 3, "answers change", ("a", "b"))
    seen = [(fold, Behaviour(("state",), (problem,))) for fold in ("1", "2")]
    ((rule, (one,)),) = watched([*seen, ("3", Behaviour(("state",)))]).items()
    assert rule == "L09"
    assert (one.severity, one.count, one.folds, one.counts) == ("error", 6, ("1", "2"), (3, 3))
    assert one.examples == ("a", "b")


def test_leaning_on_the_speakers_other_utterances_is_a_badge_and_no_error():
    ((one,),) = watched([("1", Behaviour((), (Problem("L10", 1, "by speaker"),)))]).values()
    assert one.severity == "warning"
