# Each target makes what it needs: a virtual environment in .venv, with every version pinned.
#
#   make demo       forge a small corpus, run three models, show two boards
#   make test       the test suite (at most ten minutes on two cores)
#   make test-slow  simulations and campaigns that take longer
#   make test-slurm trials through a real Slurm on this machine (root; apt-get install slurm-wlm munge)
#   make check      ruff, mypy, import-linter
#   make bench      speed, as ratios within one run

PYTHON ?= python3
BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install --quiet -c constraints.txt

.PHONY: demo test test-slow test-slurm check bench clean

demo: .venv/.core
	$(BIN)/serbench demo

test: .venv/.test
	$(BIN)/python -m pytest -n 2 --dist loadfile -q

test-slow: .venv/.test
	$(BIN)/python -m pytest -m slow -q --timeout 3600

test-slurm: .venv/.test
	$(BIN)/python -m pytest -m slurm -q tests/executors/slurm

check: .venv/.dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/.test
	-$(BIN)/python benchmarks/stacking.py --pack .bench/features.npz
	$(BIN)/python benchmarks/all.py --into docs/performance.md

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/.core: .venv/bin/python pyproject.toml constraints.txt
	$(INSTALL) -e .
	touch $@

.venv/.test: .venv/.core
	$(INSTALL) -e '.[test,opensmile]'
	touch $@

.venv/.dev: .venv/.test
	$(INSTALL) -e '.[dev,opensmile]'
	touch $@

clean:
	rm -rf .venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache serbench-demo
