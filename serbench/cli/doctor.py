"""``serbench doctor``: what this machine has, and what it lacks."""

from __future__ import annotations

import os
import platform
import tempfile
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import typer

from serbench.cli.options import JsonFlag, print_json

EXTRAS = {
    "audformat": "audformat",
    "cluster": "dask",
    "hdf5": "h5py",
    "hf": "transformers",
    "opensmile": "opensmile",
    "report": "altair",
}


def doctor(json: JsonFlag = False) -> None:
    """Look over this machine: libraries, device, folders, plugins. Exits with 1 on a fault."""
    checks = [
        ("python", lambda: f"{platform.python_version()} on {platform.platform()}"),
        ("cores", lambda: str(os.cpu_count())),
        ("libraries", _libraries),
        ("device", _device),
        ("sound", _sound),
        ("results", _results),
        ("cache", _cache),
        ("corpora", _corpora),
        ("plugins", _plugins),
        ("extras", _extras),
    ]
    found = [_look(name, check) for name, check in checks]
    if json:
        print_json(found)
    else:
        from rich.console import Console
        from rich.text import Text

        console = Console(highlight=False, soft_wrap=True)
        for row in found:
            mark = Text("ok   ", "green") if row["ok"] else Text("FAULT", "bold red")
            console.print(Text.assemble(mark, f" {row['name']}: {row['found']}"))
    if not all(row["ok"] for row in found):
        raise typer.Exit(1)


def _look(name: str, check: Callable[[], str]) -> dict[str, Any]:
    try:
        return {"name": name, "ok": True, "found": check()}
    except Exception as error:  # noqa: BLE001  a doctor reports whatever is wrong
        return {"name": name, "ok": False, "found": str(error) or type(error).__name__}


def _libraries() -> str:
    names = ("serbench", "torch", "librosa", "scikit-learn", "scipy", "numpy", "pandas", "datasets")
    return ", ".join(f"{name} {version(name)}" for name in names)


def _device() -> str:
    from serbench.nets.device import describe, resolve

    return describe(resolve("auto"))


def _sound() -> str:
    """Write a WAV file and read it back resampled."""
    import numpy as np
    import soundfile

    from serbench.audio import read

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "tone.wav")
        soundfile.write(path, np.sin(np.arange(4410) / 10), 44100)
        samples, rate = read(path, rate=16000)
    return f"{len(samples)} samples at {rate} Hz from a WAV file of 44100 Hz"


def _results() -> str:
    from serbench.folders import results_folder

    return _writable(results_folder())


def _cache() -> str:
    from serbench.folders import cache_folder

    return _writable(cache_folder())


def _writable(folder: Path) -> str:
    parent = folder.absolute()
    while not parent.exists():
        parent = parent.parent
    with tempfile.TemporaryFile(dir=parent):
        pass
    return f"{folder} can be written" + ("" if folder.exists() else " (not there yet)")


def _corpora() -> str:
    from serbench.folders import find_corpus
    from serbench.registry import registered

    here = [
        f"{name} in {folder}" for name in registered("corpora") if (folder := find_corpus(name, {}))
    ]
    return ", ".join(here) or "none is here yet: serbench corpora list"


def _plugins() -> str:
    from serbench.registry import GROUPS, load, registered

    contested = []
    counts = []
    for group in GROUPS:
        names = registered(group)
        counts.append(f"{len(names)} {group}")
        contested += [name for name, claims in names.items() if len(claims) > 1]
        for name in names:
            if name not in contested:
                load(group, name)
    if contested:
        raise ValueError("claimed by two distributions: " + ", ".join(contested))
    return ", ".join(counts) + ", all of which can be imported"


def _extras() -> str:
    states = []
    for extra, package in EXTRAS.items():
        try:
            state = version(package) if find_spec(package) else "not installed"
        except PackageNotFoundError:
            state = "not installed"
        states.append(f"{extra} ({package}: {state})")
    return ", ".join(states)
