"""What is registered under which name, and by whom. Listing imports none of it.

Corpora, models, label spaces, protocols and executors are entry points of the groups
``serbench.corpora``, ``serbench.models`` and so on. Those that ship with serbench stand in the same
register as a guest's. A thing is imported when it is asked for by name, and never before.
"""

from __future__ import annotations

import difflib
import functools
import hashlib
import sys
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import EntryPoint, EntryPoints, entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

from serbench.errors import AmbiguousName, BrokenPlugin, UnknownName, UsageError

CHECKOUT = "serbench (a checkout)"  # who owns what no installed distribution declares
GROUPS = ("corpora", "models", "labels", "protocols", "reproductions", "executors")
_SINGULAR = {
    "corpora": "corpus",
    "models": "model",
    "labels": "label space",
    "protocols": "protocol",
    "reproductions": "reproduction",
    "executors": "executor",
}
NOTHING = "those that ship with serbench, of which none is found"
MISSING = "pip install serbench, or a checkout whole, with its pyproject.toml beside serbench/"


@dataclass(frozen=True, slots=True)
class Registered:
    """One claim to one name."""

    group: str
    name: str
    target: str  # "package.module:attribute"
    owner: str  # distribution and version: "serbench 0.1.0"

    @property
    def ships(self) -> bool:
        """Whether it comes with serbench itself, and is no guest's."""
        return self.owner.partition(" ")[0] == "serbench"

    def load(self) -> Any:
        """Import it.

        Raises
        ------
        BrokenPlugin
            Whatever goes wrong in the import, with the distribution that answers for it.
        """
        try:
            return EntryPoint(self.name, self.target, f"serbench.{self.group}").load()
        except (Exception, SystemExit) as error:
            raise BrokenPlugin(
                f"the {_SINGULAR[self.group]} {self.name!r} ({self.target}, from {self.owner}) "
                f"cannot be imported: {type(error).__name__}: {error}",
                advice=f"mend or uninstall {self.owner.split(' ')[0]}; everything else works",
            ) from error


@functools.cache
def registered(group: str) -> dict[str, tuple[Registered, ...]]:
    """All claims by name, in the order of names. A name with two claims keeps both."""
    claims: dict[str, dict[tuple[str, str], Registered]] = {}
    for point in _entry_points().select(group=f"serbench.{group}"):
        owner = f"{point.dist.name} {point.dist.version}" if point.dist else CHECKOUT
        claim = Registered(group, point.name, point.value, owner)
        claims.setdefault(point.name, {})[point.value, owner] = claim
    return {name: tuple(claims[name].values()) for name in sorted(claims)}


@functools.cache
def _entry_points() -> Any:
    """Those of every installed distribution, read once: a tenth of a second.

    Where serbench is not installed and its folders are on the path alone, as on a machine that runs
    a bundle, what ships with it is read from the checkout's own ``pyproject.toml``.
    """
    points: Any = entry_points()
    executors = points.select(group="serbench.executors")
    if any(point.dist is not None and point.dist.name == "serbench" for point in executors):
        return points
    # Group by group: under Python 3.11, what `entry_points()` gives is a mapping of groups.
    installed = (point for group in points.groups for point in points.select(group=group))
    return EntryPoints((*installed, *_of_checkout(Path(__file__).parents[1] / "pyproject.toml")))


def _of_checkout(path: Path) -> Iterator[EntryPoint]:
    """The entry points that a checkout's ``pyproject.toml`` declares; none if it is not there."""
    try:
        project = tomllib.loads(path.read_text(encoding="utf-8"))["project"]
    except (OSError, KeyError, tomllib.TOMLDecodeError):
        return
    if project.get("name") == "serbench":
        for group, points in project.get("entry-points", {}).items():
            for name, value in points.items():
                yield EntryPoint(name, value, group)


def shipped(group: str) -> list[str]:
    """The names that serbench's own distribution alone claims: a listing may import these."""
    return [n for n, claims in registered(group).items() if [c.ships for c in claims] == [True]]


def guests(group: str) -> list[dict[str, str]]:
    """All other claims, to be listed without being imported: ``name``, ``owner``, ``target``."""
    own = set(shipped(group))
    return [
        {"name": name, "owner": claim.owner, "target": claim.target}
        for name, claims in registered(group).items()
        if name not in own
        for claim in claims
    ]


