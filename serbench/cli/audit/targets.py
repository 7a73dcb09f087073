"""What a word on the command line names: a protocol, a place of splits, a run or one of its rows.

Each becomes cases, with as much as is at hand to judge them by.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from serbench.cli.audit.asked import Asked
from serbench.cli.audit.at_hand import pool_of, searched, with_corpora
from serbench.cli.audit.at_work import is_installed, with_model
from serbench.cli.audit.runs import run_cases
from serbench.errors import UnknownName, UsageError

if TYPE_CHECKING:
    from serbench.audit import Case
    from serbench.protocols import Protocol
    from serbench.watcher import Watcher

KEY_DIGITS = 6  # that a row or a trial is named by, at least
HEXADECIMAL = frozenset("0123456789abcdef")


def cases_of(asked: Asked, watcher: Watcher) -> Iterator[Case]:
    """The cases that a target names.

    Raises
    ------
    UsageError
        If it names nothing, or an option changes nothing of it.
    SerbenchError
        If a corpus, splits or results cannot be read.
    """
    from serbench.registry import registered

    path = Path(asked.target).expanduser()
    of_runs = False
    if asked.target in registered("protocols"):
        cases = _protocol_cases(asked, watcher)
    elif os.path.lexists(path):
        here = "what lies there is read"
        asked.refuse("a file or folder", here, "--results")
        of_runs = (path / "trials").is_dir() or (path / "plans").is_dir()
        if of_runs:
            cases = run_cases(asked, path, "", watcher)
        else:
            cases = iter([_splits_case(asked, path, watcher)])
    elif _is_key(asked.target):
        of_runs = True
        cases = run_cases(asked, asked.results, asked.target.lower(), watcher)
    else:
        raise _unknown(asked.target)
    if asked.model is None:
        yield from cases
    elif of_runs and not is_installed(asked.model):
        if asked.settings:
            raise UsageError(
                f"--set of {asked.model}, which is not installed here", expected="no --set"
            )
        yield from cases
        watcher.note(f"{asked.model} is not installed here, so it was not watched at work")
    else:
        yield from with_model(asked, cases, watcher)


def _unknown(target: str) -> UnknownName:
    from serbench.registry import nearest, registered

    protocols = registered("protocols")
    hint = nearest(target, protocols)
    short = f", and a row or a trial is named by {KEY_DIGITS} digits or more"
    return UnknownName(
        f"{target!r} is no protocol, and no such file or folder exists"
        + (short if set(target.lower()) <= HEXADECIMAL else ""),
        expected=f"one of {', '.join(protocols)}, a file or folder of splits, a results folder, or "
        f"the first {KEY_DIGITS} hexadecimal digits or more of a row's key or a trial's id",
        advice=f"did you mean {hint!r}?" if hint else "",
    )


def _is_key(target: str) -> bool:
    return len(target) >= KEY_DIGITS and set(target.lower()) <= HEXADECIMAL


def _protocol_cases(asked: Asked, watcher: Watcher) -> Iterator[Case]:
    from serbench.audit.gather import protocol_case
    from serbench.drawn import drawn_splits
    from serbench.given import protocol_of

    asked.refuse("a protocol", "its folds are drawn from the corpora", "--results")
    asked.refuse("a protocol", "it says itself whether speakers are shared", "--speaker-dependent")
    protocol = protocol_of(asked.target)
    if asked.access is not None:
        protocol = protocol.under(asked.access)
    for names in _groups(asked, protocol):
        pool = pool_of(asked, protocol.labels, names, watcher)
        drawn = drawn_splits(protocol, pool.table(whole=protocol.whole), asked.cache)
        case = protocol_case(pool, protocol, pool.with_copies(drawn), selection=asked.selection)
        yield searched(asked, case, watcher)


def _groups(asked: Asked, protocol: Protocol) -> list[tuple[str, ...]]:
    """The corpora, one by one or all at once."""
    names = tuple(dict.fromkeys(asked.corpora)) or protocol.corpora
    if not names:
        raise UsageError(
            f"no corpus to audit {protocol.name} on",
            expected="--corpus NAME",
            advice="serbench corpora list",
        )
    return [tuple(sorted(names))] if protocol.across else [(name,) for name in names]


def _splits_case(asked: Asked, path: Path, watcher: Watcher) -> Case:
    from serbench.audit.gather import splits_case
    from serbench.interchange.reading import read

    why = "splits are audited as they are written, and no model was trained on them"
    asked.refuse("splits", why, "--labels", "--selection", "--target-access")
    listing = with_corpora(asked, read(path), watcher)
    case = splits_case(listing, speaker_independent=False if asked.dependent else None)
    for note in case.listing.notes:
        watcher.note(f"{listing.name}: {note}")
    return searched(asked, case, watcher)
