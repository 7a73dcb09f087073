"""Where things stand on this machine: results, caches, and the folders of the corpora."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from serbench.errors import CorpusError, StoreError, UsageError
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
    from filelock import FileLock

    path = config_folder() / "corpora.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{path}.lock"):
        folders = {key: str(value) for key, value in added_corpora().items()}
        folders[name] = str(folder.resolve())
        write_aside(path, json.dumps(folders, indent=2, sort_keys=True).encode())


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
        roots[name] = Path(folder).expanduser()
    return roots


def find_corpus(name: str, roots: Mapping[str, Path]) -> Path | None:
    """The folder of a corpus: named for this command, by the environment, or added; else None."""
    if name in roots:
        return roots[name]
    parent = os.environ.get("SERBENCH_CORPORA")
    if parent and Path(parent, name).is_dir():
        return Path(parent, name)
    return added_corpora().get(name)


def corpus_folder(name: str, roots: Mapping[str, Path], how_to_get: str = "") -> Path:
    """The folder of a corpus.

    Raises
    ------
    CorpusError
        If nobody said where it is.
    """
    found = find_corpus(name, roots)
    if found is None:
        raise CorpusError(
            f"the folder of the corpus {name!r} is not known",
            expected=f"a folder named by `serbench corpora add {name} DIR`, "
            f"$SERBENCH_CORPORA/{name} or --corpus-root {name}=DIR",
            advice=how_to_get,
        )
    return found
