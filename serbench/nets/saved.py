"""A trained net as one safetensors file: its weights, its settings and its task, and no code.

Reading one runs nothing: whoever reads it names the class, and the file only says whether it was
written by the same.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from safetensors import SafetensorError, safe_open
from safetensors.torch import save as to_bytes

from serbench.canonical import canonical
from serbench.errors import ModelError, StoreError
from serbench.labels import task_of
from serbench.nets.device import resolve
from serbench.writing import write_aside

if TYPE_CHECKING:
    from serbench.nets.net import Net

N = TypeVar("N", bound="Net")


def save(net: Net, path: Path) -> None:
    """Write a trained net, aside and renamed.

    Raises
    ------
    ModelError
        If it is not trained.
    StoreError
        If the file cannot be written.
    """
    if not net.trained:
        raise ModelError("the net is not trained", advice="call fit first")
    weights = {name: t.detach().cpu().contiguous() for name, t in net.module_.state_dict().items()}
    notes = {
        "net": kind(type(net)),
        "settings": canonical(net.settings),
        "task": canonical(net.task_.record()),
    }
    write_aside(path, to_bytes(weights, metadata=notes))


def load(make: type[N], path: Path, *, device: str = "auto") -> N:
    """The net that :func:`save` wrote.

    Parameters
    ----------
    make
        The class it was saved of.

    Raises
    ------
    StoreError
        If the file is no such file, or holds another net's weights.
    """
    try:
        with safe_open(path, framework="pt") as file:
            notes = file.metadata() or {}
            weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise StoreError(f"{path} is no safetensors file: {error}") from error
    if notes.get("net") != kind(make):
        raise StoreError(
            f"{path} holds a net of {notes.get('net', 'nobody knows what')}",
            expected=f"one that {kind(make)} has saved",
        )
    net = make(**json.loads(notes["settings"]))
    net.task_ = task_of(json.loads(notes["task"]))
    net.device_ = resolve(device)
    module = net.build(net.task_)
    try:
        module.load_state_dict(weights)
    except RuntimeError as error:
        raise StoreError(f"{path} holds other weights than the net has: {error}") from error
    net.module_ = module.to(net.device_).eval()
    return net


def kind(make: type[Net]) -> str:
    """Whose weights they are: "serbench_baselines.timnet.TIMNet 1"."""
    return f"{make.__module__}.{make.__qualname__} {make.version}"
