"""Begins a guest's package: the files under ``templates/model``, with its own name in them.

The template is a package called ``my-model`` that works as it is; its three names (of the
distribution and the model, of the module, of the class) are put in place of each other's.
"""

from __future__ import annotations

import contextlib
import importlib.util
import keyword
import re
import sys
from importlib.resources import files
from pathlib import Path

from serbench.errors import UsageError
from serbench.registry import registered
from serbench.writing import cannot_write

SUFFIX = ".template"  # so that no tool takes the template for a package of ours
NAME, MODULE, CLASS = "my-model", "my_model", "MyModel"
TAKEN = {"conftest", "setup"}  # modules that pytest and pip read for their own purposes


def scaffold(name: str, folder: Path) -> list[Path]:
    """Write a package with a model of this name.

    Parameters
    ----------
    name
        What ``serbench run --model`` is to take: lower-case letters, digits and hyphens.
    folder
        The package's; made if it is not there.

    Returns
    -------
    The files that were written.

    Raises
    ------
    UsageError
        If the name is registered already or cannot be a module's, or the folder holds anything.
    StoreError
        If it cannot be written.
    """
    module = _module(name)
    texts = _template()
    names = {NAME: name, MODULE: module, CLASS: _class(name, texts[f"{MODULE}.py"])}
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(
            f"{folder} is there already, and nothing in it is overwritten",
            expected="a folder that is empty or not there",
            advice=f"serbench models new {name} --dir ANOTHER_FOLDER",
        )
    written: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file, text in texts.items():
            path = folder / _renamed(file, names)
            with path.open("x", encoding="utf-8") as stream:  # never over another's
                written.append(path)
                stream.write(_renamed(text, names))
    except OSError as error:
        for path in written:
            with contextlib.suppress(OSError):
                path.unlink()
        raise cannot_write(folder, error) from error
    return written


def _module(name: str) -> str:
    """The module of a name that nobody has taken."""
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name):
        near = re.sub(r"[^a-z0-9]+", "-", re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower())
        near = near.strip("-")
        raise UsageError(
            f"{name!r} cannot be the name of a model",
            expected="lower-case letters, digits and hyphens, a letter first, such as my-model",
            advice=f"serbench models new {near}" if near[:1].isalpha() else "",
        )
    if name in registered("models"):
        owner = registered("models")[name][0].owner
        raise UsageError(
            f"a model {name!r} is installed (from {owner})",
            expected="another name for yours",
            advice=f"serbench models show {name}",
        )
    module = name.replace("-", "_")
    if (
        keyword.iskeyword(module)
        or module in TAKEN
        or module in sys.stdlib_module_names
        or importlib.util.find_spec(module) is not None
    ):
        raise UsageError(
            f"the model {name!r} would stand in a module {module!r}, and Python has one of that "
            "name",
            expected="another name",
            advice=f"serbench models new {name}-model",
        )
    return module


def _class(name: str, module: str) -> str:
    """A class of the module's: "MyModel", or "NetModel" where the module means another by "Net"."""
    plain = "".join(part.capitalize() for part in name.split("-"))
    others = {word for word in re.findall(r"\w+", module) if not word.startswith(CLASS)}
    return f"{plain}Model" if plain in others or keyword.iskeyword(plain) else plain


def _template() -> dict[str, str]:
    """File name to content."""
    folder = files("serbench") / "templates" / "model"
    return {
        file.name.removesuffix(SUFFIX): file.read_text(encoding="utf-8")
        for file in sorted(folder.iterdir(), key=lambda file: file.name)
        if file.name.endswith(SUFFIX)
    }


def _renamed(text: str, names: dict[str, str]) -> str:
    return re.sub("|".join(names), lambda found: names[found[0]], text)
