"""Where an interrupted training goes on from.

The file holds tensors, numbers and names, nothing that could run when read. It begins with the
digest of the rest and is written aside and renamed: a torn one, or that of another training, is no
checkpoint at all, and the training starts anew.
"""

from __future__ import annotations

import hashlib
import io
import pickle
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from serbench.canonical import digest
from serbench.nets.saved import kind
from serbench.session import Session, Stage
from serbench.writing import write_aside

if TYPE_CHECKING:
    from serbench.nets.net import Net

MAGIC = b"serbench checkpoint 1\n"


@dataclass(frozen=True)
class Checkpoint:
    """A training after some epoch.

    Attributes
    ----------
    epoch
        Epochs done.
    module, optimiser
        State dictionaries.
    cpu, cuda
        States of torch's generators; ``cuda`` is None where the training runs elsewhere.
    stages
        What was said of the test sets so far.
    """

    epoch: int
    module: dict[str, Any]
    optimiser: dict[str, Any]
    cpu: Tensor
    cuda: Tensor | None
    stages: list[Stage]


def fingerprint(
    net: Net,
    module: nn.Module,
    *,
    seed: int,
    session: Session,
    device: torch.device,
    lengths: Mapping[str, NDArray[np.int64]],
    answers: Mapping[str, Tensor],
    probes: Mapping[str, int],
    target: str | None,
) -> str:
    """Digest of all that makes a checkpoint one training's. A GPU's is not a CPU's.

    Parameters
    ----------
    lengths, answers
        Of the training set, by name.
    probes
        Test set to its utterances, of those that are judged after each epoch.
    target
        Digest of what is heard of the test side.
    """
    shapes: dict[str, Any] = {n: list(t.shape) for n, t in module.state_dict().items()}
    return digest(
        {
            "net": kind(type(net)),
            "code": session.code,
            "settings": net.settings,
            "shapes": shapes,
            "seed": seed,
            "lengths": {name: array.tolist() for name, array in lengths.items()},
            "answers": {name: values.tolist() for name, values in answers.items()},
            "device": device.type,
            "precision": session.precision,
            "keep": session.keep,
            "probes": dict(probes),
            "target": target,
        }
    )


def save(path: Path, fingerprint: str, checkpoint: Checkpoint) -> None:
    """Replace the file in one step.

    Raises
    ------
    StoreError
        If it cannot be written.
    """
    content = {
        "fingerprint": fingerprint,
        "epoch": checkpoint.epoch,
        "module": checkpoint.module,
        "optimiser": checkpoint.optimiser,
        "cpu": checkpoint.cpu,
        "cuda": checkpoint.cuda,
        "stages": [
            asdict(stage)
            | {"probabilities": {k: torch.tensor(v) for k, v in stage.probabilities.items()}}
            for stage in checkpoint.stages
        ],
    }
    buffer = io.BytesIO()
    torch.save(content, buffer)
    body = buffer.getvalue()
    write_aside(path, MAGIC + hashlib.sha256(body).digest() + body)


def load(path: Path, fingerprint: str) -> Checkpoint | None:
    """The checkpoint in a file; None if there is none, or it is torn or another training's."""
    try:
        whole = path.read_bytes()
    except OSError:
        return None
    head = len(MAGIC) + hashlib.sha256().digest_size
    body = whole[head:]
    if whole[:head] != MAGIC + hashlib.sha256(body).digest():
        return None
    try:
        content = torch.load(io.BytesIO(body), map_location="cpu", weights_only=True)
    except (RuntimeError, pickle.UnpicklingError):  # written by a torch that this one cannot read
        return None
    if content.pop("fingerprint") != fingerprint:
        return None
    return Checkpoint(**content | {"stages": [_stage(record) for record in content["stages"]]})


def _stage(record: dict[str, Any]) -> Stage:
    probabilities = {k: v.numpy().astype(np.float16) for k, v in record["probabilities"].items()}
    return Stage(**record | {"probabilities": probabilities})
