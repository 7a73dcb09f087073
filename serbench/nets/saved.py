"""A trained net as one safetensors file: its weights, its settings and its task, and no code.

Reading one runs nothing: whoever reads it names the class, and the file only says whether it was
written by the same.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from safetensors import SafetensorError, safe_open
from safetensors.torch import save as to_bytes
from torch import Tensor

from serbench.canonical import canonical
from serbench.choice import identified
from serbench.errors import ModelError, StoreError
from serbench.labels import task_of
from serbench.nets.device import resolve
from serbench.nets.numerics import own_randomness
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
    state = net.module_.state_dict()
    # Cloned, so that weights that two layers share are written twice and not refused.
    weights = {name: value.detach().cpu().contiguous().clone() for name, value in state.items()}
    notes = {
        "net": kind(type(net)),
        "settings": canonical(net.settings),
        "identity": canonical(identified(type(net), net.settings)),
        "task": canonical(net.task_.record()),
    }
    write_aside(path, to_bytes(weights, metadata=notes))


def load(
    make: type[N], path: Path, *, device: str = "auto", places: Mapping[str, Any] | None = None
) -> N:
    """The net that :func:`save` wrote.

    Parameters
    ----------
    make
        The class it was saved of.
    places
        Settings in place of those in the file: where an encoder lies on this machine.

    Raises
    ------
    StoreError
        If the file is no such file, or holds another net's weights or settings; if what a setting
        names is no longer what the net was trained with, such as an encoder of other weights.
    UsageError
        If there is no such device.
    """
    where = resolve(device)
    notes, weights = _read(path)
    if notes.get("net") != kind(make):
        raise StoreError(
            f"{path} holds a net of {notes.get('net', 'nobody knows what')}",
            expected=f"one that {kind(make)} has saved",
        )
    try:
        net = make(**{**json.loads(notes["settings"]), **(places or {})})
        task = task_of(json.loads(notes["task"]))
        trained_with = json.loads(notes["identity"])
    except (KeyError, TypeError, ValueError) as error:
        raise StoreError(
            f"{path} holds settings or a task that {kind(make)} does not know: {error}",
            expected="those that it has now",
            advice="load it with the release that saved it",
        ) from error
    stands = json.loads(canonical(identified(make, net.settings)))
    if other := [name for name, value in stands.items() if trained_with.get(name) != value]:
        raise StoreError(
            f"{path} was trained with another {' and '.join(other)}: "
            + ", ".join(f"{name} is {stands[name]}" for name in other),
            expected=", ".join(f"{name} {trained_with.get(name)}" for name in other),
            advice="give the folder that it was trained with, by `places`",
        )
    net.task_, net.device_ = task, where
    with own_randomness(0, where):  # weights that are drawn, and then loaded over
        module = net.build(task)
    try:
        module.load_state_dict(weights)
    except RuntimeError as error:
        raise StoreError(f"{path} holds other weights than the net has: {error}") from error
    net.module_ = module.to(where).eval()
    return net


def kind(make: type[Net]) -> str:
    """Whose weights they are: "serbench_baselines.timnet.TIMNet 1"; of a file's net its name."""
    of_a_file = hasattr(sys.modules.get(make.__module__), "__serbench_sha256__")
    module = "" if of_a_file else f"{make.__module__}."
    return f"{module}{make.__qualname__} {make.version}"


def _read(path: Path) -> tuple[dict[str, str], dict[str, Tensor]]:

    try:
        with safe_open(path, framework="pt") as file:
            names = file.keys()
            return file.metadata() or {}, {name: file.get_tensor(name) for name in names}
    except (OSError, SafetensorError) as error:
        raise StoreError(f"{path} is no safetensors file: {error}") from error
