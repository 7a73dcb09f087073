"""L17: no corpus that is tested on was heard in pre-training."""

from __future__ import annotations

from collections.abc import Iterator

from serbench.audit.case import Case
from serbench.audit.finding import Finding
from serbench.audit.rule import MODEL, Check, Need, Rule


def _known(case: Case) -> bool:
    return case.declared.pretraining is not None and _has_model(case)


def _has_model(case: Case) -> bool:
    return case.run is not None or case.behaviour is not None or bool(case.declared.pretraining)


KNOWN = Need("pretraining", "a model, and what it was pre-trained on", _known, MODEL)


def heard_before(case: Case) -> list[str]:
    """The corpora of the folds that pre-training has heard."""
    heard = {plain(name): name for name in case.declared.pretraining or ()}
    return [corpus for corpus in case.sides.corpora if plain(corpus) in heard]


def plain(name: str) -> str:
    """A corpus's name without what spelling varies: EMO-DB, Emo_DB and emodb are one."""
    return "".join(c for c in name.casefold() if c.isalnum())


def _contaminated(case: Case) -> Iterator[Finding]:
    shared = heard_before(case)
    if shared:
        yield Finding(
            "L17",
            "warning",
            len(shared),
            f"the model was pre-trained on {', '.join(shared)}, which it is tested on",
            tuple(shared),
        )


L17 = Rule(
    "L17",
    "pre-training has not heard the test corpora",
    (Check(_contaminated, KNOWN, of_folds=False),),
)
