"""Where an encoder's files are: a folder of this machine, the hub's cache, or the hub.

A folder that exists wins. A hub id is looked for in the cache that ``huggingface_hub`` keeps
(``$HF_HOME``), without a network, and fetched only if it is not there.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

from serbench.errors import EncoderError
from serbench.nets.encoders.files import BIN, CONFIG, DESCRIBING, SAFETENSORS, is_whole
from serbench.nets.encoders.silent import missing

_ELSEWHERE = (
    "on a machine with a network: hf download {0} --local-dir FOLDER; "
    "copy the folder here and give its path in place of {0!r}"
)


def address(source: str, revision: str = "") -> Path:
    """The folder that holds an encoder's files, fetched from the hub if it is nowhere here.

    Parameters
    ----------
    source
        A folder, or a hub id such as "microsoft/wavlm-base-plus".
    revision
        Commit, tag or branch on the hub; "": its main branch. A folder has none.

    Raises
    ------
    EncoderError
        If there is no such folder or id, or it cannot be fetched.
    """
    path = here(source)
    return path if path is not None else _from_hub(source, revision)


def here(source: str) -> Path | None:
    """The folder of that name; None if it can only be a hub id.

    Raises
    ------
    EncoderError
        If it is neither.
    """
    try:
        path = Path(source).expanduser()
        is_folder, exists = path.is_dir(), path.exists()
    except (OSError, RuntimeError):  # a name too long for a path, or nobody's home
        is_folder, exists = False, True
    if source and is_folder:
        return path.resolve()
    if exists or not _may_be_hub_id(source):
        raise EncoderError(
            f"the encoder {source!r} is no folder of this machine and no id of the hub",
            expected="a folder with config.json and weights, or an id such as "
            "microsoft/wavlm-base-plus",
        )
    return None


def cached(source: str, revision: str = "") -> Path | None:
    """The folder in the hub's cache on this machine, maybe not whole; None: there is none."""
    found = _hub().try_to_load_from_cache(source, CONFIG, revision=revision or None)
    return Path(found).parent if isinstance(found, str) else None


def _may_be_hub_id(source: str) -> bool:
    hub = _hub()
    try:
        hub.utils.validate_repo_id(source)
    except hub.errors.HFValidationError:
        return False
    return True


@functools.lru_cache(maxsize=64)
def _from_hub(name: str, revision: str) -> Path:
    """Asked once in a process: a branch that moves on the hub must not change a running trial."""
    folder = cached(name, revision)
    if folder is not None and is_whole(folder):
        return folder
    hub = _hub()
    # Weights that run no code when they are read are preferred; many older ids have none.
    for patterns in ((*DESCRIBING, *SAFETENSORS), BIN):
        try:
            fetched = hub.snapshot_download(
                name, revision=revision or None, allow_patterns=list(patterns)
            )
        except Exception as error:
            if folder is not None:
                return folder  # which says better what is missing
            raise _refused(name, revision, error) from error
        if is_whole(Path(fetched)):
            break
    return Path(fetched)


def _refused(name: str, revision: str, error: Exception) -> EncoderError:
    errors = _hub().errors
    if isinstance(error, errors.RevisionNotFoundError):
        return EncoderError(
            f"the encoder {name!r} has no revision {revision!r} on the hub",
            expected="a commit, a tag or a branch of it",
        )
    if isinstance(error, errors.GatedRepoError):
        return EncoderError(
            f"the encoder {name!r} is given by the hub to those only who accepted its terms",
            advice=f"accept them at https://huggingface.co/{name}, then: hf auth login",
        )
    if isinstance(error, errors.RepositoryNotFoundError):
        return EncoderError(
            f"the hub has no encoder {name!r}, or shows it to nobody here",
            expected="an id such as microsoft/wavlm-base-plus",
            advice="look for a misspelling; for a private one: hf auth login",
        )
    if isinstance(error, errors.LocalEntryNotFoundError | errors.OfflineModeIsEnabled):
        return EncoderError(
            f"the encoder {name!r} is not on this machine, and the hub cannot be reached",
            expected="a network, or its files in the hub's cache",
            advice=_ELSEWHERE.format(name),
        )
    reason = " ".join(str(error).split())[:200]
    return EncoderError(
        f"the encoder {name!r} cannot be fetched from the hub: {type(error).__name__}: {reason}",
        advice=f"try again; or, {_ELSEWHERE.format(name)}",
    )


def _hub() -> Any:
    try:
        import huggingface_hub
        import huggingface_hub.errors
        import huggingface_hub.utils
    except ImportError as error:
        raise missing("huggingface_hub") from error
    return huggingface_hub
