# make run | test | check | voice | bench | setup | clean. Each sets up what it needs; a second call is quick.
#
#   PYTHON=python3.12             the interpreter the venv is made with (3.11 or newer)
#   PIP_FLAGS="--extra-index-url URL"
#                                 more flags for pip: with the address that PyTorch's install page gives, a CPU-only torch
#   JOBS=1                        how many tests run at the same time (twice as many as processors)
#   ARGS="train starter"          what `make run` hands to jokegen-tui

PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11 python3.14 python; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo "$$python" && break; done)
JOBS ?= $(shell python3 -c 'import os; print(min(8, 2 * (os.cpu_count() or 1)))' 2>/dev/null || echo auto)
PIP_FLAGS ?=
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
# Newer than what it was made from, or setup is done again.
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help setup run test lint check voice bench clean

help:
	@sed -n 's/^# make/make/p' Makefile

setup: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "JokeGen needs Python 3.11 or newer: install it, or say PYTHON=/path/to/python." >&2; exit 1; }
	test -x $(BIN)/python || "$(PYTHON)" -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(PIP_FLAGS) -c constraints.txt -e '.[dev]'
	@touch $(STAMP)

run: $(STAMP)
	@$(BIN)/jokegen-tui $(ARGS)

# One torch thread a test: the processes share the cores already. Two processes a core: the screens' tests wait half of
# their time. The programs that tests start are quick only with their bytecode kept.
test: $(STAMP)
	PYTHONDONTWRITEBYTECODE= OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n $(JOBS) --dist worksteal

lint: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright

check: lint test

# The model that comes with JokeGen, trained on the bundled jokes: after a change of them.
voice: $(STAMP)
	$(BIN)/python -m jokegen.core.training.bundling

bench: $(STAMP)
	@set -e; for script in benchmarks/*.py; do \
		case "$$script" in benchmarks/_*) continue ;; esac; \
		echo "== $$script"; $(BIN)/python "$$script"; \
	done

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .ruff_cache .hypothesis snapshot_report.html
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
