"""How often tests tell apart two models that are alike: the last table of docs/statistics.md.

The simulations are those that `make test-slow` holds to their bands.

    python benchmarks/error_rates.py
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np

from serbench.stats.paired import uncorrected

SIMULATIONS = Path(__file__).parents[1] / "tests" / "stats" / "test_simulations.py"


def main() -> None:
    told = simulations()
    features = told.drawn_features()
    speakers = told.differences(features, told.SPEAKER)
    tens = [told.differences(features, told.dealt(seed)) for seed in range(10)]
    together, means = np.concatenate(tens, axis=1), np.mean(tens, axis=2).T

    def rates(*pairs: tuple[object, object]) -> str:
        return ", ".join(f"{told.alarms(test, rows):.3f}" for test, rows in pairs)

    corrected = told.for_folds
    print("| two models alike, nominal 5% | rejects |")
    print("|---|---|")
    row = rates((corrected, speakers), (uncorrected, speakers))
    print(f"| LOSO: corrected, plain paired t | {row} |")
    row = rates((corrected, tens[0]), (uncorrected, tens[0]))
    print(f"| random 10-fold: corrected, plain | {row} |")
    row = rates((uncorrected, together), (corrected, together), (uncorrected, means))
    print(f"| ten times ten folds: plain, corrected, over the means of the ten | {row} |")
    row = ", ".join(f"{rate:.3f}" for rate in told.rates_of_pairs(1, 2, 1, 3000))
    print(f"| 20 pairs: over the means of ten runs, over the pairs, leave-one-corpus-out | {row} |")


def simulations() -> ModuleType:
    spec = importlib.util.spec_from_file_location("simulations", SIMULATIONS)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    main()
