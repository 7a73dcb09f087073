"""The trials of a row, each examined by itself: its id, its files, its probabilities."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from serbench import metrics
from serbench.canonical import canonical, digest
from serbench.labels import Classes, Task, task_of
from serbench.merging.examined import Answers, Examined, examine
from serbench.planned import Plan
from serbench.predictions import from_parquet, stages_from_parquet
from serbench.ratings import from_parquet as rated
from serbench.shards.entry import STAGES
from serbench.store import Store
from serbench.verifying.finding import Finding, reason

SUM = 1e-3  # by how much probabilities may miss one: float32, and what a model may hand in
TIED = 0.001  # share of rows whose highest probability is shared, above which it is said
HALF = 2e-3  # by how much a stage, in float16, may miss the probability that it rounds


@dataclass(frozen=True)
class Sound:
    """A trial whose files are what they should be, and the speakers of its test sets."""

    found: Examined
    speakers: Mapping[str, tuple[str, ...]]

    def judged(self, test: str) -> str:
        """A digest of the utterances of a test set, with their classes and speakers, in order."""
        one = self.found.answers[test]
        task = task_of(self.found.trial.task)
        return digest([[*pair, who] for pair, who in zip(
            one.asked(task), self.speakers[test], strict=True
        )])  # fmt: skip


def check_trials(
    store: Store, plan: Plan, findings: list[Finding], *, stages: bool | None = None
) -> dict[str, Sound]:
    """The trials of a plan that hold, by their ids; of the others the reason is added.

    Parameters
    ----------
    findings
        What is found is added here.
    stages
        Whether every trial has the stages that its record names; None: nobody has said so.
    """
    kept: dict[str, Sound] = {}
    tied: list[float] = []
    for trial_id in plan.trials:
        where = f"trials/{trial_id[:2]}/{trial_id}"
        if not store.has(trial_id):
            if store.root.joinpath(where).exists():
                findings.append(Finding("trial", "it has no record.json", where))
            continue  # not finished: for the coverage to say
        try:
            sound = _sound(store, trial_id)
            found = list(_faults(sound, plan, tied, stages))
        except Exception as error:  # noqa: BLE001  a stranger's file may hold anything
            findings.append(Finding("trial", reason(error), where))
            continue
        findings += [Finding(code, words, where) for code, words in found]
        if not found:
            kept[trial_id] = sound
    share = float(np.mean(tied)) if tied else 0.0
    if share > TIED:
        words = f"{share:.2%} of the decisions are ties, left to the order of the classes"
        findings.append(Finding("ties", words, severity="warning"))
    return kept


def _sound(store: Store, trial_id: str) -> Sound:
    found = examine(store, trial_id)
    task = task_of(found.trial.task)
    speakers = {}
    for test in found.answers:
        name = f"predictions-{test}.parquet"
        read: Any = from_parquet if isinstance(task, Classes) else rated
        speakers[test] = read(found.files[name], name).speakers
    return Sound(found, speakers)


def _faults(
    sound: Sound, plan: Plan, tied: list[float], stages: bool | None
) -> Iterator[tuple[str, str]]:
    """Code and words of what does not hold."""
    found = sound.found
    trial, task = found.trial, task_of(found.trial.task)
    if canonical(trial.row) != canonical(plan.row):
        yield "row", f"{trial.title} is of another row: its model, protocol or corpora differ"
        return
    if words := _otherwise(plan.notes, found.provenance.get("notes")):
        yield "notes", f"{trial.title}: {words}"
    for test, answers in found.answers.items():
        if isinstance(task, Classes):
            if words := _improbable(answers):
                yield "probabilities", f"{trial.title}, {test}: {words}"
            else:
                tied.append(metrics.tie_share(answers.said))
    kept = [name for name in found.files if name.startswith(STAGES)]
    if stages and found.provenance.get("keep") is not None and not kept:
        yield "stages", f"{trial.title}: its stages are missing, and are said to be there"
    if stages is False and kept:
        yield "stages", f"{trial.title}: it has stages, and is said to have none"
    for name in kept:
        test = name.removeprefix(STAGES).removesuffix(".parquet")
        if words := _other_stages(found.files[name], test, found.answers.get(test), task, name):
            yield "stages", f"{trial.title}, {test}: {words}"


def _otherwise(planned: Mapping[str, Any], recorded: Any) -> str:
    """What a plan notes otherwise than the trial recorded, of what both of them note."""
    if recorded is None:
        return ""
    if not isinstance(recorded, Mapping):
        return "its notes are none"
    for name in sorted(planned.keys() & recorded.keys()):
        if canonical(planned[name]) != canonical(recorded[name]):
            return (
                f"the plan notes {name} = {canonical(planned[name])[:80]}, "
                f"the trial recorded {canonical(recorded[name])[:80]}"
            )
    return ""


def _improbable(answers: Answers) -> str:
    said = answers.said.astype(np.float64)
    if not np.isfinite(said).all():
        return f"{int((~np.isfinite(said)).any(axis=1).sum())} rows are not finite"
    outside = ((said < -SUM) | (said > 1 + SUM)).any(axis=1)
    if outside.any():
        return f"{int(outside.sum())} rows have a probability below 0 or above 1"
    off = abs(said.sum(axis=1) - 1) > SUM
    if off.any():
        name = answers.ids[int(off.argmax())]
        return f"{int(off.sum())} rows do not sum to one, such as {name}"
    return ""


def _other_stages(content: bytes, test: str, answers: Answers | None, task: Task, name: str) -> str:
    """What is wrong with a file of stages: the last one is what was said in the end."""
    if answers is None:
        return "stages of no test set"
    columns = len(task.names) if isinstance(task, Classes) else 1
    every: Sequence[Any] = stages_from_parquet(content, test, columns, name)
    epochs = [stage.epoch for stage in every]
    if epochs != sorted(set(epochs)):
        return "its epochs do not stand in their order"
    last = every[-1].probabilities.get(test) if every else None
    if last is None:
        return ""  # nothing was kept of the last epoch
    if last.shape != answers.said.shape:
        return f"the last stage answers for {len(last)} utterances of {len(answers.ids)}"
    apart = float(abs(last.astype(np.float64) - answers.said).max(initial=0.0))
    scale = max(1.0, float(abs(answers.said).max(initial=0.0)))
    if apart > HALF * scale:
        return (
            f"the predictions are not those of the last epoch: up to {apart:.3f} from what its "
            "stage holds"
        )
    return ""
