"""What was seen of a model at work, as findings."""

from serbench.audit import Case, audit
from serbench.audit.behaviour import ADAPTS, FOUND_BY, watched
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


def test_messages_that_differ_in_numbers_are_one_finding():
    def seen(opened, watched_files):
        problem = Problem("L22", opened, f"{opened} of {watched_files} files were opened")
        return Behaviour(("watch",), (problem,))

    ((_, (one,)),) = watched([("1", seen(9, 10)), ("2", seen(11, 11)), ("3", seen(9, 9))]).items()
    assert one.message == "9 to 11 of 9 to 11 files were opened, in 3 of 3 trainings"
    assert (one.count, one.folds, one.counts) == (29, ("1", "2", "3"), (9, 11, 9))


def test_a_model_that_adapts_keeps_its_files_closed_only_in_part(toy):
    case = Case(toy(), behaviour={"L22": ()}, reasons={"L22": ADAPTS})
    verdict = audit(case)
    assert "L22" in verdict.checked
    (one,) = (one for one in verdict.not_checked if one.rule == "L22")
    assert one.needs == f"needs a model at work ({ADAPTS})"
    whole = audit(Case(toy(), behaviour={"L22": ()}))
    assert not any(one.rule == "L22" for one in whole.not_checked)