def load(group: str, name: str) -> Any:
    """Import what is registered under a name, or for models a ``path/to/file.py:Name``.

    Raises
    ------
    UnknownName
        With the nearest names.
    AmbiguousName
        If two distributions claim the name.
    BrokenPlugin
        If it cannot be imported.
    """
    if is_path(name) and group == "models":
        return _load_path(group, name)
    claims = registered(group).get(name, ())
    if not claims:
        hint = nearest(name, registered(group))
        path = ", or path/to/file.py:Class" if group == "models" else ""
        raise UnknownName(
            f"no {_SINGULAR[group]} is called {name!r}",
            expected=f"one of {', '.join(registered(group)) or NOTHING}{path}",
            advice=f"did you mean {hint!r}?" if hint else "" if registered(group) else MISSING,
        )
    if len(claims) > 1:
        raise AmbiguousName(
            f"{len(claims)} {group} are registered as {name!r}: "
            + " and ".join(f"{claim.target} (from {claim.owner})" for claim in claims),
            advice="uninstall one of these distributions",
        )
    return claims[0].load()


def is_path(name: str) -> bool:
    """Whether a name is of the form ``path/to/file.py:Name``."""
    return ".py:" in name


def source_digest(thing: Any) -> str:
    """SHA-256 of the file that defines a class or function, as it was when first asked for.

    Empty if there is no such file.
    """
    return module_digest(getattr(thing, "__module__", ""))


def file_digest(spec: str) -> str:
    """SHA-256 of the source that a ``path/to/file.py:Name`` was executed from.

    The file may have been edited since; what runs is what was read then.
    """
    path = Path(spec.rpartition(":")[0]).expanduser().resolve()
    return str(vars(_module(path))["__serbench_sha256__"])


@functools.cache
def module_digest(module_name: str) -> str:
    """SHA-256 of a loaded module's file, as it was when first asked for; empty if it has none."""
    module = sys.modules.get(module_name)
    executed = getattr(module, "__serbench_sha256__", None)
    if executed is not None:
        return str(executed)
    file = getattr(module, "__file__", None)
    return hashlib.sha256(Path(file).read_bytes()).hexdigest() if file else ""


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The known name that a typing error most likely meant."""
    known = {candidate.lower(): candidate for candidate in names}
    close = difflib.get_close_matches(name.lower(), list(known), n=1, cutoff=0.6)
    return known[close[0]] if close else None


def _load_path(group: str, spec: str) -> Any:
    path_text, _, attribute = spec.rpartition(":")
    path = Path(path_text).expanduser()
    if not path.is_file():
        raise UsageError(
            f"{path} does not exist", expected="a Python file, as path/to/file.py:Class"
        )
    module = _module(path.resolve())
    try:
        found = getattr(module, attribute)
        if not callable(found):
            raise BrokenPlugin(
                f"{attribute!r} in {path} is {found!r}", expected="a class or a function"
            )
        return found
    except AttributeError as error:
        public = [name for name, value in vars(module).items() if _defined_in(value, module)]
        hint = nearest(attribute, public)
        raise UnknownName(
            f"{path} defines no {attribute!r}",
            expected=f"the name of a {_SINGULAR[group]} in it: " + (", ".join(public) or "none"),
            advice=f"did you mean {hint!r}?" if hint else "",
        ) from error


def _module(path: Path) -> ModuleType:
    """The module of a file, imported once, under a name that no package can have."""
    name = "serbench_file_" + hashlib.sha256(str(path).encode()).hexdigest()[:16]
    if name in sys.modules:
        return sys.modules[name]
    module = ModuleType(name)
    module.__file__ = str(path)
    sys.modules[name] = module
    try:
        source = path.read_bytes()
        vars(module)["__serbench_sha256__"] = hashlib.sha256(source).hexdigest()
        exec(compile(source, str(path), "exec"), vars(module))  # noqa: S102  asked for by name
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise BrokenPlugin(
            f"{path} cannot be imported: {type(error).__name__}: {error}",
            advice=f"python {path} shows where",
        ) from error
    return module


def _defined_in(value: Any, module: ModuleType) -> bool:
    return callable(value) and getattr(value, "__module__", None) == module.__name__
