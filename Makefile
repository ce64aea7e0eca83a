# facerep: `make` prints the targets. Each target makes what it needs, the virtual environment included.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
export FACEREP := $(CURDIR)/$(BIN)/facerep

help: ## print the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[demo,dev]'
	@touch $@

venv: $(READY) ## the virtual environment, with the tested versions

demo: $(READY) ## main job on real faces: train, extract, fit, binarize, verify on ORL; about a minute
	@$(MAKE) --no-print-directory -f examples/demo.mk

check: $(READY) ## lint, format, types, floors
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright --pythonpath $(BIN)/python
	$(BIN)/lint-imports

test: $(READY) ## the fast tests, with coverage
	$(BIN)/python -m pytest -n 2 --dist worksteal --cov --cov-report=term:skip-covered

test-all: $(READY) ## all tests, the slow ones included; FACEREP_DATA names the real sets
	$(BIN)/python -m pytest -n 2 --dist worksteal -m 'not gpu or gpu'

bench: $(READY) ## ratios measured in one run: training, extraction, evaluation, Joint Bayesian, search
	$(BIN)/python bench/run.py

clean: ## remove what the targets made
	rm -rf $(VENV) out dist .pytest_cache .ruff_cache .hypothesis .coverage

.PHONY: help venv demo check test test-all bench clean
