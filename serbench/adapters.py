"""The adapter of a corpus by its name: a registered one, or the table in its folder.

A name and a folder are all it takes, so that a worker process finds the same adapter.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from serbench.corpus import Corpus
from serbench.errors import AmbiguousName, UnknownName
from serbench.folders import added_corpora, corpus_folder, find_corpus, gone
from serbench.registry import load, nearest, registered
from serbench.tabled import DESCRIPTION, TabledCorpus, described_name


def adapter(name: str, folder: Path | None) -> Corpus:
    """The adapter of a corpus.

    Parameters
    ----------
    name
        A registered name, or the one in the ``corpus.toml`` of the folder.
    folder
        The corpus's folder; None: not known. A registered adapter does without.

    Raises
    ------
    UnknownName
        If the name is not registered, and the folder describes no corpus of that name.
    AmbiguousName
        If it is both, or two distributions claim it.
    CorpusError
        If the folder's ``corpus.toml`` or table cannot be used, or the folder was added and
        describes no corpus any more.
    BrokenPlugin
        If the registered adapter cannot be imported.
    """
    claims = registered("corpora").get(name, ())
    described = None if folder is None else described_name(folder)
    if claims and described == name:
        raise AmbiguousName(
            f"two corpora are called {name!r}: {claims[0].target} (from {claims[0].owner}) and "
            f"{folder}/{DESCRIPTION}",
            expected="one of that name",
            advice=f"give the one in {folder} another name, or take its {DESCRIPTION} away to read "
            "the folder with the installed adapter",
        )
    if claims:
        corpus: Corpus = load("corpora", name)()
        return corpus
    if folder is None or not (folder / DESCRIPTION).is_file():
        if folder is not None and added_corpora().get(name) == folder:
            lost = f"holds no {DESCRIPTION}" if folder.exists() else "does not exist"
            raise gone(name, f"{folder}, which {lost} any more")
        raise _unknown(name, folder)
    if described not in (None, name):
        raise UnknownName(
            f"no corpus is called {name!r}: {folder / DESCRIPTION} is of {described!r}",
            expected=f"{described}, or another folder",
        )
    return TabledCorpus(folder)


def located(name: str, roots: Mapping[str, Path]) -> tuple[Corpus, Path]:
    """The adapter of a corpus, and its folder.

    Parameters
    ----------
    roots
        Folders named for this command, by corpus; else the environment or the user's list says.

    Raises
    ------
    UnknownName
        As :func:`adapter`, like the other errors there.
    CorpusError
        If the folder of a known corpus is not.
    """
    corpus = adapter(name, find_corpus(name, roots))
    return corpus, corpus_folder(corpus.card.name, roots, corpus.card.how_to_get)


def corpus_names(roots: Mapping[str, Path] | None = None) -> list[str]:
    """Every corpus that has a name here: registered, added, or named for this command.

    Of an added one, the folder may have gone since; :func:`adapter` says so.

    Parameters
    ----------
    roots
        Folders named for this command, by corpus.
    """
    names = {*registered("corpora"), *added_corpora(), *(roots or {})}
    parent = os.environ.get("SERBENCH_CORPORA")
    if parent:
        described = Path(parent).glob(f"*/{DESCRIPTION}")
        names |= {p.parent.name for p in described if described_name(p.parent) == p.parent.name}
    return sorted(names)


def _unknown(name: str, folder: Path | None) -> UnknownName:
    known = corpus_names()
    hint = nearest(name, [one for one in known if one != name])
    new = f"serbench corpora new {name} {folder or 'DIR'} --table TABLE.csv"
    if folder is None:
        where = ""
    elif folder.is_dir():
        where = f", and {folder} holds no {DESCRIPTION}"
    else:
        where = f", and {folder} does not exist"
    return UnknownName(
        f"no corpus is called {name!r}{where}",
        expected=f"one of {', '.join(known) or 'none is known'}, or a folder with a {DESCRIPTION} "
        "of that name",
        advice=(f"did you mean {hint!r}? " if hint else "")
        + f"To describe a corpus of your own by a table: {new}",
    )
