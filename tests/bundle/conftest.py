"""One small corpus, planned and bundled once for all tests of bundles."""

import dataclasses
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from serbench import bench, bundling
from serbench.cli.progress import Screen
from serbench.executors.serial import Serial
from serbench.offsite.working import unpacked, work_through
from serbench.planfile import PlanFile
from serbench.preparing import prepare
from serbench.registry import load
from serbench.request import Request
from serbench.testing.forge import forge_corpus

REPOSITORY = Path(__file__).resolve().parents[2]
ABSENT = ["librosa", "soundfile", "soxr", "datasets", "scipy", "sklearn", "typer", "click", "rich",
          "platformdirs", "filelock", "natsort", "pooch", "requests", "threadpoolctl",
          "transformers"]  # fmt: skip
# A machine that lacks these packages, and on which no distribution declares an entry point.
FAR = f"""
import importlib.metadata, sys
class Hides:
    def __init__(self, finder): self.finder = finder
    def __getattr__(self, name): return getattr(self.finder, name)
    def find_spec(self, name, path=None, target=None):
        hidden = name.partition('.')[0] in {ABSENT!r}
        return None if hidden else self.finder.find_spec(name, path, target)
sys.meta_path[:] = [Hides(finder) for finder in sys.meta_path]
importlib.metadata.distributions = lambda **known: iter(())  # entry_points() asks for them
def version(name): raise importlib.metadata.PackageNotFoundError(name)
importlib.metadata.version = version
from serbench.offsite.main import main
status = main(sys.argv[1:])
assert not set({ABSENT!r}) & set(n.partition('.')[0] for n in sys.modules)
sys.exit(status)
"""

NEAREST = '''
import numpy as np
from serbench.features.functionals import Functionals
from serbench.features.frames import Mfcc

class Nearest:
    """The class whose mean of MFCC functionals is nearest: numpy alone."""

    deterministic = True
    recipes = (Functionals(of=Mfcc(coefficients=5)),)

    def _vectors(self, data):
        return np.stack([data.feature(i, self.recipes[0]) for i in range(len(data))])

    def fit(self, train, *, seed):
        x = self._vectors(train)
        names = range(len(train.task.names))
        self.centres = np.stack([x[train.y == k].mean(0) for k in names])
        return self

    def predict_proba(self, test):
        far = ((self._vectors(test)[:, None] - self.centres) ** 2).sum(-1)
        share = np.exp(-far / 1e4)
        return share / share.sum(1, keepdims=True)
'''


@dataclass(frozen=True)
class Home:
    """Where the corpus is."""

    request: Request
    plan: PlanFile
    boards: tuple
    folder: Path

    def bundle(self, name, jobs=None, **options):
        """A bundle of these jobs (all), in a folder of that name."""
        plan = self.plan if jobs is None else self.plan.only(jobs)
        return bundling.write(
            self.folder / name, plan, self.boards, Screen(quiet=True), workers=1, **options
        )

    def jobs(self, model):
        return [job for job in self.plan.jobs if job.trial.model["name"] == model]


@pytest.fixture(scope="session")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("home")
    savee = forge_corpus(
        load("corpora", "savee")(), folder / "savee", per_cell=1, seconds=(0.3, 0.4)
    )
    (folder / "near.py").write_text(NEAREST)
    request = Request(
        models=[("svm-mfcc", {}), ("prior", {}), (f"{folder}/near.py:Nearest", {})],
        protocols=["loso"], corpora=["savee"], results=folder / "results",
        cache=folder / "cache", roots={"savee": savee}, allow_partial=True, workers=1,
    )  # fmt: skip
    prepared = prepare(request, Screen(quiet=True))
    plan = PlanFile(
        results=request.results, cache=request.cache, plans=tuple(prepared.plans),
        jobs=tuple(prepared.jobs), selections=tuple(prepared.selections),
    )  # fmt: skip
    return Home(request, plan, tuple(prepared.boards), folder)


@pytest.fixture(scope="session")
def direct(home):
    """The same trials, run where the corpus is."""
    request = dataclasses.replace(home.request, results=home.folder / "direct")
    outcome = bench.run(request, Screen(quiet=True))
    assert outcome.failures == {}
    return request.results


@pytest.fixture(scope="session")
def worked(home):
    """A bundle of all trials after they were run from it: its folder."""
    (part,) = home.bundle("whole").parts
    errand = work_through(unpacked(part.folder), Serial(), lambda event: None)
    assert (len(errand.done), errand.left, errand.failures, errand.status) == (12, [], {}, 0)
    return part.folder


def _far_away(*arguments):
    """Work on a bundle on such a machine, from a checkout on the path alone."""
    path = os.pathsep.join(str(REPOSITORY / part) for part in (".", "corpora", "baselines"))
    return subprocess.run(
        [sys.executable, "-P", "-c", FAR, *map(str, arguments)],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": path, "OMP_NUM_THREADS": "1"},
        capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip


@pytest.fixture(scope="session")
def far_away():
    return _far_away
