"""Where things stand on this machine: results, caches, and the folders of the corpora."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from serbench.errors import CorpusError, StoreError, UnknownName, UsageError
from serbench.registry import nearest
from serbench.writing import write_aside


def results_folder() -> Path:
    """``$SERBENCH_RESULTS``, or ``results-local`` in the current folder."""
    return Path(os.environ.get("SERBENCH_RESULTS") or "results-local")


def cache_folder() -> Path:
    """``$SERBENCH_CACHE``, or the user's cache folder."""
    given = os.environ.get("SERBENCH_CACHE")
    if given:
        return Path(given)
    import platformdirs

    return Path(platformdirs.user_cache_dir("serbench"))


def config_folder() -> Path:
    """``$SERBENCH_CONFIG``, or the user's configuration folder."""
    given = os.environ.get("SERBENCH_CONFIG")
    if given:
        return Path(given)
    import platformdirs

    return Path(platformdirs.user_config_dir("serbench"))


def added_corpora() -> dict[str, Path]:
    """Corpus folders that were named by ``serbench corpora add``."""
    path = config_folder() / "corpora.json"
    try:
        folders = json.loads(path.read_text(encoding="utf-8"))
        return {str(name): Path(folder) for name, folder in folders.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError) as error:
        raise StoreError(
            f"{path} cannot be read: {error}",
            expected='{"name": "/folder of the corpus", ...}',
            advice="mend the file, or delete it and add the corpora again",
        ) from error


def add_corpus(name: str, folder: Path) -> None:
    """Remember the folder of a corpus for this user."""
    with _added_for_writing() as folders:
        folders[name] = folder.resolve()


def remove_corpus(name: str) -> Path:
    """Forget the folder of a corpus. Nothing in it is touched.

    Returns
    -------
    where it was remembered to be

    Raises
    ------
    UnknownName
        If no folder of that corpus is remembered.
    """
    known = added_corpora()
    if name not in known:
        hint = nearest(name, known)
        raise UnknownName(
            f"no folder of a corpus {name!r} is remembered",
            expected=f"one of {', '.join(sorted(known)) or 'none is remembered'}",
            advice=f"did you mean {hint!r}?" if hint else "",
        )
    with _added_for_writing() as folders:
        return folders.pop(name, known[name])


@contextmanager
def _added_for_writing() -> Iterator[dict[str, Path]]:
    """The remembered folders, for one writer at a time, and written back when it is done."""
    from filelock import FileLock

    path = config_folder() / "corpora.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{path}.lock"):
        folders = added_corpora()
        yield folders
        content = {name: str(folder) for name, folder in folders.items()}
        write_aside(path, json.dumps(content, indent=2, sort_keys=True).encode())


def corpus_roots(options: list[str]) -> dict[str, Path]:
    """``NAME=DIR`` options of a command line as a mapping.

    Raises
    ------
    UsageError
        If an option is not of that form.
    """
    roots: dict[str, Path] = {}
    for option in options:
        name, equals, folder = option.partition("=")
        if not equals or not name or not folder:
            raise UsageError(f"--corpus-root {option}", expected="NAME=DIR")
        roots[name] = Path(os.path.expanduser(folder))  # noqa: PTH111  unknown users stay as written
    return roots


def find_corpus(name: str, roots: Mapping[str, Path]) -> Path | None:
    """The folder of a corpus: named for this command, by the environment, or added; else None."""
    named = _named(name, roots)
    return added_corpora().get(name) if named is None else named


def remembered(name: str, roots: Mapping[str, Path]) -> bool:
    """Whether the folder of a corpus is known because it was added, and in no other way."""
    return _named(name, roots) is None and name in added_corpora()


def corpus_folder(name: str, roots: Mapping[str, Path], how_to_get: str = "") -> Path:
    """The folder of a corpus.

    Raises
    ------
    CorpusError
        If nobody said where it is, or it was added and has gone since.
    """
    found = find_corpus(name, roots)
    if found is None:
        raise CorpusError(
            f"the folder of the corpus {name!r} is not known",
            expected=f"a folder named by `serbench corpora add {name} DIR`, "
            f"$SERBENCH_CORPORA/{name} or --corpus-root {name}=DIR",
            advice=how_to_get,
        )
    if not found.exists() and remembered(name, roots):
        raise gone(name, f"{found}, which does not exist any more")
    return found


def gone(name: str, where: str) -> CorpusError:
    """The error of a corpus whose remembered folder is no longer what it was.

    Parameters
    ----------
    where
        The folder, and what has become of it.
    """
    return CorpusError(
        f"the corpus {name!r} is remembered to be in {where}",
        expected="its folder, where `serbench corpora add` found it",
        advice=f"serbench corpora add {name} NEWPLACE, or to forget it: "
        f"serbench corpora remove {name}",
    )


def _named(name: str, roots: Mapping[str, Path]) -> Path | None:
    if name in roots:
        return roots[name]
    parent = os.environ.get("SERBENCH_CORPORA")
    if parent and Path(parent, name).is_dir():
        return Path(parent, name)
    return None
