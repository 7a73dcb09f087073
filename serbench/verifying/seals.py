"""That a submission is what it says it is, before any of it is looked into."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from serbench.canonical import canonical
from serbench.errors import SerbenchError
from serbench.migration import FORMAT
from serbench.planned import Plan, read_plan
from serbench.store import Store
from serbench.submission.archive import CARD, RESULTS, SEAL, STATEMENT
from serbench.submission.card import FIELDS, Card, described
from serbench.submission.claimed import differences
from serbench.submission.environment import dumped, environment_of
from serbench.submission.statement import StatedRow, Statement, seal_of
from serbench.verifying.finding import Finding, reason


@dataclass(frozen=True)
class Unpacked:
    """A submission that was taken apart.

    ``files`` are their names to the SHA-256 that was found.
    """

    folder: Path
    files: Mapping[str, str]
    statement: Statement
    store: Store


def check_seals(found: Unpacked) -> tuple[list[Finding], dict[str, Plan]]:
    """What does not hold of a submission as a whole, and its plans by the digests of their rows."""
    findings = [*_digests(found), *_trials(found)]
    plans: dict[str, Plan] = {}
    findings += _plans(found, plans)
    provenances: dict[str, Mapping[str, Any]] = {}
    for name in sorted({name for row in found.statement.rows for name in row.trials}):
        try:
            provenances[name] = found.store.record(name)["provenance"]
        except (SerbenchError, OSError) as error:
            findings.append(Finding("trial", reason(error), _place(name, "record.json")))
    if not findings:
        findings += _environment(found.statement, provenances)
        findings += _card(found, plans, provenances)
    return findings, plans


def _digests(found: Unpacked) -> Iterator[Finding]:
    sealed = (found.folder / SEAL).read_bytes() if SEAL in found.files else b""
    if sealed != seal_of((found.folder / STATEMENT).read_bytes()):
        yield Finding("digest", f"it does not hold the SHA-256 of {STATEMENT}", SEAL)
    stated = dict(found.statement.files)
    here = {name: sha for name, sha in found.files.items() if name not in {STATEMENT, SEAL}}
    for name in sorted({*stated, *here}):
        if name not in here:
            yield Finding("digest", f"the file is missing, and stands in {STATEMENT}", name)
        elif name not in stated:
            yield Finding("digest", f"the file stands in no {STATEMENT}", name)
        elif here[name] != stated[name]:
            yield Finding("digest", f"its SHA-256 is not the one in {STATEMENT}", name)


def _trials(found: Unpacked) -> Iterator[Finding]:
    stated = [name for row in found.statement.rows for name in row.trials]
    here = set(found.store.loose_ids())
    for name in sorted(here - set(stated)):
        yield Finding("digest", f"the trial {name[:12]} belongs to no row", _place(name))
    for name in sorted(set(stated) - here):
        yield Finding("digest", f"the trial {name[:12]} is missing", _place(name))
    if len(stated) != len(set(stated)):
        yield Finding("statement", "a trial stands in two rows", STATEMENT)


def _plans(found: Unpacked, plans: dict[str, Plan]) -> Iterator[Finding]:
    """One plan of each row, which names the very trials that are stated."""
    rows = {row.digest: row for row in found.statement.rows}
    for name in sorted(found.files):
        if not name.startswith(f"{RESULTS}/plans/"):
            continue
        try:
            plan = read_plan(found.folder / name)
        except (SerbenchError, OSError, ValueError) as error:
            yield Finding("plan", reason(error), name)
            continue
        stated = rows.get(plan.row_digest)
        if stated is None or plan.row_digest in plans:
            yield Finding("plan", "it is of no row that is stated, or the second of one", name)
        elif plan.trials != stated.trials:
            yield Finding("plan", "it names other trials than are stated", name)
        else:
            plans[plan.row_digest] = plan
    for digest in sorted(rows.keys() - plans.keys()):
        yield Finding("plan", f"the row {digest[:12]} has no plan")


def _environment(statement: Statement, provenances: Mapping[str, Any]) -> Iterator[Finding]:
    found = environment_of(provenances[name] for name in sorted(provenances))
    for difference in differences(dict(statement.environment), json.loads(dumped(found))):
        yield Finding("environment", difference, STATEMENT)


def _card(
    found: Unpacked, plans: Mapping[str, Plan], provenances: Mapping[str, Any]
) -> Iterator[Finding]:
    """What the trials say of each model stands in the card; the rest is the authors' word."""
    rows: list[StatedRow] = list(found.statement.rows)
    told = [(plans[row.digest], [provenances[name] for name in row.trials]) for row in rows]
    expected = described(told, Card())
    try:
        content = (found.folder / CARD).read_bytes()
        card = json.loads(content)
        models = card["models"]
        own = [{name: model.pop(name) for name in FIELDS} for model in models]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        yield Finding("card", f"it cannot be read: {reason(error)}", CARD)
        return
    for one in expected:
        for name in FIELDS:
            del one[name]
    if card.get("format") != FORMAT or card.keys() != {"format", "models"}:
        yield Finding("card", f"it is no card of format {FORMAT}", CARD)
    for authors in own:
        if not all(value is None or isinstance(value, str | list) for value in authors.values()):
            yield Finding("card", f"what its authors say is no text: {canonical(authors)}", CARD)
    for difference in differences(models, expected, "models"):
        yield Finding("card", difference, CARD)


def _place(trial_id: str, name: str = "") -> str:
    return f"{RESULTS}/trials/{trial_id[:2]}/{trial_id}/{name}".rstrip("/")
