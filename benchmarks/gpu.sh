#!/usr/bin/env bash
# What needs a GPU: its tests, and the figures of stacked trainings, in less than ten minutes.
#
# Runs from the root of a checkout with torch, numpy, pandas and pyarrow beside it, without corpora,
# librosa or an installed serbench. The features are brought along: where the corpora are, write them
# by `python benchmarks/stacking.py --pack .bench/features.npz` (24 MiB).
#
#     bash benchmarks/gpu.sh FOLDER [options of stacking.py]
#
# FOLDER then holds stacking-cuda.json, which goes into results-bench/, and what was said.
set -uo pipefail
folder=${1:?the folder for the figures}
shift
export PYTHONPATH=.:corpora:baselines PYTHONUNBUFFERED=1
mkdir -p "$folder"

status=0
if python3 -c 'import pytest' 2>/dev/null; then
  mapfile -t files < <(grep -rl --include='test_*.py' 'mark\.gpu' tests)
  timeout 150 python3 -m pytest -m gpu -q -p no:cacheprovider --continue-on-collection-errors "${files[@]}" 2>&1 \
    | tee "$folder/gpu-tests.txt" || status=$?
else
  echo "pytest is not installed: no tests are run" | tee "$folder/gpu-tests.txt"
fi

python3 benchmarks/stacking.py --data .bench/features.npz --device cuda --compile \
  --seconds 8 --stacked-seconds 25 --minutes 7 --json "$folder/stacking-cuda.json" "$@" 2>&1 \
  | tee "$folder/stacking-cuda.txt" || status=$?
exit "$status"
